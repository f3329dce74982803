"""After a withdrawal nothing brings back a page that was made for who had agreed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from tests.browser.small_site import PERSONAL, SHARED, bare, gated, page
from tests.browser.visitor import Visitor
from tests.live_server import App

THIRD_PARTIES = frozenset({"www.youtube.com", "www.google-analytics.com"})
CONTENT = (
    "<iframe src=https://www.youtube.com/embed/x title=Film></iframe>"
    "<script src=https://www.google-analytics.com/analytics.js></script>"
    "<form method=post action=/posted><button>Send</button></form>"
    "<script>addEventListener('pageshow', ({ persisted }) => {"
    " if (persisted) sessionStorage.restored = '1' })</script>"
)
REGISTERS = "<script>navigator.serviceWorker.register('/worker.js')</script>"
WORKER = """
addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil((async () => {
  await clients.claim();
  if (PRELOADS) await registration.navigationPreload.enable();
})()));
addEventListener('fetch', (event) => {
  if (event.request.mode !== 'navigate' || !event.request.url.endsWith('/page')) return;
  event.respondWith((async () => {
    const cache = await caches.open('pages');
    const stored = await cache.match('/page');
    if (stored) return stored;
    const answer = await (HOW);
    await cache.put('/page', answer.clone());
    return answer;
  })());
});
"""
STORED = "async () => (await (await caches.match('/page')).text()).includes('data-cg-table')"
variants = pytest.mark.parametrize("headers", [PERSONAL, SHARED], ids=["personal", "shared"])


@pytest.fixture
def arrive(tmp_path, serve, visit) -> Callable[..., Visitor]:
    """A visitor of a site whose pages show third parties, gated or not."""

    def come(
        pages: Mapping[str, object] | None = None,
        headers: Mapping[str, str] = PERSONAL,
        *,
        site: App | None = None,
    ) -> Visitor:
        shown = {"/page": CONTENT, "/posted": CONTENT, **(pages or {})}
        app = gated(site or bare(shown, headers), tmp_path)
        bfcache = ["--disable-back-forward-cache"]
        return visit(serve(app), THIRD_PARTIES, ignore_default_args=bfcache)

    return come


def agree(visitor: Visitor) -> None:
    visitor.goto("/page")
    visitor.press("Accept all")
    visitor.goto("/page")
    assert visitor.reached(THIRD_PARTIES) == THIRD_PARTIES


def withdraw_elsewhere(visitor: Visitor) -> None:
    """On our own page, which has no script that could tell the other ones."""
    visitor.goto("/_gate/preferences")
    visitor.press("Withdraw all")


def shows_nothing_of_it(visitor: Visitor) -> bool:
    visitor.settle()
    allows = visitor.page.evaluate("self.consentgate?.allows('youtube') ?? false")
    return not allows and visitor.reached() == frozenset()


@variants
def test_the_back_button_brings_no_grant_back(arrive, headers):
    visitor = arrive(headers=headers)
    agree(visitor)
    withdraw_elsewhere(visitor)
    visitor.forget()
    visitor.page.evaluate("void history.go(-2)")
    visitor.page.wait_for_url("**/page")
    visitor.settle()
    assert visitor.page.evaluate("sessionStorage.restored") == "1", "it came out of the cache"
    assert shows_nothing_of_it(visitor)
    assert visitor.page.evaluate("performance.getEntriesByType('navigation')[0].type") == "reload"


def test_a_page_that_answered_a_form_is_left(arrive):
    """It cannot be loaded again, and Chromium does not keep it for the back button."""
    visitor = arrive()
    agree(visitor)
    visitor.press("Send")
    posted = visitor.page
    assert posted.url.endswith("/posted")
    assert posted.evaluate("consentgate.allows('youtube')")
    visitor.page = visitor.context.new_page()
    withdraw_elsewhere(visitor)
    visitor.goto("/page")
    posted.wait_for_url("**/_gate/preferences*")
    visitor.page = posted
    visitor.forget()
    assert visitor.reached() == frozenset()
    assert visitor.server.asked.count("POST /posted") == 0, "nothing is sent twice"


@variants
def test_another_tab_follows(arrive, headers):
    visitor = arrive(headers=headers)
    agree(visitor)
    first = visitor.page
    visitor.page = visitor.context.new_page()
    visitor.forget()
    visitor.goto("/page")
    assert visitor.reached(THIRD_PARTIES) == THIRD_PARTIES
    visitor.page.get_by_role("link", name="Cookies", exact=True).last.click()
    visitor.page.get_by_role("dialog").wait_for()
    visitor.page.get_by_role("button", name="Withdraw all", exact=True).first.click()
    first.wait_for_function("!consentgate.allows('youtube')")
    visitor.forget()
    visitor.page = first
    assert shows_nothing_of_it(visitor)


def test_a_confirmation_of_the_stored_page_brings_no_grant_back(arrive):
    async def show(scope, receive, send):
        known = Request(scope).headers.get("if-none-match", "")
        headers = {**PERSONAL, "etag": '"1"'}
        answer = Response(status_code=304, headers=headers) if '"1"' in known else None
        asked.append(known)
        await (answer or HTMLResponse(page(CONTENT), headers=headers))(scope, receive, send)

    asked: list[str] = []
    visitor = arrive(site=show)
    agree(visitor)
    visitor.goto("/page")
    assert asked[-1] == '"1"', "with the same choice it is confirmed"
    withdraw_elsewhere(visitor)
    visitor.forget()
    visitor.goto("/page")
    assert shows_nothing_of_it(visitor)


def accepted_with_worker(arrive: Callable[..., Visitor], how: str) -> Visitor:
    """A visitor who agreed, on a site whose service worker gets pages like this and stores them."""
    script = Response(
        WORKER.replace("HOW", how).replace("PRELOADS", str("preload" in how).lower()),
        media_type="text/javascript",
    )
    visitor = arrive({"/worker.js": script, "/start": REGISTERS})
    visitor.goto("/page")
    visitor.press("Accept all")
    visitor.goto("/start")
    visitor.page.evaluate("navigator.serviceWorker.ready")
    visitor.goto("/page")
    return visitor


@pytest.mark.parametrize(
    "how",
    ["fetch(event.request)", "event.preloadResponse", "fetch('/page')"],
    ids=["passes on", "preloads", "fetches anew"],
)
def test_a_service_worker_that_stores_pages_brings_no_grant_back(arrive, how):
    visitor = accepted_with_worker(arrive, how)
    assert visitor.reached(THIRD_PARTIES) == THIRD_PARTIES
    assert visitor.page.evaluate(STORED), "everybody's page, which has opened what is agreed to"
    withdraw_elsewhere(visitor)
    visitor.forget()
    visitor.goto("/page")
    asked = "GET /page" in visitor.server.asked
    assert asked == ("preload" in how), "it came out of the worker's cache, preloaded or not"
    assert shows_nothing_of_it(visitor)


def test_a_page_that_a_worker_stored_for_who_agreed_is_thrown_away(arrive):
    """As one that it stored before it was asked to store everybody's: it is seen to be stale."""
    visitor = accepted_with_worker(arrive, "fetch(event.request)")
    cookies = {"cookie": "; ".join(f"{k}={v}" for k, v in visitor.cookies().items())}
    granted = httpx.get(f"{visitor.base_url}/page", headers=cookies)
    assert "data-cg-table" not in granted.text
    put = """async ([text, type]) => {
        const cache = await caches.open('pages'), headers = { 'content-type': type };
        await cache.put('/page', new Response(text, { headers }));
        await cache.put('/offline', new Response('<p>No network', { headers }));
    }"""
    visitor.page.evaluate(put, [granted.text, granted.headers["content-type"]])
    visitor.forget()
    visitor.goto("/page")
    assert "GET /page" not in visitor.server.asked
    assert visitor.reached(THIRD_PARTIES) == THIRD_PARTIES, "for who agreed it is good"
    withdraw_elsewhere(visitor)
    visitor.forget()
    visitor.goto("/page")
    assert visitor.server.asked.count("GET /page") == 1, "the stored one is gone"
    assert not visitor.page.evaluate("consentgate.allows('youtube')")
    assert visitor.page.evaluate("async () => !!await caches.match('/offline')")
    visitor.forget()
    visitor.goto("/page")
    assert shows_nothing_of_it(visitor)


def test_what_a_script_fetches_is_everybodys_page_and_a_fragment_is_its_visitors(arrive):
    part = HTMLResponse("<p>Part</p><iframe src=https://www.youtube.com/embed/x></iframe>")
    visitor = arrive({"/part": part})
    agree(visitor)
    fetched = "async (path) => (await fetch(path)).text()"
    whole = visitor.page.evaluate(fetched, "/page")
    assert "data-cg-table" in whole
    assert "src=https://www.youtube.com" not in whole.replace("data-cg-src=", "")
    assert " src=https://www.youtube.com" in visitor.page.evaluate(fetched, "/part")
