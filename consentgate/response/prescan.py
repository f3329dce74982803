"""The charset that a page gives itself, as browsers look for it before they read the page.

Source: WHATWG HTML, section 13.2.3.2, "prescan a byte stream to determine its encoding" and
"get an XML encoding"; section 2.4.4, "extracting a character encoding from a meta element".
The attributes of a tag end where the tokenizer ends them, but no reference in them is read.
"""

from __future__ import annotations

import re

from consentgate.gate.html import grammar
from consentgate.gate.html.labels import charset_named

_SPACE = b"[" + grammar.SPACE + b"]"
_META = rb"(?i:meta)(?=[" + grammar.GAP + rb"])"
_COMMENT = rb"!(?=--)(?:[^>]*+>(?<!-->))*+[^>]*+>"
_OTHER_MARKUP = rb"(?:\?|/(?![a-zA-Z])|!(?!--))[^>]*+>"
# Unlike the tokenizer this reading takes a slash into a tag's name.
_TAG = rb"(?!" + _META + rb")/?[a-zA-Z][^" + grammar.SPACE + rb">]*+" + grammar.REST
_TEXT = rb"(?=[^a-zA-Z/!?])"
_NEXT_META = re.compile(
    rb"[^<]*+(?:<(?:" + rb"|".join((_TAG, _COMMENT, _OTHER_MARKUP, _TEXT)) + rb")[^<]*+)*+"
    rb"<" + _META + rb"(" + grammar.REST + rb")"
)
_ATTRIBUTES = re.compile(grammar.ATTRIBUTE_PARTS)
# A quote that is not closed ends the search: what follows is no label, nor is the quote.
_IN_CONTENT = re.compile(
    rb"charset" + _SPACE + rb"*+=" + _SPACE + rb"*+"
    rb"(?:\"([^\"]*+)\"|'([^']*+)'|[\"']|([^" + grammar.SPACE + rb";]*+))"
)  # fmt: skip
# Within the declaration, to which browsers keep where the standard looks further.
_IN_XML = re.compile(
    rb"<\?xml(?:(?!encoding)[^>])*+encoding[\0-\x20]*+=[\0-\x20]*+"
    rb"(?:\"([^\">\0-\x20]*+)\"|'([^'>\0-\x20]*+)')[^>]*+>"
)
_WIDE_XML = {b"<\0?\0x\0": "utf-16le", b"\0<\0?\0x": "utf-16be"}
# The charset that a page is read in where it cannot be the one that it names.
_MEANT = {"utf-16le": "utf-8", "utf-16be": "utf-8", "x-user-defined": "windows-1252"}


def charset_within(first: bytes) -> str:
    """The charset that a page with these first bytes declares, by its name; empty if none."""
    wide = _WIDE_XML.get(first[:6])
    if wide:
        return wide
    position = 0
    while found := _NEXT_META.match(first, position):
        charset = _of_meta(found[1])
        if charset:
            return _MEANT.get(charset, charset)
        position = found.end()
    charset = _of_xml(first)
    return _MEANT.get(charset, charset)


def _of_meta(rest: bytes) -> str:
    """The charset of a <meta>, of which this is what follows its name."""
    values: dict[bytes, bytes] = {}
    for name, double, single, bare in _ATTRIBUTES.findall(rest):
        values.setdefault(name.lower(), (double or single or bare).lower())
    label = values.get(b"charset")
    if label is not None:
        return _named(label)
    if values.get(b"http-equiv") != b"content-type":
        return ""
    found = _IN_CONTENT.search(values.get(b"content", b""))
    return _named(found[1] or found[2] or found[3] or b"") if found else ""


def _of_xml(first: bytes) -> str:
    found = _IN_XML.match(first)
    return _named(found[1] or found[2] or b"") if found else ""


def _named(label: bytes) -> str:
    return charset_named(label.decode("latin-1"))
