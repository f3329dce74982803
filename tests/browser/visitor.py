"""A person at a browser: opens pages, presses buttons, and we see who heard of it."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, BrowserType, Cookie, Page, Response

from tests.browser.chromium import FLAGS
from tests.browser.netlog import Event, Kind, NetLog, until_mark
from tests.browser.recorder import LOOPBACK, Recorder
from tests.live_server import LiveServer

QUIET_SECONDS = 0.4
AT_MOST_SECONDS = 20
SCROLL_STEP = 600
OWN_HOSTS = frozenset({LOOPBACK, "localhost"})
NOBODY: frozenset[str] = frozenset()
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
"""How much wider a page is than its window."""

with_and_without_script = pytest.mark.parametrize(
    "java_script", [True, False], ids=["script", "no-script"]
)


@dataclass(frozen=True, slots=True)
class Browser:
    """How to start one: what is the same for every visitor of a test run."""

    engine: BrowserType
    executable: Path
    recorder: Recorder
    flags: tuple[str, ...] = FLAGS

    def open(
        self,
        folder: Path,
        *,
        declared: Iterable[str] = (),
        site: Mapping[str, int] | None = None,
        extra_flags: Iterable[str] = (),
        **context: object,
    ) -> BrowserContext:
        """A profile of its own in the folder, its net log beside it as ``net.json``.

        A profile, because an ordinary new context keeps ``preconnect`` to itself.
        ``context`` goes to Playwright: ``java_script_enabled``, ``locale``, ``viewport``.
        """
        profile = folder / "profile"
        _allow_third_party_cookies(profile)
        rules = self.recorder.rules(declared, site or {})
        return self.engine.launch_persistent_context(
            profile,
            executable_path=self.executable,
            headless=True,
            args=[*self.flags, *self._flags(folder, rules), *extra_flags],
            **context,
        )

    def _flags(self, folder: Path, rules: str) -> tuple[str, ...]:
        return (
            f"--host-resolver-rules={rules}",
            f"--ignore-certificate-errors-spki-list={self.recorder.key_hash}",
            f"--log-net-log={folder / 'net.json'}",
            "--net-log-capture-mode=IncludeSensitive",
        )


def _allow_third_party_cookies(profile: Path) -> None:
    """Set the browser up as the most talkative one there is: cookies for everybody."""
    preferences = profile / "Default" / "Preferences"
    preferences.parent.mkdir(parents=True)
    preferences.write_text(json.dumps({"profile": {"cookie_controls_mode": 0}}), "utf-8")


@dataclass(eq=False)
class Visitor:
    """One visit of a site, from an empty profile on."""

    context: BrowserContext
    page: Page
    ledger: Page
    """A tab that only makes marks in the net log."""
    server: LiveServer
    recorder: Recorder
    netlog: NetLog
    base_url: str
    site: frozenset[str] = OWN_HOSTS
    _events: list[Event] = field(default_factory=list)
    _marks: int = 0

    def goto(self, path: str) -> Response:
        """Open a page of the site and wait until all is quiet."""
        response = self.page.goto(self.base_url + path, wait_until="load")
        assert response is not None, f"{path} was not loaded"
        self.settle()
        return response

    def walk(self, paths: Iterable[str]) -> dict[str, int]:
        """Open one page after the other, each scrolled to its end; the status of each."""
        status = {}
        for path in paths:
            response = self.page.goto(self.base_url + path, wait_until="load")
            assert response is not None, f"{path} was not loaded"
            status[path] = response.status
            self.scroll()
        return status

    def press(self, name: str, within: str = "") -> None:
        """Press the button with this name, as a person finds it, and wait for what follows.

        ``within`` names a frame, as a selector, where the button stands in one.
        """
        place = self.page.frame_locator(within).first if within else self.page
        place.get_by_role("button", name=name, exact=True).first.click()
        self.settle()

    def sees(self, name: str) -> bool:
        """Whether a button with this name is on the page and visible."""
        return self.page.get_by_role("button", name=name, exact=True).first.is_visible()

    def scroll(self) -> None:
        """Scroll through the whole page, so that everything lazy is wanted."""
        height = self.page.evaluate("document.documentElement.scrollHeight")
        for _ in range(0, int(height), SCROLL_STEP):
            self.page.mouse.wheel(0, SCROLL_STEP)
            self.page.wait_for_timeout(20)
        self.settle()

    def cookies(self) -> dict[str, str]:
        """The cookies of this site, on its own name and on the domains above."""
        return {c["name"]: c["value"] for c in self.context.cookies() if self._is_own(c)}

    def foreign_cookies(self) -> dict[str, set[str]]:
        """The names of the cookies that third parties have set, by domain."""
        found: dict[str, set[str]] = {}
        for cookie in self.context.cookies():
            if not self._is_own(cookie):
                found.setdefault(cookie["domain"].lstrip("."), set()).add(cookie["name"])
        return found

    def _is_own(self, cookie: Cookie) -> bool:
        domain = cookie["domain"].lstrip(".")
        return any(host == domain or host.endswith(f".{domain}") for host in self.site)

    def settle(self) -> None:
        """Wait until the page is loaded and for a while neither site nor third party was asked."""
        started = time.monotonic()
        while True:
            self.page.wait_for_load_state("load")
            now = time.monotonic()
            last = max(started, self.server.last_change, self.recorder.last_change)
            quiet = now - last >= QUIET_SECONDS and not self.server.in_flight
            if quiet or now - started > AT_MOST_SECONDS:
                return
            self.page.wait_for_timeout(50)

    def reached(self, awaited: Collection[str] = ()) -> frozenset[str]:
        """The third parties that heard of this visit, or were looked up, since ``forget``.

        Waits a while for the ``awaited`` ones, as hints are taken up late on a busy machine.
        Hosts that the test did not declare show as ``""`` or ``"*"`` too, for want of a name.
        """
        deadline = time.monotonic() + AT_MOST_SECONDS
        while not self._heard().issuperset(awaited) and time.monotonic() < deadline:
            self.page.wait_for_timeout(200)
        self.settle()
        return self._heard()

    def _heard(self) -> frozenset[str]:
        return self.recorder.hosts() | self.looked_up() | self.connected() | self.sent_to()

    def looked_up(self) -> frozenset[str]:
        """The third-party names that the browser asked its resolver for."""
        self._read_on()
        lookups = (event for event in self._events if event.kind is Kind.LOOKUP)
        names = (self.recorder.host_at(event.port) or event.host for event in lookups)
        return frozenset(names) - self.site

    def connected(self) -> frozenset[str]:
        """The third parties that the browser began to connect to, by its own account."""
        self._read_on()
        return frozenset(e.host for e in self._events if e.kind is Kind.CONNECT) - self.site

    def sent_to(self) -> frozenset[str]:
        """Where datagrams went, which have lost their names on the way: ``address:port/udp``."""
        self._read_on()
        sent = (event for event in self._events if event.kind is Kind.DATAGRAM)
        return frozenset(f"{event.host}:{event.port}/udp" for event in sent)

    def forget(self) -> None:
        """Count anew from here."""
        self.settle()
        self._read_on()
        self._events.clear()
        self.recorder.clear()
        self.server.asked.clear()

    def _read_on(self) -> None:
        """Read the net log up to now: everything before a mark that we make at its end."""
        self._marks += 1
        deadline = time.monotonic() + AT_MOST_SECONDS
        marked = False
        while not marked:
            assert time.monotonic() < deadline, "the browser's net log has stopped"
            self.ledger.goto(self.recorder.mark_url(str(self._marks)))
            new, marked = until_mark(self.netlog.new_events(), f"/mark/{self._marks}")
            self._events += new
