"""The engines that the browser tests drive, behind one face."""

from __future__ import annotations

from tests.browser.chromium import find_chromium, playwrights_chromium
from tests.browser.engines.chromium import Chromium
from tests.browser.engines.firefox import Firefox, find_firefox
from tests.browser.engines.session import Engine, Session
from tests.browser.engines.webkit import WebKit, find_webkit

__all__ = ["ENGINES", "Engine", "Session", "find_engine"]

ENGINES = ("chromium", "firefox", "webkit")


def find_engine(engine_id: str) -> Engine | None:
    """The engine of this id, if it is installed."""
    match engine_id:
        case "chromium":
            found = find_chromium(playwrights_chromium())
            return Chromium(found) if found else None
        case "firefox":
            firefox = find_firefox()
            return Firefox(firefox) if firefox else None
        case _:
            programs = find_webkit()
            return WebKit(programs) if programs else None
