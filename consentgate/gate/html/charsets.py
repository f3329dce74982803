"""Pages in charsets in which an ASCII byte may be a part of another character.

Such a page is read as UTF-8 that stands for its very bytes, and leaves as these bytes again: a
character where Python's codec gives back exactly what it came from, else each byte of it as a
lone surrogate (U+DC00 and the byte), which is no markup and no part of an address. In UTF-8
these are three bytes that no page has.

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

from consentgate.gate.html.labels import charset_named
from consentgate.gate.html.outline import DocumentKind
from consentgate.gate.html.rewriter import HtmlGate

_HIGH_SURROGATES = range(0xD800, 0xDC00)
_OPAQUE = 0xDC00
_OPAQUE_ERRORS = "consentgate-opaque"
_LEADS = rb"\x81-\xfe"
_SHIFT_JIS_LEADS = rb"\x81-\x9f\xe0-\xfc"
_BIG5 = "big5hkscs"
_COMBINING_IN_BIG5 = ("\u00ca", "\u00ea")  # written as one character with what follows

# A character whose last bytes have not left the gate yet.
_PARTIAL = re.compile(rb"(?:[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})\Z")
_LONGEST_PARTIAL = 3

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


class Transcoder(Protocol):
    """The bytes of one page as UTF-8, piece by piece, and back."""

    def read(self, chunk: bytes) -> bytes:
        """What this piece completes, as UTF-8."""

    def rest(self) -> bytes:
        """What the page ends with and no more piece completes, as UTF-8."""

    def write(self, utf8: bytes) -> bytes:
        """The bytes of the page for what was read, and for ASCII put in."""


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
    """Characters of one, two or four bytes, each by itself."""

    def __init__(self, codec: str) -> None:
        self._codec = codec
        self._decoder = codecs.getincrementaldecoder(codec)(_OPAQUE_ERRORS)
        leads = _SHIFT_JIS_LEADS if codec == "cp932" else _LEADS
        self._character = re.compile(
            rb"[" + leads + rb"](?:[0-9][\x81-\xfe][0-9]|[\x40-\x7e\x80-\xfe])|[\x80-\xff]"
        )
        self._held = b""

    def read(self, chunk: bytes) -> bytes:
        return self._read(chunk, final=False)

    def rest(self) -> bytes:
        return self._read(b"", final=True)

    def write(self, utf8: bytes) -> bytes:
        return self._written(utf8.decode("utf-8", "surrogatepass"))

    def _read(self, chunk: bytes, *, final: bool) -> bytes:
        source = self._held + chunk
        text = self._decoder.decode(chunk, final)
        self._held = b"" if final else self._decoder.getstate()[0]
        source = source[: len(source) - len(self._held)]
        if not self._is_exact(text, source):
            text = "".join(map(self._exact, re.split(rb"(?=<)", source)))
        return text.encode("utf-8", "surrogatepass")

    def _exact(self, source: bytes) -> str:
        """A piece that begins with a "<", or the first: every such byte stands for itself."""
        text = source.decode(self._codec, _OPAQUE_ERRORS)
        if self._is_exact(text, source):
            return text
        return self._character.sub(_opaque_in_utf8, source).decode("utf-8", "surrogatepass")

    def _is_exact(self, text: str, source: bytes) -> bool:
        merges = self._codec == _BIG5 and any(letter in text for letter in _COMBINING_IN_BIG5)
        return not merges and self._written(text) == source

    def _written(self, text: str) -> bytes:
        return text.encode(self._codec, _OPAQUE_ERRORS)


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
        return utf8.decode("utf-8", "surrogatepass").encode(self._codec, "surrogatepass") + odd

    def _utf8(self, data: bytes) -> bytes:
        return data.decode(self._codec, "surrogatepass").encode("utf-8", "surrogatepass")


class _Iso2022Jp:
    """Escape sequences say what the bytes behind them mean; ASCII alone is read."""

    _ESCAPE = re.compile(rb"\x1b(?:\([BJI]|\$[@B])")
    _UNFINISHED = re.compile(rb"\x1b[($]?\Z")
    _NOT_ASCII = re.compile(rb"[\x1b\x80-\xff]")
    _NOT_ROMAN = re.compile(rb"[\x1b\\~\x80-\xff]")  # yen and overline
    _ANY = re.compile(rb"[\x00-\xff]")

    def __init__(self) -> None:
        self._opaque = self._NOT_ASCII
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
        return utf8.decode("utf-8", "surrogatepass").encode("latin-1", _OPAQUE_ERRORS)

    def _read(self, data: bytes) -> bytes:
        out, position = b"", 0
        for escape in self._ESCAPE.finditer(data):
            out += self._opaque.sub(_opaque_in_utf8, data[position : escape.start()])
            out += self._ANY.sub(_opaque_in_utf8, escape[0])
            after = {b"(B": self._NOT_ASCII, b"(J": self._NOT_ROMAN}
            self._opaque = after.get(escape[0][1:], self._ANY)
            position = escape.end()
        return out + self._opaque.sub(_opaque_in_utf8, data[position:])


def _opaque_in_utf8(match: re.Match[bytes]) -> bytes:
    return _opaque(match[0]).encode("utf-8", "surrogatepass")


def _opaque(raw: bytes) -> str:
    return "".join(chr(_OPAQUE + byte) for byte in raw)


def _opaque_errors(error: UnicodeError) -> tuple[str | bytes, int]:
    """One byte that is no character as a lone surrogate, and back; the next is read anew."""
    if isinstance(error, UnicodeDecodeError):
        return _opaque(error.object[error.start : error.start + 1]), error.start + 1
    if not isinstance(error, UnicodeEncodeError):
        raise error
    code = ord(error.object[error.start])
    if not _OPAQUE <= code <= _OPAQUE + 0xFF:
        raise error
    return bytes([code - _OPAQUE]), error.start + 1


codecs.register_error(_OPAQUE_ERRORS, _opaque_errors)
