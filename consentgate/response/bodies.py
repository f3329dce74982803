"""The bytes of a page: what is told of them, what they look like, which charsets are scanned."""

from __future__ import annotations

import re

from starlette.datastructures import Headers

from consentgate.gate.html import transcoder_for

PRESCAN_BYTES = 1024
"""How far browsers look for the charset that a page declares (HTML, section 13.2.3.2)."""

_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_META_CHARSET = re.compile(rb"<meta\s[^>]*?charset\s*=\s*[\"']?\s*([\w.:\-]+)", re.IGNORECASE)
_PARAMETER = re.compile(r";\s*charset\s*=\s*\"?([\w.:\-]+)", re.IGNORECASE)
_ASCII_SAFE = re.compile(
    r"(?:utf-?8|(?:us-)?ascii|iso-?8859-?\d{1,2}(?:-[ei])?|latin-?\d|l\d|(?:windows|cp|x-cp)-?125\d"
    r"|windows-874|koi8-?(?:r|u|ru)|macintosh|x-mac-(?:cyrillic|roman)|(?:ibm|cp)866)\Z",
    re.IGNORECASE,
)
_UTF8_MARK = b"\xef\xbb\xbf"
_MARKS = {_UTF8_MARK: "utf-8", b"\xfe\xff": "utf-16be", b"\xff\xfe": "utf-16le"}
# The charset that a <meta> stands for where it is not the one that it names.
_MEANT = dict.fromkeys(
    [
        *("csunicode", "iso-10646-ucs-2", "ucs-2", "unicode", "unicodefeff", "unicodefffe"),
        *("utf-16", "utf-16be", "utf-16le"),
    ],
    "utf-8",
)
_HTML_BEGINS = re.compile(
    rb"[\t\n\f\r ]*(?:<!--|<(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style"
    rb"|title|b|body|br|p)[\t\n\f\r >])",
    re.IGNORECASE,
)
_TYPE = re.compile(r"[^\s/;,]+/[^\s/;,]+")
_SNIFFED = frozenset({"", "*/*", "application/unknown", "unknown/unknown"})


def media_type(headers: Headers) -> str:
    """The Content-Type that a browser goes by: the last good one of several (Fetch, 2.2.2)."""
    listed = ",".join(headers.getlist("content-type")).split(",")
    good = [value.strip() for value in listed if _TYPE.match(value.strip())]
    told = [value for value in good if not value.startswith("*/*")]
    return (told or good or [""])[-1]


def is_html(headers: Headers) -> bool:
    """Whether these headers call the body HTML."""
    return _essence(headers) == "text/html"


def is_sniffed(headers: Headers) -> bool:
    """Whether a browser would guess the type from the body (MIME Sniffing, section 7)."""
    nosniff = headers.get("x-content-type-options", "").strip().lower() == "nosniff"
    return _essence(headers) in _SNIFFED and not nosniff


def _essence(headers: Headers) -> str:
    return media_type(headers).partition(";")[0].strip().lower()


def looks_like_html(first: bytes) -> bool:
    """Whether a browser takes a body of no told type for HTML (MIME Sniffing, section 7.1)."""
    return _HTML_BEGINS.match(first.removeprefix(_UTF8_MARK)) is not None


def declared_charset(content_type: str) -> str:
    """The charset parameter of a Content-Type, or the empty string."""
    match = _PARAMETER.search(content_type)
    return match[1] if match else ""


def meta_charset(first: bytes) -> str:
    """The charset that a page declares in its first 1024 bytes, as browsers look for it."""
    match = _META_CHARSET.search(_COMMENT.sub(b"", first[:PRESCAN_BYTES]))
    label = match[1].decode("ascii") if match else ""
    return _MEANT.get(label.lower(), label)


def page_charset(charset: str, first: bytes) -> str:
    """The charset of a page that declares this one: a byte order mark goes before it."""
    return next((label for mark, label in _MARKS.items() if first.startswith(mark)), charset)


def is_scannable(charset: str) -> bool:
    """Whether the gate can read a page of this charset, and give back its very bytes.

    Browsers read an undeclared charset as one of the single-byte ones or as UTF-8. A page in
    one that is not known is protected by the policy alone.
    """
    return not charset or keeps_ascii(charset) or transcoder_for(charset) is not None


def keeps_ascii(charset: str) -> bool:
    """Whether ASCII, and nothing else, is written in it as in ASCII."""
    return _ASCII_SAFE.match(charset) is not None
