"""A page with another nonce each time leaves with its own, and is remembered all the same."""

from __future__ import annotations

import asyncio
import base64
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
    Fitting,
    Message,
    body,
    content_of,
    plan,
    start,
)

POLICY = b"content-security-policy"
STANDING = [nonces._standing(length) for length in range(20, 131)]


FRAME = b"<iframe src=//www.video.example/e title='"
IN_DOUBT = b"<select><noscript><svg><col><math><svg>"


class Sealing(Fitting):
    """Writes what a frame tells so that no nonce in it can be found again."""

    def __init__(self, *facts: object) -> None:
        super().__init__(*facts)
        self.embeds._embed_url = lambda name, told: f"/_gate/embed?{sealed(told)}"


def sealed(facts: object) -> str:
    return base64.urlsafe_b64encode(repr(facts).encode()).decode()


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
    assert counting.made == 3, "twice as it came, once as it is kept"


def test_so_is_one_that_differs_in_other_ways_too() -> None:
    counting = Counting()
    for number in range(5):
        nonce = fresh()
        page = written(nonce).replace(b"<body>", b"<body><p>%d" % number)
        asked = start(HTML, policy(nonce)), body(page)
        assert counting.through(*asked) == without_exchange(*asked)
    assert counting.made == 3


def test_headers_that_recur_but_for_the_nonce_are_gated_once() -> None:
    json = (b"content-type", b"application/json")
    responder.head_of.cache_clear()
    counting = Counting()
    for _ in range(3):
        nonce = fresh()
        sent = counting.through(start(json, policy(nonce)), body(b"{}"))
        assert policy(nonce) in sent[0]["headers"]
    assert responder.head_of.cache_info().misses == 1


@pytest.mark.parametrize(
    "nonces_of_it",
    [[b"short"], [b"a" * 19], [b"a" * 200], [b"/" + b"a" * 21]],
    ids=["short", "rather short", "long", "like an address"],
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
    assert not any(standing in repr(sent).encode() for standing in STANDING)


def test_no_two_visitors_get_the_same_nonce_from_memory() -> None:
    counting, seen = Counting(), set()
    for _ in range(20):
        nonce = fresh()
        sent = counting.through(start(HTML, policy(nonce)), body(written(nonce)))
        found = set(re.findall(rb"nonce[-=]['\"]?([\w-]{22})", repr(sent).encode()))
        assert found == {nonce}
        seen |= found
    assert len(seen) == 20


@pytest.mark.parametrize(
    "address", [b"//NONCE", b"http:/NONCE/", b"//NONCE.example.com/", b"/x?NONCE"]
)
def test_a_nonce_may_stand_in_an_address(address: bytes) -> None:
    counting = Counting()
    for _ in range(5):
        nonce = fresh()
        page = PAGE.replace(PIXEL, b"<img src=%b>" % address).replace(b"NONCE", nonce)
        asked = start(HTML, policy(nonce)), body(page)
        assert counting.through(*asked) == without_exchange(*asked)


def test_a_page_without_a_nonce_of_its_own_gets_the_banners() -> None:
    counting = Counting()
    for number in [*range(20), *[20] * 40]:
        nonce = fresh()
        page = PAGE.replace(b"<body>", b"<body><p>%d" % number)
        asked = start(HTML, policy(nonce)), body(page)
        assert counting.through(*asked) == without_exchange(*asked)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"a-NN-b-NN-c", True),
        (b"a-NN-b-NN-cc", False),
        (b"a-NN-b-NN-", False),
        (b"a-NN-b-MM-c", False),
        (b"a-NN-b-NNNN-c", False),
        (b"a-NN-b-c", False),
        (b"", False),
    ],
)
def test_a_text_with_gaps_is_filled_in_one_way(text: bytes, expected: bool) -> None:
    exchange = nonces.Exchange(b"NN", b"00")
    kept = nonces.gapped(b"a-00-b-00-c", exchange)
    assert nonces.is_filled(text, kept, exchange) is expected
    assert nonces.filled(kept, exchange) == b"a-NN-b-NN-c"


markup = st.sampled_from(
    [
        *PIECES,
        FRAME,
        IN_DOUBT,
        PIXEL,
        b"NONCE",
        b'"NONCE"',
        b"'NONCE'",
        b'<script nonce="NONCE">',
        b"nonce='NONCE'",
    ]
)
shuffled = st.lists(markup, max_size=12).map(b"".join)
opened = st.sampled_from([b"", b"<!doctype html><html><head>", b"<p>", b"<!doctype html><!--"])


@settings(deadline=None)
@given(opened, st.lists(shuffled, min_size=1, max_size=4), st.integers(0, 2**32))
def test_whatever_the_page_and_its_pieces_it_leaves_as_without_an_exchange(
    first: bytes, parts: list[bytes], seed: int
) -> None:
    chance, counting = random.Random(seed), Counting(fit=Sealing)
    for _ in range(4):
        nonce = fresh()
        page = (first + b"".join(parts)).replace(b"NONCE", nonce)
        cuts = sorted(chance.randrange(len(page) + 1) for _ in range(chance.choice([0, 0, 1, 4])))
        ends = [*cuts, len(page)]
        cut = [page[at:end] for at, end in zip([0, *cuts], ends, strict=True)]
        messages = [*(body(piece, more=True) for piece in cut[:-1]), body(cut[-1])]
        asked = start(HTML, policy(nonce)), *messages
        assert counting.through(*asked) == without_exchange(*asked, fit=Sealing)


def test_a_standing_nonce_is_drawn_and_not_made_up() -> None:
    drawn = {nonces._standing.__wrapped__(22) for _ in range(100)}
    assert len(drawn) == 100
    assert nonces._standing(22) == nonces._standing(22)
    assert all(nonce.isdigit() and len(nonce) == 22 for nonce in drawn)


def test_what_is_sealed_has_the_given_nonce_in_it() -> None:
    """A title that runs on over the page's own script."""
    counting = Counting(fit=Sealing)
    for number in range(8):
        nonce = fresh()
        title = FRAME + b'<script nonce="%b">own()</script>\'></iframe>' % nonce
        page = PAGE.replace(b"</body>", title + b"<p>%d" % (number // 4) + b"</body>")
        sent = content_of(counting.through(start(HTML, policy(nonce)), body(page)))
        seals = re.findall(rb"embed\?([\w=-]+)", sent)
        assert seals
        told = b"".join(map(base64.urlsafe_b64decode, seals))
        assert nonce in told
        assert not any(standing in told for standing in STANDING)


def test_a_page_that_knows_the_standing_nonce_gains_nothing() -> None:
    counting, standing = Counting(), nonces._standing(22)
    for _ in range(5):
        nonce = fresh()
        page = written(nonce).replace(b"<body>", b'<body><script nonce="%b">' % standing)
        for asked in (
            (start(HTML, policy(nonce)), body(page)),
            (start(HTML, policy(nonce)), body(written(nonce))),
            (start(HTML, policy(nonce)), body(written(nonce), more=True), body(page)),
        ):
            assert counting.through(*asked) == without_exchange(*asked)


@pytest.mark.parametrize("before", [b"", IN_DOUBT, b"<!--", b"<title>"])
def test_a_piece_may_end_anywhere_behind_a_nonce(before: bytes) -> None:
    counting, page = Counting(), PAGE[:-14] + before + b"<style nonce='NONCE'></style>" + b"<p>x"
    for cut in range(page.index(b"NONCE"), len(page) + 12):
        nonce = fresh()
        real = page.replace(b"NONCE", nonce)
        asked = start(HTML, policy(nonce)), body(real[:cut], more=True), body(real[cut:])
        assert counting.through(*asked) == without_exchange(*asked)


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_a_body_need_not_be_bytes(kind: type) -> None:
    counting = Counting()
    for number in range(8):
        nonce = fresh()
        page = written(nonce).replace(b"<p>", b"<p>%d" % (number // 4))
        sent = counting.through(start(HTML, policy(nonce)), body(kind(page)))
        assert sent == without_exchange(start(HTML, policy(nonce)), body(page))


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
