"""The bytes of a page: what is told of them, what they look like, which charsets are scanned."""

from __future__ import annotations

import re

from starlette.datastructures import Headers

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
_UTF16_MARKS = (b"\xfe\xff", b"\xff\xfe")
# The charset that a <meta> stands for where it is not the one that it names.
_MEANT = {"utf-16": "utf-8", "utf-16be": "utf-8", "utf-16le": "utf-8", "unicode": "utf-8"}
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


def is_scannable(charset: str, first: bytes) -> bool:
    """Whether ASCII bytes in this body always are the characters they look like.

    Not so in UTF-16, Shift_JIS, GBK, Big5 or ISO-2022-JP: such pages keep their bytes and are
    protected by the policy alone. An undeclared charset is read by browsers as one of the
    single-byte ones or as UTF-8.
    """
    if first.startswith(_UTF16_MARKS):
        return False
    if first.startswith(_UTF8_MARK):
        return True  # the mark goes before what any header says
    return not charset or bool(_ASCII_SAFE.match(charset))
