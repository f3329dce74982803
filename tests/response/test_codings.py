"""Content codings are undone in any chunking, and within bounds."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Callable
from importlib import import_module

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consentgate.response import unfolding
from consentgate.response.codings import (
    codings_left,
    decoder_for,
    readable_encodings,
)
from consentgate.response.unfolding import PIECE_BYTES, UnfoldsTooFarError

zstd = import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")

PLAIN = b"<!doctype html><p>" + b"consent " * 500


def raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


SKIPPED = b"\x5f\x2a\x4d\x18\x03\0\0\0any"
ENCODED = {
    "": PLAIN,
    "identity": PLAIN,
    "gzip": gzip.compress(PLAIN[:100]) + gzip.compress(PLAIN[100:]),
    "GZIP": gzip.compress(PLAIN),
    "deflate": zlib.compress(PLAIN),
    " deflate ": raw_deflate(PLAIN),
    "br": brotli.compress(PLAIN),
    "zstd": zstd.compress(PLAIN[:100]) + zstd.compress(PLAIN[100:]),
    "ZSTD": SKIPPED + zstd.compress(PLAIN[:9]) + SKIPPED * 2 + zstd.compress(PLAIN[9:]) + SKIPPED,
    "zstd ": zstd.compress(PLAIN) + b"junk" + zstd.compress(PLAIN),
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


def nested(*packers: Callable[[bytes], bytes]) -> bytes:
    data = PLAIN
    for pack in packers:
        data = pack(data)
    return data


IN_TURN = {
    "gzip, gzip": nested(gzip.compress, gzip.compress),
    "deflate, gzip": nested(zlib.compress, gzip.compress),
    "br, identity, zstd": nested(brotli.compress, zstd.compress),
    "gzip, br": nested(gzip.compress, brotli.compress),
    ", ".join(["gzip"] * 5): nested(*[gzip.compress] * 5),
    "gzip,": gzip.compress(PLAIN),
    ", gzip": gzip.compress(PLAIN),
    "gzip, identity": gzip.compress(PLAIN),
    "identity,zstd": zstd.compress(PLAIN),
    "br, ": brotli.compress(PLAIN),
    ", deflate": zlib.compress(PLAIN),
    "utf-8, gzip": gzip.compress(PLAIN),
}
NO_CODINGS = ["none", "utf-8", "foo", "aws-chunked", "compress", "exi", ", ", "identity, foo"]
READ_AS_THEY_CAME = [
    "gzip, foo",
    "gzip,",
    "identity, br",
    "deflate, none",
    "zstd, gzip, x",
    "x, zstd",
]


@settings(deadline=None)
@given(st.sampled_from(sorted(IN_TURN)), st.integers(1, 400))
def test_codings_are_undone_in_turn(encoding: str, size: int) -> None:
    """As both Chromium and Firefox do; with an empty or unknown member, Firefox alone."""
    data = IN_TURN[encoding]
    chunks = (data[i : i + size] for i in range(0, len(data), size))
    decoder = decoder_for(encoding)
    assert b"".join(plain for chunk in chunks for plain in decoder.decode(chunk)) == PLAIN


@pytest.mark.parametrize("encoding", NO_CODINGS + READ_AS_THEY_CAME)
def test_what_browsers_read_as_it_came_is_read_so(encoding: str) -> None:
    """What stands under a name that is no coding; beside a coding in Chromium alone."""
    decoder = decoder_for(encoding)
    assert b"".join(p for c in (b"", PLAIN[:1], PLAIN[1:]) for p in decoder.decode(c)) == PLAIN


@pytest.mark.parametrize(
    ("encoding", "left"),
    [("gzip", ""), ("identity, ", ""), ("utf-8, gzip", "utf-8"), ("aws-chunked", "aws-chunked")],
)
def test_a_name_that_is_no_coding_is_left(encoding: str, left: str) -> None:
    assert codings_left(encoding) == left


@pytest.mark.parametrize("encoding", ["dcb", "gzip, dcz", ", ".join(["gzip"] * 6)])
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


@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd"])
def test_what_follows_much_that_unfolded_ends_too(coding: str) -> None:
    """What is left of a piece, when a stream ends within it, is behind the stream's end."""
    for rest, left in ((b"x", b""), (BOMBS[coding], b"" if coding == "deflate" else ZEROS)):
        assert b"".join(decoder_for(coding).decode(BOMBS[coding] + rest)) == ZEROS + left


def test_a_bomb_within_a_bomb_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of the two by itself is within the bounds."""
    monkeypatch.setattr(unfolding, "ALWAYS_BYTES", PIECE_BYTES)
    within = gzip.compress(b"\0" * 400) * 20_000
    packed = gzip.compress(within)
    assert len(b"".join(decoder_for("gzip").decode(within))) == 8_000_000
    assert b"".join(decoder_for("gzip").decode(packed)) == within
    unfolding_twice = decoder_for("gzip, gzip").decode(packed)
    pieces: list[bytes] = []
    with pytest.raises(UnfoldsTooFarError):
        pieces.extend(unfolding_twice)
    assert 0 < sum(map(len, pieces)) <= PIECE_BYTES


@pytest.mark.parametrize("coding", BOMBS)
def test_a_bomb_is_cut_off(coding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unfolding, "ALWAYS_BYTES", 2 * PIECE_BYTES)
    packed = decoder_for(coding).decode(BOMBS[coding])
    pieces: list[bytes] = []
    with pytest.raises(UnfoldsTooFarError):
        pieces.extend(packed)
    assert 0 < sum(map(len, pieces)) <= 2 * PIECE_BYTES


def test_a_large_page_that_shrinks_as_markup_does_is_no_bomb(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(unfolding, "ALWAYS_BYTES", 1000)
    plain = b"".join(b"<tr><td>%d</td><td>name %d</td></tr>" % (n, n * 7) for n in range(50_000))
    packed = gzip.compress(plain)
    decoder = decoder_for("gzip")
    chunks = (packed[i : i + 4096] for i in range(0, len(packed), 4096))
    assert b"".join(piece for chunk in chunks for piece in decoder.decode(chunk)) == plain
