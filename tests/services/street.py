"""Many small sites at once: every fixture on a host of its own, bare and behind the gate.

So one browser holds them in tabs side by side, each with its own cookies, and whoever hears of
a visit is told apart by the tab that asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Page
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from consentgate.catalogue import load_catalogue
from consentgate.catalogue.lookup import CONSENT_TOOL, Lookup
from consentgate.model import NECESSARY
from tests.browser.recorder import RecordedRequest
from tests.browser.visitor import Visitor
from tests.live_server import LiveServer
from tests.services.fixtures import FIXTURES, Fixture

TABS = 12
AT_MOST_SECONDS = 10
LOOKUP = Lookup(load_catalogue().services.values())
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140 Safari/537.36"

_BY_LABEL = {fixture.label: fixture for fixture in FIXTURES.values()}


def can_be_agreed_to(fixture: Fixture) -> bool:
    """Whether a visitor may: not to other consent tools, and what is necessary needs no consent."""
    return LOOKUP.services[fixture.service].category not in {CONSENT_TOOL, NECESSARY}


CONFIG: Mapping[str, object] = {
    "site": {"name": "The street", "privacy_url": "/privacy"},
    "policy": {"version": "1"},
    "services": {
        service.id: {} for service in LOOKUP.services.values() if service.category != CONSENT_TOOL
    },
}
"""Everything that the catalogue lets a site name."""


async def site(request: Request) -> Response:
    """The page of the fixture that the host is named for."""
    label, _, _ = request.url.hostname.rpartition("-")
    return HTMLResponse(_BY_LABEL[label].page)


@dataclass(frozen=True, slots=True)
class Street:
    """Hosts of one kind, and who serves them."""

    name: str
    server: LiveServer

    def host(self, fixture: Fixture) -> str:
        """A site of its own each: a browser keeps so and so many cookies for one."""
        return f"{fixture.label}-{self.name}.test"

    def hosts(self) -> Mapping[str, int]:
        return {self.host(fixture): self.server.port for fixture in FIXTURES.values()}

    def url(self, fixture: Fixture) -> str:
        return f"http://{self.host(fixture)}/"

    def allow(self, fixture: Fixture) -> list[Mapping[str, str]]:
        """Agree to this service alone, as the placeholder's button does; the cookies it sets."""
        answer = httpx.post(
            f"{self.server.url}/_gate/choice",
            data={"decision": "allow", "service": fixture.service, "back": "/"},
            headers={
                "host": self.host(fixture),
                "origin": self.url(fixture).rstrip("/"),
                "user-agent": BROWSER,
            },
        )
        assert answer.status_code == 303, answer.text
        set_cookies = answer.headers.get_list("set-cookie")
        cookies = [cookie for line in set_cookies for cookie in SimpleCookie(line).values()]
        assert {cookie.key for cookie in cookies} >= {"cg", "cg_state"}
        url = self.url(fixture)
        return [{"name": c.key, "value": c.value, "url": url} for c in cookies if c.value]


@dataclass(frozen=True, slots=True)
class Heard:
    """Who heard of the visit to one fixture."""

    requests: tuple[RecordedRequest, ...] = ()
    """What its tab asked for and got, in order."""
    anybody: frozenset[str] = frozenset()
    """Every host, looked up and connected ones too; of all tabs where several were open."""

    def of(self, fixture: Fixture) -> list[str]:
        """The hosts that were asked for what the catalogue says is this service's."""
        return [r.host for r in self.requests if _is_of(fixture, r)]


def _is_of(fixture: Fixture, request: RecordedRequest) -> bool:
    claimants = LOOKUP.by_url(request.host, request.path.partition("?")[0])
    return fixture.service in {service.id for service in claimants}


def everything(fixture: Fixture, heard: Heard) -> bool:
    """Whether the service has heard of it: nothing more needs to be waited for."""
    return bool(fixture.idle or heard.of(fixture))


def at_once(_: Fixture, __: Heard) -> bool:
    """Nothing is waited for but silence."""
    return True


@dataclass(slots=True)
class Tab:
    """A fixture in a tab, and the addresses that the tab has asked for."""

    page: Page
    asked: set[tuple[str, str]] = field(default_factory=set)

    def open(self, url: str) -> None:
        self.page.on("request", lambda request: self.asked.add(_address(request.url)))
        self.page.goto(url, wait_until="commit")

    def its_own(self, requests: Collection[RecordedRequest]) -> tuple[RecordedRequest, ...]:
        return tuple(r for r in requests if (r.host, r.path.partition("?")[0]) in self.asked)


def _address(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.path or "/"


@dataclass(frozen=True, slots=True)
class Walk:
    """Visits fixture after fixture, several tabs at a time."""

    visitor: Visitor

    def along(
        self,
        street: Street,
        fixtures: Sequence[Fixture],
        enough: Callable[[Fixture, Heard], bool],
    ) -> dict[str, Heard]:
        """Who heard of each; waits a while until that is ``enough``."""
        heard: dict[str, Heard] = {}
        for start in range(0, len(fixtures), TABS):
            heard |= self._side_by_side(street, fixtures[start : start + TABS], enough)
        return heard

    def one_by_one_where_heard(
        self, street: Street, fixtures: Sequence[Fixture]
    ) -> dict[str, Heard]:
        """Where nobody should hear: a batch that is not silent is visited again, one at a time."""
        together = self.along(street, fixtures, at_once)
        loud = [fixture for fixture in fixtures if together[fixture.name].anybody]
        for fixture in loud:
            together |= self._side_by_side(street, [fixture], at_once)
        return together

    def _side_by_side(
        self,
        street: Street,
        fixtures: Sequence[Fixture],
        enough: Callable[[Fixture, Heard], bool],
    ) -> dict[str, Heard]:
        self.visitor.forget()
        tabs = {fixture.name: Tab(self.visitor.context.new_page()) for fixture in fixtures}
        try:
            for fixture in fixtures:
                tabs[fixture.name].open(street.url(fixture))
            for tab in tabs.values():
                tab.page.wait_for_load_state("load")
            self._await(fixtures, tabs, enough)
            anybody = self.visitor.reached()
            return {name: replace(heard, anybody=anybody) for name, heard in self._so_far(tabs)}
        finally:
            for tab in tabs.values():
                tab.page.close()

    def _await(
        self,
        fixtures: Sequence[Fixture],
        tabs: Mapping[str, Tab],
        enough: Callable[[Fixture, Heard], bool],
    ) -> None:
        deadline = time.monotonic() + AT_MOST_SECONDS
        while time.monotonic() < deadline:
            so_far = dict(self._so_far(tabs))
            if all(enough(fixture, so_far[fixture.name]) for fixture in fixtures):
                return
            self.visitor.page.wait_for_timeout(100)

    def _so_far(self, tabs: Mapping[str, Tab]) -> Iterator[tuple[str, Heard]]:
        requests = self.visitor.recorder.requests
        for name, tab in tabs.items():
            yield name, Heard(tab.its_own(requests))
