"""Validators name their variant, and no validator of another variant reaches the app."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import MutableHeaders

from consentgate.response.variants import (
    conditional_request,
    make_personal,
    make_shared,
    navigates,
    variant_key,
    variant_tag,
)

KEY = variant_key("a")
OTHER = variant_key("b")
SHARED = variant_key("for everybody")


@given(st.sampled_from([b'"x"', b'W/"x"', b'""', b'"a-cg"', b'W/"deadbeef,-"']))
def test_a_tag_of_this_variant_comes_back_as_the_apps_own(etag: bytes) -> None:
    request = conditional_request(
        [(b"if-none-match", variant_tag(etag, KEY))], [KEY, SHARED], method="GET", navigates=True
    )
    assert request.headers == [(b"if-none-match", etag)]
    assert request.ours == {KEY}


def test_a_tag_of_another_variant_never_reaches_the_app() -> None:
    headers = [
        (b"if-none-match", variant_tag(b'"x"', OTHER)),
        (b"if-modified-since", b"Sat, 21 Nov 2026 10:00:00 GMT"),
    ]
    request = conditional_request(headers, [KEY, SHARED], method="GET", navigates=False)
    assert request.headers == []
    assert not request.ours


def test_a_navigation_loses_validators_from_before_the_gate() -> None:
    headers = [
        (b"if-none-match", b'"x"'),
        (b"if-modified-since", b"Sat, 21 Nov 2026 10:00:00 GMT"),
        (b"range", b"bytes=0-9"),
        (b"if-range", b'"x"'),
        (b"accept", b"text/html"),
    ]
    request = conditional_request(headers, [KEY, SHARED], method="GET", navigates=True)
    assert request.headers == [(b"accept", b"text/html")]


def test_what_is_no_document_keeps_its_own_validators_and_ranges() -> None:
    headers = [
        (b"range", b"bytes=0-9"),
        (b"if-range", b'"x"'),
        (b"if-modified-since", b"Sat, 21 Nov 2026 10:00:00 GMT"),
        (b"if-none-match", b'"x", W/"y"'),
    ]
    assert (
        conditional_request(headers, [KEY, SHARED], method="GET", navigates=False).headers
        == headers
    )


@pytest.mark.parametrize("method", ["PUT", "POST", "PATCH", "DELETE"])
@pytest.mark.parametrize("navigating", [False, True])
def test_what_changes_something_keeps_every_condition(method: str, *, navigating: bool) -> None:
    headers = [
        (b"if-none-match", b"*"),
        (b"if-none-match", b'"v1", W/"v2"'),
        (b"if-match", b'"v1"'),
        (b"if-modified-since", b"Sat, 21 Nov 2026 10:00:00 GMT"),
        (b"if-unmodified-since", b"Sat, 21 Nov 2026 10:00:00 GMT"),
        (b"range", b"bytes=0-9"),
        (b"if-range", b'"x"'),
    ]
    request = conditional_request(headers, [KEY, SHARED], method=method, navigates=navigating)
    assert request.headers == headers


@pytest.mark.parametrize("name", [b"if-match", b"if-none-match"])
@pytest.mark.parametrize("etag", [b'"x"', b'W/"x"'])
def test_what_changes_something_names_the_apps_own_tag(name: bytes, etag: bytes) -> None:
    """Whichever variant it was read from: the page behind it is the same."""
    tags = b", ".join([b'"other"', *(variant_tag(etag, key) for key in (KEY, OTHER))])
    request = conditional_request([(name, tags)], [KEY, SHARED], method="PUT", navigates=False)
    assert request.headers == [(name, b", ".join([b'"other"', etag, etag]))]
    assert not request.ours


def test_a_page_that_must_be_the_same_still_is_the_variant_that_was_read() -> None:
    mine, other = (b"if-match", variant_tag(b'"x"', KEY)), (b"if-match", variant_tag(b'"x"', OTHER))
    request = conditional_request([mine, other], [KEY], method="GET", navigates=False)
    assert request.headers == [(b"if-match", b'"x"'), other]


@pytest.mark.parametrize(("navigating", "kept"), [(False, [(b"if-none-match", b"*")]), (True, [])])
def test_a_condition_on_any_page_is_kept_where_none_is_shown(
    navigating: bool, kept: list[tuple[bytes, bytes]]
) -> None:
    asked = [(b"if-none-match", b"*")]
    request = conditional_request(asked, [KEY], method="GET", navigates=navigating)
    assert request.headers == kept


def test_a_part_is_not_asked_for_without_its_condition() -> None:
    part = [(b"range", b"bytes=5-"), (b"if-range", b'"x"')]
    for key in (KEY, OTHER):
        headers = [*part, (b"if-none-match", variant_tag(b'"y"', key))]
        asked = conditional_request(headers, [KEY], method="GET", navigates=False).headers
        assert [header for header in asked if header[0] != b"if-none-match"] == part


@pytest.mark.parametrize(
    ("destination", "accept", "expected"),
    [
        ("document", "", True),
        ("fencedframe", "*/*", True),
        ("iframe", "*/*", True),
        ("image", "text/html", False),
        ("", "text/html,*/*", True),
        ("", "*/*", False),
    ],
)
def test_navigations_are_told_by_fetch_metadata_then_by_accept(
    destination: str, accept: str, expected: bool
) -> None:
    assert navigates(destination, accept) is expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"cache-control": "private", "vary": "Cookie"}),
        (
            {"etag": '"v1"'},
            {"cache-control": "private, no-cache", "etag": f'W/"v1-cgs{KEY}"', "vary": "Cookie"},
        ),
        (
            {"cache-control": "public, max-age=600", "vary": "Accept-Encoding"},
            {"cache-control": "private, no-cache", "vary": "Accept-Encoding, Cookie"},
        ),
        (
            {"cache-control": "no-store", "vary": "cookie", "last-modified": "yesterday"},
            {"cache-control": "no-store", "vary": "cookie"},
        ),
        ({"cache-control": "no-cache"}, {"cache-control": "no-cache, private", "vary": "Cookie"}),
        (
            {"cache-control": 'private="x-foo", max-age=600'},
            {"cache-control": "private, no-cache", "vary": "Cookie"},
        ),
        (
            {"cache-control": 'private="x-foo"'},
            {"cache-control": 'private="x-foo", private', "vary": "Cookie"},
        ),
        (
            {"cache-control": "must-understand, no-store"},
            {"cache-control": "must-understand, no-store, private", "vary": "Cookie"},
        ),
        (
            {"cache-control": "public, max-age=60, no-transform"},
            {"cache-control": "private, no-cache, no-transform", "vary": "Cookie"},
        ),
    ],
)
def test_a_gated_page_is_this_visitors_alone(before: dict[str, str], after: dict[str, str]) -> None:
    headers = MutableHeaders(before)
    make_personal(headers, KEY)
    assert dict(headers) == after


def test_a_request_may_carry_the_tag_of_either_variant() -> None:
    tags = b", ".join(variant_tag(b'"x"', key) for key in (KEY, SHARED, OTHER))
    request = conditional_request(
        [(b"if-none-match", tags)], [KEY, SHARED], method="GET", navigates=True
    )
    assert request.headers == [(b"if-none-match", b'"x"')]
    assert request.ours == {KEY, SHARED}


def test_a_page_for_everybody_is_stored_as_the_application_said() -> None:
    headers = MutableHeaders(
        {"cache-control": "public, s-maxage=9", "etag": '"v"', "last-modified": "x", "age": "1"}
    )
    make_shared(headers, SHARED)
    assert dict(headers) == {
        "cache-control": "public, s-maxage=9",
        "etag": f'W/"v-cgs{SHARED}"',
        "age": "1",
    }


@pytest.mark.parametrize(
    "name",
    [
        "x-accel-expires",
        "surrogate-control",
        "cdn-cache-control",
        "cloudflare-cdn-cache-control",
        "edge-control",
        "x-litespeed-cache-control",
    ],
)
def test_no_cache_between_is_told_apart_to_store_what_is_one_visitors(name: str) -> None:
    headers = MutableHeaders({name: "max-age=600", "cache-control": "no-cache"})
    make_personal(headers, KEY)
    assert name not in headers
