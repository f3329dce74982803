"""Under the real decisions no byte outside of changed start tags differs, on any page."""

import re
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from consentgate.gate.embeds import Embeds
from consentgate.gate.html import HtmlGate, Rewritten, Tag
from tests.gate.html.test_oracle import AROUND, pages
from tests.gate.test_embeds import CONTACTS, embeds

START_TAG = re.compile(rb"<[a-zA-Z].*>", re.DOTALL)


class Noting:
    """Decides as ``Embeds`` does and notes what is to take the place of each tag."""

    def __init__(self, decide: Embeds) -> None:
        self._decide = decide
        self._noted: set[tuple[bytes, bytes]] = set()

    def tag(self, tag: Tag) -> bytes | None:
        written = self._decide.tag(tag)
        return None if written is None else self._note(tag, written)

    def inline(self, tag: Tag, code: bytes) -> Rewritten | None:
        rewritten = self._decide.inline(tag, code)
        if rewritten is not None:
            assert not rewritten.emptied
            self._note(tag, rewritten.tag)
        return rewritten

    @property
    def changes(self) -> set[tuple[bytes, bytes]]:
        settled = self._decide.settled.items()
        return self._noted | {(raw, change[0]) for raw, change in settled if change}

    def _note(self, tag: Tag, written: bytes) -> bytes:
        self._noted.add((tag.raw, written))
        return written


def gated(page: bytes, cuts: tuple[int, ...], *, remember: bool) -> tuple[bytes, Noting]:
    decide = embeds()
    noting = Noting(decide)
    gate = HtmlGate(noting, remember=decide if remember else None)
    edges = [0, *sorted(cut % (len(page) + 1) for cut in cuts), len(page)]
    pieces = [gate.feed(page[start:end]) for start, end in pairwise(edges)]
    return b"".join([*pieces, gate.close()]), noting


def first_difference(page: bytes, out: bytes, changes: set[tuple[bytes, bytes]]) -> int:
    """Where the page leaves otherwise than byte for byte or as one of the changes; -1: nowhere.

    Of a tag that readings of the page do not agree upon, ``<`` may leave as ``&lt;``.
    """
    states, furthest = [(0, 0)], 0
    seen = set(states)
    while states:
        at, out_at = states.pop()
        furthest = max(furthest, at)
        if at == len(page) and out_at == len(out):
            return -1
        following = [
            (at + len(raw), out_at + len(written))
            for raw, written in (*changes, (b"<", b"&lt;"))
            if page.startswith(raw, at) and out.startswith(written, out_at)
        ]
        if page[at : at + 1] == out[out_at : out_at + 1] != b"":
            following.insert(0, (at + 1, out_at + 1))
        states += [state for state in following if state not in seen]
        seen.update(following)
    return furthest


markup = st.lists(st.sampled_from([*CONTACTS.values(), *AROUND]), max_size=12).map(
    lambda parts: "".join(parts).encode()
)
cut = st.tuples(st.integers(0), st.integers(0))


@settings(max_examples=300)
@given(pages() | markup | st.binary(max_size=60), cut, st.booleans())
@example("".join(CONTACTS.values()).encode(), (500, 1500), False)
@example("".join(CONTACTS.values()).encode(), (500, 1500), True)
def test_outside_changed_start_tags_no_byte_differs(
    page: bytes, cuts: tuple[int, ...], remember: bool
) -> None:
    out, noting = gated(page, cuts, remember=remember)
    at = first_difference(page, out, noting.changes)
    assert at < 0, f"behind {page[:at]!r}: {out!r}"
    assert all(START_TAG.fullmatch(raw) for raw, _ in noting.changes)


def test_each_contact_changes_a_start_tag() -> None:
    for name, contact in CONTACTS.items():
        page = f"<!doctype html><body>{contact}</body>".encode()
        out, noting = gated(page, (), remember=False)
        assert out != page, name
        assert first_difference(page, out, noting.changes) < 0, name
        assert first_difference(page, out, set()) > 0, name


def test_a_byte_too_many_or_too_few_is_seen() -> None:
    page = b"<p>a<img src=//nobody.example/1>b"
    out, noting = gated(page, (), remember=True)
    for other in (out + b"b", out[:-1], out.replace(b">b", b"> b"), out.replace(b"<p>", b"")):
        assert first_difference(page, other, noting.changes) >= 0
