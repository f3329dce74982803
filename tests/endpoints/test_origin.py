"""Only this site's own pages may submit a choice."""

import pytest
from starlette.datastructures import Headers

from consentgate.endpoints.origin import (
    is_own_frame,
    is_own_navigation,
    is_same_origin,
    referring_page,
)
from consentgate.wiring import Place

PLACE = Place("http", "www.example.com", "8000")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-site", "origin": "http://www.example.com:8000"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"origin": "http://www.example.com:8000"}, True),
        ({"origin": "https://www.example.com:8000"}, True),
        ({"origin": "http://www.example.com"}, False),
        ({"origin": "http://www.example.com:8000.evil.example"}, False),
        ({"origin": "ftp://www.example.com:8000"}, False),
        ({"origin": "null"}, False),
        ({"origin": ""}, False),
        ({}, False),
    ],
)
def test_a_form_counts_only_from_the_same_origin(headers: dict[str, str], expected: bool) -> None:
    assert is_same_origin(Headers(headers), PLACE) is expected


CLICK = {
    "sec-fetch-site": "same-origin",
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "document",
}


def test_a_click_on_this_site_is_an_own_navigation() -> None:
    assert is_own_navigation(Headers(CLICK))


@pytest.mark.parametrize(
    "change",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-mode": "no-cors"},
        {"sec-fetch-dest": "image"},
        {"sec-fetch-dest": "iframe"},
        {"sec-purpose": "prefetch;prerender"},
        {"purpose": "prefetch"},
    ],
)
def test_nothing_else_is(change: dict[str, str]) -> None:
    assert not is_own_navigation(Headers(CLICK | change))


OWN = "http://www.example.com:8000"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"sec-fetch-site": "same-origin", "sec-fetch-dest": "iframe"}, True),
        ({"sec-fetch-site": "same-origin", "sec-fetch-dest": "frame"}, True),
        ({"sec-fetch-site": "same-origin", "sec-fetch-dest": "document"}, False),
        ({"sec-fetch-site": "same-origin"}, False),
        ({"sec-fetch-site": "cross-site", "sec-fetch-dest": "iframe"}, False),
        ({"sec-fetch-site": "none", "sec-fetch-dest": "iframe", "referer": f"{OWN}/"}, False),
        ({"referer": f"{OWN}/page"}, True),
        ({"referer": "https://www.example.com:8000/page"}, True),
        ({"referer": f"{OWN}.evil.example/"}, False),
        ({"referer": "https://evil.example/"}, False),
        ({}, False),
    ],
)
def test_a_frame_is_our_own_on_a_page_of_this_very_origin(
    headers: dict[str, str], expected: bool
) -> None:
    assert is_own_frame(Headers(headers), PLACE) is expected


@pytest.mark.parametrize(
    ("referer", "page"),
    [
        (f"{OWN}/a?b=1", "/a?b=1"),
        (f"{OWN}//evil.example/", ""),
        ("https://evil.example/a", ""),
        ("", ""),
    ],
)
def test_the_page_around_is_one_of_this_site(referer: str, page: str) -> None:
    assert referring_page(Headers({"referer": referer}), PLACE) == page
