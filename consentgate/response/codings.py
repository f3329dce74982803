"""Content codings undone piece by piece (RFC 9110, section 8.4.1), with a bound to what unfolds."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol

from consentgate.errors import ConsentGateError

PIECE_BYTES = 1024 * 1024
"""At most so much is unfolded at a time."""
ALWAYS_BYTES = 64 * 1024 * 1024
"""So much may unfold from whatever little."""
MOST_TIMES = 200
"""Beyond that, so many times the bytes that came. Markup shrinks to a fifth, or a fiftieth."""

_ZSTD = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"


def _has(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


DECODABLE = (
    frozenset({"gzip", "x-gzip", "deflate", "identity"})
    | (frozenset({"br"}) if _has("brotli") else frozenset())
    | (frozenset({"zstd"}) if _has(_ZSTD) else frozenset())
)
"""The content codings that the gate can read."""

_ASKED_KEPT = 256
_ASKED_BYTES = 128
_ZLIB_HEADER_BYTES = 2
_GZIP = zlib.MAX_WBITS | 16
_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


class UnfoldsTooFarError(ConsentGateError):
    """A compressed page that grows beyond all measure: what is left of it is not sent."""


class Decoder(Protocol):
    """Undoes a content coding."""

    def decode(self, chunk: bytes) -> Iterator[bytes]:
        """The plain bytes that this piece completes, a bounded part at a time.

        Broken data raises what the coding's library raises, and UnfoldsTooFarError what never
        seems to end.
        """
        ...


class Identity:
    """A body without content coding."""

    def decode(self, chunk: bytes) -> Iterator[bytes]:
        """The piece itself."""
        yield chunk


class _Stream(Protocol):
    """One compressed stream, which may end before its data does."""

    @property
    def rest(self) -> bytes | None:
        """What came behind its end; None before that."""

    def unfold(self, data: bytes) -> Iterator[bytes]:
        """The plain bytes, never more than ``PIECE_BYTES`` at a time."""


class Streams:
    """Compressed streams one after the other, of which each that follows begins with ``magic``.

    Anything else behind one is left out, as browsers do; so is all without a ``magic``.
    """

    def __init__(self, begin: Callable[[], _Stream], magic: bytes = b"") -> None:
        self._begin = begin
        self._magic = magic
        self._stream = begin()
        self._behind: bytes | None = None
        self._came = self._unfolded = 0

    def decode(self, chunk: bytes) -> Iterator[bytes]:
        """The plain bytes that this piece completes."""
        self._came += len(chunk)
        data = self._in_stream(chunk)
        while data is not None:
            yield from map(self._counted, self._stream.unfold(data))
            rest = self._stream.rest
            if rest is None:
                return
            self._behind = b""
            data = self._in_stream(rest)

    def _in_stream(self, data: bytes) -> bytes | None:
        """The data of the stream that is under way or begins; None for what is left out."""
        if self._behind is None:
            return data
        data = self._behind + data
        if not self._magic or not data.startswith(self._magic):
            self._behind = data[: len(self._magic)]  # no beginning, whatever follows
            return None
        self._stream, self._behind = self._begin(), None
        return data

    def _counted(self, plain: bytes) -> bytes:
        self._unfolded += len(plain)
        if self._unfolded > max(ALWAYS_BYTES, MOST_TIMES * self._came):
            raise UnfoldsTooFarError(
                f"{self._came} bytes of a compressed page have unfolded to {self._unfolded}:"
                " it is cut off here."
            )
        return plain


class _Inflate:
    """gzip (RFC 1952), or deflate in its zlib wrapper (RFC 1950) or raw."""

    def __init__(self, window_bits: int) -> None:
        self._inflate = zlib.decompressobj(window_bits)

    @property
    def rest(self) -> bytes | None:
        return self._inflate.unused_data if self._inflate.eof else None

    def unfold(self, data: bytes) -> Iterator[bytes]:
        plain = b""
        while data or len(plain) == PIECE_BYTES:
            plain = self._inflate.decompress(data, PIECE_BYTES)
            if plain:
                yield plain
            data = self._inflate.unconsumed_tail


class _Deflate:
    """deflate with or without its wrapper, as some servers send it: the first two bytes tell."""

    def __init__(self) -> None:
        self._inflate: _Inflate | None = None
        self._held = b""

    @property
    def rest(self) -> bytes | None:
        return self._inflate.rest if self._inflate else None

    def unfold(self, data: bytes) -> Iterator[bytes]:
        if self._inflate is None:
            self._held += data
            if len(self._held) < _ZLIB_HEADER_BYTES:
                return
            wrapped = int.from_bytes(self._held[:_ZLIB_HEADER_BYTES]) % 31 == 0
            self._inflate = _Inflate(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
            data, self._held = self._held, b""
        yield from self._inflate.unfold(data)


class _Brotli:
    """br (RFC 7932), where the brotli package is installed."""

    def __init__(self) -> None:
        self._brotli = import_module("brotli").Decompressor()

    @property
    def rest(self) -> bytes | None:
        return b"" if self._brotli.is_finished() else None

    def unfold(self, data: bytes) -> Iterator[bytes]:
        more = bool(data)
        while more and not self._brotli.is_finished():
            # It gives up to twice the limit, and may have more where it says that it has not.
            plain = self._brotli.process(data, output_buffer_limit=PIECE_BYTES // 2)
            if plain:
                yield plain
            data, more = b"", bool(plain)


class _Zstd:
    """zstd (RFC 8878): from the standard library of Python 3.14, or its backport."""

    def __init__(self) -> None:
        self._zstd = import_module(_ZSTD).ZstdDecompressor()

    @property
    def rest(self) -> bytes | None:
        return self._zstd.unused_data if self._zstd.eof else None

    def unfold(self, data: bytes) -> Iterator[bytes]:
        more = bool(data)
        while more:
            if plain := self._zstd.decompress(data, PIECE_BYTES):
                yield plain
            data, more = b"", not (self._zstd.eof or self._zstd.needs_input)


def decoder_for(content_encoding: str) -> Decoder | None:
    """What undoes this Content-Encoding; None where the gate cannot read the body."""
    coding = content_encoding.strip().lower()
    if coding not in DECODABLE and coding:
        return None
    match coding:
        case "gzip" | "x-gzip":
            return Streams(lambda: _Inflate(_GZIP), _GZIP_MAGIC)
        case "deflate":
            return Streams(_Deflate)
        case "br":
            return Streams(_Brotli)
        case "zstd":
            return Streams(_Zstd, _ZSTD_MAGIC)
    return Identity()


def readable_encodings(accept_encoding: bytes) -> bytes:
    """The part of an Accept-Encoding header that the gate can undo; ``identity`` if none."""
    short = len(accept_encoding) <= _ASKED_BYTES
    return _remembered(accept_encoding) if short else _readable(accept_encoding)


def _readable(accept_encoding: bytes) -> bytes:
    kept = [
        coding.strip()
        for coding in accept_encoding.decode("latin-1").split(",")
        if coding.partition(";")[0].strip().lower() in DECODABLE
    ]
    return (", ".join(kept) or "identity").encode("latin-1")


_remembered = lru_cache(maxsize=_ASKED_KEPT)(_readable)
