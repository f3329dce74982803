"""What the tests ask of a browser, whichever engine drives it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from tests.browser.recorder import Recorder
from tests.live_server import LiveServer


class Session(Protocol):
    """A browser with an empty profile, whose every third party is the recorder."""

    version: str

    def goto(self, url: str) -> None:
        """Load a page in the tab in use and wait until it is loaded."""

    def run(self, script: str) -> object:
        """The result of this body of a function in the page of the tab in use."""

    def click(self, selector: str) -> None:
        """Click the first such element, as a person would, and wait for what it loads."""

    def back(self) -> None:
        """Go one step back in the history, as with the browser's button."""

    def tab(self) -> str:
        """The handle of the tab in use."""

    def open_tab(self) -> str:
        """Open another tab beside the one in use; gives its handle."""

    def use(self, tab: str) -> None:
        """Turn to another tab."""

    def heard(self) -> frozenset[str]:
        """The third parties that were asked, connected to or looked up so far.

        ``""`` stands for a connection that named nobody; a datagram shows as
        ``address:port/udp`` where its name is lost.
        """

    def forget(self) -> None:
        """Count anew from here."""


class Engine(Protocol):
    """A kind of browser that can be started on this machine."""

    id: str
    title: str

    def open(
        self, folder: Path, site: LiveServer, recorder: Recorder, declared: Iterable[str]
    ) -> AbstractContextManager[Session]:
        """Start one in an empty folder; ``declared`` are hosts to be known by name."""
