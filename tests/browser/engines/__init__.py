"""The engines that the browser tests drive, behind one face."""

from __future__ import annotations

import pytest

from tests.browser.chromium import find_chromium, playwrights_chromium
from tests.browser.engines.chromium import Chromium
from tests.browser.engines.firefox import Firefox, find_firefox
from tests.browser.engines.session import Engine, Session
from tests.browser.engines.webkit import WebKit, find_webkit

__all__ = ["ENGINES", "Engine", "Session", "find_engine", "found_or_skipped"]

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


def found_or_skipped(engine_id: str) -> Engine:
    """The engine for a test, which is skipped without it; without Chromium it fails."""
    engine = find_engine(engine_id)
    if engine is None and engine_id != "chromium":
        pytest.skip(f"{engine_id} is not installed; `make test` installs it where it can be had")
    assert engine, "no Chromium: `make test` installs one, or set CONSENTGATE_CHROMIUM"
    return engine
