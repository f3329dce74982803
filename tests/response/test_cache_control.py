"""What the directives of Cache-Control allow, commas in quoted strings notwithstanding."""

import pytest
from starlette.datastructures import MutableHeaders

from consentgate.response.cache_control import (
    cache_control,
    directives_of,
    forbids_storing,
    is_shared,
    is_unshared,
    lasts,
    revalidated,
    unshared,
)


def test_a_comma_in_a_quoted_string_ends_no_directive() -> None:
    told = 'Public , max-age = "60",, community="a, private\\", no-store", x'
    assert [(name, argument) for name, argument, _ in directives_of(told)] == [
        ("public", ""),
        ("max-age", '"60"'),
        ("community", '"a, private\\", no-store"'),
        ("x", ""),
    ]


EXPIRES = {"expires": "Sat, 21 Nov 2099 10:00:00 GMT"}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, False),
        (EXPIRES, True),
        ({"cache-control": "private"}, False),
        ({"cache-control": "private"} | EXPIRES, True),
        ({"cache-control": "private, max-age=9"}, True),
        ({"cache-control": "private, max-age=0"}, False),
        ({"cache-control": "private, max-age=0"} | EXPIRES, False),
        ({"cache-control": "private, no-cache"} | EXPIRES, False),
        ({"cache-control": 'private, no-cache="x-foo"'} | EXPIRES, True),
        ({"cache-control": "private, max-age=0, stale-while-revalidate=60"}, True),
        ({"cache-control": "private, max-age=0, stale-while-revalidate=0"}, False),
    ],
)
def test_what_lasts_is_used_again_before_it_is_asked_for(
    headers: dict[str, str], expected: bool
) -> None:
    assert lasts(MutableHeaders(headers)) is expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("", False),
        ("no-cache", False),
        ("public", True),
        ("max-age=60", True),
        ('max-age="60"', True),
        ("max-age=0", False),
        ("max-age=00", False),
        ("max-age=", False),
        ("private, max-age=60", False),
        ("PRIVATE , max-age=60", False),
        ("s-maxage=9, no-store", False),
        ("no-cache, s-maxage=5", True),
        ("x-max-age=60", False),
        ('community="a, public"', False),
        ('public, community="a, private"', True),
        ('private="x-foo", max-age=600', True),
        ('private="x-foo"', False),
        ("must-understand, no-store, max-age=600", True),
        ("must-understand, no-store", False),
        ("must-understand, no-store, private, max-age=600", False),
    ],
)
def test_shared_is_what_a_cache_between_may_store(told: str, expected: bool) -> None:
    assert is_shared(told) is expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("", False),
        ("no-cache", False),
        ("private", True),
        ("max-age=9, No-Store", True),
        ('private="set-cookie"', False),
        ('private="set-cookie", private', True),
        ("no-store, must-understand", False),
        ('community="private"', False),
    ],
)
def test_no_cache_between_stores_what_is_private_as_a_whole(told: str, expected: bool) -> None:
    assert is_unshared(told) is expected
    assert is_unshared(unshared(told))
    assert unshared(told).startswith(told)


def test_a_string_that_is_never_closed_swallows_nothing_of_ours() -> None:
    assert unshared('community="a, private') == 'private, community="a, private'


def test_what_only_browsers_keep_loses_the_terms_for_all_and_no_prohibition() -> None:
    told = "public, s-maxage=60, max-age=60, no-transform, must-understand, no-store"
    assert revalidated(told) == "private, no-cache, no-transform, no-store"


def test_a_prohibition_to_store_is_one_whoever_may_pass_it_over() -> None:
    assert forbids_storing("must-understand, no-store")
    assert not forbids_storing('x="no-store"')


def test_several_headers_of_one_name_are_one_list() -> None:
    raw = [(b"cache-control", b"public"), (b"cache-control", b"private")]
    assert not is_shared(cache_control(MutableHeaders(raw=raw)))
