"""Pages in charsets with ASCII bytes inside of characters: gated, and else byte for byte."""

# ruff: noqa: RUF001  text as it is written in these languages

from collections.abc import Iterable
from html import unescape
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from consentgate.gate.html import (
    DocumentKind,
    Edit,
    HtmlGate,
    Inserts,
    Tag,
    apply_edit,
    labels,
    read_in,
    transcoder_for,
)
from consentgate.gate.html.charsets import first_as_utf8
from consentgate.gate.html.outline import NoInserts
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


def sent(
    label: str,
    page: bytes,
    cuts: Iterable[int] = (),
    decide: Any = Parker,
    inserts: Inserts | None = None,
) -> Result:
    result = Result()
    gate = read_in(label, HtmlGate(decide(result), inserts or Marks()))
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


def marks_for(label: str) -> Inserts:
    """None where escape sequences may have to stand around them."""
    return NoInserts() if label == "iso-2022-jp" else Marks()


def ungated(page: bytes, label: str) -> bytes:
    for mark in ("[HEAD]", "[START]", "[END]"):
        page = page.replace(encoded(mark, ascii_in(label)), b"")
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
    out = sent(label, page, cuts, Looker, marks_for(label)).out
    assert ungated(out, label) == ungated(page, label)


# --- what does not come back as it came ------------------------------------------------------

# Two ways to write one character, two characters in one, no characters.
ODD = {
    "shift_jis": [b"\x87\x90", b"\xed\x40", b"\xee\xf9", b"\xfa\x4a", b"\x81", b"\x85\x5d"],
    "gbk": [b"\x81\x30", b"\x84\x31\xa4\x37", b"\xfe\xfe", b"\x81", b"\x81\x30\x81", b"\xa2\xe3"],
    "gb18030": [b"\x81\x30", b"\x84\x31\xa4\x37", b"\xfe\xfe", b"\x81", b"\xe3\x32\x9a\x36"],
    "big5": [b"\xa1\xfe", b"\xa2\x40", b"\xa2\x7e", b"\x88\x62", b"\x88\xa5", b"\x88\x66", b"\x81"],
    "euc-kr": [b"\xc9\xa1", b"\xfe\xff", b"\x81", b"\xa4\xd4"],
    "euc-jp": [b"\x8f\xa2\xb7", b"\x8f\xa2", b"\x8f", b"\x8e", b"\xad\xa1", b"\xa1"],
    "iso-2022-jp": [b"\x1b$B", b"\x1b(B", b"\x1b(J\\~", b"\x1b(I1", b"\x1b$@", b"\x1b$", b"\x1b(X"],
    "utf-16le": [b"\x00\xd8", b"\x00\xdc", b"\xb1\xdc", b"<", b"\x00"],
    "utf-16be": [b"\xd8\x00", b"\xdc\x00", b"\xdc\xb1", b"\x00<", b"<"],
}  # fmt: skip
LETTERS = {"gbk": "中国", "gb18030": "中国", "big5": "中國", "euc-kr": "한국"}
LABELS = sorted({*labels._CHARSETS.values()} - {labels.REPLACEMENT})
BITS = [
    "<script src='https://", "<img src=//", ".example", "/a.js", "'", "' title='", "'></script>",
    " alt=", "<p title='", "<p>", ">", "<!--", "-->", "<svg>", "<![CDATA[", "]]>", "<title>", "9",
    "<script>", "tracker", "</script>", "<html lang=", "&#xfffd;", "&yen;", "~", "\\", "{", "<",
]  # fmt: skip
TAGS = [
    "<script src='https://%s{.example/a.js' title='%s'></script>",
    "<img alt='%s' src=//%s.example>",
    "%s<p title=%s>", "<!-- %s -->%s", "<html lang='%s&#xfffd;%s'>", "<script>'%s' %s</script>",
]  # fmt: skip


class Namer(Looker):
    """Writes into each tag the address that it was read to have."""

    def tag(self, tag: Tag) -> bytes | None:
        super().tag(tag)
        source = tag.get("src")
        return None if source is None else apply_edit(tag, Edit(set={"data-cg": source}))


class Tellers(Marks):
    """Inserts that say the language of the page, whatever it is."""

    def head(self, lang: str) -> bytes:
        return f"[{lang}]".encode("utf-8", "surrogateescape")

    body_start = body_end = head


def ascii_in(label: str) -> str:
    """The charset that ASCII in a page of this one is written in."""
    return label if label.startswith("utf-16") else "ascii"


def odd_parts(label: str) -> st.SearchStrategy[bytes]:
    letters = LETTERS.get(label, "日本")
    known = [] if label not in ODD and label != "utf-8" else [encoded(letters, label)]
    return st.sampled_from([*known, *known, *ODD.get(label, [b"\x81", b"\xed\xb2\x87"])])


@st.composite
def odd_pages(draw: st.DrawFn) -> tuple[str, bytes]:
    """Pages of markup, names and what is odd in their charset, within tags and outside."""
    label = draw(st.sampled_from([*LABELS, *ODD, *ODD, *ODD]))
    wide = ascii_in(label)
    odd = st.lists(odd_parts(label) | st.just(encoded("9", wide)), max_size=3).map(b"".join)
    bits = st.sampled_from(BITS).map(lambda bit: encoded(bit, wide))

    @st.composite
    def tags(draw: st.DrawFn) -> bytes:
        before, between, after = draw(st.sampled_from(TAGS)).split("%s")
        parts = encoded(before, wide), draw(odd), encoded(between, wide), draw(odd)
        return b"".join((*parts, encoded(after, wide)))

    parts = draw(st.lists(tags() | odd | bits | st.binary(max_size=3), min_size=1, max_size=10))
    return label, b"".join(parts)


@settings(max_examples=1000, deadline=None)
@given(odd_pages(), st.lists(st.integers(0), max_size=4), st.booleans())
@example(
    ("shift_jis", b"<script src='https://\x93\xfa\x96{.example/a.js' title='\x87\x90'></script>"),
    [40],
    False,
)
def test_pieces_do_not_say_what_is_a_character(
    odd: tuple[str, bytes], cuts: list[int], byte_by_byte: bool
) -> None:
    label, page = odd
    whole = sent(label, page, (), Namer, Tellers())
    cuts = [*range(len(page))] if byte_by_byte else cuts
    assert sent(label, page, cuts, Namer, Tellers()) == whole


@settings(max_examples=400, deadline=None)
@given(odd_pages(), st.lists(st.integers(0), max_size=4))
def test_what_is_odd_leaves_as_it_came(odd: tuple[str, bytes], cuts: list[int]) -> None:
    label, page = odd
    out = sent(label, page, cuts, Looker, marks_for(label)).out
    assert ungated(out, label) == ungated(page, label)


@pytest.mark.parametrize("label", ["shift_jis", "big5", "euc-jp"])
def test_a_character_is_read_whatever_stands_beside_it(label: str) -> None:
    name = encoded("日本語", label)
    for beside in ODD[label]:
        for page in (
            b"<img src='//%b' alt='%b'>" % (name, beside),
            b"%b <img alt='%b'src='//%b'>" % (beside, beside, name),
            b"<img alt='%b %b'src='//%b'>" % (name, beside, name),
        ):
            assert sent(label, page).sources == {"//日本語"}, page


def test_two_ways_to_write_a_character_stay_two() -> None:
    for label, one, other in (
        ("shift_jis", b"\x81\xe0", b"\x87\x90"),
        ("big5", b"\xa2\x41", b"\xa1\xfe"),
        ("euc-jp", b"~", b"\x8f\xa2\xb7"),
    ):
        page = b"<img src='//%b/%b'>" % (one, other)
        (source,) = sent(label, page).sources
        assert source is not None
        assert source[:3] == "//" + one.decode(CODECS.get(label, label))
        assert source.encode("utf-8", "surrogateescape").decode("utf-8", "surrogatepass")[4:] == (
            "".join(chr(0xDC00 + byte) for byte in other)
        )


# --- what is put in --------------------------------------------------------------------------


@pytest.mark.parametrize("label", TEXTS)
def test_what_a_charset_cannot_write_is_put_in_as_a_reference(label: str) -> None:
    wide, codec = ascii_in(label), "gb18030" if label == "gbk" else CODECS.get(label, label)
    page = encoded("<!doctype html><html lang='&#xfffd;&yen;&oline;&eacute;&#x1f600;'><p>", wide)
    out = sent(label, page, (), Looker, Tellers()).out
    read = out.decode("utf-8" if transcoder_for(label) is None else codec)
    _, _, put_in = read.partition("'>")
    assert unescape(put_in).startswith("[\ufffd\xa5\u203e\xe9\U0001f600]")
    lacks_some = wide == "ascii" and transcoder_for(label) and codec != "gb18030"
    assert ("&#" in put_in) is bool(lacks_some)


@pytest.mark.parametrize(
    ("page", "gated"),
    [
        (b"<html>\x1b$B0l", b"<html>[~\\][~\\]\x1b$B0l\x1b(B[~\\]\x1b$B"),
        (b"<html>\x1b(I1", b"<html>[~\\][~\\]\x1b(I1\x1b(B[~\\]\x1b(I"),
        (
            b"<html \x1b(J><p>",
            b"<html \x1b(J>[\x1b(B~\\\x1b(J][\x1b(B~\\\x1b(J]<p>[\x1b(B~\\\x1b(J]",
        ),
        (b"<html \x1b(J~\x1b(B><p>", b"<html \x1b(J~\x1b(B>[~\\][~\\]<p>[~\\]"),
    ],
)
def test_what_is_put_in_is_ascii_wherever_it_stands(page: bytes, gated: bytes) -> None:
    class Backslashes(Marks):
        def head(self, lang: str) -> bytes:
            return b"[~\\]"

        body_start = body_end = head

    for cuts in ((), range(len(page))):
        assert sent("iso-2022-jp", page, cuts, Looker, Backslashes()).out == gated


class Breaker(Marks):
    """Inserts of bytes that are no UTF-8, and of half a character."""

    def head(self, lang: str) -> bytes:
        return b"[\xff\xb2\xed\xa0\x80\xed\xb2]"


@pytest.mark.parametrize("label", TEXTS)
def test_no_bytes_put_in_stop_a_page(label: str) -> None:
    page = encoded(page_in(label), label)
    out = sent(label, page, (), Looker, Breaker()).out
    begin, _, rest = out.partition(encoded("<head>", label))
    assert page.startswith(begin + encoded("<head>", label))
    assert rest.endswith(encoded("</body></html>" + TEXTS[label], label))


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
