"""What comes again unchanged is looked up, and what is looked up is what would have been made."""

from __future__ import annotations

import asyncio
import gzip
import itertools
from collections.abc import Hashable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consentgate.gate.access import Stopped
from consentgate.gate.html.trail import Replayed
from consentgate.response import Memo, Plan, Responder, Variant, recall
from consentgate.response.head import Opening
from consentgate.response.memo import Kept
from tests.response.test_responder import (
    AGREED,
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
    rendering,
    start,
    variant,
)

OPENING = Opening(gated=True, content_type="text/html", everybody=False)


def kept(content: bytes) -> Kept:
    return Kept((content,), OPENING, ((content.upper(),),), Stopped())


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


def test_a_page_that_differs_in_one_byte_is_another_one() -> None:
    counting = Counting()
    for number in range(4):
        page = PAGE.replace(b"</body>", b"%d</body>" % number)
        assert b"%d<footer>" % number in content_of(counting.through(start(HTML), body(page)))
    assert counting.made == 2


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
    changed = dict(changed)
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


# A page with other text


def numbered(count: int, page: bytes = PAGE, begin: int = 0) -> list[bytes]:
    """Pages of which each has another number in its text."""
    return [page.replace(b"</body>", b"%d</body>" % n) for n in range(begin, begin + count)]


def made_of(
    counting: Counting, *bodies: bytes, headers: object = (HTML,), **changes: object
) -> int:
    """How many of these bodies are made; what leaves is in any case what the gate makes of them."""
    before = counting.made
    for each in bodies:
        sent, responder = counting.answer(start(*headers), body(each), **changes)
        fresh = Counting(personal=counting.personal)
        fresh.variant = counting.variant
        expected, other = fresh.answer(start(*headers), body(each), **changes)
        assert sent == expected
        assert list(responder.blocked) == list(other.blocked)
    return counting.made - before


def test_a_page_with_other_text_goes_along_the_trail_of_the_second() -> None:
    counting = Counting()
    assert made_of(counting, *numbered(2)) == 2
    assert made_of(counting, *numbered(50)) == 0


def test_what_is_stopped_is_told_of_such_a_page_too() -> None:
    counting = Counting()
    for page in numbered(5):
        responder = counting.answer(start(HTML), body(page))[1]
        assert [each.url.host for each in responder.blocked] == ["nobody.example"]
    page = PAGE.replace(PIXEL, b"<img src=//b.example/1>" + PIXEL + b"<img src=//c.example/1>")
    responder = counting.answer(start(HTML), body(page))[1]
    hosts = [each.url.host for each in responder.blocked]
    assert hosts == ["b.example", "nobody.example", "c.example"]
    assert counting.made == 2


def test_a_third_party_that_is_another_each_time_is_stopped_each_time() -> None:
    counting = Counting()
    images = [PAGE.replace(b"p.gif", b"%d.gif" % number) for number in range(6)]
    assert made_of(counting, *images) == 2
    frames = [PAGE.replace(PIXEL, b"<iframe src=//b.example/%d></iframe>" % n) for n in range(6)]
    assert made_of(counting, *frames) == 6


def test_after_a_page_on_which_the_gate_stops_otherwise_the_trail_is_recorded_anew() -> None:
    counting = Counting()
    made_of(counting, *numbered(3))
    other = PAGE.replace(b"</head>", b"</head><p><svg><b></svg>")
    assert made_of(counting, *numbered(3, other)) == 2
    assert made_of(counting, *numbered(9, other)) == 0
    assert made_of(counting, *numbered(9)) == 2


def test_a_page_with_other_tags_each_time_is_recorded_ever_less_often() -> None:
    recorded = []
    counting = Counting()
    keep_trail = counting.memo.keep_trail
    counting.memo.keep_trail = lambda *facts: recorded.append(number) or keep_trail(*facts)
    for number in range(400):
        counting.through(start(HTML), body(PAGE.replace(b"lang=de", b"lang=x%d" % number)))
    assert counting.made == 400
    assert recorded[0] == 1
    gaps = [after - before for before, after in itertools.pairwise(recorded)]
    assert gaps[:6] == [2, 4, 8, 16, 32, 64]
    assert set(gaps[6:]) == {64}


def test_a_page_that_stays_the_same_is_kept_again() -> None:
    counting = Counting()
    made_of(counting, *numbered(9))
    page = PAGE.replace(b"</body>", b"news</body>")
    made_of(counting, *[page] * 17)
    assert counting.memo.find(key_of(counting), page) is not None
    made_of(counting, *[page + b"<!-- 2 -->"] * 2)
    assert counting.memo.find(key_of(counting), page + b"<!-- 2 -->") is not None
    assert counting.made == 2


def key_of(counting: Counting) -> object:
    (key,) = counting.memo._young
    return key


def test_a_page_that_never_changes_leaves_no_trail() -> None:
    counting = Counting()
    made_of(counting, *[PAGE] * 5)
    assert counting.memo.trodden(key_of(counting)) is None


def test_bodies_that_differ_are_hashed_now_and_then() -> None:
    counting, hashed = Counting(), []
    made_of(counting, *numbered(3))
    store = counting.memo._store
    counting.memo._store = lambda *facts: hashed.append(facts) or store(*facts)
    made_of(counting, *numbered(160))
    assert 10 <= len(hashed) <= 22


def test_of_pages_with_other_text_nothing_is_kept_but_the_trail() -> None:
    counting = Counting()
    page = PAGE.replace(b"</body>", b"x" * 100_000 + b"</body>")
    made_of(counting, *numbered(40, page))
    assert 0 < counting.memo._young_bytes < 10_000


@pytest.mark.parametrize(
    "changed",
    [
        {"address": "/other"},
        {"headers": [(b"content-type", b"text/html; charset=iso-8859-1")]},
        {"headers": [HTML, (b"x-content-type-options", b"nosniff")]},
        {"headers": [HTML, PUBLIC]},
        {"headers": [HTML, (b"content-security-policy", b"script-src 'nonce-abc'")]},
        {"variant": variant()},
        {"variant": variant(personal=rendering(access=AGREED))},
        {"fetched": True},
    ],
)
def test_what_a_page_depends_on_has_trails_of_its_own(changed: dict[str, object]) -> None:
    counting = Counting()
    page = PAGE.replace(PIXEL, PIXEL + b"<iframe src=//www.video.example/1></iframe>")
    assert made_of(counting, *numbered(4, page)) == 2
    changed = dict(changed)
    counting.variant = changed.pop("variant", counting.variant)
    assert made_of(counting, *numbered(2, page), **changed) == 2


def test_what_is_one_visitors_alone_leaves_no_trail() -> None:
    assert made_of(Counting(personal=True), *numbered(6)) == 6


def test_what_must_not_be_stored_leaves_no_trail() -> None:
    headers = (HTML, (b"cache-control", b"no-store"))
    assert made_of(Counting(), *numbered(6), headers=headers) == 6


def test_what_the_beginning_of_a_page_tells_has_to_be_as_it_was() -> None:
    """Its charset, and whether it is HTML at all."""
    undeclared = ((b"content-type", b"text/html"),)
    page = PAGE.replace(b"<head>", b"<head><meta charset=utf-8><!-- 1 -->")
    counting = Counting()
    assert made_of(counting, *numbered(3, page), headers=undeclared) == 2
    assert made_of(counting, page.replace(b"1", b"2"), headers=undeclared) == 0
    for other, made in ((b"windows-1252", 1), (b"iso-2022-jp", 1), (b"iso-2022-kr", 0)):
        changed = page.replace(b"utf-8", other)
        assert made_of(counting, changed, headers=undeclared) == made
        assert made_of(counting, *numbered(9, page), headers=undeclared) < 9
    counting = Counting()
    assert made_of(counting, *numbered(3)) == 2
    assert made_of(counting, b"\xff\xfe" + PAGE) == 1
    text = Counting()
    assert made_of(text, b"text", b"text of a fragment", b"texts") == 2
    assert made_of(text, PIXEL.decode().encode("utf-16")) == 1, (
        "read as it is there is no tag in it"
    )
    assert made_of(Counting(), *numbered(3, PAGE), headers=()) == 2
    spaces, unknown = b" " * 5000, Counting()
    assert made_of(unknown, *numbered(3, spaces + PAGE), headers=()) == 0, "no browser looks so far"
    assert made_of(unknown, spaces + b"x", headers=()) == 0


@pytest.mark.parametrize("charset", ["shift_jis", "utf-16"])
def test_a_page_in_a_charset_that_is_not_read_as_it_is_leaves_no_trail(charset: str) -> None:
    pages = [page.decode().encode(charset) for page in numbered(5)]
    headers = ((b"content-type", f"text/html; charset={charset}".encode()),)
    assert made_of(Counting(), *pages, headers=headers) == 5


def test_a_page_in_one_piece_and_an_empty_one_goes_along_too() -> None:
    counting = Counting()
    for page in numbered(5, PAGE.replace(b"</html>", b"")):
        messages = start(HTML), body(page, more=True), body()
        assert counting.through(*messages) == Counting().through(*messages)
    assert counting.made == 2


@pytest.mark.parametrize("more", [[b"<p>more"], [b"", b"<p>", PIXEL], [b"<!--", PIXEL + b"-->"]])
def test_a_page_along_a_trail_that_goes_on_is_gated_to_its_end(more: list[bytes]) -> None:
    counting, fresh = Counting(), Counting()
    *before, page = numbered(4, PAGE.replace(b"</body></html>", b"<p></body>"))
    for each in before:
        counting.through(start(HTML), body(each, more=True), body())
    assert counting.made == 2
    rest = [*(body(piece, more=True) for piece in more), body()]
    longer = counting.through(start(HTML), body(page, more=True), *rest)
    assert longer == fresh.through(start(HTML), body(page, more=True), *rest)


def test_a_long_trail_is_not_kept() -> None:
    frames = b"".join(b"<iframe src=//b.example/%d></iframe>" % number for number in range(400))
    assert made_of(Counting(), *numbered(4, PAGE.replace(PIXEL, frames))) == 4
    assert made_of(Counting(), *numbered(4, PAGE.replace(PIXEL, frames[:4000]))) == 2


def test_a_trail_is_kept_only_if_along_it_its_own_page_leaves_as_it_did() -> None:
    counting = Counting()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recall, "replay", lambda *facts, closed: Replayed(b"something else", ()))
        assert made_of(counting, *numbered(6)) == 6
    assert made_of(Counting(), *numbered(6)) == 2


def test_a_trail_that_was_not_followed_of_late_is_forgotten() -> None:
    counting = Counting()
    counting.memo.tick(0)
    made_of(counting, *numbered(8))
    for now in (601, 1202):
        counting.memo.tick(now)
        assert made_of(counting, *numbered(1)) == 0
    for now in (1803, 2404):
        counting.memo.tick(now)
    assert made_of(counting, *numbered(2)) == 2


def test_trails_are_within_the_same_bounds_as_pages() -> None:
    counting = Counting()
    counting.memo = Memo(max_bytes=20_000)
    for number in range(60):
        made_of(counting, *numbered(3), address=f"/{number}")
        for generation in (counting.memo._young, counting.memo._old):
            assert sum(noted.size for noted in generation.values()) <= 10_000
    for too_few in (0, 4000):
        counting.memo = Memo(max_bytes=too_few)
        assert made_of(counting, *numbered(4)) == 4


openings = [b"<!doctype html><html lang=de><p>", b"<p>", b"<!doctype html><body><!--", b""]
pieces = st.sampled_from(
    [b"<p>", PIXEL, b"<html lang=de>", b"<!doctype html>", b"<body>", b"x", b"<", b"", b"-->"]
)
texts = st.lists(st.sampled_from([b"", b"1", b"<b>2</b>", PIXEL, b"<!--"]), max_size=3)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(openings), st.lists(pieces, max_size=3)), max_size=6), texts
)
def test_whatever_comes_in_whatever_order_leaves_as_if_nothing_were_remembered(
    bodies: list[tuple[bytes, list[bytes]]], texts: list[bytes]
) -> None:
    counting = Counting()
    for (first, others), text in itertools.product(bodies, [b"", *texts] * 2):
        *held, last = [first + text, *others]
        messages = [*(body(piece, more=True) for piece in held), body(last)]
        sent, one = counting.answer(start(HTML), *messages)
        fresh, other = Counting().answer(start(HTML), *messages)
        assert sent == fresh
        assert list(one.blocked) == list(other.blocked)


# The memory itself


def come(memo: Memo, key: Hashable, content: bytes) -> None:
    if memo.came_before(key, content):
        memo.keep(key, kept(content))


def test_a_body_is_kept_when_it_comes_a_second_time() -> None:
    memo = Memo()
    come(memo, "/", b"page")
    assert not remembering(memo, "/", b"page")
    come(memo, "/", b"page")
    assert remembering(memo, "/", b"page")
    assert not remembering(memo, "/", b"Page")
    assert not remembering(memo, "/other", b"page")


def test_a_page_of_which_every_copy_differs_is_never_kept() -> None:
    memo = Memo()
    for number in range(100):
        come(memo, "/", b"%032d" % number * 8)
    assert not any(noted.kept for noted in memo._young.values())


def test_what_was_not_asked_for_is_forgotten() -> None:
    memo = Memo(forgotten_seconds=10)
    memo.tick(100)
    for _ in range(2):
        come(memo, "/", b"page")
        come(memo, "/seldom", b"page")
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
        come(memo, "/", b"page")
        come(memo, "/", b"page")
    assert remembering(memo, "/", b"page")


def test_its_bytes_and_its_pages_are_bounded() -> None:
    memo = Memo(max_bytes=10_000)

    def held() -> int:
        generations = (memo._young, memo._old)
        return sum(noted.size for generation in generations for noted in generation.values())

    for number in range(200):
        for _ in range(2):
            come(memo, number, b"%d" % number * 100)
        assert remembering(memo, number, b"%d" % number * 100)
        assert held() <= 10_000
        assert memo._young_bytes == sum(noted.size for noted in memo._young.values())
    for number in range(20_000):
        come(memo, f"/{number}", b"x")
    assert len(memo._young) + len(memo._old) <= 2 * 4097


def addressed(number: int, length: int) -> tuple[object, ...]:
    """As a page's key is, with an address of this length that comes in three spellings."""
    path = f"/{number:x<{length}}"
    return (variant(), (path.encode(), path, b"q=" + path.encode(), True), ("text/html", ""), True)


def strings_in(memo: Memo) -> int:
    """How many bytes the keys of a memory hold, by walking them."""

    def length(part: object) -> int:
        if isinstance(part, tuple):
            return sum(map(length, part))
        return len(part) if isinstance(part, str | bytes) else 0

    return sum(length(key) for generation in (memo._young, memo._old) for key in generation)


@pytest.mark.parametrize("length", [20, 300, 900, 14_000])
def test_addresses_that_anybody_asks_for_are_within_the_bound(length: int) -> None:
    memo = Memo(max_bytes=200_000)
    longest = 0
    for number in range(600):
        come(memo, addressed(number, length), b"x")
        longest = max(longest, strings_in(memo))
    assert longest <= 200_000
    assert memo._young_bytes == sum(noted.size for noted in memo._young.values())


def test_a_page_below_a_very_long_address_pushes_no_other_out() -> None:
    memo = Memo(max_bytes=200_000)
    for _ in range(2):
        come(memo, "/", b"page")
    for number in range(100):
        for _ in range(2):
            come(memo, addressed(number, 14_000), b"x")
    assert len(memo._young) == 1
    assert remembering(memo, "/", b"page")


def test_a_large_body_is_not_kept() -> None:
    memo = Memo()
    for size, expected in ((512 * 1024, True), (512 * 1024 + 1, False)):
        for _ in range(2):
            come(memo, "/", b"x" * size)
        assert remembering(memo, "/", b"x" * size) == expected


def test_none_is_kept_where_there_is_no_room() -> None:
    memo = Memo(max_bytes=0)
    for _ in range(3):
        come(memo, "/", b"page")
    assert not remembering(memo, "/", b"page")
