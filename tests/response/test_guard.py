"""What is no page but runs by itself: whose policy it has, and what caches make of it."""

from __future__ import annotations

import pytest

from tests.response.test_responder import (
    AGREED,
    PERSONAL,
    SHARED,
    Message,
    body,
    headers_of,
    plan,
    rendering,
    start,
    through,
)

VARIANT = plan().request.variant
OWN, NOBODYS = VARIANT.personal.policy.encode(), VARIANT.canonical_policy.encode()
SCRIPT = (b"content-type", b"text/javascript")
DRAWING = (b"content-type", b"image/svg+xml")
TAGGED = (b"etag", b'"v1"')
DATED = (b"last-modified", b"Sat, 21 Nov 2020 10:00:00 GMT")
CACHE = b"cache-control"
POLICY = b"content-security-policy"
LOOKUPS = b"x-dns-prefetch-control"
Headers = tuple[tuple[bytes, bytes], ...]


def answered(*headers: tuple[bytes, bytes], status: int = 200, **asked: object) -> dict:
    sent: list[Message] = through(start(*headers, status=status), body(b"1"), **asked)
    return dict(headers_of(sent[0]))


@pytest.mark.parametrize(
    ("said", "cached"),
    [
        ((), b"private"),
        ((DATED,), b"private, no-cache"),
        ((TAGGED, DATED), b"private, no-cache"),
        (((b"expires", b"Sat, 21 Nov 2099 10:00:00 GMT"),), b"private"),
        (((CACHE, b"private, max-age=86400"),), b"private, max-age=86400"),
        (((CACHE, b'private="x-foo"'),), b'private="x-foo", private'),
        (((CACHE, b"no-store"), (b"cdn-cache-control", b"max-age=600")), b"no-store"),
    ],
)
@pytest.mark.parametrize(
    ("kind", "destination"),
    [
        (SCRIPT, "worker"),
        (SCRIPT, "sharedworker"),
        (SCRIPT, ""),
        (DRAWING, "document"),
        (DRAWING, "iframe"),
        ((b"content-type", b"application/xhtml+xml"), "document"),
        ((b"content-type", b"text/xml"), "frame"),
    ],
)
def test_what_has_its_visitors_policy_is_its_visitors_alone(
    kind: tuple[bytes, bytes], destination: str, said: Headers, cached: bytes
) -> None:
    headers = answered(kind, *said, fetch_dest=destination)
    assert headers[POLICY] == OWN
    assert headers[CACHE] == cached
    assert headers[b"vary"] == b"Cookie"
    assert headers.keys().isdisjoint({b"last-modified", b"cdn-cache-control"})
    assert headers.get(b"etag", b"") in {b"", f'W/"v1-cgs{PERSONAL}"'.encode()}


def test_a_page_that_cannot_be_read_is_its_visitors_alone() -> None:
    packed = (b"content-type", b"text/html"), (b"content-encoding", b"compress")
    headers = answered(*packed, TAGGED, fetch_dest="document")
    assert (headers[POLICY], headers[CACHE]) == (OWN, b"private, no-cache")


@pytest.mark.parametrize(
    "said", [(), ((CACHE, b"public, max-age=9"), (b"cdn-cache-control", b"max-age=600"))]
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_page_in_a_coding_that_a_picture_may_have_is_kept_nowhere(
    said: Headers, method: str
) -> None:
    """A page asked for as an image comes in codings that a page to be shown is not asked for in."""
    packed = (b"content-type", b"text/html"), (b"content-encoding", b"dcz")
    for destination in ("image", "script"):
        headers = answered(*packed, *said, method=method, fetch_dest=destination)
        assert headers[CACHE] == b"no-store"
        assert b"cdn-cache-control" not in headers
    shown = answered(*packed, *said, fetch_dest="document")
    assert shown[CACHE] == dict(said).get(CACHE, b"private")


@pytest.mark.parametrize(
    ("headers", "destination"),
    [
        ((SCRIPT,), "script"),
        ((SCRIPT,), "serviceworker"),
        ((DRAWING,), "image"),
        (((b"content-type", b"application/pdf"),), "document"),
        (((b"content-type", b"application/octet-stream"),), "document"),
        ((DRAWING, (b"content-disposition", b"attachment")), "document"),
        ((SCRIPT, (CACHE, b"public, max-age=60")), "worker"),
        ((SCRIPT, (CACHE, b"max-age=60")), ""),
    ],
)
def test_what_opens_nothing_is_as_cacheable_as_it_came(headers: Headers, destination: str) -> None:
    """The parts of a page, what caches share, and what is saved and may be resumed."""
    told = (*headers, TAGGED, DATED)
    found = answered(*told, fetch_dest=destination)
    found.pop(LOOKUPS, None)
    assert found == {**dict(told), POLICY: NOBODYS}


@pytest.mark.parametrize(
    ("kind", "lookups"),
    [
        (DRAWING, b"off"),
        ((b"content-type", b"application/xhtml+xml; charset=utf-8"), b"off"),
        ((b"content-type", b"text/xsl"), b"off"),
        (SCRIPT, None),
    ],
)
def test_no_host_of_a_link_is_looked_up_in_a_document_that_is_not_gated(
    kind: tuple[bytes, bytes], lookups: bytes | None
) -> None:
    assert answered(kind, fetch_dest="document").get(LOOKUPS) == lookups


def test_what_a_script_fetches_opens_nothing_because_a_worker_may_store_it() -> None:
    headers = answered(SCRIPT, DATED, fetch_dest="empty", fetched=True)
    assert headers == {**dict((SCRIPT, DATED)), POLICY: NOBODYS}


def test_a_picture_has_no_policy_and_no_less_of_a_cache() -> None:
    told = ((b"content-type", b"image/png"), TAGGED, DATED)
    assert answered(*told, fetch_dest="image") == dict(told)


def test_without_word_of_its_use_nobodys_policy_costs_no_cache() -> None:
    """A visitor who agreed to nothing, in a browser that sends no fetch metadata."""
    refusing = rendering(policy=VARIANT.canonical_policy)
    told = (SCRIPT, TAGGED, DATED)
    headers = answered(*told, fetch_dest="", personal=refusing)
    assert headers == {**dict(told), POLICY: NOBODYS}
    worker = answered(*told, fetch_dest="worker", personal=refusing)
    assert worker[CACHE] == b"private, no-cache", "or it would not work once they agree"


def test_where_there_is_nothing_to_agree_to_nothing_is_personal() -> None:
    same = rendering(policy=VARIANT.canonical_policy)
    told = (SCRIPT, TAGGED, DATED)
    headers = answered(*told, fetch_dest="worker", personal=same, shared=same)
    assert headers == {**dict(told), POLICY: NOBODYS}


def test_a_confirmed_worker_has_the_headers_that_it_was_sent_with() -> None:
    own_policy = (POLICY, b"script-src 'self'")
    for said in ((), ((CACHE, b"private, max-age=9"),), ((CACHE, b"public, max-age=9"),)):
        told = (*said, TAGGED, own_policy)
        sent = through(start(SCRIPT, *told), body(b"1"), fetch_dest="worker")[0]["headers"]
        tag = dict(sent)[b"etag"]
        asked = frozenset({PERSONAL}) if PERSONAL.encode() in tag else frozenset()
        again = through(start(*told, status=304), body(), fetch_dest="worker", revalidates=asked)[
            0
        ]["headers"]
        assert sorted(again) == sorted(header for header in sent if header != SCRIPT)


def test_a_shared_page_that_is_asked_about_as_a_worker_is_confirmed_as_it_is() -> None:
    """A cache between asks for whoever comes first, and hands on what it is told."""
    told = ((CACHE, b"public, max-age=9"), TAGGED, (POLICY, b"script-src 'self'"))
    page, worker = (
        through(start(*told, status=304), fetch_dest=dest, revalidates=frozenset({SHARED}))
        for dest in ("document", "worker")
    )
    assert worker == page
    assert SHARED.encode() in headers_of(page[0])[b"etag"]


def test_a_confirmation_of_a_tag_that_is_not_ours_opens_nothing() -> None:
    headers = answered(TAGGED, (CACHE, b"private"), status=304, fetch_dest="worker")
    assert headers == {b"etag": b'"v1"', CACHE: b"private", POLICY: NOBODYS}


@pytest.mark.parametrize("destination", ["image", "font", "style", "empty"])
def test_a_confirmed_picture_has_no_policy_either(destination: str) -> None:
    assert answered(TAGGED, status=304, fetch_dest=destination) == dict([TAGGED])


@pytest.mark.parametrize("destination", ["image", "empty"])
def test_a_policy_of_the_application_takes_no_place_of_ours_in_what_is_stored(
    destination: str,
) -> None:
    """What a confirmation tells replaces all that is stored by that name (RFC 9111, section 3.2).

    A drawing that is asked about as an image is opened as a document next.
    """
    policy = (POLICY, b"script-src 'self'")
    (sent,) = through(start(TAGGED, policy, status=304), fetch_dest=destination)
    assert [value for name, value in sent["headers"] if name == POLICY] == [policy[1], NOBODYS]


@pytest.mark.parametrize("said", [(), (DATED,), ((CACHE, b"no-cache"),)])
@pytest.mark.parametrize(
    ("kind", "content", "destination"),
    [
        (((b"content-type", b"text/css"),), b"p{}", "style"),
        (((b"content-type", b"image/png"),), b"\x89PNG", "image"),
        (((b"content-type", b"application/pdf"),), b"%PDF", "document"),
        ((), b"{}", "empty"),
    ],
)
def test_what_a_cache_may_hand_to_others_contacts_nobody_that_one_visitor_agreed_to(
    kind: Headers, content: bytes, destination: str, said: Headers
) -> None:
    """Caches store what says nothing of it, by their own rules (RFC 9111, section 4.2.2)."""
    link = (b"link", b"<https://www.video.example>; rel=preconnect, </own.css>; rel=preload")
    agreed = {"personal": rendering(access=AGREED), "fetch_dest": destination}
    sent = through(start(*kind, *said, link), body(content), **agreed)
    assert headers_of(sent[0])[b"link"].strip() == b"</own.css>; rel=preload"


def test_what_is_one_visitors_alone_may_contact_whom_that_one_agreed_to() -> None:
    link = (b"link", b"<https://www.video.example>; rel=preconnect")
    agreed = {"personal": rendering(access=AGREED), "fetch_dest": "document"}
    assert answered(DRAWING, link, **agreed)[b"link"] == link[1]


def test_an_answer_without_content_keeps_its_tag() -> None:
    """As to PUT: it is neither document nor worker."""
    headers = answered(TAGGED, status=204, method="PUT", fetch_dest="")
    assert headers == {**dict([TAGGED]), POLICY: NOBODYS}


def test_what_was_sniffed_for_nothing_is_its_visitors_too() -> None:
    headers = answered(TAGGED, fetch_dest="document", personal=rendering(access=AGREED))
    assert (headers[POLICY], headers[CACHE]) == (OWN, b"private, no-cache")
    assert SHARED.encode() not in headers[b"etag"]
