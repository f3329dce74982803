"""A page through the HTML gate, with deciders that only look or that park third parties."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from consentgate.gate.html import DocumentKind, Edit, HtmlGate, Rewritten, Tag, apply_edit


@dataclass
class Result:
    """What came out, and what the decider was asked."""

    out: bytes = b""
    tags: list[Tag] = field(default_factory=list)
    codes: list[bytes] = field(default_factory=list)
    kind: DocumentKind = DocumentKind.UNDECIDED
    lang: str = ""

    @property
    def sources(self) -> set[str | None]:
        return {tag.get("src") for tag in self.tags}


PARKED = Edit(rename={"src": "data-src"}, set={"data-parked": 'it\'s "parked"'})


class Looker:
    """Changes nothing and notes what it was asked."""

    def __init__(self, result: Result) -> None:
        self.result = result

    def tag(self, tag: Tag) -> bytes | None:
        self.result.tags.append(tag)
        return None

    def inline(self, tag: Tag, code: bytes) -> Rewritten | None:
        self.result.codes.append(code)
        return None


class Parker(Looker):
    """Renames each ``src`` that names a host; switches off scripts that say ``tracker``."""

    def tag(self, tag: Tag) -> bytes | None:
        super().tag(tag)
        if (tag.get("src") or "").startswith("//"):
            return apply_edit(tag, PARKED)
        return None

    def inline(self, tag: Tag, code: bytes) -> Rewritten | None:
        super().inline(tag, code)
        parked = tag.get("data-parked") is not None or tag.get("type") == "text/plain"
        if b"tracker" in code and not parked:
            third = PARKED if (tag.get("src") or "").startswith("//") else Edit()
            renamed = {"type": "data-type", **third.rename}
            edit = Edit(rename=renamed, set={"type": "text/plain", **third.set})
            return Rewritten(apply_edit(tag, edit))
        return None


class Marks:
    """Inserts that show where they were made."""

    def head(self, lang: str) -> bytes:
        return b"[HEAD]"

    def body_start(self, lang: str) -> bytes:
        return b"[START]"

    def body_end(self, lang: str) -> bytes:
        return b"[END]"


def _through(
    data: bytes,
    *,
    park: bool = False,
    inserts: bool = False,
    size: int = 0,
    every_tag: bool = False,
) -> Result:
    result = Result()
    decide = Parker(result) if park else Looker(result)
    gate = HtmlGate(decide, Marks() if inserts else None, every_tag=every_tag)
    if size:
        out = [gate.feed(data[i : i + size]) for i in range(0, len(data), size)]
        result.out = b"".join([*out, gate.close()])
    else:
        result.out = gate.close(data)
    result.kind, result.lang = gate.kind, gate.lang
    return result


@pytest.fixture(scope="session")
def through() -> Callable[..., Result]:
    """Sends a page through the gate, whole or in pieces of ``size`` bytes."""
    return _through
