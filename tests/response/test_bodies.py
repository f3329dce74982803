"""Charsets that hide ASCII bytes are not scanned."""

import pytest

from consentgate.response.bodies import (
    declared_charset,
    is_scannable,
    meta_charset,
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
