"""Every language fits: at 320 px nothing is cut off and nothing scrolls sideways."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Frame, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from consentgate.banner.texts import shipped_locales
from consentgate.config.fields import SHIPPED_LANGUAGES
from tests.browser.visitor import SIDEWAYS, Visitor
from tests.gated import behind_gate
from tests.live_server import App, LiveServer

CONFIG = {
    "site": {"name": "Morgenkai", "privacy_url": "/privacy", "imprint_url": "/imprint"},
    "policy": {"version": "1"},
    "services": {"google-analytics": {}, "google-maps": {}, "meta-pixel": {}, "youtube": {}},
}
VIDEO = "https://www.youtube-nocookie.com/embed/aqz-KE-bpKQ"

CUT_OFF = """() => [...document.querySelectorAll('button, a, summary, label, h1, h2, p, dd')]
    .filter((part) => part.checkVisibility())
    .filter((part) => {
        const { left, right } = part.getBoundingClientRect();
        const inner = getComputedStyle(part).display !== 'inline';
        const cut = inner && part.scrollWidth > part.clientWidth + 1;
        return cut || left < -1 || right > innerWidth + 1;
    })
    .map((part) => part.textContent.trim())"""


def _site(folder: str) -> App:
    async def page(request: Request) -> HTMLResponse:
        lang = request.path_params["lang"]
        return HTMLResponse(
            f"<!doctype html><html lang={lang}><meta charset=utf-8>"
            '<meta name=viewport content="width=device-width"><title>Page</title>'
            f"<main><h1>Page</h1><iframe src={VIDEO} width=300 height=400></iframe></main>"
        )

    return behind_gate(Starlette(routes=[Route("/{lang}", page)]), folder, CONFIG)


@pytest.fixture
def page(
    serve: Callable[[App], LiveServer], visit: Callable[..., Visitor], tmp_path: str
) -> tuple[Page, str]:
    visitor = visit(serve(_site(str(tmp_path))), viewport={"width": 320, "height": 568})
    return visitor.page, visitor.base_url


def _fits(frame: Page | Frame, where: str) -> None:
    assert frame.evaluate(CUT_OFF) == [], where
    assert frame.evaluate(SIDEWAYS) == 0, where


def test_nothing_is_cut_off_in_any_language(page: tuple[Page, str]) -> None:
    tab, base = page
    for lang in SHIPPED_LANGUAGES:
        locale = shipped_locales()[lang]
        tab.set_extra_http_headers({"Accept-Language": lang})
        tab.goto(f"{base}/{lang}")
        banner = tab.locator("#cg")
        assert banner.get_attribute("lang") == lang
        assert banner.get_attribute("dir") == locale.dir
        assert locale("action.reject_all") in banner.inner_text()
        _fits(tab, f"banner, {lang}")
        tab.locator("#cg .cg-button--quiet").click()
        tab.wait_for_selector("dialog[open] fieldset")
        _fits(tab, f"settings in the page, {lang}")
        placeholder = tab.frame(url="**/_gate/embed/**")
        assert placeholder is not None
        assert locale("embed.load_once") in placeholder.locator("body").inner_text()
        _fits(placeholder, f"placeholder, {lang}")
        for name in ("preferences", "cookies", "opt-out/google-analytics"):
            tab.goto(f"{base}/_gate/{name}")
            assert tab.locator("html").get_attribute("lang") == lang
            tab.evaluate("() => document.querySelectorAll('details').forEach((d) => d.open = true)")
            _fits(tab, f"{name}, {lang}")


def test_a_word_that_does_not_fit_would_be_found(page: tuple[Page, str]) -> None:
    tab, base = page
    tab.goto(f"{base}/de")
    tab.locator("#cg button").first.evaluate(
        "it => { it.textContent = 'W'.repeat(60); it.style.overflowWrap = 'normal' }"
    )
    with pytest.raises(AssertionError, match="banner"):
        _fits(tab, "banner")
