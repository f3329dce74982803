"""Encodings are undone in any chunking; charsets that hide ASCII bytes are not scanned."""

import gzip
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentgate.response.bodies import (
    declared_charset,
    decoder_for,
    is_scannable,
    meta_charset,
    readable_encodings,
)

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
}


@given(st.sampled_from(sorted(ENCODED)), st.integers(1, 400))
def test_an_encoding_is_undone_in_any_chunking(encoding: str, size: int) -> None:
    decoder = decoder_for(encoding)
    assert decoder is not None
    data = ENCODED[encoding]
    chunks = (data[i : i + size] for i in range(0, len(data), size))
    assert b"".join(decoder.decode(chunk) for chunk in chunks) == PLAIN


@pytest.mark.parametrize("encoding", ["zstd", "compress", "gzip, br", "aes128gcm"])
def test_an_encoding_that_cannot_be_read_has_no_decoder(encoding: str) -> None:
    assert decoder_for(encoding) is None


def test_broken_data_is_an_error_and_not_a_guess() -> None:
    decoder = decoder_for("gzip")
    assert decoder is not None
    with pytest.raises(zlib.error):
        decoder.decode(b"<!doctype html>")


@pytest.mark.parametrize(
    ("asked", "passed_on"),
    [
        ("gzip, deflate, br, zstd", "gzip, deflate, br"),
        ("zstd;q=1.0, GZIP;q=0.5", "GZIP;q=0.5"),
        ("zstd", "identity"),
        ("*", "identity"),
        ("", "identity"),
    ],
)
def test_the_app_is_asked_only_for_what_the_gate_can_read(asked: str, passed_on: str) -> None:
    assert readable_encodings(asked) == passed_on


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("text/html; charset=utf-8", "utf-8"),
        ('text/html;charset="Shift_JIS"', "Shift_JIS"),
        ("text/html", ""),
    ],
)
def test_the_charset_of_a_content_type(content_type: str, expected: str) -> None:
    assert declared_charset(content_type) == expected


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (b"<!doctype html><meta charset=utf-8>", "utf-8"),
        (b'<META http-equiv=x content="text/html; charset=Big5">', "Big5"),
        (b"<!-- <meta charset=gbk> --><meta charset='utf-8'>", "utf-8"),
        (b" " * 1024 + b"<meta charset=gbk>", ""),
        (b"<p charset=gbk>", ""),
        (b"<meta charset=utf-16>", "utf-8"),
    ],
)
def test_the_charset_that_a_page_declares(first: bytes, expected: str) -> None:
    assert meta_charset(first) == expected


@pytest.mark.parametrize(
    "charset",
    ["", "utf-8", "UTF8", "us-ascii", "ISO-8859-15", "latin1", "windows-1252", "cp1251", "koi8-r"],
)
def test_these_charsets_are_scanned(charset: str) -> None:
    assert is_scannable(charset, b"<!doctype html>")


@pytest.mark.parametrize(
    "charset",
    ["shift_jis", "gbk", "gb18030", "big5", "euc-kr", "iso-2022-jp", "utf-16", "utf-7", "x"],
)
def test_these_charsets_are_left_to_the_policy(charset: str) -> None:
    assert not is_scannable(charset, b"<!doctype html>")


def test_a_byte_order_mark_of_utf_16_overrules_what_is_declared() -> None:
    assert not is_scannable("utf-8", "\ufeff<!doctype html>".encode("utf-16-le"))


def test_a_byte_order_mark_of_utf_8_overrules_what_is_declared() -> None:
    assert is_scannable("gbk", b"\xef\xbb\xbf<!doctype html>")


@pytest.mark.parametrize("rest", [b"\0\0\0", b"\x1f", b"trailing"])
def test_what_follows_a_gzip_body_is_left_out(rest: bytes) -> None:
    decoder = decoder_for("gzip")
    assert decoder is not None
    assert decoder.decode(gzip.compress(PLAIN) + rest) == PLAIN
