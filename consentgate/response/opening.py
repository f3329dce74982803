"""What the first bytes of a body tell, as soon as enough of them have come.

All of it follows from the bytes at its front, at most ``TELLING_BYTES`` of them, and never from
how the body was cut. What is open at that bound, whether it is a whole page, counts as one: a
page that everybody gets must not be one visitor's, and a notice that was shown is taken back.
"""

from __future__ import annotations

from starlette.datastructures import Headers

from consentgate.gate.html import DocumentKind, HtmlGate, Rewritten, Tag, first_as_utf8
from consentgate.gate.html.outline import NoInserts
from consentgate.response.bodies import (
    PRESCAN_BYTES,
    Guess,
    guess,
    is_html,
    is_scannable,
    may_become_a_mark,
    media_type,
    meta_charset,
    page_charset,
)
from consentgate.response.head import Head, Opening

TELLING_BYTES = 4096
_XML = b"<?xml"


class _NoDecisions:
    def tag(self, tag: Tag) -> bytes | None:  # noqa: ARG002  the shape of Decide
        return None

    def inline(self, tag: Tag, code: bytes) -> Rewritten | None:  # noqa: ARG002  the shape of Decide
        return None


class _BodyNoted(NoInserts):
    """Notes that the place of the banner has come."""

    body_has_begun = False

    def body_start(self, lang: str) -> bytes:  # noqa: ARG002  the shape of Inserts
        self.body_has_begun = True
        return b""


def opening_of(head: Head, first: bytes, *, ended: bool) -> Opening | None:
    """Settle type, charset and whose page it is; None where more of the body has to come.

    What some browsers take for text has no type afterwards either: with one it would be markup
    in all of them.
    """
    headers = Headers(raw=list(head.raw))
    told, named = media_type(headers), is_html(headers)
    taken_for = Guess.HTML if named else guess(first, ended=ended)
    as_it_came = Opening(gated=False, content_type=told, everybody=head.everybody)
    if taken_for is Guess.OTHER:
        return as_it_came
    charset = head.declared or _undeclared(first, ended=ended)
    if taken_for is None or charset is None or (not ended and may_become_a_mark(first)):
        return None
    marked = page_charset("", first)
    read_as = marked or charset
    if not is_scannable(read_as):
        return as_it_came
    # A fragment goes without our scripts, which would open in it what is agreed to.
    for_all = head.everybody or head.request.fetched
    everybody = _is_whole(read_as, first, ended=ended) if for_all else False
    if everybody is None:
        return None
    if taken_for is Guess.HTML:
        told = told if named else "text/html"
        if charset and not (head.declared or marked):
            # What we insert may push <meta charset> out of the bytes that browsers look at.
            told = f"{told}; charset={charset}"
    return Opening(gated=True, content_type=told, everybody=everybody, read_as=read_as)


def shows_banner(opening: Opening, first: bytes, *, ended: bool) -> bool | None:
    """Whether it is a page with a place for the banner, its visitor's; None where more must come.

    A page of framesets has no such place, nor has a fragment.
    """
    if not opening.gated or opening.everybody:
        return False
    kind, body_has_begun = _outline(opening.read_as, first)
    if kind is DocumentKind.FRAGMENT or kind is DocumentKind.FRAMESET:
        return False
    if body_has_begun or len(first) >= TELLING_BYTES:
        return True
    return kind is DocumentKind.DOCUMENT if ended else None


def _undeclared(first: bytes, *, ended: bool) -> str | None:
    """The charset that a page gives itself; None where more of it has to come."""
    if page_charset("", first):
        return ""  # which the mark overrules
    charset = meta_charset(first)
    # What an XML declaration says, any <meta> goes before.
    found = charset and not first.startswith(_XML)
    return charset if found or ended or len(first) >= PRESCAN_BYTES else None


def _is_whole(read_as: str, first: bytes, *, ended: bool) -> bool | None:
    """Whether it is a whole page and no fragment; None where more of it has to come."""
    kind, _ = _outline(read_as, first)
    if kind is not DocumentKind.UNDECIDED:
        return kind is not DocumentKind.FRAGMENT
    if len(first) >= TELLING_BYTES:
        return True
    return False if ended else None


def _outline(read_as: str, first: bytes) -> tuple[DocumentKind, bool]:
    """What these first bytes begin, and whether they reach into its body."""
    noted = _BodyNoted()
    gate = HtmlGate(_NoDecisions(), noted)
    gate.feed(first_as_utf8(read_as, first[:TELLING_BYTES]))
    return gate.kind, noted.body_has_begun
