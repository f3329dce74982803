"""Pages in which readings, awaited code and limits meet: nothing passes, in whatever pieces."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.gate.html.along import along, gated, recorded
from tests.gate.html.trees import elements_of

Through = Callable[..., Any]
OUTSIDE = b"<table><tr><td><svg><desc><td></desc><![CDATA[>"  # a browser ended the drawing at <td>
DEEP = b"<svg>" * 600


def elements(page: bytes, *, scripting: bool = True) -> list[tuple[str, dict[str, str], str]]:
    return [
        (e.tag.rpartition("}")[2], e.attrib, (e.text or "") + "".join(c.tail or "" for c in e))
        for e in elements_of(page.decode("latin-1"), scripting=scripting)
    ]


def runs(page: bytes) -> list[str]:
    return [
        code
        for name, attributes, code in elements(page)
        if name == "script" and "tracker" in code and attributes.get("type") != "text/plain"
    ]


@pytest.mark.parametrize(
    "inner", [b"<style>p</style>", b"<script>p</script>", b"<style>@import 'x'</style>"]
)
def test_code_around_html_in_a_drawing_is_decided_upon(through: Through, inner: bytes) -> None:
    page = b"<svg><script>tracker()/*<desc>" + inner + b"</desc>*/</script></svg>"
    assert runs(page)
    assert not runs(through(page, park=True).out)


def test_code_that_a_reading_awaits_is_not_given_up_with_it(through: Through) -> None:
    page = OUTSIDE + b"<svg><script>tracker()//<g title=']]><iframe src=//e/1 />'/></script></svg>"
    assert runs(page)
    assert not runs(through(page, park=True).out)


def test_what_is_laid_bare_at_the_end_of_a_page_is_decided_upon(through: Through) -> None:
    page = OUTSIDE + b"<img src=//e/1 alt='<script src=//e/2></script>]]><p a=\"'>"
    out = through(page, park=True).out
    assert not [a for n, a, _ in elements(out) if n == "script" and a.get("src")]


def test_an_unfinished_tag_at_the_end_hides_no_other_in_doubt(through: Through) -> None:
    page = b'<noscript><template><col><style><svg><i!><t><t><img t="</style><img src=//e/1>'
    assert [a for n, a, _ in elements(page, scripting=False) if n == "img" and a.get("src")]
    out = through(page, park=True).out
    assert not [a for n, a, _ in elements(out, scripting=False) if n == "img" and a.get("src")]


@pytest.mark.parametrize(
    "page",
    [
        b"<svg>" * 499 + b"<noframes><script/>tracker<g></script>",  # where the doubt begins
        DEEP + b"<g e='<image src=//<script>" + b">" * 100 + b"x" * 4000 + b"'>",  # who comes first
    ],
)
@pytest.mark.parametrize("size", [1, 7])
def test_pieces_in_doubt_come_out_as_the_whole(through: Through, page: bytes, size: int) -> None:
    assert through(page, park=True, size=size).out == through(page, park=True).out


@pytest.mark.parametrize("script", [b"<script>&#116;racker()", b"<script src=x>tracker()"])
def test_in_doubt_a_script_may_stand_in_a_drawing(through: Through, script: bytes) -> None:
    page = b"<svg></x>" + b"<g>" * 520 + script + b"</script>"  # the first reading is outside
    assert runs(page)
    assert not runs(through(page, park=True).out)
    assert through(page, park=True, size=7).out == through(page, park=True).out


@pytest.mark.parametrize(
    "around",
    [
        b"<svg><desc><tr><![CDATA[><style>]]>%b</style>",  # the <tr> is ignored
        b"<svg><desc><p><div></div><![CDATA[><style>]]>%b</style>",  # the <div> ended the <p>
        b"<table><svg><desc><form><![CDATA[><style>]]>%b</style>",
        b"<math><mi><p><div></div><mglyph><style>%b</style>",
        b"<svg><desc><li><desc><li></li></desc><style>%b</style>",
        b"<svg><html><desc></html><style>%b</style>",
        b"<noscript><template></noscript><col><style></template>%b</style>",
        b"<frameset><template><col></template><style>%b</style>",
        b"<select><template><col></template><style></select>%b</style>",
        b"<select><template><input></template><style></select>%b</style>",
        b"<select><template></select></template><style></select>%b</style>",
        b"<template><template><svg><template></template></svg></template><col><style></template>%b",
    ],
)
def test_a_tag_is_seen_wherever_a_parser_may_be(through: Through, around: bytes) -> None:
    page = around % b"<img src=//e/1>"
    assert b"data-src=//e/1" in through(page, park=True).out
    assert through(page, park=True, size=1).out == through(page, park=True).out


def test_the_place_of_the_next_boundary_is_no_matter_along_a_trail() -> None:
    plugin = b"<div class=fb-post></div>"
    trail = recorded(b"<select><svg/>" + b"x" * 1100 + plugin)[1]
    assert trail
    page = b"<select><svg/>x" + plugin
    assert along(trail, page) in (None, gated(page))
