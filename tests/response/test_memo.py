"""What comes again unchanged is looked up, and what is looked up is what would have been made."""

from __future__ import annotations

import asyncio
import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consentgate.gate.access import Stopped
from consentgate.response import Memo, Plan, Responder, Variant
from consentgate.response.head import Opening
from consentgate.response.memo import Kept
from tests.response.test_responder import (
    HTML,
    PAGE,
    PIXEL,
    PUBLIC,
    Fitting,
    Message,
    body,
    content_of,
    headers_of,
    plan,
    start,
    variant,
)

OPENING = Opening(gated=True, content_type="text/html", everybody=False)


def kept(content: bytes) -> Kept:
    return Kept(content, OPENING, (content.upper(),), Stopped(), document=True)


def remembering(memo: Memo, key: str, content: bytes) -> bool:
    return memo.find(key, content) is not None


class Counting:
    """Plans for one variant that count how often a page is fitted."""

    def __init__(self, *, personal: bool = False, **changes: object) -> None:
        self.memo = Memo()
        self.variant: Variant = variant()
        self.made = 0
        self.personal = personal
        self._changes = changes

    def _fit(self, *facts: object) -> Fitting:
        self.made += 1
        fitting = Fitting(*facts)
        fitting.personal = self.personal
        return fitting

    def through(self, *messages: Message, **changes: object) -> list[Message]:
        return self.answer(*messages, **changes)[0]

    def answer(self, *messages: Message, **changes: object) -> tuple[list[Message], Responder]:
        facts = {"fit": self._fit, **self._changes, **changes}
        asked: Plan = plan(variant=self.variant, **facts)
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        async def run() -> Responder:
            responder = Responder(asked, send, self.memo)
            for message in messages:
                await responder.send(message)
            return responder

        return sent, asyncio.run(run())


def thrice(*messages: Message, **changes: object) -> int:
    """How often a page is made that comes three times."""
    counting = Counting()
    for _ in range(3):
        counting.through(*messages, **changes)
    return counting.made


def test_a_page_that_came_twice_is_not_made_a_third_time() -> None:
    counting = Counting()
    answers = [counting.answer(start(HTML), body(PAGE)) for _ in range(4)]
    assert counting.made == 2
    first, *others = [sent for sent, _ in answers]
    assert all(sent == first for sent in others)
    stopped, *again = [[str(each.url.host) for each in r.blocked] for _, r in answers]
    assert stopped == ["nobody.example"]
    assert all(hosts == stopped for hosts in again), "a page looked up reports what one made does"


def test_it_is_the_bytes_that_count_and_not_the_object() -> None:
    counting = Counting()
    for _ in range(3):
        counting.through(start(HTML), body(bytes(bytearray(PAGE))))
    assert counting.made == 2


def test_a_page_that_differs_in_one_byte_is_made() -> None:
    counting = Counting()
    for number in range(4):
        page = PAGE.replace(b"</body>", b"%d</body>" % number)
        assert b"%d<footer>" % number in content_of(counting.through(start(HTML), body(page)))
    assert counting.made == 4


@pytest.mark.parametrize(
    "said", [b"no-store", b"private, no-store", b"No-Store, max-age=0", b'x="y",no-store']
)
def test_what_must_not_be_stored_is_not(said: bytes) -> None:
    assert thrice(start(HTML, (b"cache-control", said)), body(PAGE)) == 3


def test_what_may_be_stored_is() -> None:
    for said in (b"private", b"no-cache", b"max-age=60", b"x-no-store"):
        assert thrice(start(HTML, (b"cache-control", said)), body(PAGE)) == 2


def test_what_is_one_visitors_alone_is_never_kept() -> None:
    counting = Counting(personal=True)
    for _ in range(4):
        counting.through(start(HTML), body(PAGE))
    assert counting.made == 4


@pytest.mark.parametrize(
    "changed",
    [
        {"address": "/other"},
        {"headers": [(b"content-type", b"text/html; charset=iso-8859-1")]},
        {"headers": [HTML, (b"x-content-type-options", b"nosniff")]},
        {"headers": [HTML, PUBLIC]},
        {"headers": [HTML, (b"content-security-policy", b"script-src 'nonce-abc'")]},
        {"variant": variant()},
        {"fetched": True},
    ],
)
def test_what_a_page_depends_on_is_in_the_key(changed: dict[str, object]) -> None:
    counting = Counting()
    headers = changed.pop("headers", [HTML])
    for _ in range(2):
        counting.through(start(HTML), body(PAGE))
    counting.variant = changed.pop("variant", counting.variant)
    counting.through(start(*headers), body(PAGE), **changed)
    assert counting.made == 3


def test_headers_that_differ_each_time_cost_no_page() -> None:
    counting = Counting()
    for number in range(4):
        cookie = (b"set-cookie", b"visits=%d" % number)
        request = (b"x-request-id", b"%d" % number)
        sent = counting.through(start(HTML, cookie, request), body(PAGE))
        assert cookie in sent[0]["headers"]
        assert request in sent[0]["headers"]
    assert counting.made == 2


def test_a_page_in_one_piece_and_an_empty_one_is_looked_up_too() -> None:
    """So it comes from middlewares that make a stream of every body."""
    counting = Counting()
    messages = start(HTML), body(PAGE, more=True), body()
    first, *others = [counting.through(*messages) for _ in range(4)]
    assert counting.made == 2
    assert all(sent == first for sent in others)
    assert content_of(first) == content_of(counting.through(start(HTML), body(PAGE)))


def test_its_first_piece_leaves_before_the_next_is_asked_for() -> None:
    counting = Counting()
    for _ in range(3):
        counting.through(start(HTML), body(PAGE, more=True), body())
    sent = counting.through(start(HTML), body(PAGE, more=True))
    assert b"<img" in content_of(sent)
    assert sent[-1]["more_body"] is True


@pytest.mark.parametrize("more", [[b"<p>more"], [b"", b"<p>", PIXEL], [b"<!--", PIXEL + b"-->"]])
def test_a_page_that_goes_on_this_time_is_gated_to_its_end(more: list[bytes]) -> None:
    counting, fresh = Counting(), Counting()
    for _ in range(3):
        counting.through(start(HTML), body(PAGE, more=True), body())
    rest = [*(body(piece, more=True) for piece in more), body()]
    longer = counting.through(start(HTML), body(PAGE, more=True), *rest)
    assert longer == fresh.through(start(HTML), body(PAGE, more=True), *rest)


def test_a_compressed_page_is_made_each_time() -> None:
    """What it unfolds to is not held in memory, as it may be much."""
    packed = (start(HTML, (b"content-encoding", b"gzip")), body(gzip.compress(PAGE)))
    assert thrice(*packed) == 3


def test_notices_are_spent_by_a_page_that_is_looked_up() -> None:
    counting = Counting()
    for _ in range(3):
        sent = counting.through(start(HTML), body(PAGE))
    assert headers_of(sent[0])[b"x-shown"] == b"1"
    sent = counting.through(start(HTML, status=303), body(PAGE))
    assert b"x-shown" not in headers_of(sent[0])


openings = [b"<!doctype html><html lang=de><p>", b"<p>", b"<!doctype html><body><!--", b""]
pieces = st.sampled_from(
    [b"<p>", PIXEL, b"<html lang=de>", b"<!doctype html>", b"<body>", b"x", b"<", b"", b"-->"]
)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(openings), st.lists(pieces, max_size=3)), max_size=6))
def test_whatever_comes_in_whatever_order_leaves_as_if_nothing_were_remembered(
    bodies: list[tuple[bytes, list[bytes]]],
) -> None:
    counting = Counting()
    for first, others in bodies * 3:
        *held, last = [first, *others]
        messages = [*(body(piece, more=True) for piece in held), body(last)]
        sent = counting.through(start(HTML), *messages)
        assert sent == Counting().through(start(HTML), *messages)


# The memory itself


def test_a_body_is_kept_when_it_comes_a_second_time() -> None:
    memo = Memo()
    memo.keep("/", kept(b"page"))
    assert not remembering(memo, "/", b"page")
    memo.keep("/", kept(b"page"))
    assert remembering(memo, "/", b"page")
    assert not remembering(memo, "/", b"Page")
    assert not remembering(memo, "/other", b"page")


def test_a_page_of_which_every_copy_differs_is_never_kept() -> None:
    memo = Memo()
    for number in range(100):
        memo.keep("/", kept(b"%032d" % number * 8))
    assert not any(isinstance(value, Kept) for value in memo._young.values())


def test_what_was_not_asked_for_is_forgotten() -> None:
    memo = Memo(forgotten_seconds=10)
    memo.tick(100)
    for _ in range(2):
        memo.keep("/", kept(b"page"))
        memo.keep("/seldom", kept(b"page"))
    for now in (105, 111, 119, 121.5, 131, 132, 142):
        memo.tick(now)
        assert remembering(memo, "/", b"page"), now
    assert not remembering(memo, "/seldom", b"page")
    for now in (160, 180):
        memo.tick(now)
    assert not remembering(memo, "/", b"page")


def test_a_clock_that_is_put_back_only_makes_it_forget() -> None:
    memo = Memo(forgotten_seconds=10)
    for now in (1000, 5, 6, 14, 15):
        memo.tick(now)
        memo.keep("/", kept(b"page"))
        memo.keep("/", kept(b"page"))
    assert remembering(memo, "/", b"page")


def test_its_bytes_and_its_pages_are_bounded() -> None:
    memo = Memo(max_bytes=10_000)

    def held() -> int:
        generations = (memo._young, memo._old)
        return sum(k.size for g in generations for k in g.values() if isinstance(k, Kept))

    for number in range(200):
        for _ in range(2):
            memo.keep(number, kept(b"%d" % number * 100))
        assert remembering(memo, number, b"%d" % number * 100)
        assert held() <= 10_000
        assert memo._young_bytes == sum(k.size for k in memo._young.values() if isinstance(k, Kept))
    for number in range(20_000):
        memo.keep(f"/{number}", kept(b"x"))
    assert len(memo._young) + len(memo._old) <= 2 * 4097


def test_a_large_body_is_not_kept() -> None:
    memo = Memo()
    for size, expected in ((512 * 1024, True), (512 * 1024 + 1, False)):
        for _ in range(2):
            memo.keep("/", kept(b"x" * size))
        assert remembering(memo, "/", b"x" * size) == expected


def test_none_is_kept_where_there_is_no_room() -> None:
    memo = Memo(max_bytes=0)
    for _ in range(3):
        memo.keep("/", kept(b"page"))
    assert not remembering(memo, "/", b"page")
