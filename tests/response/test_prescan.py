"""The charset of a page that its headers do not tell, as the standard has it."""

import io

import pytest
from html5lib._inputstream import HTMLBinaryInputStream
from hypothesis import example, given, settings
from hypothesis import strategies as st

from consentgate.response.bodies import PRESCAN_BYTES, meta_charset

PRAGMA = b"http-equiv=content-type"


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        # What a <meta> says.
        (b"<meta charset=utf-8>", "utf-8"),
        (b"<META\nCharset = ' GBK '>", "gbk"),
        (b"<meta/charset=gbk>", "gbk"),
        (b"<meta charset/=gbk>", ""),
        (b"<meta =a charset=gbk>", "gbk"),
        (b"<meta charset=gbk/>", ""),
        (b"<meta charset=gbk />", "gbk"),
        (b"<meta charset=gb2312>", "gbk"),
        (b"<meta charset=utf-16be>", "utf-8"),
        (b"<meta charset=x-user-defined>", "windows-1252"),
        (b"<meta charset=hz-gb-2312>", "replacement"),
        (b"<meta charset='&#103;bk'>", ""),
        (b"<meta charset=gbk charset=big5>", "gbk"),
        (b"<meta charset='' charset=big5>", ""),
        (b"<meta a='>' charset=gbk>", "gbk"),
        # What others say is not meant so.
        (b"<meta name=description content='set charset=gbk'><meta charset=utf-8>", "utf-8"),
        (b"<meta http-equiv=refresh content='9;url=/?charset=gbk'>", ""),
        (b"<meta data-charset=gbk><meta charset=utf-8>", "utf-8"),
        (b"<meta name=x content='; charset=utf-7'>", ""),
        (b"<metas charset=gbk><meta><p charset=gbk>", ""),
        (b"</meta charset=gbk>", ""),
        # One that no browser knows is passed over.
        (b"<meta charset=utf-7><meta charset=gbk>", "gbk"),
        (b"<meta charset=foo " + PRAGMA + b" content='; charset=gbk'>", ""),
        (b"<meta " + PRAGMA + b" content='; charset=gbk' charset=big5>", "big5"),
        # The old form.
        (b"<meta " + PRAGMA + b" content='text/html; charset=gbk'>", "gbk"),
        (b"<meta content=charset=gbk;x HTTP-EQUIV=Content-Type>", "gbk"),
        (b"<meta content=charset=gbk http-equiv=' content-type'>", ""),
        (b"<meta " + PRAGMA + b" content='charset charset = \"gbk\" '>", "gbk"),
        (b"<meta " + PRAGMA + b" content='charset=\"gbk charset=big5'>", ""),
        (b"<meta " + PRAGMA + b" content='charset=;charset=big5'>", ""),
        (b"<meta " + PRAGMA + b" content='charset=foo charset=big5'>", ""),
        (b"<meta " + PRAGMA + b" content=\"charset='gbk'\">", "gbk"),
        # Markup that is read over.
        (b"<!-- <meta charset=gbk> --><meta charset=big5>", "big5"),
        (b"<!--><meta charset=gbk>-->", "gbk"),
        (b"<!---><meta charset=gbk>-->", "gbk"),
        (b"<!-- --!><meta charset=gbk>", ""),
        (b"<!-- > -> <meta charset=gbk>", ""),
        (b"<!x '><meta charset=gbk>", "gbk"),
        (b"<?x '><meta charset=gbk>", "gbk"),
        (b"</ '><meta charset=gbk>", "gbk"),
        (b"</><meta charset=gbk>", "gbk"),
        (b"<p title='<meta charset=gbk>'><meta charset=big5>", "big5"),
        (b"</p title='<meta charset=gbk>'><meta charset=big5>", "big5"),
        (b"<p/title='><meta charset=gbk>", "gbk"),
        (b"<p /title='><meta charset=gbk>", ""),
        (b"1 < 2 <3 <<meta charset=gbk>", "gbk"),
        (b"<p <meta charset=gbk><meta charset=big5>", "big5"),
        (b"<title><meta charset=gbk></title>", "gbk"),
        # An XML declaration counts where nothing else does.
        (b"<?xml version='1.0' encoding='shift_jis'?><p>", "shift_jis"),
        (b'<?xml encoding\0=\n"gb2312"?><p>', "gbk"),
        (b"<?xml encoding='utf-16'?>", "utf-8"),
        (b"<?xml encoding='gbk'?><meta charset=big5>", "big5"),
        (b"<?xml encoding='gbk'?><meta charset=foo>", "gbk"),
        (b" <?xml encoding='gbk'?>", ""),
        (b"<?xml encoding='gbk '?>", ""),
        (b"<?xml encoding=gbk?>", ""),
        (b"<?xml encoding='gbk'", ""),
        (b"<?xml version='1.0'?><p encoding='gbk'>", ""),
        ("<?xml version='1.0'?>".encode("utf-16-le"), "utf-16le"),
        ("<?xml version='1.0'?>".encode("utf-16-be"), "utf-16be"),
        (b"", ""),
    ],
)  # fmt: skip
def test_the_charset_that_a_page_declares(first: bytes, expected: str) -> None:
    assert meta_charset(first) == expected


def test_a_tag_counts_that_is_complete_within_what_is_looked_at() -> None:
    tag = b"<meta charset=gbk>"
    room = PRESCAN_BYTES - len(tag)
    for rest in (b"", b"<p>" * 9):
        assert meta_charset(b"x" * room + tag + rest) == "gbk"
        assert meta_charset(b"x" * (room + 1) + tag + rest) == ""
    for cut in range(len(tag)):
        assert meta_charset(tag[:cut]) == ""


# html5lib's reading is of 2011: a "<" ends a tag's name and a bare value, a <meta> cut off counts,
# of a content the first "charset" alone, up to a space. Pages on which that makes no difference:
LABELS = st.sampled_from([b"utf-8", b"gb2312", b"Shift_JIS", b" big5", b"foo", b"utf-16", b"l9"])
SPACES = st.sampled_from([b" ", b"\n", b"\t ", b"\r\n", b" /"])
QUOTES = st.sampled_from([b"'", b'"'])
NOISE = st.sampled_from(
    [
        *(b"<!doctype html>", b"<html lang=de>", b"<head>", b"<title>a > b</title>", b"1 < 2"),
        *(b"<!-- <meta charset=big5> -->", b"<!-- x", b"-->", b"<?php a ?>", b"<link href=/?a=b>"),
        *(b"<p title='<meta charset=big5>'>", b'<a b = ">" c>', b"<script>'a'</script>", b"</p>"),
        *(b"<meta name=a content='charset=big5'>", b"<META data-charset=big5>", b"<meta>", b"</>"),
        *(b"<a b='", b'<a b="', b"'>", b'">', b"<metal charset=big5>", b"<!x>", b"x\xe9\xff\x00"),
        b"<meta http-equiv=refresh content='0;url=?charset=big5'>",
    ]
)  # fmt: skip


@st.composite
def declarations(draw: st.DrawFn) -> bytes:
    label, space, quote = draw(LABELS), draw(SPACES), draw(QUOTES)
    if draw(st.booleans()):
        attributes = [b"charset=" + quote + label + quote]
    else:
        content = b"content=" + quote + b"text/html; charset=" + label.strip() + quote
        attributes = [draw(st.sampled_from([PRAGMA, b"HTTP-EQUIV='Content-Type'"])), content]
    attributes += draw(st.sampled_from([[], [b"a"], [b"b='>'"], [b"name = c"]]))
    return b"<meta" + b"".join(space + each for each in draw(st.permutations(attributes))) + b">"


def read_by_html5lib(page: bytes) -> str:
    found = HTMLBinaryInputStream(io.BytesIO(page), useChardet=False).detectEncodingMeta()
    return found.name if found else ""


@settings(max_examples=400, deadline=None)
@given(st.lists(NOISE | declarations(), max_size=8).map(b"".join))
@example(b"<meta content='; charset=gbk' " + PRAGMA + b">")
def test_it_is_the_charset_that_html5lib_finds(page: bytes) -> None:
    assert meta_charset(page) == read_by_html5lib(page)


@settings(max_examples=300, deadline=None)
@given(st.lists(NOISE | declarations() | st.binary(max_size=4), max_size=12).map(b"".join))
def test_what_follows_what_is_looked_at_changes_nothing(page: bytes) -> None:
    padded = page.ljust(PRESCAN_BYTES, b" ")[:PRESCAN_BYTES]
    assert meta_charset(padded + page) == meta_charset(padded)
