"""Firefox, driven by Marionette: every name leads to the recorder, and every look-up is told.

Firefox has no resolver rules. It has a preference that resolves every name to one address and
one that maps ports, which leaves its own network code as it is, unlike a proxy: behind a proxy
it would neither look names up ahead nor use WebRTC in the ordinary way.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.browser.chromium import find_program
from tests.browser.engines.marionette import Marionette
from tests.browser.engines.process import await_start, free_port, running
from tests.browser.recorder import LOOPBACK, Recorder
from tests.live_server import LiveServer

OWN_HOSTS = frozenset({"firefox.settings.services.mozilla.com"})
"""Whom Firefox itself contacts although the preferences below forbid it: its remote settings."""

PREFERENCES: Mapping[str, object] = {
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.newtabpage.activity-stream.feeds.system.topstories": False,
    "browser.ping-centre.telemetry": False,
    "browser.safebrowsing.blockedURIs.enabled": False,
    "browser.safebrowsing.downloads.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.safebrowsing.update.enabled": False,
    "browser.search.update": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.topsites.contile.enabled": False,
    "browser.urlbar.quicksuggest.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.getAddons.cache.enabled": False,
    "extensions.systemAddon.update.enabled": False,
    "extensions.update.enabled": False,
    "geo.provider.testing": True,
    "media.gmp-manager.updateEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.dns.notifyResolution": True,
    "network.proxy.type": 0,
    "network.trr.mode": 5,
    "remote.log.level": "Warn",
    "security.OCSP.enabled": 0,
    "toolkit.telemetry.enabled": False,
    # As talkative as it gets, where a preference decides.
    "network.cookie.cookieBehavior": 0,
    "network.dns.disablePrefetch": False,
    "network.dns.disablePrefetchFromHTTPS": False,
    "network.http.speculative-parallel-limit": 20,
    "network.predictor.enabled": False,
    "network.preconnect": True,
    "network.prefetch-next": True,
    "privacy.trackingprotection.enabled": False,
}

WATCH = """
globalThis.seen = [];
globalThis.watcher = { observe: (subject, topic, name) => globalThis.seen.push(name) };
Services.obs.addObserver(globalThis.watcher, "dns-resolution-request");
"""
TAKE = "return globalThis.seen.splice(0);"


def find_firefox() -> Path | None:
    """The Firefox to drive: ``CONSENTGATE_FIREFOX``, the system's, or none."""
    installed = filter(None, map(shutil.which, ("firefox-esr", "firefox")))
    return find_program("CONSENTGATE_FIREFOX", map(Path, installed))


class FirefoxSession:
    """A running Firefox."""

    def __init__(self, driver: Marionette, recorder: Recorder) -> None:
        self._driver = driver
        self._recorder = recorder
        self._looked_up: set[str] = set()
        opened = driver.call("WebDriver:NewSession", acceptInsecureCerts=True)
        assert isinstance(opened, dict)
        self.version = str(opened["capabilities"]["browserVersion"])
        self._privileged(WATCH)

    def goto(self, url: str) -> None:
        self._driver.call("WebDriver:Navigate", url=url)

    def run(self, script: str) -> object:
        return self._driver.call("WebDriver:ExecuteScript", script=script, args=[])

    def click(self, selector: str) -> None:
        found = self._driver.call("WebDriver:FindElement", using="css selector", value=selector)
        assert isinstance(found, dict)
        self._driver.call("WebDriver:ElementClick", id=next(iter(found.values())))

    def back(self) -> None:
        self._driver.call("WebDriver:Back")

    def open_tab(self) -> str:
        opened = self._driver.call("WebDriver:NewWindow", type="tab", focus=False)
        assert isinstance(opened, dict)
        return str(opened["handle"])

    def use(self, tab: str) -> None:
        self._driver.call("WebDriver:SwitchToWindow", handle=tab, focus=True)

    def tab(self) -> str:
        return str(self._driver.call("WebDriver:GetWindowHandle"))

    def heard(self) -> frozenset[str]:
        taken = self._privileged(TAKE)
        assert isinstance(taken, list)
        self._looked_up.update(taken)
        return (self._recorder.hosts() | self._looked_up) - OWN_HOSTS - {LOOPBACK, "localhost"}

    def forget(self) -> None:
        self.heard()
        self._looked_up.clear()
        self._recorder.clear()

    def _privileged(self, script: str) -> object:
        """Run a script with the rights of the browser itself."""
        self._driver.call("Marionette:SetContext", value="chrome")
        try:
            return self._driver.call(
                "WebDriver:ExecuteScript", script=script, args=[], sandbox="cg", newSandbox=False
            )
        finally:
            self._driver.call("Marionette:SetContext", value="content")


@dataclass(frozen=True, slots=True)
class Firefox:
    """The engine Gecko."""

    executable: Path
    id: str = "firefox"
    title: str = "Firefox"

    @contextmanager
    def open(
        self, folder: Path, site: LiveServer, recorder: Recorder, declared: Iterable[str]
    ) -> Iterator[FirefoxSession]:
        """Start one. All hosts are known by name, declared or not."""
        port, log = free_port(), folder / "firefox.log"
        profile = folder / "profile"
        profile.mkdir()
        (profile / "user.js").write_text(_preferences(port, recorder.port), "utf-8")
        flags = ("--headless", "--no-remote", "--marionette", "--remote-allow-system-access")
        environment = {**os.environ, "HOME": str(folder), "MOZ_CRASHREPORTER_DISABLE": "1"}
        command = (self.executable, *flags, "--profile", profile)
        with (
            running(command, environment, log) as process,
            await_start(process, lambda: Marionette(port), log) as driver,
        ):
            yield FirefoxSession(driver, recorder)


def _preferences(marionette_port: int, recorder_port: int) -> str:
    ports = f"443={recorder_port};80={recorder_port}"
    chosen = {
        **PREFERENCES,
        "marionette.port": marionette_port,
        "network.dns.forceResolve": LOOPBACK,
        "network.socket.forcePort": ports,
    }
    return "".join(f"user_pref({json.dumps(k)}, {json.dumps(v)});\n" for k, v in chosen.items())
