"""What browsers take a body for, and the charsets in which pages are gated."""

import pytest
from starlette.datastructures import Headers
from webencodings.labels import LABELS

from consentgate.response.bodies import (
    declared_charset,
    is_html,
    is_saved,
    is_scannable,
    is_sniffed,
    media_type,
    page_charset,
)


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("text/html; charset=utf-8", "utf-8"),
        ('text/html;charset="Shift_JIS"', "shift_jis"),
        ("text/html;charset=tis-620", "windows-874"),
        ("text/html;charset=gbk;charset=big5", "gbk"),
        ('text/html; x="; charset=gbk"', ""),
        ("text/html;charset='gbk'", ""),
        ("text/html;charset=utf-7", ""),
        ("text/html;charset=utf-7;charset=gbk", ""),
        ("text/html", ""),
        ("", ""),
    ],
)
def test_the_charset_of_a_content_type(content_type: str, expected: str) -> None:
    assert declared_charset(content_type) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["text/plain", "Text/HTML; charset=utf-8"], True),
        (['text/html;x=", text/plain;y="'], True),
        (['text/plain;x=", text/html;y="'], False),
        (["text/html (old)"], True),
        (["text/html, text/plain"], False),
        (["text/html/x"], False),
        ([], False),
    ],
)
def test_html_is_what_browsers_take_for_it(values: list[str], expected: bool) -> None:
    headers = Headers(raw=[(b"content-type", value.encode()) for value in values])
    assert is_html(headers) is expected


@pytest.mark.parametrize("content_type", ["", "*/*", "html", "unknown/unknown;x=y"])
def test_a_type_that_says_nothing_is_guessed(content_type: str) -> None:
    raw = [(b"content-type", content_type.encode())]
    assert is_sniffed(Headers(raw=raw))
    assert not is_sniffed(Headers(raw=[*raw, (b"x-content-type-options", b"nosniff")]))


@pytest.mark.parametrize(
    ("options", "guessed"),
    [
        (["nosniff"], False),
        ([" NoSniff "], False),
        (["nosniff, nosniff"], False),
        (["nosniff", "nosniff"], False),
        (["nosniff,"], False),
        (["nosniff, x"], False),
        (["x, nosniff"], True),
        ([", nosniff"], True),
        (['"nosniff"'], True),
        (["x"], True),
    ],
)
def test_the_first_option_forbids_to_guess(options: list[str], guessed: bool) -> None:
    """Chromium and Firefox show what is guessed here, and nothing of the rest."""
    raw = [(b"x-content-type-options", option.encode()) for option in options]
    assert is_sniffed(Headers(raw=raw)) is guessed


@pytest.mark.parametrize(
    ("dispositions", "saved"),
    [
        (["attachment"], True),
        ([" Attachment\t; filename=x"], True),
        (["attachment; filename=x, y"], True),
        (["attachment;"], True),
        (["attachment filename=x"], False),
        (['attachment "x.html"'], False),
        (["attachment=x"], False),
        (["attachment:x; filename=x"], False),
        (["attachment\xa0; filename=x"], False),
        (["attachment, filename=x"], False),
        (["attachment", "attachment"], False),
        (["attachments"], False),
        (["inline"], False),
        (["inline", "attachment"], False),
        (["; attachment"], False),
        ([""], False),
        ([], False),
    ],
)
def test_what_some_browser_may_show_is_not_saved(dispositions: list[str], saved: bool) -> None:
    """Chromium shows what has another word behind the type, as if it said ``inline``."""
    raw = [(b"content-disposition", value.encode("latin-1")) for value in dispositions]
    assert is_saved(Headers(raw=raw)) is saved


def test_a_charset_that_no_browser_knows_is_not_told() -> None:
    for charset in ("utf-7", '"";charset=gbk', "'gbk'"):
        told = f"text/html;charset={charset};x=y"
        assert media_type(Headers({"content-type": told})) == "text/html;x=y"
    assert (
        media_type(Headers({"content-type": "text/html; charset=GBK"})) == "text/html;charset=GBK"
    )


@pytest.mark.parametrize("label", LABELS)
def test_a_page_is_gated_in_every_charset_that_browsers_show(label: str) -> None:
    shown = LABELS[label] != "replacement"
    assert is_scannable(label) is shown
    assert is_scannable(label.upper()) is shown


@pytest.mark.parametrize("charset", ["", "utf-7", "utf-32", "utf8mb4", "x"])
def test_a_page_whose_charset_is_not_known_is_gated(charset: str) -> None:
    assert is_scannable(charset)


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
