"""Character references in attribute values: read as a browser reads them, written as ASCII.

Source: WHATWG HTML, "character reference state". Attributes differ from text: a named
reference without its semicolon stays as it is when ``=`` or a letter or digit follows, so
that ``?a=1&copy=2`` keeps its second parameter.
"""

from __future__ import annotations

import re
from html import unescape
from html.entities import html5

_REFERENCE = re.compile(r"&(?:#[xX]([0-9a-fA-F]+);?|#([0-9]+);?|([a-zA-Z0-9]+)(;?))")
_REPLACEMENT = "\ufffd"
_LAST_CODE_POINT = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)
_C1_CONTROLS = range(0x80, 0xA0)
_PLAIN = re.compile(r"[^\0\r&\"'<>\x80-\U0010ffff]*\Z")
# NUL and the C1 controls cannot be written: as references they mean other characters.
_SPECIAL = str.maketrans(
    dict.fromkeys(["\0", *map(chr, _C1_CONTROLS)], "&#xfffd;")
    | {"&": "&amp;", '"': "&quot;", "'": "&#39;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
)


def read_value(raw: bytes) -> str:
    """The value that a browser gives to an attribute whose source text is ``raw``.

    Decoded as UTF-8, so that international host names are seen; bytes that are not UTF-8
    (a Latin-1 page) become lone surrogates, which ``write_value`` turns back into the bytes.
    """
    text = raw.decode("utf-8", "surrogateescape")
    if "\0" in text:
        text = text.replace("\0", _REPLACEMENT)
    references = text.count("&")
    if references == text.count("&amp;"):  # as in most addresses
        return text.replace("&amp;", "&") if references else text
    return _REFERENCE.sub(_resolve, text)


def read_text(raw: bytes) -> bytes:
    """Text as a browser reads it, its character references resolved, in UTF-8.

    Bytes that are not UTF-8 stay as they are.
    """
    if b"&" not in raw:
        return raw
    text = unescape(raw.decode("utf-8", "surrogateescape"))
    return text.encode("utf-8", "surrogateescape")


def write_value(value: str) -> bytes:
    """A value as the inside of a quoted attribute, of either quote, in ASCII.

    The one exception are the bytes that ``read_value`` could not decode: they are given back
    as they were, because only the page's own charset tells what they mean.
    """
    if _PLAIN.match(value):
        return value.encode("ascii")
    escaped = value.translate(_SPECIAL)
    if escaped.isascii():
        return escaped.encode("ascii")
    return b"".join(
        char.encode("utf-8", "surrogateescape")
        if "\udc80" <= char <= "\udcff"
        else char.encode("ascii", "xmlcharrefreplace")
        for char in escaped
    )


def _resolve(reference: re.Match[str]) -> str:
    hexadecimal, decimal, name, end = reference.groups()
    if hexadecimal or decimal:
        return _character(int(hexadecimal, 16) if hexadecimal else _decimal(decimal))
    if end != ";" and reference.string.startswith("=", reference.end()):
        return reference[0]
    return html5.get(name + end, reference[0])


def _decimal(digits: str) -> int:
    # int() refuses thousands of digits; anything this long is out of range anyway.
    significant = digits.lstrip("0")
    return int(significant or "0") if len(significant) < 9 else _LAST_CODE_POINT + 1  # noqa: PLR2004  more digits than any code point has


def _character(code_point: int) -> str:
    if code_point == 0 or code_point > _LAST_CODE_POINT or code_point in _SURROGATES:
        return _REPLACEMENT
    if code_point in _C1_CONTROLS:
        return bytes([code_point]).decode("cp1252", "ignore") or chr(code_point)
    return chr(code_point)
