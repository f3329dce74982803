"""What the first bytes of a body tell is told by them alone, and not held back beyond that."""

from __future__ import annotations

import gzip
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consentgate.response.opening import TELLING_BYTES
from tests.response.test_memo import Counting
from tests.response.test_responder import (
    AGREED,
    HTML,
    PAGE,
    PIXEL,
    PUBLIC,
    SHARED,
    Message,
    body,
    content_of,
    headers_of,
    rendering,
    start,
    through,
)

UNDECLARED = (b"content-type", b"text/html")
VIDEO = b"<img src=//www.video.example/p.gif>"
DOCTYPE = b"<!doctype html>"
STOPPED = b"data-cg-src"
FETCHED = {"fetched": True, "document_headers": ()}
NOTHING_SHOWN = {"document_headers": ()}
AN_ANSWER = {"personal": rendering(access=AGREED)}


def in_pieces(page: bytes, cuts: Iterable[int], *, empty_last: bool) -> list[Message]:
    ends = [*sorted({min(cut, len(page)) for cut in cuts}), len(page)]
    pieces = [page[a:b] for a, b in zip([0, *ends[:-1]], ends, strict=True)]
    *held, last = [*pieces, b""] if empty_last else pieces
    return [*(body(piece, more=True) for piece in held), body(last)]


def left(sent: list[Message]) -> tuple[object, bytes]:
    """What leaves, but for the length, which nobody knows of what is still being made."""
    headers = [header for header in sent[0]["headers"] if header[0] != b"content-length"]
    return headers, content_of(sent)


gaps = st.sampled_from([0, 1, 2, 300, 490, 508, 510, 700, 1000, 1020, 1430, 2000, 4080, 4092, 5000])
fillings = st.sampled_from([b" ", b"\n", b"x", b"<!-- -->", b"<"])
parts = st.sampled_from(
    [
        DOCTYPE,
        b"<html lang=de>",
        b"<head>",
        b"<meta charset=gbk>",
        b"<meta charset=iso-2022-kr>",
        b"<body>",
        b"<frameset>",
        b"<p>",
        VIDEO,
        b"text",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b'<?xml version="1.0" encoding="gbk"?>',
        b"<articl",
        b"<b",
        b"ody>",
        b"<",
        b"",
    ]
)
filled = st.tuples(fillings, gaps).map(lambda f: f[0] * (f[1] // len(f[0])))
comments = gaps.map(lambda size: b"<!--" + b"c" * size + b"-->")
pages = st.lists(parts | filled | comments, max_size=7).map(b"".join)
types = st.sampled_from(
    [(HTML,), (UNDECLARED,), (), ((b"content-type", b"text/html; charset=gbk"),)]
)
spoken = st.sampled_from([(), (PUBLIC,)])
askers = st.sampled_from([{}, NOTHING_SHOWN, FETCHED, {"fetched": True}])
near_bounds = st.sampled_from([1, 2, 3, 511, 512, 513, 1023, 1024, 1444, 1445, 4095, 4096, 4097])
cuts = st.lists(near_bounds | st.integers(0, 6000), max_size=5)


@settings(deadline=None, max_examples=400)
@given(pages, cuts, st.booleans(), types, spoken, askers)
def test_how_a_body_was_cut_changes_nothing_of_what_leaves(
    page: bytes,
    cuts: list[int],
    empty_last: bool,
    told: tuple[tuple[bytes, bytes], ...],
    said: tuple[tuple[bytes, bytes], ...],
    asker: dict[str, object],
) -> None:
    expected = left(through(start(*told, *said), body(page), **AN_ANSWER, **asker))
    messages = in_pieces(page, cuts, empty_last=empty_last)
    assert left(through(start(*told, *said), *messages, **AN_ANSWER, **asker)) == expected
    counting = Counting()
    showing = {"document_headers": ((b"x-shown", b"1"),)}
    for shown in (NOTHING_SHOWN, showing, NOTHING_SHOWN, showing):
        facts = asker | shown
        sent = counting.through(start(*told, *said), *messages, **facts)
        fresh = Counting()
        fresh.variant = counting.variant
        assert left(sent) == left(fresh.through(start(*told, *said), body(page), **facts))


def leaves_with(*pieces: bytes, headers: object = (HTML,), **changes: object) -> int | None:
    """The number of the piece with which the first message leaves, None for none of these."""
    return next(
        (
            number
            for number in range(len(pieces))
            if through(
                start(*headers), *(body(p, more=True) for p in pieces[: number + 1]), **changes
            )
        ),
        None,
    )


ITEMS = [b"<li>%d</li>" % number for number in range(90)]
LATE = [b" ", b"<!-- by x -->", b"\n", DOCTYPE, b"<html>", b"<body>", b"<p>"]


@pytest.mark.parametrize(
    ("asker", "headers"),
    [
        (FETCHED, (HTML,)),
        ({}, (HTML, PUBLIC)),
        (NOTHING_SHOWN, (HTML,)),
        (NOTHING_SHOWN, ((b"content-type", b"text/html; charset=gbk"), PUBLIC)),
    ],
)
def test_a_fragment_is_not_held_back(asker: dict[str, object], headers: object) -> None:
    assert leaves_with(*ITEMS, headers=headers, **asker) == 0


def test_a_page_is_held_until_it_is_known_whose_it_is_and_no_longer() -> None:
    assert leaves_with(*LATE, **NOTHING_SHOWN) == 0
    assert leaves_with(*LATE, **FETCHED) == 3
    assert leaves_with(*LATE, headers=(HTML, PUBLIC)) == 3
    assert leaves_with(*LATE) == 5, "there is a notice to take back"


def test_a_page_is_held_until_its_charset_is_known_and_no_longer() -> None:
    declaring = [DOCTYPE, b"<head>", b"<meta charset", b"=gbk>", b"<p>"]
    asked = {"headers": (UNDECLARED,), **NOTHING_SHOWN}
    assert leaves_with(*declaring, **asked) == 3
    assert leaves_with("\ufeff<".encode("utf-16-le"), **asked) == 0
    assert leaves_with(*[b"<p>"] * 500, **asked) == 341


@pytest.mark.parametrize("first", [b"{", b"\x89", b"data: x", b"  [", b"<x", b"\xef\xbb\xbf<"])
def test_what_is_no_page_leaves_as_soon_as_that_is_seen(first: bytes) -> None:
    assert leaves_with(first, headers=(), **FETCHED) == 0
    assert leaves_with(first, headers=(PUBLIC,)) == 0
    assert leaves_with(*[b" "] * 9, first, headers=()) == 9


def held_by(count: int) -> bytes:
    return b"<!--" + b"c" * (count - 7) + b"-->"


@pytest.mark.parametrize("size", [700, 2000, TELLING_BYTES, 5000])
@pytest.mark.parametrize("piece", [17, 512, 10_000])
def test_a_page_behind_a_long_comment_is_everybodys(size: int, piece: int) -> None:
    page = held_by(size) + PAGE + VIDEO
    pieces = in_pieces(page, range(piece, len(page), piece), empty_last=True)
    told = (b"etag", b'"v1"')
    public = through(start(HTML, told, PUBLIC), *pieces, **AN_ANSWER)
    assert headers_of(public[0])[b"cache-control"] == PUBLIC[1]
    fetched = through(start(HTML, told), *pieces, **AN_ANSWER, **FETCHED)
    for sent in (public, fetched):
        assert SHARED.encode() in headers_of(sent[0])[b"etag"]
        assert content_of(sent).count(STOPPED) == 2, "the video that this visitor agreed to, too"


@pytest.mark.parametrize("size", [100, 2000, 5000])
def test_what_a_page_shows_is_taken_back_however_it_comes(size: int) -> None:
    comment = held_by(size)
    sent = through(start(HTML), body(comment, more=True), body(PAGE, more=True), body())
    assert headers_of(sent[0])[b"x-shown"] == b"1"
    whole = through(start(HTML), body(comment + PAGE))
    assert left(sent) == left(whole)


@pytest.mark.parametrize("page", [held_by(99), b" ", b"", b"<p>" + PIXEL, held_by(99) + b"x"])
def test_what_is_no_page_takes_nothing_back(page: bytes) -> None:
    for messages in ([body(page)], [body(page, more=True), body()]):
        assert b"x-shown" not in headers_of(through(start(HTML), *messages)[0])


def test_framesets_have_no_place_for_a_notice() -> None:
    pieces = [DOCTYPE, b"<html><head>", b"</head>", b"<frameset>", b"<frame src=/>"]
    messages = [*(body(piece, more=True) for piece in pieces), body()]
    assert b"x-shown" not in headers_of(through(start(HTML), *messages)[0])
    assert leaves_with(*pieces) == 3


def test_a_notice_is_taken_back_on_a_page_that_is_remembered_and_then_goes_on() -> None:
    counting, comment = Counting(), held_by(99)
    for _ in range(3):
        messages = body(comment, more=True), body()
        counting.through(start(HTML), *messages, **NOTHING_SHOWN)
    sent = counting.through(start(HTML), body(comment, more=True), body(PAGE, more=True), body())
    assert headers_of(sent[0])[b"x-shown"] == b"1"


def test_a_compressed_page_is_held_no_longer() -> None:
    packer = gzip.compress(DOCTYPE + b"<body><p>" * 99, 0)
    encoded = (b"content-encoding", b"gzip")
    assert leaves_with(packer[:64], packer[64:], headers=(HTML, encoded)) == 0


def test_a_meta_behind_the_first_piece_goes_before_an_xml_declaration() -> None:
    declared, said = b'<?xml version="1.0" encoding="gbk"?>', b"<meta charset=windows-1252>"
    pieces = body(declared, more=True), body(said + VIDEO, more=True), body()
    sent = through(start(UNDECLARED), *pieces, **NOTHING_SHOWN)
    assert headers_of(sent[0])[b"content-type"] == b"text/html; charset=windows-1252"
