"""One page for everybody, out of a real cache: each visitor sees what that visitor agreed to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from example_site.app import CONFIG
from example_site.site import create_app
from tests.browser import third_parties
from tests.browser.nginx import Nginx, caching, find_nginx
from tests.browser.visitor import NOBODY, Visitor, with_and_without_script
from tests.gated import behind_gate
from tests.live_server import LiveServer

PAGE = "/courses"
ON_THE_PAGE = frozenset(
    {
        "cdn.jsdelivr.net",
        "cdnjs.cloudflare.com",
        "fonts.googleapis.com",
        "www.google-analytics.com",
        "www.googletagmanager.com",
        "www.youtube.com",
    }
)
"""The declared third parties of the page, all of which are to come after agreement."""

IN_FRAMES = frozenset({"www.youtube.com"})


@pytest.fixture
def site(tmp_path: Path, serve: Callable[..., LiveServer]) -> LiveServer:
    return serve(behind_gate(create_app(), tmp_path, CONFIG))


@pytest.fixture
def cache(site: LiveServer, tmp_path: Path) -> Iterator[Nginx]:
    executable = find_nginx()
    assert executable, "no nginx: `make test` gets one, or set CONSENTGATE_NGINX"
    (tmp_path / "nginx").mkdir()
    with caching(site.port, tmp_path / "nginx", executable) as running:
        yield running


@pytest.fixture
def arrive(site: LiveServer, cache: Nginx, visit: Callable[..., Visitor]) -> Callable[..., Visitor]:
    """A new visitor, who comes by way of the cache and has opened no page yet."""

    def come(**options: object) -> Visitor:
        visitor = visit(site, third_parties.ALL, **options)
        visitor.base_url = cache.url
        return visitor

    return come


def statuses(visitor: Visitor) -> list[str]:
    """What the cache said of each answer that this visitor gets from now on."""
    seen: list[str] = []
    visitor.page.on(
        "response",
        lambda response: (
            seen.append(response.headers.get("x-cache-status", ""))
            if response.url == visitor.base_url + PAGE
            else None
        ),
    )
    return seen


@with_and_without_script
def test_each_visitor_gets_the_right_page_out_of_one_cache(arrive, cache, site, java_script):
    assert httpx.get(cache.url + PAGE).headers["x-cache-status"] == "MISS"
    (stored,) = cache.stored(PAGE)
    agreeing = arrive(java_script_enabled=java_script)
    seen = statuses(agreeing)
    agreeing.goto(PAGE)
    agreeing.press("Accept all")
    agreeing.forget()
    agreeing.walk([PAGE])
    expected = ON_THE_PAGE if java_script else IN_FRAMES
    assert agreeing.reached(expected) >= expected
    assert agreeing.reached() <= third_parties.ALL - third_parties.UNDECLARED

    refusing = arrive(java_script_enabled=java_script)
    seen += statuses(refusing)
    refusing.goto(PAGE)
    refusing.press("Reject all")
    refusing.forget()
    refusing.walk([PAGE])
    assert refusing.reached() == NOBODY
    assert refusing.sees("Reject all") is not java_script, "without script nobody can hide it"

    new = arrive(java_script_enabled=java_script)
    new.forget()
    seen += statuses(new)
    new.walk([PAGE])
    assert new.reached() == NOBODY
    assert new.sees("Reject all")
    assert new.sees("Accept all")

    assert cache.stored(PAGE) == [stored]
    assert set(seen) == {"HIT"}
    assert f"GET {PAGE}" not in site.asked, "the site was asked once, before all of this"


def test_whoever_asks_gets_the_same_bytes(arrive, cache, site):
    agreeing = arrive()
    agreeing.goto(PAGE)
    agreeing.press("Accept all")
    cookies = {"cookie": "; ".join(f"{k}={v}" for k, v in agreeing.cookies().items())}
    assert "cg=" in cookies["cookie"]
    asked = [{}, cookies, {"accept-language": "de"}, {"sec-gpc": "1"}, {"sec-fetch-dest": "empty"}]
    from_cache = [httpx.get(cache.url + PAGE, headers=headers) for headers in asked]
    assert {answer.headers["x-cache-status"] for answer in from_cache} == {"HIT"}
    host = {"host": f"127.0.0.1:{cache.port}"}
    from_site = [httpx.get(site.url + PAGE, headers=headers | host) for headers in asked]
    (stored,) = cache.stored(PAGE)
    assert {answer.content for answer in from_cache + from_site} == {stored}


def test_after_withdrawal_the_same_page_contacts_nobody(arrive, cache):
    visitor = arrive()
    visitor.goto(PAGE)
    visitor.press("Accept all")
    visitor.walk([PAGE])
    assert visitor.reached(ON_THE_PAGE) >= ON_THE_PAGE
    visitor.goto("/_gate/preferences")
    visitor.press("Withdraw all")
    visitor.forget()
    seen = statuses(visitor)
    visitor.walk([PAGE])
    assert visitor.reached() == NOBODY
    assert seen == ["HIT"]
    assert not visitor.sees("Accept all"), "a withdrawal is a decision"


def test_withdrawing_in_place_empties_the_page(arrive):
    visitor = arrive()
    visitor.goto(PAGE)
    visitor.press("Accept all")
    assert visitor.reached(IN_FRAMES) >= IN_FRAMES
    visitor.page.get_by_role("link", name="Cookies", exact=True).last.click()
    visitor.page.get_by_role("dialog").wait_for()
    visitor.press("Withdraw all")
    visitor.forget()
    visitor.scroll()
    assert visitor.reached() == NOBODY


def test_the_banner_comes_without_a_shift_and_only_to_who_has_not_chosen(arrive):
    visitor = arrive()
    visitor.goto(PAGE)
    shifts = """() => new Promise((done) => {
        new PerformanceObserver((list) => done(list.getEntries().length))
            .observe({ type: 'layout-shift', buffered: true });
        requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 100, 0)));
    })"""
    assert visitor.sees("Accept all")
    assert visitor.page.evaluate(shifts) == 0
    visitor.press("Reject all")
    visitor.goto(PAGE)
    assert not visitor.sees("Accept all")
    assert visitor.page.get_by_role("link", name="Cookies", exact=True).last.is_visible()
    assert visitor.page.evaluate(shifts) == 0
    room = "getComputedStyle(document.body).paddingBlockEnd"
    assert visitor.page.evaluate(room) == "76px", "for the button alone: 4.75rem"


def test_what_scripts_add_is_stopped_by_the_policy_of_the_visitor(arrive):
    visitor = arrive()
    visitor.goto(PAGE)
    attempt = """async () => {
        for (const host of ['i.ytimg.com', 'widgets.undeclared.example']) {
            new Image().src = `https://${host}/x.gif`;
            await fetch(`https://${host}/y`, { mode: 'no-cors' }).catch(() => {});
        }
    }"""
    visitor.page.evaluate(attempt)
    assert visitor.reached() == NOBODY
    visitor.press("Accept all")
    visitor.page.evaluate(attempt)
    reached = visitor.reached({"i.ytimg.com"})
    assert "i.ytimg.com" in reached
    assert not reached & third_parties.UNDECLARED


def test_without_script_a_choice_is_confirmed_on_the_page_of_the_settings(arrive):
    visitor = arrive(java_script_enabled=False)
    visitor.goto(PAGE)
    visitor.press("Accept all")
    assert visitor.page.get_by_role("status").is_visible()
    visitor.page.get_by_role("link", name="Back to the site").click()
    assert visitor.page.url.endswith(PAGE)
