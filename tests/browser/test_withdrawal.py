"""What a withdrawal takes out of the browser, on a host of three levels, and that it stays out.

The cookies lie wherever scripts and servers are known to put them: on the host alone, on each
domain above it, under paths, out of reach of scripts, and in the jar of partitioned cookies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from starlette.responses import HTMLResponse

from tests.browser.small_site import PERSONAL, SHARED, bare, gated, tls_files
from tests.browser.visitor import Visitor
from tests.live_server import App

HOST = "www.shop.example.test"
PLACES = (
    "",
    "; Domain=www.shop.example.test",
    "; Domain=.shop.example.test",
    "; Domain=.example.test",
    "; Path=/shop",
    "; Path=/shop/",
    "; Path=/shop/item",
    "; Path=/shop; Domain=.example.test",
    "; Path=/; HttpOnly",
    "; Path=/; Domain=.example.test; HttpOnly",
    "; Path=/; Secure; Partitioned",
    "; Path=/; Secure; Partitioned; HttpOnly; Domain=.example.test",
)
REWRITES = "<script>document.cookie = '_ga=again; path=/; max-age=999';\
 localStorage.setItem('wistia', 'again'); localStorage.own = '1'</script>"
PAGE = "/shop/item"

variants = pytest.mark.parametrize("headers", [PERSONAL, SHARED], ids=["personal", "shared"])


@pytest.fixture
def come(tmp_path, serve, visit, recorder) -> Callable[[App], Visitor]:
    """A visitor of an application that is served by https at a host of three levels."""

    def arrive(app: App) -> Visitor:
        files, key_hash = tls_files(tmp_path, HOST)
        trusted = f"--ignore-certificate-errors-spki-list={recorder.key_hash},{key_hash}"
        visitor = visit(serve(app, **files), host=HOST, extra_flags=[trusted])
        visitor.base_url = f"https://{HOST}"
        return visitor

    return arrive


@pytest.fixture
def arrive(tmp_path, come) -> Callable[[Mapping[str, str]], Visitor]:
    """A visitor of the gated site, whose pages have these headers."""
    own = HTMLResponse("<p>Answered by the site itself", headers=dict(PERSONAL))
    return lambda headers: come(gated(bare({PAGE: REWRITES, "/shop/own": own}, headers), tmp_path))


def fill(visitor: Visitor) -> set[tuple[str, ...]]:
    """Put cookies of a service everywhere; the whole lot afterwards."""
    browser = visitor.context.new_cdp_session(visitor.page)
    for number, place in enumerate(PLACES):
        name = "_ga" if number in {1, 3, 5, 7} else f"_ga_{number}"
        attributes = dict(part.strip().partition("=")[::2] for part in place.split(";")[1:])
        taken = browser.send("Network.setCookie", _cookie(name, attributes))
        assert taken["success"], place
    return stored(visitor)


def _cookie(name: str, attributes: Mapping[str, str]) -> dict[str, object]:
    cookie: dict[str, object] = {"name": name, "value": "1", "url": f"https://{HOST}{PAGE}"}
    cookie["path"] = attributes.get("Path", "/")
    cookie["httpOnly"] = "HttpOnly" in attributes
    if domain := attributes.get("Domain"):
        cookie["domain"] = domain
    if "Partitioned" in attributes:
        site = {"topLevelSite": "https://example.test", "hasCrossSiteAncestor": False}
        cookie |= {"secure": True, "sameSite": "None", "partitionKey": site}
    return cookie


def stored(visitor: Visitor) -> set[tuple[str, ...]]:
    """Each cookie of a service in the browser: name, domain, path, and whether partitioned."""
    browser = visitor.context.new_cdp_session(visitor.page)
    return {
        (c["name"], c["domain"], c["path"], str("partitionKey" in c))
        for c in browser.send("Storage.getCookies")["cookies"]
        if c["name"].startswith("_ga")
    }


@variants
def test_a_withdrawal_takes_every_cookie_and_key_and_they_stay_away(arrive, headers):
    visitor = arrive(headers)
    visitor.goto(PAGE)
    assert visitor.page.evaluate("({ ...localStorage })") == {"own": "1"}
    assert stored(visitor) == set(), "nothing yet, whatever the page's script writes"
    visitor.press("Accept all")
    visitor.goto(PAGE)
    assert visitor.page.evaluate("localStorage.wistia") == "again"
    assert len(fill(visitor)) == len(PLACES)

    visitor.goto(f"/_gate/preferences?back={PAGE}")
    visitor.press("Withdraw all")
    assert "/" not in {path for _, _, path, _ in stored(visitor)}
    visitor.goto(PAGE)
    assert visitor.page.evaluate("({ ...localStorage })") == {"own": "1"}
    if headers is SHARED:
        # Caches answer for these pages. What lies under a path waits for the site's own answer.
        visitor.goto("/shop/own")
        visitor.goto(PAGE)
        assert {cookie[:3] for cookie in stored(visitor)} <= {("_ga_6", HOST, PAGE)}
    else:
        assert stored(visitor) == set(), "the page's script has tried again"


def test_without_the_gate_they_would_all_be_there(come):
    visitor = come(bare({PAGE: REWRITES}))
    visitor.goto(PAGE)
    filled = fill(visitor)
    assert len(filled) == len(PLACES)
    visitor.goto(PAGE)
    assert stored(visitor) == filled
    assert visitor.page.evaluate("localStorage.wistia") == "again"
