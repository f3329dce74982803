"""What the browser's own cache brings back is never a grant that no longer holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tests.browser.visitor import Visitor
from tests.gated import behind_gate, with_one_service
from tests.live_server import LiveServer

HOST = "one.example"
FRAME = f"<iframe src=https://{HOST}/player></iframe>"
PAGE = f"<!doctype html><html lang=en><head><title>x</title></head><body>{FRAME}</body></html>"
CALL = f"fetch('https://{HOST}/x', {{ mode: 'no-cors' }})"
LASTING = f"""addEventListener('fetch', (event) => {{
  if (!event.request.url.endsWith('/asks')) return;
  event.respondWith({CALL}.then(() => new Response('open'), () => new Response('shut')));
}});"""
WORKER = f"{CALL}.then(() => postMessage('open'), () => postMessage('shut'));"
HEARS = """path => new Promise((told) => {
  const worker = new Worker(path);
  worker.onmessage = ({ data }) => { worker.terminate(); told(data); };
})"""
GRANTED = (
    f"path => fetch(path).then((told) => told.text()).then((text) => text.includes('{FRAME}'))"
)
CONFIG = with_one_service(HOST, category="social")
WEEK = "private, max-age=604800"
DATED = "Sat, 21 Nov 2020 10:00:00 GMT"
SAID = {
    "private": {"cache-control": WEEK},
    "dated": {"last-modified": DATED},
    "expires": {"expires": "Sat, 21 Nov 2099 10:00:00 GMT"},
    "tagged": {"etag": '"1"', "last-modified": DATED},
}


REGISTERED = """() => navigator.serviceWorker.register('/lasting.js')
  .then(() => navigator.serviceWorker.ready).then(() => 1)"""
CONTROLLED = "Boolean(navigator.serviceWorker.controller)"
ASKS = "() => fetch('/asks').then((told) => told.text())"


class Site:
    """Pages and workers that a browser may keep; ``answers`` are the application's, by path."""

    def __init__(self) -> None:
        self.answers: list[tuple[str, int]] = []

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/blank", lambda _: HTMLResponse("<!doctype html><title>x</title><p>x")),
                Route("/lasting.js", lambda _: Response(LASTING, media_type="text/javascript")),
                Route("/page/{said}", lambda asked: self._answer(asked, PAGE, "text/html")),
                Route("/work/{said}", lambda asked: self._answer(asked, WORKER, "text/javascript")),
            ]
        )

    def _answer(self, request: Request, content: str, kind: str) -> Response:
        headers = SAID[request.path_params["said"]]
        tag = headers.get("etag", "-")
        status = 304 if tag in request.headers.get("if-none-match", "") else 200
        self.answers.append((request.url.path, status))
        return Response("" if status == 304 else content, status, headers, media_type=kind)


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def visitor(
    serve: Callable[..., LiveServer], visit: Callable[..., Visitor], site: Site, tmp_path: Path
) -> Visitor:
    """Somebody who agreed, at a blank page."""
    visitor = visit(serve(behind_gate(site.app, tmp_path, CONFIG)), declared=[HOST])
    visitor.goto("/blank")
    decide(visitor, "accept-all")
    return visitor


def decide(visitor: Visitor, decision: str) -> None:
    choice = f"{{ method: 'POST', body: new URLSearchParams({{ decision: '{decision}' }}) }}"
    visitor.page.evaluate(f"fetch('/_gate/choice', {choice}).then(() => 1)")
    visitor.goto("/blank")


@pytest.mark.parametrize("said", SAID)
def test_a_kept_worker_reaches_what_is_agreed_to_and_nothing_after_a_withdrawal(
    visitor: Visitor, said: str
) -> None:
    path = f"/work/{said}"
    assert [visitor.page.evaluate(HEARS, path) for _ in range(2)] == ["open", "open"]
    decide(visitor, "withdraw")
    visitor.forget()
    assert visitor.page.evaluate(HEARS, path) == "shut"
    assert HOST not in visitor.reached()
    decide(visitor, "accept-all")
    assert visitor.page.evaluate(HEARS, path) == "open"


def test_a_worker_that_has_not_changed_is_confirmed_with_its_policy(
    visitor: Visitor, site: Site
) -> None:
    heard = [visitor.page.evaluate(HEARS, "/work/tagged") for _ in range(3)]
    assert heard == ["open"] * 3
    assert [status for _, status in site.answers] == [200, 304, 304]


@pytest.mark.parametrize("said", ["private", "tagged"])
def test_what_a_script_fetches_does_not_come_out_of_the_page_that_was_kept(
    visitor: Visitor, said: str
) -> None:
    """Else a service worker could store what was granted, and bring it back."""
    path = f"/page/{said}"
    visitor.goto(path)
    assert HOST in visitor.reached(awaited=[HOST])
    assert not visitor.page.evaluate(GRANTED, path)
    assert not visitor.page.evaluate(GRANTED, path)


def test_a_kept_page_is_shown_again_without_asking(visitor: Visitor, site: Site) -> None:
    for path in ("/page/private", "/blank", "/page/private", "/blank"):
        visitor.goto(path)
    assert site.answers == [("/page/private", 200)]
    visitor.page.go_back()
    visitor.settle()
    visitor.page.go_forward()
    visitor.settle()
    assert site.answers == [("/page/private", 200)]


def test_a_kept_page_is_confirmed(visitor: Visitor, site: Site) -> None:
    for path in ("/page/tagged", "/blank", "/page/tagged"):
        visitor.goto(path)
    visitor.page.reload()
    visitor.settle()
    assert [status for _, status in site.answers] == [200, 304, 304]
    assert HOST in visitor.reached(awaited=[HOST])


def test_a_service_worker_keeps_no_grant_that_it_was_installed_with(visitor: Visitor) -> None:
    """The browser keeps its policy until its script is another one."""
    visitor.page.evaluate(REGISTERED)
    decide(visitor, "withdraw")
    visitor.page.wait_for_function(CONTROLLED)
    visitor.forget()
    assert visitor.page.evaluate(ASKS) == "shut"
    assert HOST not in visitor.reached()
