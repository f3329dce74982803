"""WebKitGTK's MiniBrowser on a display of its own, driven by WebDriver.

A small library in front of the C library's resolver leads every name to the recorder and tells
it (``redirect.c``, compiled when it is needed).
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.browser.engines.process import END_SECONDS, await_start, free_port, running
from tests.browser.engines.webdriver import WebDriver, new_session
from tests.browser.recorder import LOOPBACK, Recorder
from tests.live_server import LiveServer

SOURCE = Path(__file__).parent / "redirect.c"
SCREEN = "1280x1024x24"
LIBRARIES = Path("/usr/lib")
MINI_BROWSERS = ("*/webkit2gtk-4.1/MiniBrowser", "*/webkit2gtk-4.0/MiniBrowser")


@dataclass(frozen=True, slots=True)
class WebKitPrograms:
    """What it takes to run WebKitGTK in a test."""

    driver: Path
    browser: Path
    display: Path
    compiler: Path


def find_webkit() -> WebKitPrograms | None:
    """The programs, if all of them are there."""
    named = [shutil.which(name) for name in ("WebKitWebDriver", "Xvfb", "cc")]
    browsers = [path for pattern in MINI_BROWSERS for path in LIBRARIES.glob(pattern)]
    if not browsers or not all(named):
        return None
    driver, display, compiler = (Path(found) for found in named if found)
    return WebKitPrograms(driver, browsers[0], display, compiler)


class WebKitSession:
    """A running MiniBrowser."""

    def __init__(self, driver: WebDriver, recorder: Recorder, lookups: Path) -> None:
        self._driver = driver
        self._recorder = recorder
        self._lookups = lookups
        self._forgotten = 0
        assert isinstance(driver.capabilities, dict)
        self.version = str(driver.capabilities["browserVersion"])

    def goto(self, url: str) -> None:
        self._driver.post("url", url=url)

    def run(self, script: str) -> object:
        return self._driver.post("execute/sync", script=script, args=[])

    def click(self, selector: str) -> None:
        found = self._driver.post("element", using="css selector", value=selector)
        assert isinstance(found, dict)
        self._driver.post(f"element/{next(iter(found.values()))}/click")

    def back(self) -> None:
        self._driver.post("back")

    def tab(self) -> str:
        return str(self._driver.get("window"))

    def open_tab(self) -> str:
        opened = self._driver.post("window/new", type="tab")
        assert isinstance(opened, dict)
        return str(opened["handle"])

    def use(self, tab: str) -> None:
        self._driver.post("window", handle=tab)

    def heard(self) -> frozenset[str]:
        names = self._told()[self._forgotten :]
        return (self._recorder.hosts() | frozenset(names)) - {LOOPBACK, "localhost"}

    def forget(self) -> None:
        self._forgotten = len(self._told())
        self._recorder.clear()

    def _told(self) -> list[str]:
        return self._lookups.read_text("utf-8").splitlines()


@dataclass(frozen=True, slots=True)
class WebKit:
    """The engine WebKit, as GTK programs use it."""

    programs: WebKitPrograms
    id: str = "webkit"
    title: str = "WebKitGTK"

    @contextmanager
    def open(
        self, folder: Path, site: LiveServer, recorder: Recorder, declared: Iterable[str]
    ) -> Iterator[WebKitSession]:
        """Start one. All hosts are known by name, declared or not."""
        lookups, port = folder / "lookups", free_port()
        lookups.touch()
        with _display(self.programs.display, folder) as display:
            environment = {
                **{
                    name: value for name, value in os.environ.items() if "proxy" not in name.lower()
                },
                "DISPLAY": display,
                "GDK_BACKEND": "x11",
                "HOME": str(folder),
                "XDG_RUNTIME_DIR": str(folder),
                "LD_PRELOAD": str(self._library(folder)),
                "CONSENTGATE_LOOKUPS": str(lookups),
                "CONSENTGATE_RECORDER": str(recorder.port),
            }
            log = folder / "webkit.log"
            command = (self.programs.driver, f"--port={port}", f"--host={LOOPBACK}")
            with running(command, environment, log) as process:
                await_start(
                    process, lambda: socket.create_connection((LOOPBACK, port)).close(), log
                )
                with new_session(port, self._wanted()) as driver:
                    yield WebKitSession(driver, recorder, lookups)

    def _wanted(self) -> dict[str, object]:
        options = {"binary": str(self.programs.browser), "args": ["--automation"]}
        return {"acceptInsecureCerts": True, "webkitgtk:browserOptions": options}

    def _library(self, folder: Path) -> Path:
        library = folder / "redirect.so"
        command = [self.programs.compiler, "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"]
        subprocess.run(command, check=True, timeout=60)
        return library


@contextmanager
def _display(server: Path, folder: Path) -> Iterator[str]:
    """A display that nobody sees; gives its name."""
    reading, writing = os.pipe()
    command = [server, "-displayfd", str(writing), "-nolisten", "tcp", "-screen", "0", SCREEN]
    with (folder / "display.log").open("wb") as log, os.fdopen(reading) as told:
        process = subprocess.Popen(command, pass_fds=[writing], stdout=log, stderr=log)
        os.close(writing)
        try:
            number = told.readline().strip()
            if not number:
                raise RuntimeError(f"no display:\n{(folder / 'display.log').read_text('utf-8')}")
            yield f":{number}"
        finally:
            process.terminate()
            process.wait(END_SECONDS)
