"""What the responder has to know of one request: for whom its answer may be rendered, and how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from consentgate.gate.access import Access
from consentgate.gate.cookies import OwnCookies
from consentgate.gate.embeds import Embeds
from consentgate.gate.html import DocumentKind, Edit, HtmlGate, Inserts, Tag
from consentgate.response.variants import Header

_ENOUGH_TO_TELL_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Rendering:
    """One of the two ways in which a page can leave: for its visitor, or one for everybody.

    ``key`` names it in entity tags. ``policy`` goes out as a header, where it is not empty.
    ``boot_hash`` is the CSP hash source of the inline script, ``script_hashes`` are those of the
    files that it comes with.
    """

    key: str
    access: Access
    policy: str
    boot_hash: str
    embeds: Callable[[Callable[[], str]], Embeds]
    inserts: Callable[[str], Inserts]
    script_hashes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """One request and its visitor.

    Which of the two renderings the answer takes is known when the answer's headers are.
    ``authorised`` requests get no shared answer; ``revalidates`` holds the keys of the
    renderings whose entity tags the request carried. ``canonical_policy`` is nobody's, for what
    is no page. ``refused_cookies`` are Set-Cookie values which expire what the request carried
    without consent, or write the consent itself anew; ``document_headers`` go out with a whole
    personal page only (they take back a notice that has been shown). ``vary`` are the request
    headers that a personal page depends on.
    """

    personal: Rendering
    shared: Rendering
    own_cookies: OwnCookies
    keep_visit: bool
    method: str
    fetch_dest: str
    authorised: bool
    revalidates: frozenset[str]
    canonical_policy: str
    gate_url: str
    refused_cookies: tuple[bytes, ...]
    document_headers: tuple[Header, ...]
    vary: tuple[str, ...] = ("Cookie",)


class _NoDecisions:
    def tag(self, tag: Tag) -> Edit | None:  # noqa: ARG002  the shape of Decide
        return None

    def inline(self, tag: Tag, code: bytes) -> Edit | None:  # noqa: ARG002  the shape of Decide
        return None


def is_document(first: bytes) -> bool:
    """Whether these first bytes begin a whole page; a fragment, or too little to tell, is none."""
    gate = HtmlGate(_NoDecisions())
    gate.feed(first[:_ENOUGH_TO_TELL_BYTES])
    return gate.kind in {DocumentKind.DOCUMENT, DocumentKind.FRAMESET}
