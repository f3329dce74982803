"""After a withdrawal nothing shows the old consent again, in any engine and either kind of page."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tests.browser.engines import ENGINES, Session, found_or_skipped
from tests.browser.recorder import Recorder
from tests.gated import behind_gate, with_one_service
from tests.live_server import App, LiveServer, serving

THIRD = "one.example"
PATIENCE_SECONDS = 30
QUIET_SECONDS = 1

PAGE = """<!doctype html><html lang="en">
<head><title>x</title><link rel="icon" href="data:,"></head>
<body><img id="foreign" src="https://one.example/x.gif" alt="">
<form method="post" action="/post"><button id="send">Send</button></form></body></html>"""
WORKER = """
oninstall = () => skipWaiting();
onactivate = (event) => event.waitUntil(clients.claim());
onfetch = (event) => {
  if (!event.request.url.endsWith('/kept')) return;
  event.respondWith(caches.open('pages').then(async (pages) => {
    const stored = await pages.match('/kept');
    if (stored) return stored;
    const fresh = await fetch(event.request);
    await pages.put('/kept', fresh.clone());
    return fresh;
  }));
};
"""
KEEP = """
const headers = { 'content-type': 'text/html; charset=utf-8' };
return caches.open('pages').then((pages) => pages.put('/kept', new Response(TEXT, { headers })));
"""
CONFIG = with_one_service(THIRD)
SHOWN = "return document.getElementById('foreign')?.naturalWidth > 0"
WITHHELD = (
    "return document.readyState === 'complete' && consentgate.state() === consentgate.seen"
    " && document.getElementById('foreign')?.naturalWidth === 0"
)
STATE = "return document.cookie.match(/cg_state=([^;]*)/)?.[1] ?? ''"


@pytest.fixture(params=ENGINES)
def engine_id(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def confirmed() -> list[bool]:
    """Of each request for the page with a validator, whether it was answered by 304."""
    return []


@pytest.fixture
def sent() -> dict[str, bytes]:
    """The body that was sent last, by path."""
    return {}


@pytest.fixture(params=["personal", "shared"])
def site(
    request: pytest.FixtureRequest, tmp_path: Path, confirmed: list[bool], sent: dict[str, bytes]
) -> Iterator[LiveServer]:
    headers = {"cache-control": "public, max-age=0"} if request.param == "shared" else {}

    async def show(_: Request) -> Response:
        return HTMLResponse(PAGE, headers=headers)

    async def confirm(request: Request) -> Response:
        known = '"1"' in request.headers.get("if-none-match", "")
        confirmed.append(known)
        tagged = {"cache-control": "no-cache", **headers, "etag": '"1"'}
        return (
            Response(status_code=304, headers=tagged)
            if known
            else HTMLResponse(PAGE, headers=tagged)
        )

    async def work(_: Request) -> Response:
        return Response(WORKER, media_type="text/javascript")

    routes = [
        Route("/", show),
        Route("/kept", show),
        Route("/tagged", confirm),
        Route("/post", show, methods=["POST"]),
        Route("/worker.js", work),
    ]
    gate = behind_gate(Starlette(routes=routes), tmp_path, CONFIG)
    with serving(noting(gate, sent)) as server:
        yield server


def noting(app: App, sent: dict[str, bytes]) -> App:
    """The same application, with what it sends kept by path."""

    async def note(scope, receive, send):
        path = scope.get("path", "")
        sent[path] = b""

        async def passes(message):
            sent[path] += message.get("body", b"")
            await send(message)

        await app(scope, receive, passes)

    return note


@pytest.fixture
def session(
    engine_id: str, site: LiveServer, tmp_path: Path, recorder: Recorder
) -> Iterator[Session]:
    """A visitor who agreed and has the page open, with the third party in it."""
    engine = found_or_skipped(engine_id)
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


def test_a_confirmed_page_brings_no_grant_back(session, site, confirmed, engine_id):
    if engine_id == "webkit":
        pytest.skip("under a driver WebKitGTK keeps no pages that could be confirmed")
    for _ in range(2):
        session.goto(f"{site.url}/tagged")
        until(session, SHOWN)
    assert confirmed == [False, True], "the browser keeps the page and asks whether it is good"
    choose(session, site, "withdraw")
    session.forget()
    session.goto(f"{site.url}/tagged")
    assert shows_nothing(session)


def with_worker(session: Session, site: LiveServer) -> None:
    """Have a service worker store the page that comes next."""
    session.run("return navigator.serviceWorker.register('/worker.js').then(() => 1)")
    until(session, "return Boolean(navigator.serviceWorker.controller)")
    session.goto(f"{site.url}/kept")
    until(session, SHOWN)
    site.asked.clear()
    session.goto(f"{site.url}/kept")
    until(session, SHOWN)
    assert "GET /kept" not in site.asked, "it came out of the worker's cache"


def test_a_service_worker_that_stores_pages_brings_no_grant_back(session, site):
    with_worker(session, site)
    choose(session, site, "withdraw")
    session.forget()
    session.goto(f"{site.url}/kept")
    assert shows_nothing(session)


def test_what_a_worker_stored_for_who_agreed_is_thrown_away(session, site, sent):
    """As one that stored pages before it was asked to store everybody's."""
    with_worker(session, site)
    session.goto(site.url)
    until(session, SHOWN)
    session.run(KEEP.replace("TEXT", json.dumps(sent["/"].decode())))
    choose(session, site, "withdraw")
    session.goto(f"{site.url}/kept")
    until(session, WITHHELD)
    session.forget()
    session.goto(f"{site.url}/kept")
    assert shows_nothing(session)


def test_a_page_that_answered_a_form_is_left(session, site):
    """It cannot be loaded again without sending the form again."""
    session.click("#send")
    until(session, f"{SHOWN} && location.pathname === '/post'")
    first, second = session.tab(), session.open_tab()
    session.use(second)
    choose(session, site, "withdraw")
    session.use(first)
    until(session, "return location.pathname.startsWith('/_gate/')")
    assert site.asked.count("POST /post") == 1, "nothing is sent twice"
    session.forget()
    time.sleep(QUIET_SECONDS)
    assert not session.run(SHOWN)
    assert session.heard() == frozenset()
