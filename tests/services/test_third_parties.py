"""Third parties by behaviour: each service as its vendor has it embedded, not as we know it.

Bare, the code must reach a host that the catalogue claims for the service; behind the gate
nobody may hear of an undecided visitor; and with consent to this service alone it works again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from tests.browser.visitor import NOBODY
from tests.services.fixtures import FIXTURES, Fixture
from tests.services.street import LOOKUP, Heard, Street, Walk, can_be_agreed_to, everything

pytestmark = pytest.mark.browser


@dataclass(frozen=True, slots=True)
class Case:
    """One fixture in one kind of browser."""

    fixture: Fixture
    java_script: bool

    @property
    def name(self) -> str:
        return self.fixture.name if self.java_script else f"{self.fixture.name}, no script"


CASES = [Case(fixture, java_script=True) for fixture in FIXTURES.values()] + [
    Case(fixture, java_script=False)
    for fixture in FIXTURES.values()
    if fixture.works_without_script
]


def each(cases: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.name)


BUSY = [case for case in CASES if not case.fixture.idle]
IDLE = [case for case in CASES if case.fixture.idle]
OPEN_TO_CONSENT = [case for case in BUSY if can_be_agreed_to(case.fixture)]


@pytest.fixture(scope="module")
def wanted(request: pytest.FixtureRequest) -> list[Case]:
    """The cases that this run asks about, so that one service can be tested by itself."""
    calls = (getattr(item, "callspec", None) for item in request.session.items)
    asked = {call.params["case"].name for call in calls if call and "case" in call.params}
    return [case for case in CASES if case.name in asked]


Seen = Callable[[Case, str], Heard]


@pytest.fixture(scope="module")
def seen(wanted: list[Case], walker: Callable[..., Walk], streets: Mapping[str, Street]) -> Seen:
    """Who heard of a case when: ``bare``, ``gated`` for the undecided, and when ``allowed``."""
    found = {}
    for java_script in {case.java_script for case in wanted}:
        fixtures = [case.fixture for case in wanted if case.java_script is java_script]
        found[java_script] = _walk(walker(java_script=java_script), streets, fixtures)
    return lambda case, when: found[case.java_script][when][case.fixture.name]


def _walk(
    walk: Walk, streets: Mapping[str, Street], fixtures: list[Fixture]
) -> Mapping[str, Mapping[str, Heard]]:
    gated = streets["gated"]
    bare = walk.along(streets["bare"], fixtures, everything)
    undecided = walk.one_by_one_where_heard(gated, fixtures)
    agreed = [fixture for fixture in fixtures if can_be_agreed_to(fixture)]
    for fixture in agreed:
        walk.visitor.context.add_cookies(gated.allow(fixture))
    allowed = walk.along(gated, agreed, everything)
    return {"bare": bare, "gated": undecided, "allowed": allowed}


@each(BUSY)
def test_bare_it_reaches_a_host_that_the_catalogue_claims(case: Case, seen: Seen) -> None:
    heard = seen(case, "bare")
    assert heard.of(case.fixture), [f"{r.host}{r.path}" for r in heard.requests]


@each(IDLE)
def test_what_is_idle_reaches_nobody_of_this_service(case: Case, seen: Seen) -> None:
    assert seen(case, "bare").of(case.fixture) == []


@each(CASES)
def test_nobody_hears_of_an_undecided_visitor(case: Case, seen: Seen) -> None:
    assert seen(case, "gated").anybody == NOBODY


@each(OPEN_TO_CONSENT)
def test_with_consent_to_it_alone_its_first_host_is_reached_again(case: Case, seen: Seen) -> None:
    first = seen(case, "bare").of(case.fixture)[0]
    allowed = seen(case, "allowed")
    assert first in allowed.of(case.fixture)
    strangers = {
        request.host
        for request in allowed.requests
        if case.fixture.service not in {service.id for service in LOOKUP.by_host(request.host)}
    }
    assert strangers == NOBODY
