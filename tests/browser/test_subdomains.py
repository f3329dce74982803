"""One consent for www.shop.example.test and shop.example.test, in a real browser over TLS."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Response
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from consentgate import ConsentGateMiddleware
from tests.browser.recorder import Recorder
from tests.browser.tls import certificate_for
from tests.browser.visitor import AT_MOST_SECONDS
from tests.gated import behind_gate
from tests.live_server import LiveServer, serving

WWW, SHOP = "www.shop.example.test", "shop.example.test"
PAGE = """<!doctype html><html lang="en"><head><title>t</title><link rel="icon" href="data:,">
</head><body><h1>Shop</h1>
<iframe src="https://www.youtube.com/embed/abc" width="560" height="315"></iframe></body></html>"""
QUIET_SECONDS = 0.8
OURS = {"__Host-cg", "__Secure-cg", "cg", "cg_state"}


async def page(request: Request) -> HTMLResponse:
    shared = {"cache-control": "public, max-age=0, must-revalidate"}
    return HTMLResponse(PAGE, headers=shared if request.url.path == "/public" else {})


class Site:
    """The site behind its TLS proxy, whose configuration can be changed while it runs."""

    def __init__(self, folder: Path, context: BrowserContext, tab: Page) -> None:
        self._folder = folder
        self.context = context
        self.tab = tab
        self.server: LiveServer
        self.app: ConsentGateMiddleware

    def mount(self, *, share: bool | str) -> None:
        """(Re)configure: as a new start would, with the same secret and the same log."""
        self.app = behind_gate(
            Starlette(routes=[Route("/", page), Route("/public", page)]),
            self._folder,
            {
                "site": {
                    "name": "Shop",
                    "privacy_url": "/privacy",
                    "share_consent": share,
                },
                "policy": {"version": "1"},
                "services": {"youtube": {}, "google-analytics": {}},
            },
        )

    async def __call__(self, scope: dict, receive: object, send: object) -> None:
        await self.app(scope, receive, send)

    def goto(self, host: str, path: str = "/") -> int:
        """Open a page and wait until it is quiet; how often it was asked for."""
        asked: list[Response] = []
        url = f"https://{host}{path}"

        def note(response: Response) -> None:
            if response.url == url:
                asked.append(response)

        self.tab.on("response", note)
        self.tab.goto(url, wait_until="load")
        self.settle()
        self.tab.remove_listener("response", note)
        return len(asked)

    def press(self, name: str) -> None:
        self.tab.get_by_role("button", name=name, exact=True).first.click()
        self.settle()

    def settle(self) -> None:
        """Wait until the site has not been asked for a while, and the page is loaded."""
        deadline = time.monotonic() + AT_MOST_SECONDS
        while time.monotonic() < deadline:
            self.tab.wait_for_timeout(50)
            quiet = time.monotonic() - self.server.last_change > QUIET_SECONDS
            if quiet and not self.server.in_flight:
                break
        self.tab.wait_for_load_state("load")

    def asks(self) -> bool:
        return self.tab.get_by_role("button", name="Accept all", exact=True).is_visible()

    def shows_video(self) -> bool:
        return self.tab.locator('iframe[src^="https://www.youtube.com"]').count() == 1

    def cookies(self) -> list[tuple[str, str]]:
        """Name and domain of each of ours, once for each that the browser holds."""
        held = self.context.cookies()
        return sorted((c["name"], c["domain"]) for c in held if c["name"] in OURS)


@pytest.fixture
def site(
    tmp_path: Path,
    browser_profile: Callable[..., tuple[BrowserContext, Path]],
    recorder: Recorder,
) -> Iterator[Site]:
    with ExitStack() as stack:
        yield stack.enter_context(_running(tmp_path, browser_profile, recorder))


@contextmanager
def _running(
    folder: Path, browser_profile: Callable[..., tuple[BrowserContext, Path]], recorder: Recorder
) -> Iterator[Site]:
    site = Site(folder, None, None)  # type: ignore[arg-type]
    site.mount(share=True)
    own = certificate_for(SHOP, folder)
    with serving(site, ssl_certfile=own.ssl_certfile, ssl_keyfile=own.ssl_keyfile) as server:
        keys = f"{recorder.key_hash},{own.key_hash}"
        context, _ = browser_profile(
            declared=["www.youtube.com"],
            site={WWW: server.port, SHOP: server.port},
            extra_flags=[f"--ignore-certificate-errors-spki-list={keys}"],
        )
        site.context, site.tab, site.server = context, context.new_page(), server
        yield site
        context.close()  # or the server would be left with open connections


BOTH = [("__Secure-cg", ".example.test"), ("cg_state", ".example.test")]


def test_one_consent_opens_both_hosts_and_one_withdrawal_shuts_them(site):
    site.goto(WWW)
    assert site.asks()
    site.press("Accept all")
    assert site.shows_video()
    assert site.cookies() == BOTH
    assert site.goto(SHOP) == 1, "the page does not load itself again"
    assert site.shows_video()
    assert not site.asks()
    site.goto(SHOP, "/_gate/preferences")
    site.press("Withdraw all")
    assert site.goto(WWW) == 1
    assert not site.shows_video()
    assert not site.asks(), "a withdrawal is a decision"
    assert site.cookies() == BOTH


def test_a_page_for_everybody_follows_the_shared_choice(site):
    site.goto(WWW)
    site.press("Accept all")
    assert site.goto(SHOP, "/public") == 1
    assert site.shows_video()
    assert not site.asks()


@pytest.mark.parametrize(("before", "after"), [(False, True), (True, False)])
def test_switched_on_or_off_the_old_cookies_go_and_the_banner_comes_once(site, before, after):
    site.mount(share=before)
    site.goto(WWW)
    site.press("Accept all")
    old = site.cookies()
    assert len(old) == 2
    site.mount(share=after)
    site.goto(WWW)
    assert site.asks(), "one host's consent is none for its neighbours, nor the reverse"
    assert not site.shows_video()
    site.press("Accept all")
    assert site.shows_video()
    held = site.cookies()
    assert len(held) == 2, held
    assert not set(held) & set(old)
    for _ in range(2):
        assert site.goto(WWW) == 1, "no page loads twice"
        assert not site.asks()


def test_switched_on_with_the_first_page_out_of_a_cache_ends_well_too(site):
    """That page can set nothing: the choice itself has to clear up."""
    site.mount(share=False)
    site.goto(WWW)
    site.press("Reject all")
    site.mount(share=True)
    site.goto(WWW, "/public")
    site.goto(WWW)
    assert site.asks()
    site.press("Accept all")
    assert site.cookies() == BOTH
    assert site.goto(WWW) == 1
    assert site.shows_video()


def test_a_narrower_domain_shares_among_its_own_hosts(site):
    site.mount(share=SHOP)
    site.goto(WWW)
    site.press("Accept all")
    assert site.cookies() == [("__Secure-cg", f".{SHOP}"), ("cg_state", f".{SHOP}")]
    site.goto(SHOP)
    assert site.shows_video()
