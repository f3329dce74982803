"""The documents that frames make of their addresses, ``data:`` and ``javascript:``; and code.

Source: WHATWG Fetch, "data: URLs"; WHATWG HTML, "The javascript: URL special case".
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from consentgate.gate.html.charrefs import read_text
from consentgate.gate.html.labels import keeps_ascii
from consentgate.sites import as_parsed

FRAMES: Mapping[str, str] = MappingProxyType(
    {"embed": "src", "frame": "src", "iframe": "src", "object": "data"}
)
"""The elements that show a document, and the attribute with its address."""

_SCHEME = re.compile(r"(?:data|javascript):", re.IGNORECASE)
_BASE64 = re.compile(r"; *base64 *\Z", re.IGNORECASE)
_NO_DIGIT = re.compile(rb"[^A-Za-z0-9+/]+")
_CHARSET = re.compile(r"charset=[\"']?([^;\"' ]*)", re.IGNORECASE)
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
_MARKUP = re.compile(r"html|xml|xsl")
# Firefox guesses what stands behind the one kind, WebKit takes the other apart.
_ANYTHING = re.compile(r"\s*+(?:\*|multipart/|[^;]*unknown)")
_ADDRESS = re.compile(r"(?:https?:|wss?:|[/\\]{2})[^\s\"'`<>)]+", re.IGNORECASE)
# What has the form of an address in XML and is none: nobody fetches it.
_NAME_IN_XML = re.compile(r"<!DOCTYPE[^>]*+(?:>|\Z)|\sxmlns(?::[\w.-]++)?=(?:\"[^\"]*+\"|'[^']*+')")

_LINK = re.compile(rb"<(?:a|area)[\s/]", re.IGNORECASE)
_NO_LOOKUPS = b"<meta http-equiv=x-dns-prefetch-control content=off>"


class Inner(NamedTuple):
    """A document in an address: its bytes, and the addresses in it as far as they can be told.

    ``addresses`` are those of a document that the HTML gate does not read as a browser does:
    whatever looks like one, wherever it stands. ``is_open``: it cannot be told how it is read.
    """

    source: bytes
    addresses: tuple[str, ...] = ()
    is_open: bool = False


def code_in(address: str, most: int) -> bytes | None:
    """The code that a script has in its address, so much of it; None for any other address.

    Of which type it says that it is, is no matter to a browser.
    """
    text = as_parsed(address)
    if text[:5].lower() != "data:":
        return None
    media_type, _, body = text[5:].partition("#")[0].partition(",")
    return _body(media_type, body[: 4 * most])[:most]


def document_in(address: str) -> Inner | None:
    """The document that a frame makes of this address by itself; None for any other address."""
    text = as_parsed(address)
    scheme = _SCHEME.match(text)
    if scheme is None:
        return None
    rest = text[scheme.end() :]
    if scheme[0].lower() == "data:":
        return _data_document(rest.partition("#")[0])
    source = _unquoted(rest)
    return Inner(source, _addresses(_text(source)))


def linked_addresses(source: bytes) -> tuple[str, ...]:
    """What a document with links names: whatever looks like an address in it."""
    return _addresses(_text(source)) if _LINK.search(source) else ()


def without_lookups(source: bytes) -> bytes:
    """The document of a ``srcdoc``, which a browser does not look up the hosts of links for.

    Firefox does unless it is told, and what the page is told such a document does not inherit.
    Without a doctype it is read as with one.
    """
    return source if source.startswith(_NO_LOOKUPS) else _NO_LOOKUPS + source


def _data_document(rest: str) -> Inner | None:
    media_type, _, body = rest.partition(",")
    kind = media_type.lower()
    is_any = _ANYTHING.match(kind) is not None
    if not is_any and not _MARKUP.search(kind):
        return None
    source = _body(media_type, body)
    charset = _CHARSET.search(media_type)
    # Where it does, what looks like markup is markup, and nothing else is; but the document may
    # name another itself, and of those that browsers heed there only one has escapes.
    is_plain = charset is None or keeps_ascii(charset[1])
    is_odd = b"\0" in source or b"\x1b" in source or source.startswith(_WIDE_MARKS)
    is_open = is_any or is_odd or not is_plain
    if "xml" not in kind and "xsl" not in kind:
        return Inner(source, is_open=is_open)
    addresses = _addresses(_NAME_IN_XML.sub("", _text(source)))
    return Inner(source, addresses, is_open or b"<!ENTITY" in source)


def _body(media_type: str, body: str) -> bytes:
    source = _unquoted(body)
    return _from_base64(source) if _BASE64.search(media_type) else source


def _addresses(text: str) -> tuple[str, ...]:
    return tuple(_ADDRESS.findall(as_parsed(text)))


def _text(source: bytes) -> str:
    return read_text(source).decode("utf-8", "replace")


def _unquoted(text: str) -> bytes:
    return unquote_to_bytes(text.encode("utf-8", "surrogateescape"))


def _from_base64(text: bytes) -> bytes:
    """All that a browser may read of it: what is not well formed it refuses."""
    digits = _NO_DIGIT.sub(b"", text)
    digits = digits[: len(digits) - (len(digits) % 4 == 1)]
    return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4))
