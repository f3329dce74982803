"""Privacy signals in a real browser: what the page says, loads and keeps, in both variants.

Chromium sends no Global Privacy Control of its own; the header and the property that an extension
would add are added here.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from tests.browser.visitor import NOBODY, Visitor, with_and_without_script
from tests.gated import behind_gate

VIDEO = "www.youtube.com"
TRACKER = "connect.facebook.net"
PAGE = f"""<!doctype html><html lang="en"><head><title>t</title><link rel="icon" href="data:,">
<script async src="https://{TRACKER}/en_US/fbevents.js"></script></head><body><h1>Shop</h1>
<iframe src="https://{VIDEO}/embed/abc" width="560" height="315"></iframe></body></html>"""
CONFIG = {
    "site": {"name": "Shop", "privacy_url": "/privacy"},
    "policy": {"version": "1"},
    "services": {"youtube": {}, "meta-pixel": {}, "google-analytics": {}},
    "signals": {"do_not_sell_link": True},
}
HONOURED = "We honour that. Off unless you allow it yourself"
TAKEN_BACK = "Your consent is withdrawn"
PROPERTY = "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true })"
both_variants = pytest.mark.parametrize("path", ["/", "/public"])


async def page(request: Request) -> HTMLResponse:
    public = {"cache-control": "public, max-age=600"}
    return HTMLResponse(PAGE, headers=public if request.url.path == "/public" else {})


SITE = Starlette(routes=[Route("/", page), Route("/public", page)])


@pytest.fixture
def arrive(tmp_path: Path, serve: Callable, visit: Callable[..., Visitor]) -> Callable:
    def come(*, gpc: bool = False, **options: object) -> Visitor:
        visitor = visit(serve(behind_gate(SITE, tmp_path, CONFIG)), {VIDEO, TRACKER}, **options)
        if gpc:
            send_gpc(visitor)
        return visitor

    return come


def send_gpc(visitor: Visitor, *, header: bool = True) -> None:
    visitor.context.add_init_script(PROPERTY)
    if header:
        visitor.context.set_extra_http_headers({"Sec-GPC": "1"})


def says(visitor: Visitor, words: str) -> bool:
    return visitor.page.get_by_text(words).first.is_visible()


@both_variants
def test_the_banner_says_that_the_signal_is_honoured(arrive, records, path):
    visitor = arrive(gpc=True)
    visitor.goto(path)
    assert says(visitor, HONOURED)
    assert visitor.sees("Accept all")
    assert visitor.reached() == NOBODY
    assert visitor.cookies() == {}
    assert records() == []


@both_variants
def test_without_the_signal_it_says_nothing(arrive, path):
    visitor = arrive()
    visitor.goto(path)
    assert visitor.sees("Accept all")
    assert not says(visitor, HONOURED)


def test_the_sentence_comes_without_a_shift(arrive):
    shifts = """() => new Promise((done) => {
        new PerformanceObserver((list) => done(list.getEntries().length))
            .observe({ type: 'layout-shift', buffered: true });
        requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 100, 0)));
    })"""
    visitor = arrive(gpc=True)
    visitor.goto("/public")
    assert says(visitor, HONOURED)
    assert visitor.page.evaluate(shifts) == 0


@both_variants
def test_a_new_signal_takes_back_what_was_allowed_and_the_page_says_so(arrive, records, path):
    visitor = arrive()
    visitor.goto("/")
    visitor.press("Accept all")
    visitor.goto(path)
    assert visitor.reached({VIDEO, TRACKER}) == {VIDEO, TRACKER}
    send_gpc(visitor)
    visitor.forget()
    visitor.goto(path)
    assert says(visitor, TAKEN_BACK)
    assert visitor.reached() == NOBODY
    assert visitor.server.asked.count(f"GET {path}") <= 1, "the page does not load itself again"
    assert visitor.cookies()["cg_state"].endswith(".g")
    given, taken = records()
    assert (given["event"], taken["event"]) == ("given", "withdrawn")
    assert taken["method"]["control"] == "gpc"
    visitor.forget()
    visitor.goto(path)
    visitor.goto("/")
    assert not says(visitor, TAKEN_BACK), "it is said once"
    assert visitor.server.asked.count("POST /_gate/choice") == 0
    assert visitor.server.asked.count("GET /") <= 2
    assert visitor.reached() == NOBODY
    assert len(records()) == 2


@both_variants
@pytest.mark.parametrize("header", [True, False], ids=["header", "property-alone"])
def test_what_is_allowed_while_it_is_sent_stays_allowed(arrive, records, path, header):
    visitor = arrive()
    send_gpc(visitor, header=header)
    visitor.goto(path)
    visitor.press("Accept all")
    for _ in range(2):
        visitor.forget()
        visitor.goto(path)
        assert visitor.reached({VIDEO, TRACKER}) == {VIDEO, TRACKER}
        assert visitor.server.asked.count(f"GET {path}") <= 1
    (record,) = records()
    assert (record["event"], record["gpc"]) == ("given", True)


def test_after_a_page_for_everybody_has_taken_back_the_visitor_may_allow_again(arrive):
    visitor = arrive()
    visitor.goto("/public")
    visitor.press("Accept all")
    send_gpc(visitor)
    visitor.goto("/public")
    assert says(visitor, TAKEN_BACK)
    visitor.page.get_by_role("link", name="Change").click()
    visitor.page.get_by_role("dialog").wait_for()
    assert says(visitor, HONOURED), "the settings say it too"
    visitor.press("Accept all", within="")
    visitor.forget()
    visitor.goto("/public")
    assert visitor.reached({VIDEO, TRACKER}) == {VIDEO, TRACKER}


@with_and_without_script
def test_do_not_sell_is_one_click_from_the_banner_and_one_button(arrive, records, java_script):
    visitor = arrive(java_script_enabled=java_script)
    visitor.goto("/")
    visitor.press("Accept all")
    visitor.goto("/_gate/cookies")
    visitor.page.get_by_role("link", name="Do not sell or share").first.click()
    visitor.settle()
    assert visitor.page.get_by_role("button").count() == 1
    visitor.press("Do not sell or share my personal information")
    assert says(visitor, "Your data is not sold or shared.")
    visitor.forget()
    visitor.goto("/")
    assert visitor.reached() == NOBODY
    assert records()[-1]["method"]["control"] == "do-not-sell"
