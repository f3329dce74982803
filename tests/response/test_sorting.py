"""What passes beside the gate changes nothing of what goes through it, whatever its value."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from consentgate.response.head import head_of, headers_of
from consentgate.response.opening import opening_of
from consentgate.response.plan import Request
from consentgate.response.sorting import READ, sort
from consentgate.response.variants import Header
from tests.response.test_memo import Counting
from tests.response.test_responder import HTML, PAGE, body, content_of, start, variant

# Those of the IANA registry (HTTP Field Name Registry) that an answer may have or once had, and
# others that servers send.
NAMES = Path(__file__).with_name("field_names.txt").read_text(encoding="ascii").split()
ELSEWHERE = {"content-length", "set-cookie", "transfer-encoding"}
VALUES = [
    b"public, max-age=300",
    b"no-store",
    b"gzip",
    b"attachment",
    b"nosniff",
    b"text/html; charset=utf-16",
    b"<https://nobody.example/x.js>; rel=preload; as=script",
    b"0; url=https://nobody.example/",
    b"script-src 'nonce-abcdefghijklmnopqrstuvwx'; report-uri https://nobody.example/",
    b'default="https://nobody.example/"',
    b'{"group":"b","endpoints":[{"url":"https://nobody.example/"}],"max_age":9}',
    b'{"report_to":"a","max_age":9}',
    b'"a"',
    b"*",
    b"off",
]
VARIANT = variant(vary_kept=("Sec-Fetch-Dest",))
ASKED = [
    Request(VARIANT, "GET", "document"),
    Request(VARIANT, "GET", "empty", fetched=True),
    Request(VARIANT, "HEAD", ""),
    Request(VARIANT, "GET", "worker"),
]
COLLECTOR = b'{"group":"a","endpoints":[{"url":"https://nobody.example/"}],"max_age":9}'
OTHERS = [
    (),
    (HTML, (b"report-to", COLLECTOR)),
    (HTML, (b"cache-control", b"max-age=9"), (b"etag", b'"1"')),
]
KEYS = ("0" * 12, "1" * 12)
ANSWERS = list(itertools.product(ASKED, OTHERS, (200, 304)))


def made(request: Request, status: int, headers: tuple[Header, ...]) -> tuple[object, list[Header]]:
    """All that follows from the headers of an answer, and the headers that do."""
    head = head_of.__wrapped__(request, frozenset(KEYS[:1]), KEYS, status, False, headers)
    opening = opening_of(head, PAGE, ended=True)
    assert opening is not None
    facts = [getattr(head, name) for name in head.__slots__ if name != "raw"]
    return (opening, facts), sorted([*head.raw, *headers_of.__wrapped__(head, opening)])


WITHOUT = [made(request, status, others) for request, others, status in ANSWERS]


@pytest.mark.parametrize("name", sorted(set(NAMES) - ELSEWHERE))
def test_a_header_is_read_or_changes_nothing(name: str) -> None:
    """Of each that is read some value changes something: none is in the list for nothing."""
    changed = False
    for value in VALUES:
        extra = (name.encode(), value)
        for (request, others, status), (outcome, headers) in zip(ANSWERS, WITHOUT, strict=True):
            same = outcome, sorted([*headers, extra, extra])
            changed = changed or made(request, status, (*others, extra)) != same
    read, *_ = sort([extra])
    assert changed == bool(read)


def test_every_header_that_is_read_is_among_the_names() -> None:
    assert {name.decode() for name in READ} <= set(NAMES)


def test_each_kind_keeps_its_order_and_nothing_is_lost() -> None:
    headers = [
        (b"X-A", b"1"),
        (b"Vary", b"a"),
        (b"Set-Cookie", b"a=1"),
        (b"Content-Length", b"5"),
        (b"x-a", b"2"),
        (b"VARY", b"b"),
        (b"My-CDN-Cache-Control", b"public"),
        (b"set-cookie", b"b=2"),
    ]
    read, beside, lengths, cookies = sort(headers)
    assert (read, [name for name, _ in read], beside, lengths, cookies) == (
        [(b"vary", b"a"), (b"vary", b"b"), (b"my-cdn-cache-control", b"public")],
        [b"vary", b"vary", b"my-cdn-cache-control"],
        [(b"x-a", b"1"), (b"x-a", b"2")],
        [(b"content-length", b"5")],
        [b"a=1", b"b=2"],
    )


def test_answers_with_a_number_each_are_gated_once() -> None:
    counting = Counting()
    head_of.cache_clear()
    headers_of.cache_clear()
    for number in range(5):
        told = (b"x-request-id", b"%d" % number)
        sent = counting.through(start(HTML, told), body(PAGE))
        assert told in sent[0]["headers"]
        assert b"data-cg-src" in content_of(sent)
    assert counting.made == 2
    assert head_of.cache_info().misses == headers_of.cache_info().misses == 1
