"""Pages in charsets with ASCII bytes inside of characters: gated, and else byte for byte."""

# ruff: noqa: RUF001  text as it is written in these languages

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consentgate.gate.html import DocumentKind, HtmlGate, read_in, transcoder_for
from consentgate.gate.html.charsets import first_as_utf8
from tests.gate.html.conftest import Looker, Marks, Parker, Result

# What stands in them has trail bytes that are \ ] [ | @ ~ and letters.
TEXTS = {
    "shift_jis": "表示ソース：十年の予約、能力。ァＡ゛ミ欺圭構蚕｡ｱｲｳ ー",
    "gbk": "中国人民，誠乗乗俓僜俙浚淺灐。不",
    "gb18030": "中国人民，誠乗僜 \U00020000𝄞 ㄅ é",
    "big5": "許功蓋，育成中心。香港繁體字，么豹餐枯",
    "euc-kr": "한국어 똠방각하 펲시콜라 뷁쉙 앪",
    "euc-jp": "表示ソース：日本語の予約、能力。ｱｲｳ",
    "iso-2022-jp": "表示ソース：日本語、能力。「高＜松」",
    "utf-16le": "Ünïcode 表 \U0001f600 㰾 <",
    "utf-16be": "Ünïcode 表 \U0001f600 㰾 <",
    "utf-8": "Ünïcode 表 \U0001f600",
    "windows-1252": "Grüße – „Höflichkeit“ €",
    "iso-8859-1": "Grüße, señor ¿qué?",
}
CODECS = {
    "shift_jis": "cp932",
    "big5": "big5hkscs",
    "euc-kr": "cp949",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
}
MARKUP = (
    "<!doctype html><html lang=x><head><title>{t}</title></head><body>"
    "<p title='{t}' class={c}>{t}<img alt=\"{t}\" src=//e/1><!-- {t} <img src=//n> -->"
    "<svg><title>{t}</title><![CDATA[{t} <image src=//n>]]><image src=//e/2 id='{t}'></svg>"
    "<script>var a = '{t}'; tracker()</script><img src=/{c}.png><noscript>{t}<img src=//e/3>"
    "</noscript><iframe src='//e/4' title='{t}'></iframe>{t}</body></html>{t}"
)


def page_in(label: str, mark: str = "") -> str:
    text = TEXTS[label]
    return mark + MARKUP.format(t=text, c=text.translate({ord(c): "" for c in " <>&'\"`="}))


def encoded(text: str, label: str) -> bytes:
    return text.encode(CODECS.get(label, label))


def sent(label: str, page: bytes, cuts: Iterable[int] = (), decide: Any = Parker) -> Result:
    result = Result()
    gate = read_in(label, HtmlGate(decide(result), Marks()))
    edges = [0, *sorted(cut % (len(page) + 1) for cut in cuts), len(page)]
    pieces = [gate.feed(page[start:end]) for start, end in pairwise(edges)]
    result.out = b"".join([*pieces, gate.close()])
    result.kind, result.lang = gate.kind, gate.lang
    return result


@pytest.mark.parametrize("label", TEXTS)
def test_a_page_is_gated_as_it_would_be_in_utf_8(label: str) -> None:
    page = page_in(label)
    expected = sent("utf-8", page.encode()).out.decode()
    assert expected.count("data-src") == 4
    found = sent(label, encoded(page, label))
    assert found.out == encoded(expected, label)
    assert (found.kind, found.lang) == (DocumentKind.DOCUMENT, "x")


@pytest.mark.parametrize("label", TEXTS)
@settings(max_examples=40, deadline=None)
@given(cuts=st.lists(st.integers(0), max_size=6))
def test_pieces_come_out_as_the_whole(label: str, cuts: list[int]) -> None:
    page = encoded(page_in(label), label)
    assert sent(label, page, cuts).out == sent(label, page).out


@pytest.mark.parametrize("label", TEXTS)
def test_byte_by_byte_comes_out_as_the_whole(label: str) -> None:
    page = encoded(page_in(label), label)
    assert sent(label, page, range(len(page))).out == sent(label, page).out


def ungated(page: bytes, label: str) -> bytes:
    for mark in ("[HEAD]", "[START]", "[END]"):
        page = page.replace(encoded(mark, label), b"")
    return page


@pytest.mark.parametrize("label", TEXTS)
@settings(max_examples=60, deadline=None)
@given(
    parts=st.lists(
        st.binary(max_size=8)
        | st.sampled_from(
            [b"\x81", b"\x95\x5c", b"\x83\x5d]>", b"\xed\x40", b"\xfa\x5c", b"\x87\x90", b"\xff",
             b"\x88\x62", b"\x88\x66", b"\x1b$B", b"\x1b(B", b"\x1b(J\\~", b"\x1b(I", b"\x1b$",
             b"\x1b", b"\x81\x30\x81\x30", b"\x84\x31\xa4\x37", b"\xe3\x32\x9a\x35", b"\xed\xb1",
             b"<\x00p\x00>\x00", b"\x00\xd8", b"\xd8\x00", b"\xdc", b"<p>", b"<![CDATA[", b"<svg>",
             b"<script>", b"<!doctype html>", b"<img alt='", b"<noscript>", b"-->", b"\x80"]
        ),
        max_size=12,
    ),
    cuts=st.lists(st.integers(0), max_size=4),
)  # fmt: skip
def test_any_bytes_leave_as_they_came(label: str, parts: list[bytes], cuts: list[int]) -> None:
    page = b"".join(parts)
    assert ungated(sent(label, page, cuts, Looker).out, label) == ungated(page, label)


@pytest.mark.parametrize("label", ["utf-16le", "utf-16be"])
def test_a_byte_order_mark_stays_the_first_thing(label: str) -> None:
    page = encoded(page_in(label, "\ufeff"), label)
    out = sent(label, page).out
    assert out[:2] == encoded("\ufeff", label)
    assert sent(label, page).kind is DocumentKind.DOCUMENT
    assert encoded("data-src=//e/1", label) in out


@pytest.mark.parametrize(
    ("label", "page"),
    [
        # A trail byte is no bracket, no at sign and no backslash.
        ("shift_jis", b"<svg><![CDATA[\x83\x5d]> <!-- ]]><image src=//e> -->"),
        ("gbk", b"<svg><![CDATA[\x81\x5d]> <!-- ]]><image src=//e> -->"),
        ("big5", b"<svg><![CDATA[\xa4\x5d]> <!-- ]]><image src=//e> -->"),
        ("iso-2022-jp", b"<p>\x1b$B<p>\"'<img src=//n>\x1b(B<img src=//e>"),
        # Behind half a character markup is markup.
        ("shift_jis", b"<p>\x81<img src=//e>"),
        ("gb18030", b"<p>\x81\x30<img src=//e>"),
        ("euc-kr", b"<p title='\x81'><img src=//e>"),
        ("iso-2022-jp", b"<p>\x1b$B0l\x1b(J<img src=//e>"),
        # What the codec would write otherwise.
        ("shift_jis", b"<p>\xed\x40\xfa\x5c\x81\xca<img src=//e>"),
        ("big5", b"<p>\x88\x66\x88\xa7\x88\x62<img src=//e>"),
    ],
)
def test_each_byte_is_read_for_what_it_is(label: str, page: bytes) -> None:
    for cuts in ((), range(len(page))):
        result = sent(label, page, cuts)
        assert result.sources - {None} == {"//e"}
        parked = b' data-parked="it&#39;s &quot;parked&quot;" data-src=//e'
        assert result.out == page.replace(b" src=//e", parked)


def test_a_host_is_read_in_the_charset_of_its_page() -> None:
    # Byte for byte this is a user at www.example.com.
    page = b"<img src='//evil.test\x83\x40www.example.com/'>"
    (tag,) = sent("shift_jis", page).tags
    assert tag.get("src") == "//evil.testァwww.example.com/"


def test_what_is_written_anew_is_written_as_references() -> None:
    (tag,) = sent("euc-kr", encoded("<iframe title='한국어' src=//e>", "euc-kr")).tags
    assert tag.get("title") == "한국어"


def test_a_charset_whose_bytes_say_what_they_are_needs_nothing() -> None:
    gate = HtmlGate(Looker(Result()))
    for label in ("utf-8", "windows-1252", "unknown", ""):
        assert transcoder_for(label) is None
        assert read_in(label, gate) is gate
        assert first_as_utf8(label, b"<p>") == b"<p>"
    assert first_as_utf8("UTF-16", "<p>".encode("utf-16-le")) == b"<p>"
