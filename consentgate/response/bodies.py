"""The bytes of a page: what is told of them, what they look like, which charsets are scanned."""

from __future__ import annotations

import re
from enum import Enum, auto

from starlette.datastructures import Headers

from consentgate.gate.html.labels import REPLACEMENT, charset_named
from consentgate.response.media_types import ANY, media_type_of
from consentgate.response.prescan import charset_within

PRESCAN_BYTES = 1024
"""How far browsers look for the charset that a page declares (HTML, section 13.2.3.2)."""
SNIFFED_BYTES = 1445
"""How far a browser may look for a body's type (MIME Sniffing, section 5.2)."""
_SEEN_BY_ALL_BYTES = 512
"""How far Chromium and Firefox do."""

_MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xfe\xff": "utf-16be", b"\xff\xfe": "utf-16le"}
LONGEST_MARK_BYTES = max(map(len, _MARKS))
_TAGS = b"html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p"
_BEGINNINGS = (b"<!--", b"<!doctype html", *(b"<" + tag for tag in _TAGS.split(b"|")))
_BLANKS = b"\t\n\v\f\r "
_HTML_BEGINS = re.compile(
    rb"[\t\n\f\r ]*(?:<!--|<(?:!doctype html|" + _TAGS + rb")[\t\n\f\r >])", re.IGNORECASE
)
_SNIFFED = frozenset({"", ANY, "application/unknown", "unknown/unknown"})


def media_type(headers: Headers) -> str:
    """The Content-Type that a browser goes by, or the empty string.

    Without a charset that no browser knows: of such a page none is declared.
    """
    told = media_type_of(headers.getlist("content-type"))
    if told is None:
        return ""
    charset = told.parameters.get("charset")
    if charset is not None and not charset_named(charset):
        told = told.without("charset")
    return str(told)


def is_html(headers: Headers) -> bool:
    """Whether these headers call the body HTML."""
    return essence(headers) == "text/html"


def is_sniffed(headers: Headers) -> bool:
    """Whether a browser would guess the type from the body (MIME Sniffing, section 7).

    Of a list of options the first one says so (Fetch, "determine nosniff").
    """
    options = ", ".join(headers.getlist("x-content-type-options"))
    nosniff = options.partition(",")[0].strip().lower() == "nosniff"
    return essence(headers) in _SNIFFED and not nosniff


def essence(headers: Headers) -> str:
    """The media type that was told, in lower case and without its parameters."""
    return media_type(headers).partition(";")[0].strip().lower()


def is_saved(headers: Headers) -> bool:
    """Whether every browser saves the body and shows none of it (RFC 6266, section 4.2).

    Chromium shows it where the semicolon behind the type was forgotten. What is said twice is no
    type either.
    """
    disposition = ", ".join(headers.getlist("content-disposition"))
    return disposition.partition(";")[0].strip(" \t").lower() == "attachment"


class Guess(Enum):
    """What a body of no told type is taken for."""

    HTML = auto()
    PERHAPS = auto()
    """By some browsers for HTML, by others for text."""
    OTHER = auto()


def guess(first: bytes, *, ended: bool) -> Guess | None:
    """What browsers take a body of no told type for (MIME Sniffing, section 7.1).

    None where more of it has to come. One with a byte order mark they take for text. To Chromium
    the first letters of a tag's name are enough, so that an ``<article>`` begins with ``<a``, and
    a vertical tab is a blank.
    """
    if _HTML_BEGINS.match(first[:_SEEN_BY_ALL_BYTES]):
        return Guess.HTML
    begun = first[:SNIFFED_BYTES].lstrip(_BLANKS).lower()
    more_tells = any(beginning.startswith(begun) for beginning in _BEGINNINGS)
    if more_tells and not ended and len(first) < SNIFFED_BYTES:
        return None
    return Guess.PERHAPS if begun.startswith(_BEGINNINGS) else Guess.OTHER


def declared_charset(content_type: str) -> str:
    """The charset that a Content-Type tells, by its name, or the empty string."""
    told = media_type_of([content_type])
    return charset_named(told.parameters.get("charset", "")) if told else ""


def meta_charset(first: bytes) -> str:
    """The charset that a page declares in its first 1024 bytes, by its name; empty if none.

    A tag that is not complete within them does not count.
    """
    return charset_within(first[:PRESCAN_BYTES])


def page_charset(charset: str, first: bytes) -> str:
    """The charset of a page that declares this one: a byte order mark goes before it."""
    return next((label for mark, label in _MARKS.items() if first.startswith(mark)), charset)


def may_become_a_mark(first: bytes) -> bool:
    """Whether these first bytes may be a part of a byte order mark."""
    return any(len(first) < len(mark) and mark.startswith(first) for mark in _MARKS)


def is_scannable(charset: str) -> bool:
    """Whether the gate can read a page of this charset, and give back its very bytes.

    Browsers read an undeclared charset, and one that they do not know, as one of the single-byte
    ones or as UTF-8. Of a page in one that they refuse they show nothing.
    """
    return charset_named(charset) != REPLACEMENT
