"""Pages in charsets in which an ASCII byte may be a part of another character.

Such a page is read as UTF-8 that stands for its very bytes, and leaves as these bytes again: a
character where Python's codec gives back exactly what it came from, else each byte of it as a
lone surrogate (U+DC00 and the byte), which is no markup and no part of an address. In UTF-8
these are three bytes that no page has. That is settled for each character by itself, so that
it hangs neither on what stands beside it nor on the pieces in which the page comes.

What is put in may hold any character: one that the charset lacks is written as a reference.

Source: WHATWG Encoding, for which bytes stand for themselves: in all charsets here but UTF-16
and ISO-2022-JP those below 0x40, whatever comes before them, and so every ``<``, ``>``, quote
and space; in GB18030 digits excepted.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, Protocol

from consentgate.gate.html import opaque
from consentgate.gate.html.labels import charset_named
from consentgate.gate.html.outline import DocumentKind
from consentgate.gate.html.rewriter import HtmlGate

_HIGH_SURROGATES = range(0xD800, 0xDC00)
_BIG5 = "big5hkscs"
_SECOND_IN_BIG5 = ("\u0304", "\u030c")  # there the second half of a character, and nothing else

# Whole characters, from the first byte that is not ASCII to one that is a part of no other.
_CHARACTERS = re.compile(rb"[\x80-\xff][^\x00-/:-?]*+")

# A character, or an opaque escape sequence, whose last bytes have not left the gate yet.
_PARTIAL = re.compile(
    rb"(?:\xed\xb0\x9b(?:\xed\xb0[\xa4\xa8])?)?"
    rb"(?:[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})?\Z"
)
_LONGEST_PARTIAL = 8

_CODECS: Mapping[str, str] = MappingProxyType(
    {
        "shift_jis": "cp932",
        "euc-kr": "cp949",
        "gbk": "gb18030",
        "gb18030": "gb18030",
        "big5": _BIG5,
        "euc-jp": "euc_jp",
        "iso-2022-jp": "iso-2022-jp",
        "utf-16le": "utf-16-le",
        "utf-16be": "utf-16-be",
    }
)


# What a codec writes as ASCII of another meaning, and so never reads: yen and overline.
_WRITTEN_AS_OTHERS: Mapping[str, str] = MappingProxyType({"euc_jp": "\u00a5\u203e"})


class Transcoder(Protocol):
    """The bytes of one page as UTF-8, piece by piece, and back."""

    def read(self, chunk: bytes) -> bytes:
        """What this piece completes, as UTF-8."""

    def rest(self) -> bytes:
        """What the page ends with and no more piece completes, as UTF-8."""

    def write(self, utf8: bytes) -> bytes:
        """The bytes of the page for what was read and what was put in."""


class Gate(Protocol):
    """What takes a response body in pieces and gives it back gated."""

    @property
    def kind(self) -> DocumentKind:
        """What the body turned out to be."""

    @property
    def lang(self) -> str:
        """The language that the page gives itself."""

    def feed(self, chunk: bytes) -> bytes:
        """Takes a piece of the body; gives what can leave."""

    def close(self, last: bytes = b"") -> bytes:
        """Ends the body with its last piece; gives the rest of it."""


def transcoder_for(label: str) -> Transcoder | None:
    """What reads pages of this charset; None where its bytes can be read as they are, or not."""
    codec = _CODECS.get(charset_named(label))
    if codec is None:
        return None
    if codec == "iso-2022-jp":
        return _Iso2022Jp()
    return _Utf16(codec) if codec.startswith("utf-16") else _Multibyte(codec)


def read_in(label: str, gate: HtmlGate) -> Gate:
    """The gate for a page in this charset; itself where it can read the bytes as they are."""
    transcoder = transcoder_for(label)
    return gate if transcoder is None else _TranscodingGate(gate, transcoder)


def first_as_utf8(label: str, first: bytes) -> bytes:
    """The first bytes of a page as a gate reads them."""
    transcoder = transcoder_for(label)
    return first if transcoder is None else transcoder.read(first)


class _TranscodingGate:
    """A gate for UTF-8, for a page in another charset."""

    def __init__(self, gate: HtmlGate, transcoder: Transcoder) -> None:
        self._gate = gate
        self._transcoder = transcoder
        self._held = b""

    @property
    def kind(self) -> DocumentKind:
        return self._gate.kind

    @property
    def lang(self) -> str:
        return self._gate.lang

    def feed(self, chunk: bytes) -> bytes:
        utf8 = self._held + self._gate.feed(self._transcoder.read(chunk))
        cut = _PARTIAL.search(utf8, max(0, len(utf8) - _LONGEST_PARTIAL))
        whole = cut.start() if cut else len(utf8)
        self._held = utf8[whole:]
        return self._transcoder.write(utf8[:whole])

    def close(self, last: bytes = b"") -> bytes:
        out = self.feed(last) if last else b""
        utf8 = self._held + self._gate.close(self._transcoder.rest())
        return out + self._transcoder.write(utf8)


class _Multibyte:
    """Characters of one to four bytes, each by itself."""

    def __init__(self, codec: str) -> None:
        self._codec = codec
        self._foreign = _WRITTEN_AS_OTHERS.get(codec, "")
        self._decoder = self._new_decoder()
        self._held = b""

    def read(self, chunk: bytes) -> bytes:
        source = self._held + chunk
        text = self._decoder.decode(chunk)
        self._held = self._decoder.getstate()[0]
        source = source[: len(source) - len(self._held)]
        if self._is_exact(text, source):
            return text.encode("utf-8", "surrogatepass")
        return _CHARACTERS.sub(self._exact, source)

    def rest(self) -> bytes:
        held, self._held = self._held, b""
        return self._unfinished(held)

    def write(self, utf8: bytes) -> bytes:
        text = opaque.text_of(utf8)
        for character in self._foreign:
            text = text.replace(character, opaque.reference(ord(character)))
        return self._written(text)

    def _new_decoder(self) -> codecs.IncrementalDecoder:
        return codecs.getincrementaldecoder(self._codec)(opaque.ERRORS)

    def _exact(self, characters: re.Match[bytes]) -> bytes:
        source = characters[0]
        text = source.decode(self._codec, opaque.ERRORS)
        exact = self._is_exact(text, source)
        return text.encode("utf-8", "surrogatepass") if exact else self._one_by_one(source)

    def _one_by_one(self, source: bytes) -> bytes:
        """Each character, or its bytes: where it ends hangs on what is before it alone."""
        decoder, start, utf8 = self._new_decoder(), 0, bytearray()
        for position in range(len(source)):
            text = decoder.decode(source[position : position + 1])
            if text:
                end = position + 1 - len(decoder.getstate()[0])
                raw, start = source[start:end], end
                text = text if self._is_exact(text, raw) else opaque.text_for(raw)
                utf8 += text.encode("utf-8", "surrogatepass")
        return bytes(utf8) + self._unfinished(source[start:])

    def _unfinished(self, source: bytes) -> bytes:
        """The beginning of a character: an incremental decoder ends with its first byte."""
        return source.decode(self._codec, opaque.ERRORS).encode("utf-8", "surrogatepass")

    def _is_exact(self, text: str, source: bytes) -> bool:
        """Whether all characters of a text come back as these bytes, however it is taken apart."""
        parts = self._codec == _BIG5 and any(mark in text for mark in _SECOND_IN_BIG5)
        return not parts and self._written(text) == source

    def _written(self, text: str) -> bytes:
        return text.encode(self._codec, opaque.ERRORS)


class _Utf16:
    """Units of two bytes; half a unit at the end stays as it is."""

    def __init__(self, codec: str) -> None:
        self._codec = codec
        self._order: Literal["little", "big"] = "little" if codec.endswith("le") else "big"
        self._held = b""
        self._odd = b""

    def read(self, chunk: bytes) -> bytes:
        data = self._held + chunk
        whole = len(data) // 2 * 2
        last = int.from_bytes(data[whole - 2 : whole], self._order) if whole else 0
        if last in _HIGH_SURROGATES:
            whole -= 2  # the other half of the character may come
        self._held = data[whole:]
        return self._utf8(data[:whole])

    def rest(self) -> bytes:
        whole = len(self._held) // 2 * 2
        self._odd = self._held[whole:]
        return self._utf8(self._held[:whole])

    def write(self, utf8: bytes) -> bytes:
        odd, self._odd = self._odd, b""
        return opaque.text_of(utf8).encode(self._codec, "surrogatepass") + odd

    def _utf8(self, data: bytes) -> bytes:
        return data.decode(self._codec, "surrogatepass").encode("utf-8", "surrogatepass")


class _Iso2022Jp:
    """Escape sequences say what the bytes behind them mean; ASCII alone is read.

    What is put in where ASCII means something else stands between sequences of its own.
    """

    _ESCAPE = re.compile(rb"\x1b(?:\([BJI]|\$[@B])")
    _UNFINISHED = re.compile(rb"\x1b[($]?\Z")
    _NOT_ASCII = re.compile(rb"[\x1b\x80-\xff]")
    _NOT_ROMAN = re.compile(rb"[\x1b\\~\x80-\xff]")  # yen and overline
    _ANY = re.compile(rb"[\x00-\xff]")
    _OPAQUE_ESCAPE = re.compile("(\udc1b(?:\udc28[\udc42\udc49\udc4a]|\udc24[\udc40\udc42]))")
    _PUT_IN = re.compile("[^\udc00-\udcff]+")
    _PUT_IN_ROMAN = re.compile(r"[\\~]+")
    _TO_ASCII, _TO_ROMAN = "\x1b(B", "\x1b(J"

    def __init__(self) -> None:
        self._opaque = self._NOT_ASCII
        self._shift = self._TO_ASCII
        self._held = b""

    def read(self, chunk: bytes) -> bytes:
        data = self._held + chunk
        cut = self._UNFINISHED.search(data)
        end = cut.start() if cut else len(data)
        self._held = data[end:]
        return self._read(data[:end])

    def rest(self) -> bytes:
        held, self._held = self._held, b""
        return self._read(held)

    def write(self, utf8: bytes) -> bytes:
        pieces = self._OPAQUE_ESCAPE.split(opaque.text_of(utf8))
        for index, piece in enumerate(pieces):
            if index % 2:
                self._shift = piece.encode("ascii", opaque.ERRORS).decode("ascii")
            elif self._shift != self._TO_ASCII:
                put_in = self._PUT_IN_ROMAN if self._shift == self._TO_ROMAN else self._PUT_IN
                pieces[index] = put_in.sub(self._shifted, piece)
        return "".join(pieces).encode("ascii", opaque.ERRORS)

    def _shifted(self, put_in: re.Match[str]) -> str:
        return self._TO_ASCII + put_in[0] + self._shift

    def _read(self, data: bytes) -> bytes:
        out: list[bytes] = []
        position = 0
        for escape in self._ESCAPE.finditer(data):
            out.append(self._opaque.sub(opaque.matched_in_utf8, data[position : escape.start()]))
            out.append(self._ANY.sub(opaque.matched_in_utf8, escape[0]))
            after = {b"(B": self._NOT_ASCII, b"(J": self._NOT_ROMAN}
            self._opaque = after.get(escape[0][1:], self._ANY)
            position = escape.end()
        out.append(self._opaque.sub(opaque.matched_in_utf8, data[position:]))
        return b"".join(out)
