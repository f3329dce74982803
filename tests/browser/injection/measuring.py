"""Try every way in one engine and note which reach their third party."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from tests.browser.engines import Engine, Session
from tests.browser.injection.hints import ADDRESSING, HINTING, LOOKING_UP, SPECULATING
from tests.browser.injection.leads import FRAMING
from tests.browser.injection.loads import LOADS
from tests.browser.injection.pages import TryingSite
from tests.browser.injection.talks import RUNS, TALKS
from tests.browser.injection.way import ZONE, Group, Way, ice_ports
from tests.browser.recorder import LOOPBACK, Recorder
from tests.gated import behind_gate
from tests.live_server import App, serving

PAGES: Mapping[str, tuple[Group, ...]] = {
    "loads": LOADS,
    "talks": TALKS,
    "runs": RUNS,
    "framing": FRAMING,
    "hinting": HINTING,
    "speculating": SPECULATING,
    "looking-up": LOOKING_UP,
    "addressing": ADDRESSING,
}
"""The pages of the site: ways that do not disturb each other share one."""

GROUPS = tuple(group for groups in PAGES.values() for group in groups)
WAYS: Mapping[str, Way] = {way.id: way for group in GROUPS for way in group.ways}
SHORTEST_SECONDS = 2
"""How long a page is heard at least."""
PATIENCE_SECONDS = 45
"""How long at most is waited for a way that is known to work."""
MARGIN = 1.5
"""A page behind the gate gets so much longer than it took without one."""

CONFIG = {
    "site": {"name": "A site", "privacy_url": "/privacy"},
    "policy": {"version": "1"},
    "services": {"google-analytics": {}},
}

NAMES: Mapping[str, str] = {
    **{way.host: way.id for way in WAYS.values()},
    **{f"{LOOPBACK}:{port}/udp": way for way, port in ice_ports(WAYS.values()).items()},
    ZONE: "fedcm",  # which asks the domain above its host too
}
"""Whose trace a name is: the id of the way."""


class Setting(StrEnum):
    """What stands before the site."""

    BARE = "bare"
    PERSONAL = "personal"
    SHARED = "shared"


@dataclass(frozen=True, slots=True)
class Measured:
    """What one engine did in one setting."""

    version: str
    reached: frozenset[str]
    """The ids of the ways that reached their third party."""
    strangers: frozenset[str]
    """Who was reached besides, which should be nobody."""
    untried: frozenset[str]
    """The ids of the ways whose script did not run."""
    seconds: Mapping[str, float]
    """How long each page was heard after it had loaded."""


def measure(
    engine: Engine,
    setting: Setting,
    folder: Path,
    recorder: Recorder,
    *,
    expected: Collection[str],
    seconds: Mapping[str, float] = MappingProxyType({}),
) -> Measured:
    """Open every page in a new browser, hear each for so long, and wait for ``expected`` ways."""
    tried: set[str] = set()
    heard: frozenset[str] = frozenset()
    took: dict[str, float] = {}
    with (
        serving(_site(setting, folder)) as server,
        engine.open(folder, server, recorder, [ZONE, *(w.host for w in WAYS.values())]) as session,
    ):
        for page, groups in PAGES.items():
            session.goto(f"{server.url}/{page}")
            started = time.monotonic()
            tried |= _tried(session)
            awaited = {way.id for group in groups for way in group.ways}.intersection(expected)
            time.sleep(max(SHORTEST_SECONDS, seconds.get(page, 0) * MARGIN))
            heard = _listen(session, awaited)
            took[page] = time.monotonic() - started
        version = session.version
    return Measured(
        version=version,
        reached=_ids(heard),
        strangers=heard - NAMES.keys(),
        untried=frozenset(WAYS) - tried,
        seconds=took,
    )


def _ids(heard: Iterable[str]) -> frozenset[str]:
    return frozenset(NAMES[name] for name in heard if name in NAMES)


def _tried(session: Session) -> set[str]:
    tried = session.run("return self.tried")
    assert isinstance(tried, list), tried
    return set(tried)


def _listen(session: Session, awaited: Collection[str]) -> frozenset[str]:
    """Who has heard of the visit, as soon as the awaited ways are among them."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not _ids(heard := session.heard()).issuperset(awaited) and time.monotonic() < deadline:
        time.sleep(0.3)
    return heard


def _site(setting: Setting, folder: Path) -> App:
    shared = setting is Setting.SHARED
    site = TryingSite(PAGES, "public, max-age=60" if shared else "")
    if setting is Setting.BARE:
        return site
    return behind_gate(site, folder, CONFIG)
