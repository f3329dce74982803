"""Charsets that hide ASCII bytes are not scanned."""

import pytest

from consentgate.response.bodies import (
    declared_charset,
    is_scannable,
    meta_charset,
    page_charset,
)


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
    [
        *("", "utf-8", "UTF8", "us-ascii", "ISO-8859-15", "latin1", "windows-1252", "cp1251"),
        *("koi8-r", "shift_jis", "GBK", "gb18030", "big5", "euc-kr", "euc-jp", "iso-2022-jp"),
        *("utf-16", "utf-16be"),
    ],
)
def test_these_charsets_are_gated(charset: str) -> None:
    assert is_scannable(charset)


@pytest.mark.parametrize("charset", ["utf-7", "hz-gb-2312", "iso-2022-kr", "utf-32", "x"])
def test_these_charsets_are_left_to_the_policy(charset: str) -> None:
    assert not is_scannable(charset)


@pytest.mark.parametrize(
    ("declared", "first", "expected"),
    [
        ("utf-8", "\ufeff<!doctype html>".encode("utf-16-le"), "utf-16le"),
        ("", "\ufeff<!doctype html>".encode("utf-16-be"), "utf-16be"),
        ("gbk", b"\xef\xbb\xbf<!doctype html>", "utf-8"),
        ("gbk", b"<!doctype html>", "gbk"),
    ],
)
def test_a_byte_order_mark_overrules_what_is_declared(
    declared: str, first: bytes, expected: str
) -> None:
    assert page_charset(declared, first) == expected
