"""What is done again along a trail is what the gate would do, or nothing is."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consentgate.gate import rulings
from consentgate.gate.html import Trail
from consentgate.model import Consent
from tests.gate.html.along import NOBODYS, along, gated, recorded
from tests.gate.html.soup import PIECES as SOUP
from tests.gate.html.soup import mutated
from tests.gate.html.test_laws import SOUP as PARSED
from tests.gate.html.test_remembered import PIECES as DECIDED

AGREED = replace(NOBODYS, consent=Consent(allowed=frozenset({"video"})))
PIXEL = b"<img src=//a.posts.example/p>"
FRAME = b"<iframe src=//www.video.example/1></iframe>"
PAGE = (
    b'<!doctype html>\n<html lang="de">\n<head>\n<meta charset="utf-8">\n'
    b'<meta name="csrf-token" content="0123">\n<title>Jobs</title>\n'
    b"<link rel=icon href=/i.svg><style>p { margin: 0 }</style>\n"
    b"<script>let a = 1</script><script src=/own.js></script>\n</head>\n<body class=home>\n"
    b"<p title='x'>Hello</p>" + FRAME + b"<script>posts(7)</script><div class=fb-post></div>\n"
    b"<noscript>" + PIXEL + b"</noscript><select name=s><option>1</select>" + PIXEL + b"<p>text\n"
    b"<template><i></template><svg><style>a</style></svg><svg><use href=#a></use><g>a</g></svg>"
    b"<script>let b = 1</script>\n"
    b"<script src=//a.posts.example/1></script><div data-consentgate=social></div>\n"
    b"<form><input type=hidden value=1></form>\n</body>\n</html>\n"
)
PIECES = [
    *map(str.encode, DECIDED), *(piece.replace(b"%d", b"1") for piece in PARSED), *SOUP,
    b"<!doctype html><html lang=de><head>", b"</head><body>", b"</body></html>", b"<html lang=>",
    b"<title>a</title>", b"<title>b</title>", b"<style>@import '//b.example/';</style>",
    b"<style>a</style>", b"<style x='a'y>a</style>", b"<script>let a</script>",
    b"<script>let b</script>", b"<script src=//a.posts.example/1> </script>",
    b"<meta name=a content=1>", b"<meta name=a content=2>", b"<body class=a>", b"<frameset>",
    b"<body background=//b.example/>", b"<img src=//c.example/1>", b"<select a=1>", b"<col>",
    b"<noscript><img src=//b.example/1></noscript>", b"<svg><![CDATA[ x ]]></svg>",
    b"<svg><script>posts()</script></svg>", b"<svg><title>a</title><g>a</g></svg>",
    b"<svg><title>b</title><g>b</g></svg>", b"<svg><title>a<!-- </title> --></title></svg>",
    b"<svg><style><![CDATA[ b > c ]]></style></svg>", b"<math><title/>", b"a", b"b", b"\n",
    b"<template><iframe src=//www.video.example/1></iframe></template>",
]  # fmt: skip

parts = st.lists(st.sampled_from(PIECES), max_size=14)
begun = st.sampled_from([b"", b"<!doctype html><html><head></head><body>", PAGE[:410], PAGE])
edits = st.tuples(st.integers(0), st.integers(0, 2), parts.map(lambda some: some[:2]))


def trail_of(page: bytes) -> Trail:
    trail = recorded(page)[1]
    assert trail is not None
    return trail


@settings(max_examples=600, deadline=None)
@given(begun, parts, st.lists(edits, max_size=2), st.sampled_from([NOBODYS, AGREED]))
def test_along_a_trail_comes_what_the_gate_makes_of_a_page(
    first: bytes, before: list[bytes], changes: list[object], visitors: object
) -> None:
    after = before[:]
    for at, count, new in changes:
        start = at % (len(after) + 1)
        after[start : start + count] = new
    assert_right(first + b"".join(before), first + b"".join(after), visitors)


@settings(max_examples=300, deadline=None)
@given(begun, parts, st.integers(0))
def test_the_same_of_a_page_that_is_damaged(first: bytes, before: list[bytes], seed: int) -> None:
    page = first + b"".join(before)
    assert_right(page, mutated(page, random.Random(seed)), NOBODYS)


def assert_right(before: bytes, after: bytes, visitors: object) -> None:
    made, trail = recorded(before, visitors=visitors)
    assert made == gated(before, visitors), "recording changes nothing"
    if trail is not None:
        assert along(trail, before, visitors) in (None, made)
        found = along(trail, after, visitors)
        assert found is None or found == gated(after, visitors)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Hello", b"Good evening"),
        (b"Hello", b"a < b & <!-- c --> </p><b>d</b>"),
        (b"Hello", b"<p title='" + b"x" * 600 + b"'y>"),
        (b'content="0123"', b'content="another, longer"'),
        (b"<title>Jobs", b"<title>(3) Jobs <in> title"),
        (b"value=1", b"value=02"),
        (b"let a = 1", b"let a = '<b>' + 2"),
        (b"let b = 1", b""),
        (b"class=home", b"class='home user-7'"),
        (b"class=home", b"class=home background=//b.example/1"),
        (b"select name=s", b"select name=t"),
        (b"<p>text", b"<img src=//b.example/7><p>text" + PIXEL),
        (b"</select>" + PIXEL, b"</select>"),
        (b"</select>" + PIXEL, b"</select><p title='x'y>" + PIXEL.replace(b"/p>", b"/p?t=2>")),
        (b"a.posts.example/1", b"b.example/1"),
        (b"<script src=//a.posts.example/1></script>", b""),
        (b"<head>", b"<!-- build 7 --><HEAD profile=x>"),
        (b"<body", b"<!-- x --> \n<body"),
        (b"<!doctype html>", b"<!DOCTYPE HTML >"),
        (b"</body>", b"</body >"),
        (b"/own.js", b"//b.example/x.js"),
        (b"<option>1", b"<option>1<option selected>2"),
        (b"Hello", b"<img src='data:image/png;base64," + b"A" * 9000 + b"' longdesc=//b.example>"),
    ],
)  # fmt: skip
def test_a_page_with_other_text_goes_along(old: bytes, new: bytes) -> None:
    after = PAGE.replace(old, new, 1)
    assert after != PAGE
    assert along(trail_of(PAGE), after) == gated(after)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'lang="de"', b'lang="en"'),
        (b"video.example/1", b"video.example/2"),
        (b"video.example/1", b"b.example/1"),
        (b"posts(7)", b"posts(8)"),
        (b"posts(7)", b"let c"),
        (b"let a = 1", b"posts(1)"),
        (b"let a = 1", b"<!-- <script>"),
        (b"<script>let a", b"<script attributionsrc=//b.example/>let a"),
        (b"let b = 1", b"new YT.Player('x')"),
        (b"margin: 0", b"margin: 1"),
        (b"<script src=/own.js>", b"<script>posts(1)"),
        (b"<script src=//a.posts.example/1>", b"<script>posts(1)"),
        (b"<noscript>", b"<noscript><img src=//b.example/1>"),
        (b"p></noscript>", b"p>&nbsp;</noscript>"),
        (b"<g>a", b"<g/>a"),
        (b"<style>a", b"<style>b"),
        (b"Hello", FRAME),
        (FRAME, b""),
        (b"Hello", b"<div class=fb-post></div>"),
        (b"Hello", b"<div data-consentgate=social></div>"),
        (b"data-consentgate=social", b"data-consentgate=declaration"),
        (b"Hello", b"<svg><b></svg>"),
        (b"Hello", b"<noscript></noscript>"),
        (b"Hello", b"<template></template>"),
        (b"Hello", b"<textarea>"),
        (b"Hello", b"<plaintext>"),
        (b"Hello", b"<!-- Hello"),
        (b"Hello", b"<script src=//a.posts.example/1> </script>"),
        (b"</head>\n", b"</head>text"),
        (b"</head>\n", b"</head><p>"),
        (b"<title>", b"<link rel=icon href=/j.svg><title>"),
        (b"<link", b"<meta http-equiv=content-security-policy content=\"img-src 'self'\"><link"),
        (b"<body class=home>\n", b""),
        (b"<p>text", b"<body>"),
        (b"</body>", b""),
        (b"</html>\n", b"</html><im"),
        (b"</html>\n", b"</html><script>"),
        (b"<title>Jobs</title>", b"<title>Jobs"),
        (b"<!doctype html>", b""),
        (b"<!doctype html>", b"x<!doctype html>"),
    ],
)  # fmt: skip
def test_a_page_on_which_the_gate_stops_otherwise_does_not(old: bytes, new: bytes) -> None:
    after = PAGE.replace(old, new, 1)
    assert after != PAGE
    assert along(trail_of(PAGE), after) is None


ICONS = PAGE.replace(
    b"<p>text",
    b"<svg><title>Cart</title><use href=#a></use></svg>"
    b"<svg><title>a<!-- </title> --></title><use href=#b></use></svg><p>text",
)


@pytest.mark.parametrize("text", [b"Basket", b"", b"a > b &lt;"])
def test_a_page_whose_icons_have_other_titles_goes_along(text: bytes) -> None:
    after = ICONS.replace(b"Cart", text)
    assert along(trail_of(ICONS), after) == gated(after)


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"Cart", b"<!-- Cart -->"), (b"Cart", b"</titl>"), (b"a<!--", b"b<!--"), (b"a<!-- ", b"a ")],
)
def test_one_whose_titles_may_be_read_otherwise_does_not(old: bytes, new: bytes) -> None:
    after = ICONS.replace(old, new)
    assert after != ICONS
    assert along(trail_of(ICONS), after) is None


def test_what_stands_right_behind_a_script_or_a_text_is_a_part_of_its_end() -> None:
    """Where that is cut short, the script goes on, or what was text is none."""
    script = b"<!doctype html><body><script>posts(7)</script><p>"
    assert along(trail_of(script), script.replace(b"</script>", b"</scripty>")) is None
    assert along(trail_of(script), script.replace(b"</script>", b"")) is None


def test_raw_text_has_to_end() -> None:
    page = b"<!doctype html><p><iframe src=/x></iframe>"
    assert along(trail_of(page), page.replace(b"></", b">text</")) is not None
    assert along(trail_of(page), page.replace(b"</iframe>", b"text")) is None


def test_a_byte_order_mark_that_is_cut_off_is_not_read_to_its_end() -> None:
    page = b"<!doctype html>\n"
    assert along(trail_of(page), page + b"\xef\xbb\xbf") == gated(page + b"\xef\xbb\xbf")
    assert along(trail_of(page), page + b"\xef\xbb") is None


def test_a_trail_holds_however_much_is_settled_meanwhile() -> None:
    rulings._rulings.cache_clear()
    trail = trail_of(PAGE)
    assert along(trail, PAGE) == gated(PAGE)
    rulings._rulings.cache_clear()
    assert along(trail, PAGE) == gated(PAGE)


@pytest.mark.parametrize(
    "page",
    [
        PAGE + b"<im",
        PAGE + b"<!-- ",
        PAGE + b"<textarea>",
        PAGE + b"<script>let a",
        b"<!doctype html>\xef",
        b"<p><svg><script>posts()",
        b"<svg>" + b"<g>" * 600,
        b"<p><plaintext>",
        b"<p><svg><script>" + b"x" * 140_000,
    ],
)
def test_a_page_that_is_not_told_to_its_end_leaves_no_trail(page: bytes) -> None:
    assert recorded(page)[1] is None


def test_a_page_in_pieces_leaves_no_trail() -> None:
    assert recorded(PAGE, b"<p>")[1] is None
    assert recorded(PAGE[:300], PAGE[300:])[1] is None
    assert recorded(PAGE, b"")[1] == trail_of(PAGE)


def test_what_is_put_behind_a_page_is_told_apart() -> None:
    page = b"<!doctype html><p>a"
    found = along(trail_of(page), page + b"b")
    assert found is not None
    assert (found.body[-2:], found.closing) == (b"ab", b"[end ]")


def test_the_size_of_a_trail_counts_what_was_seen_and_what_was_written() -> None:
    small = b"<p>" + FRAME
    large = small.replace(b"src", b"title='" + b"x" * 500 + b"' src")
    assert trail_of(large).size - trail_of(small).size > 1000
    assert trail_of(small * 2).size > trail_of(small).size + 300
