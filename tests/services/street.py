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
        headers = {
            "host": self.host(fixture),
            "origin": self.url(fixture).rstrip("/"),
            "user-agent": BROWSER,
        }
        form = {"decision": "allow", "service": fixture.service, "back": "/"}
        with httpx.Client(verify=False) as client:  # reading the certificates takes long
            answer = client.post(f"{self.server.url}/_gate/choice", data=form, headers=headers)
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
    path, _, query = request.path.partition("?")
    claimants = LOOKUP.by_url(request.host, path, query)
    return fixture.service in {service.id for service in claimants}


def everything(fixture: Fixture, heard: Heard) -> bool:
    """Whether the service has heard of it: nothing more needs to be waited for."""
    return bool(fixture.idle or heard.of(fixture))


def at_once(_: Fixture, __: Heard) -> bool:
    """Nothing is waited for but silence."""
    return True


@dataclass(slots=True)
class Tab:
    """A tab for one fixture after the other, and the addresses that the present one asked for."""

    page: Page
    asked: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.asked.add(_address(request.url)))

    def open(self, url: str) -> None:
        """Begin with a fixture, when all is over that the one before has begun."""
        self.asked.clear()
        self.page.goto(url, wait_until="commit")

    def its_own(self, requests: Collection[RecordedRequest]) -> tuple[RecordedRequest, ...]:
        """Those of the requests that came from this tab."""
        return tuple(r for r in requests if (r.host, r.path.partition("?")[0]) in self.asked)


def _address(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.path or "/"


@dataclass(frozen=True, slots=True)
class Walk:
    """Visits fixture after fixture, several tabs at a time.

    The tabs stay open, for to open one takes a browser longer than to load a page.
    """

    visitor: Visitor
    _tabs: list[Tab] = field(default_factory=list)

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
        tabs = dict(zip(fixtures, self._emptied(len(fixtures)), strict=True))
        for fixture, tab in tabs.items():
            tab.open(street.url(fixture))
        for tab in tabs.values():
            tab.page.wait_for_load_state("load")
        self._await(tabs, enough)
        anybody = self.visitor.reached()
        return {fixture.name: replace(h, anybody=anybody) for fixture, h in self._so_far(tabs)}

    def _emptied(self, number: int) -> list[Tab]:
        """So many tabs, in none of which anything goes on, and with nothing recorded."""
        while len(self._tabs) < number:
            self._tabs.append(Tab(self.visitor.context.new_page()))
        for tab in self._tabs:
            tab.page.goto("about:blank")
        self.visitor.forget()
        return self._tabs[:number]

    def _await(self, tabs: Mapping[Fixture, Tab], enough: Callable[[Fixture, Heard], bool]) -> None:
        deadline = time.monotonic() + AT_MOST_SECONDS
        while time.monotonic() < deadline:
            if all(enough(fixture, heard) for fixture, heard in self._so_far(tabs)):
                return
            self.visitor.page.wait_for_timeout(100)

    def _so_far(self, tabs: Mapping[Fixture, Tab]) -> Iterator[tuple[Fixture, Heard]]:
        requests = self.visitor.recorder.requests
        for fixture, tab in tabs.items():
            yield fixture, Heard(tab.its_own(requests))
