"""Compressed bodies unfolded piece by piece, with a bound to what unfolds."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib import import_module
from typing import Protocol

from consentgate.errors import ConsentGateError

PIECE_BYTES = 1024 * 1024
"""At most so much is unfolded at a time."""
ALWAYS_BYTES = 64 * 1024 * 1024
"""So much may unfold from whatever little."""
MOST_TIMES = 200
"""Beyond that, so many times the bytes that came. Markup shrinks to a fifth, or a fiftieth."""

ZSTD_MODULE = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"


_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_BEGINS = _GZIP_MAGIC[:1]
_MARKUP_BEGINS = b"<"
# A frame, and those that are skipped (RFC 8878, section 3.1.2).
_ZSTD_MAGICS = b"\x28\xb5\x2f\xfd", *(b"%c\x2a\x4d\x18" % n for n in range(0x50, 0x60))
_ZSTD_BEGINS = bytes(magic[0] for magic in _ZSTD_MAGICS)
_ZLIB_HEADER_BYTES = 2
_GZIP = zlib.MAX_WBITS | 16


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


class _Bound:
    """Counts what unfolds, and ends it where it grows beyond all measure."""

    def __init__(self) -> None:
        self.came = self._unfolded = 0

    def counted(self, plain: bytes) -> bytes:
        self._unfolded += len(plain)
        if self._unfolded > max(ALWAYS_BYTES, MOST_TIMES * self.came):
            raise UnfoldsTooFarError(
                f"{self.came} bytes of a compressed page have unfolded to {self._unfolded}:"
                " it is cut off here."
            )
        return plain


class _Stream(Protocol):
    """One compressed stream, which may end before its data does."""

    @property
    def rest(self) -> bytes | None:
        """What came behind its end; None before that."""

    def unfold(self, data: bytes) -> Iterator[bytes]:
        """The plain bytes, never more than ``PIECE_BYTES`` at a time."""


class Streams:
    """Compressed streams one after the other, of which each that follows begins with a magic.

    Anything else behind one is left out, as browsers do; so is all where there is no magic. The
    ``magics`` are of one length.
    """

    def __init__(self, begin: Callable[[], _Stream], *magics: bytes) -> None:
        self._begin = begin
        self._magics = magics
        self._magic_size = max(map(len, magics), default=0)
        self._stream = begin()
        self._behind: bytes | None = None
        self._bound = _Bound()

    def decode(self, chunk: bytes) -> Iterator[bytes]:
        """The plain bytes that this piece completes."""
        self._bound.came += len(chunk)
        data = self._in_stream(chunk)
        while data is not None:
            yield from map(self._bound.counted, self._stream.unfold(data))
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
        if not data.startswith(self._magics):
            self._behind = data[: self._magic_size]  # no beginning, whatever follows
            return None
        self._stream, self._behind = self._begin(), None
        return data


class Chain:
    """Several codings of one body, the last that was applied first, within one bound more."""

    def __init__(self, decoders: Sequence[Decoder]) -> None:
        self._decoders = decoders
        self._bound = _Bound()

    def decode(self, chunk: bytes) -> Iterator[bytes]:
        """The plain bytes that this piece completes."""
        self._bound.came += len(chunk)
        return map(self._bound.counted, _through(self._decoders, chunk))


def _through(decoders: Sequence[Decoder], chunk: bytes) -> Iterator[bytes]:
    if not decoders:
        yield chunk
        return
    for plain in decoders[0].decode(chunk):
        yield from _through(decoders[1:], plain)


class Doubtful:
    """A coding named beside what is none: some browsers undo it, some read the body as it came.

    Firefox does the one, Chromium the other. What shows as a page in either is read so: the
    first byte tells whether the coding ``may_begin`` with it.
    """

    def __init__(self, coded: Decoder, may_begin: Callable[[bytes], bool]) -> None:
        self._coded = coded
        self._may_begin = may_begin
        self._chosen: Decoder | None = None

    def decode(self, chunk: bytes) -> Iterator[bytes]:
        """The plain bytes that this piece completes."""
        if not chunk:
            return iter(())
        if self._chosen is None:
            self._chosen = self._coded if self._may_begin(chunk[:1]) else Identity()
        return self._chosen.decode(chunk)


class _Inflate:
    """gzip (RFC 1952), or deflate in its zlib wrapper (RFC 1950) or raw."""

    def __init__(self, window_bits: int) -> None:
        self._inflate = zlib.decompressobj(window_bits)

    @property
    def rest(self) -> bytes | None:
        return self._inflate.unused_data if self._inflate.eof else None

    def unfold(self, data: bytes) -> Iterator[bytes]:
        more = bool(data)
        while more and not self._inflate.eof:  # behind its end the tail is never consumed
            plain = self._inflate.decompress(data, PIECE_BYTES)
            if plain:
                yield plain
            data = self._inflate.unconsumed_tail
            more = bool(data) or len(plain) == PIECE_BYTES


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
        self._zstd = import_module(ZSTD_MODULE).ZstdDecompressor()

    @property
    def rest(self) -> bytes | None:
        return self._zstd.unused_data if self._zstd.eof else None

    def unfold(self, data: bytes) -> Iterator[bytes]:
        more = bool(data)
        while more:
            if plain := self._zstd.decompress(data, PIECE_BYTES):
                yield plain
            data, more = b"", not (self._zstd.eof or self._zstd.needs_input)


def undoing(coding: str) -> Decoder:
    """What undoes this coding, which has to be one that can be."""
    match coding:
        case "deflate":
            return Streams(_Deflate)
        case "br":
            return Streams(_Brotli)
        case "zstd":
            return Streams(_Zstd, *_ZSTD_MAGICS)
    return Streams(partial(_Inflate, _GZIP), _GZIP_MAGIC)


def may_begin(coding: str, first: bytes) -> bool:
    """Whether a body in this coding may begin with this byte."""
    match coding:
        case "gzip" | "x-gzip":
            return first in _GZIP_BEGINS
        case "zstd":
            return first in _ZSTD_BEGINS
    return first not in _MARKUP_BEGINS  # no stream of brotli begins with it, nor one of zlib
