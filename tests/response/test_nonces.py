"""A page with another nonce each time leaves with its own, and is remembered all the same."""

from __future__ import annotations

import asyncio
import gzip
import random
import re
import secrets
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consentgate.response import Memo, Responder, nonces, responder
from tests.gate.html.soup import PIECES
from tests.response.test_memo import Counting
from tests.response.test_responder import (
    HTML,
    PAGE,
    PIXEL,
    PUBLIC,
    Message,
    body,
    content_of,
    plan,
    start,
)

POLICY = b"content-security-policy"
STANDING = b"\n".join(nonce for length in range(20, 131) for nonce in nonces._standing(length))


def fresh() -> bytes:
    return secrets.token_urlsafe(16).encode()


def policy(nonce: bytes, *, name: bytes = POLICY) -> tuple[bytes, bytes]:
    return name, b"script-src 'nonce-%b' 'strict-dynamic'; object-src 'none'" % nonce


def written(nonce: bytes) -> bytes:
    script = b"<script nonce=\"%b\">own()</script><style nonce='%b'></style>" % (nonce, nonce)
    return PAGE.replace(b"</head>", script + b"</head>")


def without_exchange(*messages: Message, **changes: object) -> list[Message]:
    """What leaves where nothing is exchanged and nothing remembered."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(responder, "exchange_for", lambda headers: None)
        return Counting().through(*messages, **changes)


def test_a_page_with_another_nonce_each_time_is_remembered_and_leaves_with_its_own() -> None:
    counting = Counting()
    for _ in range(5):
        nonce = fresh()
        asked = start(HTML, policy(nonce), policy(nonce, name=b"x-its-own")), body(written(nonce))
        sent = counting.through(*asked)
        assert sent == without_exchange(*asked)
        assert content_of(sent).count(nonce) == 3, "the page's two, and that of the banner"
    assert counting.made == 2


def test_so_is_one_that_differs_in_other_ways_too() -> None:
    counting = Counting()
    for number in range(5):
        nonce = fresh()
        page = written(nonce).replace(b"<body>", b"<body><p>%d" % number)
        asked = start(HTML, policy(nonce)), body(page)
        assert counting.through(*asked) == without_exchange(*asked)
    assert counting.made == 2


def test_headers_that_recur_but_for_the_nonce_are_gated_once() -> None:
    json = (b"content-type", b"application/json")
    responder.head_of.cache_clear()
    counting = Counting()
    for _ in range(3):
        nonce = fresh()
        sent = counting.through(start(json, policy(nonce)), body(b"{}"))
        assert policy(nonce) in sent[0]["headers"]
    assert responder.head_of.cache_info().misses == 1


def test_a_policy_may_have_one_nonce_for_scripts_and_another_for_styles() -> None:
    counting = Counting()
    for _ in range(4):
        one, other = fresh(), fresh()
        both = b"style-src 'nonce-%b'; script-src 'nonce-%b'" % (other, one)
        page = written(one).replace(b"<body>", b'<body><style nonce="%b"></style>' % other)
        asked = start(HTML, (POLICY, both)), body(page)
        sent = counting.through(*asked)
        assert sent == without_exchange(*asked)
        assert b"<script nonce='%b'>" % one in content_of(sent)
    assert counting.made == 2


@pytest.mark.parametrize(
    "nonces_of_it",
    [[b"short"], [b"a" * 19], [fresh() for _ in range(5)], [b"a" * 200]],
    ids=["short", "rather short", "many", "long"],
)
def test_what_cannot_be_exchanged_leaves_as_it_would(nonces_of_it: list[bytes]) -> None:
    named = b" ".join(b"'nonce-%b'" % nonce for nonce in nonces_of_it)
    headers = [HTML, (POLICY, b"script-src " + named)]
    assert nonces.exchange_for(headers) is None
    asked = start(*headers), body(written(nonces_of_it[0]))
    assert Counting().through(*asked) == without_exchange(*asked)
    assert nonces_of_it[0] in content_of(Counting().through(*asked))


def declared(charset: str) -> tuple[bytes, bytes]:
    return b"content-type", f"text/html; charset={charset}".encode()


@pytest.mark.parametrize(
    ("headers", "charset"),
    [
        ([declared("utf-16le")], "utf-16le"),
        ([declared("utf-8")], "utf-16"),
        ([declared("shift_jis")], "shift_jis"),
        ([declared("iso-2022-jp")], "iso-2022-jp"),
        ([(b"content-type", b"text/html")], "utf-8"),
        ([], "utf-8"),
    ],
    ids=["utf-16", "byte order mark", "shift_jis", "iso-2022-jp", "undeclared", "sniffed"],
)
@pytest.mark.parametrize("size", [1, 2, 3, 9, 100_000])
def test_the_nonce_is_right_in_every_charset(
    headers: list[tuple[bytes, bytes]], charset: str, size: int
) -> None:
    nonce = fresh()
    page = written(nonce).decode().replace("<body>", "<body>表示" if charset != "utf-8" else "<p>")
    asked = start(*headers, policy(nonce)), *pieces_of(page.encode(charset), size)
    sent = Counting().through(*asked)
    assert sent == without_exchange(*asked)
    assert content_of(sent).decode(charset).count(nonce.decode()) == 3


def pieces_of(page: bytes, size: int) -> list[Message]:
    cut = [page[at : at + size] for at in range(0, len(page), size)]
    return [*(body(piece, more=True) for piece in cut), body()]


@pytest.mark.parametrize("level", [0, 6])
def test_a_compressed_page_is_read_whole(level: int) -> None:
    """At level 0 its bytes stand in the stream as they are, with a checksum behind them."""
    nonce = fresh()
    packed = gzip.compress(written(nonce), level, mtime=0)
    assert (b'"%b"' % nonce in packed) == (level == 0)
    asked = start(HTML, (b"content-encoding", b"gzip"), policy(nonce)), body(packed)
    sent = Counting().through(*asked)
    assert sent == without_exchange(*asked)
    assert content_of(sent).count(nonce) == 3


@pytest.mark.parametrize(
    "changes",
    [{"method": "HEAD"}, {"fetched": True}, {"revalidates": frozenset({"0123456789ab"})}, {}],
    ids=["HEAD", "fetched", "revalidated", "plain"],
)
@pytest.mark.parametrize("status", [200, 304, 404, 206])
@pytest.mark.parametrize("said", [(), (PUBLIC, (b"etag", b'"1"')), ((b"x-up", b"1"),)])
def test_headers_leave_as_they_would(
    changes: dict[str, object], status: int, said: Iterable[tuple[bytes, bytes]]
) -> None:
    nonce = fresh()
    report_only = policy(nonce, name=b"content-security-policy-report-only")
    asked = start(HTML, *said, policy(nonce), report_only, status=status), body(written(nonce))
    sent = Counting().through(*asked, **changes)
    assert sent == without_exchange(*asked, **changes)
    assert not any(standing in repr(sent).encode() for standing in STANDING.splitlines())


def test_no_two_visitors_get_the_same_nonce_from_memory() -> None:
    counting, seen = Counting(), set()
    for _ in range(20):
        nonce = fresh()
        sent = counting.through(start(HTML, policy(nonce)), body(written(nonce)))
        found = set(re.findall(rb"nonce[-=]['\"]?([\w-]{22})", repr(sent).encode()))
        assert found == {nonce}
        seen |= found
    assert len(seen) == 20


def test_a_nonce_in_an_address_is_no_other_address() -> None:
    """Only between quotes is it exchanged: here it begins with what makes the host another."""
    nonce = b"//" + b"abcdefghijklmnopqrst"
    image = b"<img src=%b><img src='/x%b'>" % (nonce, nonce)
    page = written(nonce).replace(b"<body>", b"<body>" + image)
    asked = start(HTML, policy(nonce)), body(page)
    sent = Counting().through(*asked)
    assert sent == without_exchange(*asked)
    assert b"data-cg-src=//abcdefghijklmnopqrst" in content_of(sent)


markup = st.sampled_from(
    [*PIECES, PIXEL, b"NONCE", b'"NONCE"', b"'NONCE'", b'<script nonce="NONCE">', b"nonce='NONCE'"]
)
shuffled = st.lists(markup, max_size=12).map(b"".join)
opened = st.sampled_from([b"", b"<!doctype html><html><head>", b"<p>", b"<!doctype html><!--"])


@settings(deadline=None)
@given(opened, st.lists(shuffled, min_size=1, max_size=4), st.integers(0, 2**32))
def test_whatever_the_page_and_its_pieces_it_leaves_as_without_an_exchange(
    first: bytes, parts: list[bytes], seed: int
) -> None:
    chance, counting = random.Random(seed), Counting()
    for _ in range(4):
        nonce = fresh()
        page = (first + b"".join(parts)).replace(b"NONCE", nonce)
        cuts = sorted(chance.randrange(len(page) + 1) for _ in range(chance.choice([0, 0, 1, 4])))
        ends = [*cuts, len(page)]
        cut = [page[at:end] for at, end in zip([0, *cuts], ends, strict=True)]
        messages = [*(body(piece, more=True) for piece in cut[:-1]), body(cut[-1])]
        asked = start(HTML, policy(nonce)), *messages
        assert counting.through(*asked) == without_exchange(*asked)


def test_a_standing_nonce_cannot_be_told_from_the_last() -> None:
    drawn = {nonces._standing.__wrapped__(22) for _ in range(100)}
    assert len({nonce for four in drawn for nonce in four}) == 400
    assert nonces._standing(22) == nonces._standing(22)
    assert all(nonce.isdigit() and len(nonce) == 22 for four in drawn for nonce in four)


def test_a_piece_that_comes_late_leaves_at_once() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def run() -> None:
        nonce = fresh()
        answer = Responder(plan(), send, Memo())
        await answer.send(start(HTML, policy(nonce)))
        for number in range(3):
            await answer.send(body(b"<!doctype html><body>" + b"<p>%d" % number, more=True))
            assert sent[-1]["body"].endswith(b"<p>%d" % number)

    asyncio.run(run())
