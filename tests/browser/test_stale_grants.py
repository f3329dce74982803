"""After a withdrawal nothing shows the old consent again, in any engine and either kind of page."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from consentgate import ConsentGateMiddleware
from tests.browser.engines import ENGINES, Session, find_engine
from tests.browser.recorder import Recorder
from tests.live_server import LiveServer, serving

THIRD = "one.example"
PATIENCE_SECONDS = 30
QUIET_SECONDS = 1

PAGE = """<!doctype html><html lang="en">
<head><title>x</title><link rel="icon" href="data:,"></head>
<body><img id="foreign" src="https://one.example/x.gif" alt=""></body></html>"""
CONFIG = {
    "site": {"name": "A site", "privacy_url": "/privacy"},
    "policy": {"version": "1"},
    "services": {
        "one": {
            "title": "One",
            "category": "analytics",
            "provider": {"name": "One"},
            "purpose": "Tests.",
            "match": {"hosts": [THIRD]},
        },
    },
}
SHOWN = "return document.getElementById('foreign')?.naturalWidth > 0"
WITHHELD = (
    "return document.readyState === 'complete' && consentgate.state() === consentgate.seen"
    " && document.getElementById('foreign')?.naturalWidth === 0"
)
STATE = "return document.cookie.match(/cg_state=([^;]*)/)?.[1] ?? ''"


@pytest.fixture(params=ENGINES)
def engine_id(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=["personal", "shared"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LiveServer]:
    headers = {"cache-control": "public, max-age=0"} if request.param == "shared" else {}

    async def show(_: Request) -> Response:
        return HTMLResponse(PAGE, headers=headers)

    gate = ConsentGateMiddleware(
        Starlette(routes=[Route("/", show)]),
        config=CONFIG,
        secret="a secret of the tests, long enough",
        database=f"sqlite:///{tmp_path}/proofs.db",
    )
    with serving(gate) as server:
        yield server


@pytest.fixture
def session(
    engine_id: str, site: LiveServer, tmp_path: Path, recorder: Recorder
) -> Iterator[Session]:
    """A visitor who agreed and has the page open, with the third party in it."""
    engine = find_engine(engine_id)
    if engine is None and engine_id != "chromium":
        pytest.skip(f"{engine_id} is not installed; `make test` installs it where it can be had")
    assert engine, "no Chromium: `make test` installs one, or set CONSENTGATE_CHROMIUM"
    with ExitStack() as stack:
        session = stack.enter_context(engine.open(tmp_path, site, recorder, [THIRD]))
        choose(session, site, "accept-all")
        session.goto(site.url)
        until(session, SHOWN)
        assert THIRD in session.heard()
        yield session


def until(session: Session, condition: str) -> None:
    """Wait until a script says so; it may ask while another page comes."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not attempt(lambda: session.run(condition)):
        assert time.monotonic() < deadline, f"never came true: {condition}"
        time.sleep(0.1)


def attempt(ask: Callable[[], object]) -> object:
    try:
        return ask()
    except Exception:  # noqa: BLE001 - each driver has its own for a page that goes away
        return None


def choose(session: Session, site: LiveServer, decision: str) -> None:
    """Decide on the page of the settings, and wait until the decision is known."""
    session.goto(f"{site.url}/_gate/preferences?back=/")
    before = session.run(STATE)
    session.click(f"button[name=decision][value={decision}]")
    until(session, f"{STATE.replace('return', 'return (')}) !== '{before}'")
    time.sleep(QUIET_SECONDS)


def shows_nothing(session: Session) -> bool:
    """Whether the page in use withholds the third party, and nobody heard of that."""
    until(session, WITHHELD)
    time.sleep(QUIET_SECONDS)
    until(session, WITHHELD)
    return session.heard() == frozenset()


def test_the_back_button_brings_no_grant_back(session, site):
    choose(session, site, "withdraw")
    session.forget()
    for _ in range(4):
        if str(session.run("return location.pathname")) == "/":
            break
        session.back()
        time.sleep(QUIET_SECONDS)
    assert shows_nothing(session)


def test_another_tab_follows(session, site):
    first, second = session.tab(), session.open_tab()
    session.use(second)
    choose(session, site, "withdraw")
    session.forget()
    session.use(first)
    assert shows_nothing(session)
