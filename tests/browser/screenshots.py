"""Takes the pictures in ``docs/``: ``make screenshots``."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, Playwright, sync_playwright

from tests.browser.chromium import ensure_chromium
from tests.browser.recorder import Recorder
from tests.browser.visitor import Browser
from tests.live_server import LiveServer, serving

PICTURES = Path(__file__).parent.parent.parent / "docs" / "images"
LOOK_SECONDS = 0.5


def _stay(page: Page) -> None:
    """Take the page as it opens."""


def _refuse(page: Page) -> None:
    page.get_by_role("button", name="Reject all").first.click()


def _choose(page: Page) -> None:
    page.get_by_role("button", name="Choose").first.click()


def _to_the_video(page: Page) -> None:
    _refuse(page)
    page.locator('iframe[src*="/embed/youtube"]').first.scroll_into_view_if_needed()


def _to_the_details(page: Page) -> None:
    _to_the_video(page)
    page.frame_locator('iframe[src*="/embed/youtube"]').first.locator("summary").click()


def _to_a_widget(page: Page) -> None:
    _refuse(page)
    page.wait_for_timeout(LOOK_SECONDS * 1000)
    page.locator(".cg-widget").last.evaluate("box => box.scrollIntoView({block: 'center'})")


def _to_its_details(page: Page) -> None:
    _to_a_widget(page)
    page.locator(".cg-widget summary").last.click()


def _to_the_end(page: Page) -> None:
    _refuse(page)
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")


def _opt_out(page: Page) -> None:
    page.get_by_role("button", name="Opt out").click()


@dataclass(frozen=True, slots=True)
class Screen:
    """One picture: the page, what to do on it first, and as whom to look at it.

    ``media`` goes to Playwright's ``emulate_media``: ``color_scheme``, ``forced_colors``.
    """

    name: str
    path: str
    act: Callable[[Page], None] = _stay
    width: int = 1280
    height: int = 800
    java_script: bool = True
    locale: str = "en"
    media: Mapping[str, str] = field(default_factory=dict)


DARK: Mapping[str, str] = {"color_scheme": "dark"}

SCREENS: tuple[Screen, ...] = (
    Screen("first-layer", "/"),
    Screen("first-layer-phone", "/", width=320, height=568),
    Screen("first-layer-zoomed", "/", width=320, height=256),
    Screen("first-layer-dark", "/", media=DARK),
    Screen("first-layer-no-script", "/", java_script=False),
    Screen("first-layer-german", "/de", width=320, height=568, locale="de"),
    Screen("confirmation", "/", _refuse),
    Screen("choose", "/", _choose),
    Screen("video", "/", _to_the_video),
    Screen("video-details", "/", _to_the_details),
    Screen("video-phone", "/", _to_the_video, width=320, height=568),
    Screen("widget", "/blog/our-fair-in-tweets", _to_a_widget),
    Screen("widget-details", "/about", _to_its_details),
    Screen("widget-dark", "/about", _to_a_widget, media=DARK),
    Screen("widget-phone", "/blog/our-fair-in-tweets", _to_a_widget, width=320, height=568),
    Screen("widget-buttons", "/courses/forklift-licence", _to_a_widget),
    Screen(
        "widget-buttons-phone", "/courses/forklift-licence", _to_a_widget, width=320, height=568
    ),
    Screen("widget-no-script", "/about", _to_a_widget, java_script=False),
    Screen("widget-retired", "/blog/what-temporary-workers-earn", _to_a_widget),
    Screen("social-bars", "/", _to_the_end),
    Screen("preferences", "/_gate/preferences?back=/"),
    Screen("preferences-phone", "/_gate/preferences?back=/", width=320, height=568),
    Screen("preferences-dark", "/_gate/preferences?back=/", media=DARK),
    Screen("cookies", "/_gate/cookies"),
    Screen("opt-out", "/_gate/opt-out/google-analytics"),
    Screen("opt-out-phone", "/_gate/opt-out/google-analytics", width=320, height=568),
    Screen("opt-out-done", "/_gate/opt-out/google-analytics", _opt_out),
)


def take(browser: Browser, server: LiveServer, screen: Screen) -> Path:
    """Open the screen in a browser of its own and save what is seen."""
    with tempfile.TemporaryDirectory() as folder:
        context = browser.open(
            Path(folder),
            viewport={"width": screen.width, "height": screen.height},
            java_script_enabled=screen.java_script,
            locale=screen.locale,
        )
        try:
            page = context.pages[0]
            page.emulate_media(**screen.media)
            page.goto(server.url + screen.path)
            screen.act(page)
            page.wait_for_timeout(LOOK_SECONDS * 1000)
            picture = PICTURES / f"{screen.name}.png"
            page.screenshot(path=picture)
            return picture
        finally:
            context.close()


def take_all(playwright: Playwright, executable: Path, wanted: list[str]) -> None:
    """Take the named screens of the example site, or all of them."""
    # Only here: without proofs of its own the site would write into this folder.
    os.environ.setdefault("CONSENTGATE_SECRET", "screenshots")
    os.environ.setdefault("CONSENTGATE_DATABASE", f"sqlite:///{tempfile.mkdtemp()}/proofs.db")
    from example_site.app import app  # noqa: PLC0415  reads the environment

    PICTURES.mkdir(parents=True, exist_ok=True)
    with Recorder() as recorder, serving(app) as server:
        browser = Browser(playwright.chromium, executable, recorder)
        for screen in SCREENS:
            if not wanted or screen.name in wanted:
                sys.stdout.write(f"{take(browser, server, screen)}\n")


if __name__ == "__main__":
    found = ensure_chromium()
    with sync_playwright() as driver:
        take_all(driver, found, sys.argv[1:])
