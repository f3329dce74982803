"""Large and hostile pages: nothing leaks, and the work stays in proportion."""

from collections.abc import Callable
from typing import Any

import pytest

from consentgate.gate.html import HtmlGate, readings, rewriter

Through = Callable[..., Any]
MIB = 1 << 20
KIB_128 = 1 << 17


class Silent:
    def tag(self, tag: Any) -> None:
        return None

    def inline(self, tag: Any, code: bytes) -> None:
        return None


def test_safe_bytes_leave_with_their_chunk() -> None:
    gate = HtmlGate(Silent())
    assert gate.feed(b"<!doctype html><p>Hello <b>wor") == b"<!doctype html><p>Hello <b>wor"
    assert gate.feed(b"ld <img src=") == b"ld "
    assert gate.feed(b"a> and") == b"<img src=a> and"
    assert gate.feed(b" <script>var a") == b" "
    assert gate.feed(b"=1;</script>.") == b"<script>var a=1;</script>."
    assert gate.feed(b"<style>p {color: red}") == b"<style>p {color: red}"
    assert gate.feed(b"b {} </sty") == b"b {} "
    assert gate.feed(b"le><!-- a -") == b"</style><!-- a "
    assert gate.close() == b"-"


def test_a_large_data_url_comes_through_unharmed(through: Through) -> None:
    page = b"<p><img src='data:image/png;base64," + b"A" * (8 * MIB) + b"' alt=x><p>"
    assert through(page, park=True, size=16384).out == page


def test_a_third_party_behind_a_large_attribute_is_gated(through: Through) -> None:
    page = b"<img alt='" + b">" * (2 * MIB) + b"' src=//e>"
    out = through(page, park=True, size=16384).out
    assert b" src=//e" not in out
    assert out.endswith(b"' data-src=//e>")


@pytest.mark.parametrize("size", [0, 16, 100])
def test_a_tag_beyond_the_cap_becomes_text(
    through: Through, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(rewriter, "TAG_CAP_BYTES", 64)
    page = b"<p><img alt='" + b"<img src=//a> " * 9 + b"' src=//b><img src=//c>"
    out = through(page, park=True, size=size).out
    assert out.startswith(b"<p>&lt;img alt='&lt;img src=//a> &lt;img")
    assert not [at for at in range(len(out)) if out.startswith(b"<img src=//", at)]


@pytest.mark.parametrize("tag", [b"<p title='%s'>", b"</p title='%s'>", b"<b %s>", b"</body %s>"])
@pytest.mark.parametrize("length", [63, 64, 65, 66, 200])
def test_where_the_cap_is_does_not_hang_on_the_pieces(
    through: Through, monkeypatch: pytest.MonkeyPatch, tag: bytes, length: int
) -> None:
    monkeypatch.setattr(rewriter, "TAG_CAP_BYTES", 64)
    long = tag % (b"<b " * 100)[: length - len(tag) + len("%s")]
    assert len(long) == length
    page = b"<p>" + long + b"<img src=//e>" + long + b"<noscript>" + long + b"</noscript>"
    whole = through(page, park=True).out
    if length != 65:  # which is text only where it is looked at
        assert whole.startswith(b"<p>" + long if length < 65 else b"<p>&lt;")
    for size in (1, 16, 64, 65, 100):
        assert through(page, park=True, size=size).out == whole


@pytest.mark.parametrize("size", [0, 1, 50])
def test_a_page_with_too_many_readings_is_gated_in_doubt(
    through: Through, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(readings, "MAX_READINGS", 1)
    page = b"<noscript><p></noscript><!-- <img src=//a> --><script>'<img src=//b>'</script>"
    page += b"<img src=//c><script>tracker</script>"
    out = through(page, park=True, size=size).out
    assert b" src=//" not in out
    assert out.endswith(b'<script type="text/plain">tracker</script>')


def test_a_drawing_nested_without_end_is_gated_in_doubt(through: Through) -> None:
    page = b"<svg>" + b"<g>" * 2000 + b"<style><img src=//e></style>"
    assert b" src=//e" not in through(page, park=True, size=1000).out


@pytest.mark.parametrize(
    "tag",
    [
        b"<g class=fb-like title='<script>' src=//e>",  # only its attributes say that it matters
        b"<img alt='<script>' src=//e>",
    ],
)
def test_what_was_changed_before_the_doubt_is_changed_in_it(through: Through, tag: bytes) -> None:
    # One reading, and a style whose code is still awaited: the doubt begins in front of the tag.
    page = b"<svg><style><desc><title></style></svg></title>" + tag + b"<g>" * 520 + b"</svg>"
    page, rest = page + b"x" * 100, b"x" * 6000
    whole = through(page + rest, park=True).out
    assert (b"data-src=//e" in whole) or (b"&lt;" + tag[1:]) in whole
    for size in (1, 500, len(page)):
        assert through(page + rest, park=True, size=size).out == whole


def test_in_doubt_an_unfinished_tag_hides_nothing_behind_it(
    through: Through, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readings, "MAX_READINGS", 1)
    page = b"<svg></e><a b='<a b='><img src=//e><script src=//e>"
    for size in (0, 1, 9):
        assert b" src=//e" not in through(page, park=True, size=size).out


HOSTILE = {
    "unfinished tag": b"<a " + b"x='1' " * (KIB_128 // 6),
    "open quotes": b'<a x="' * (KIB_128 // 6),
    "less-than": b"<" * KIB_128,
    "unclosed raw text": b"<style>" * (KIB_128 // 7),
    "unclosed comments": b"<!--" * (KIB_128 // 4),
    "dashes": b"<!--" + b"-" * KIB_128,
    "unclosed drawings": b"<svg><path>" * (KIB_128 // 11),
    "unclosed scripts": b"<script><!--<script>" * (KIB_128 // 20),
    "noscripts": b"<noscript>" * (KIB_128 // 10),
    "closed noscripts": b"<noscript><!--</noscript>" * (KIB_128 // 25),
    "selects": b"<select><xmp>" * (KIB_128 // 13),
    "sections": b"<svg><![CDATA[" * (KIB_128 // 14),
    "images in doubt": b"<frameset><style><svg><script></p>" + b"<img " * (KIB_128 // 5),
    "attributes": b"<img " + b"a " * (KIB_128 // 2) + b">",
    "equals": b"<p " + b"=" * KIB_128 + b">",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_come_through_in_linear_time(through: Through, name: str) -> None:
    page = HOSTILE[name]
    assert through(page, size=16384).out == page
    assert through(page, size=0).out == page


def test_an_unfinished_tag_is_read_once_however_it_is_cut(through: Through) -> None:
    page = b"<img alt='" + b"> " * (MIB // 16) + b"' src=//e>"
    assert b" src=//e" not in through(page, park=True, size=3).out
