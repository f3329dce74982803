"""Chromium, driven by Playwright as in the other browser tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.chromium import FLAGS
from tests.browser.netlog import NetLog
from tests.browser.recorder import Recorder
from tests.browser.visitor import Browser, Visitor
from tests.live_server import LiveServer

WITH_QUIC = tuple(flag for flag in FLAGS if flag != "--disable-quic")
"""Without QUIC there would be no WebTransport."""


class ChromiumSession:
    """A running Chromium."""

    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor
        self._tabs = {"1": visitor.page}
        browser = visitor.context.browser
        self.version = browser.version if browser else ""

    def goto(self, url: str) -> None:
        self._visitor.page.goto(url, wait_until="load")

    def run(self, script: str) -> object:
        return self._visitor.page.evaluate(f"() => {{ {script} }}")

    def click(self, selector: str) -> None:
        self._visitor.page.locator(selector).first.click()

    def back(self) -> None:
        # A page out of the back/forward cache is not loaded, so there is no load to wait for.
        self._visitor.page.go_back(wait_until="commit")

    def tab(self) -> str:
        return next(name for name, page in self._tabs.items() if page is self._visitor.page)

    def open_tab(self) -> str:
        name = str(len(self._tabs) + 1)
        self._tabs[name] = self._visitor.context.new_page()
        return name

    def use(self, tab: str) -> None:
        self._visitor.page = self._tabs[tab]
        self._visitor.page.bring_to_front()

    def heard(self) -> frozenset[str]:
        visitor = self._visitor
        asked = visitor.looked_up() | visitor.connected() | visitor.sent_to()
        return visitor.recorder.hosts() | asked

    def forget(self) -> None:
        self._visitor.forget()


@dataclass(frozen=True, slots=True)
class Chromium:
    """The engine Blink."""

    executable: Path
    id: str = "chromium"
    title: str = "Chromium"

    @contextmanager
    def open(
        self, folder: Path, site: LiveServer, recorder: Recorder, declared: Iterable[str]
    ) -> Iterator[ChromiumSession]:
        """Start one. A host that nobody declared shows as ``*``."""
        with sync_playwright() as driver:
            browser = Browser(driver.chromium, self.executable, recorder, WITH_QUIC)
            context = browser.open(folder, declared=declared)
            try:
                ledger, page = context.pages[0], context.new_page()
                log = NetLog(folder / "net.json")
                visitor = Visitor(context, page, ledger, site, recorder, log, site.url)
                yield ChromiumSession(visitor)
            finally:
                context.close()
