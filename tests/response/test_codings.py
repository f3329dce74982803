"""Content codings are undone in any chunking, and within bounds."""

from __future__ import annotations

import gzip
import sys
import zlib
from importlib import import_module

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consentgate.response import codings
from consentgate.response.codings import (
    PIECE_BYTES,
    UnfoldsTooFarError,
    decoder_for,
    readable_encodings,
)

zstd = import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")

PLAIN = b"<!doctype html><p>" + b"consent " * 500


def raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


ENCODED = {
    "": PLAIN,
    "identity": PLAIN,
    "gzip": gzip.compress(PLAIN[:100]) + gzip.compress(PLAIN[100:]),
    "GZIP": gzip.compress(PLAIN),
    "deflate": zlib.compress(PLAIN),
    " deflate ": raw_deflate(PLAIN),
    "br": brotli.compress(PLAIN),
    "zstd": zstd.compress(PLAIN[:100]) + zstd.compress(PLAIN[100:]),
    "gzip ": gzip.compress(b"") + gzip.compress(PLAIN) + b"\0junk",
}


@settings(deadline=None)
@given(st.sampled_from(sorted(ENCODED)), st.integers(1, 400))
def test_an_encoding_is_undone_in_any_chunking(encoding: str, size: int) -> None:
    decoder = decoder_for(encoding)
    assert decoder is not None
    data = ENCODED[encoding]
    chunks = (data[i : i + size] for i in range(0, len(data), size))
    assert b"".join(plain for chunk in chunks for plain in decoder.decode(chunk)) == PLAIN


@pytest.mark.parametrize("encoding", ["compress", "gzip, br", "aes128gcm"])
def test_an_encoding_that_cannot_be_read_has_no_decoder(encoding: str) -> None:
    assert decoder_for(encoding) is None


def test_broken_data_is_an_error_and_not_a_guess() -> None:
    decoder = decoder_for("gzip")
    assert decoder is not None
    with pytest.raises(zlib.error):
        list(decoder.decode(b"<!doctype html>"))


@pytest.mark.parametrize(
    ("asked", "passed_on"),
    [
        ("gzip, deflate, br, zstd, dcb", "gzip, deflate, br, zstd"),
        ("dcz;q=1.0, GZIP;q=0.5", "GZIP;q=0.5"),
        ("compress", "identity"),
        ("*", "identity"),
        ("", "identity"),
    ],
)
def test_the_app_is_asked_only_for_what_the_gate_can_read(asked: str, passed_on: str) -> None:
    assert readable_encodings(asked.encode()) == passed_on.encode()


@pytest.mark.parametrize("rest", [b"\0\0\0", b"\x1f", b"trailing"])
def test_what_follows_a_gzip_body_is_left_out(rest: bytes) -> None:
    decoder = decoder_for("gzip")
    assert decoder is not None
    assert b"".join(decoder.decode(gzip.compress(PLAIN) + rest)) == PLAIN


ZEROS = b"\0" * (4 * PIECE_BYTES)
BOMBS = {
    "gzip": gzip.compress(ZEROS),
    "deflate": zlib.compress(ZEROS),
    "br": brotli.compress(ZEROS),
    "zstd": zstd.compress(ZEROS),
}


@pytest.mark.parametrize("coding", BOMBS)
def test_what_unfolds_to_much_does_so_a_piece_at_a_time(coding: str) -> None:
    pieces = list(decoder_for(coding).decode(BOMBS[coding]))
    assert max(map(len, pieces)) <= PIECE_BYTES
    assert b"".join(pieces) == ZEROS


@pytest.mark.parametrize("coding", BOMBS)
def test_a_bomb_is_cut_off(coding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codings, "ALWAYS_BYTES", 2 * PIECE_BYTES)
    unfolding = decoder_for(coding).decode(BOMBS[coding])
    pieces: list[bytes] = []
    with pytest.raises(UnfoldsTooFarError):
        pieces.extend(unfolding)
    assert 0 < sum(map(len, pieces)) <= 2 * PIECE_BYTES


def test_a_large_page_that_shrinks_as_markup_does_is_no_bomb(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(codings, "ALWAYS_BYTES", 1000)
    plain = b"".join(b"<tr><td>%d</td><td>name %d</td></tr>" % (n, n * 7) for n in range(50_000))
    packed = gzip.compress(plain)
    decoder = decoder_for("gzip")
    chunks = (packed[i : i + 4096] for i in range(0, len(packed), 4096))
    assert b"".join(piece for chunk in chunks for piece in decoder.decode(chunk)) == plain
