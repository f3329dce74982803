"""Requests for a part: of a page none is sent, of anything else it is sent as it was."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from tests.gated import behind_gate
from tests.live_server import serving
from tests.response.test_over_a_socket import (
    CONFIG,
    HTML,
    PAGE,
    STOPPED,
    WAIT_SECONDS,
    eventually,
    piece,
    start,
)

SCRIPT = {"sec-fetch-dest": "empty", "accept": "*/*"}
NAVIGATION = {"sec-fetch-dest": "document", "accept": "text/html"}
PART = {"range": "bytes=10-19"}
BYTES = bytes(range(256))


class Reads:
    """A middleware that reads the body of each request and notes in the state that it came by."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            assert "came_by" not in scope["state"], "this request has been here before"
            scope["state"]["came_by"] = True
            scope["headers"].append((b"x-came-by", b"1"))
            while (await receive()).get("more_body"):
                pass
        await self._app(scope, receive, send)


class Site:
    """A site of pages and other files, some of them handed out with work behind them."""

    def __init__(self, folder: Path) -> None:
        (folder / "page.html").write_bytes(PAGE)
        (folder / "film.bin").write_bytes(BYTES)
        self._folder = folder
        self.asked: list[list[str]] = []
        self.fails = threading.Event()
        views = (self.page, self.film, self.failing, self.untyped)
        files = [*(Route(f"/{view.__name__}", view) for view in views)]
        below = Mount("/static", StaticFiles(directory=folder))
        self.app = Starlette(routes=[Mount("/deep", routes=[below]), below, *files])

    def _noted(self, request: Request) -> None:
        assert request.headers.getlist("x-came-by") in ([], ["1"])
        self.asked.append(request.headers.getlist("range"))

    async def page(self, request: Request) -> Response:
        self._noted(request)
        return FileResponse(self._folder / "page.html")

    async def film(self, request: Request) -> Response:
        self._noted(request)
        return FileResponse(self._folder / "film.bin", media_type="application/octet-stream")

    async def untyped(self, request: Request) -> Response:
        self._noted(request)
        content = PAGE if request.query_params else BYTES
        if asked := re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers.get("range", "")):
            first, last = int(asked[1]), int(asked[2])
            headers = {"content-range": f"bytes {first}-{last}/{len(content)}"}
            return Response(content[first : last + 1], 206, headers)
        return Response(content)

    async def failing(self, request: Request) -> Response:
        def work() -> None:
            self.fails.set()
            raise RuntimeError("behind the body")

        return FileResponse(self._folder / "page.html", background=BackgroundTask(work))


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


async def passing(request: Request, call_next: Any) -> Response:
    return await call_next(request)


@pytest.fixture(params=["bare", "behind middlewares"])
def client(site: Site, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    app = site.app
    if request.param != "bare":
        base = [Middleware(BaseHTTPMiddleware, dispatch=passing)]
        app = Reads(Starlette(routes=[Mount("/", site.app)], middleware=base))
    with (
        serving(behind_gate(app, tmp_path, CONFIG)) as server,
        httpx.Client(base_url=server.url, headers=SCRIPT, timeout=WAIT_SECONDS) as client,
    ):
        client.server = server
        yield client


@pytest.mark.parametrize("path", ["/page", "/static/page.html", "/deep/static/page.html"])
@pytest.mark.parametrize("wanted", ["bytes=10-19", "bytes=0-", "bytes=-5", "bytes=0-3,50-60"])
def test_a_page_comes_whole(client: httpx.Client, path: str, wanted: str) -> None:
    """Below a mount too, whose router writes into the scope that it is given."""
    whole = client.get(path)
    answer = client.get(path, headers={"range": wanted})
    assert (answer.status_code, answer.content) == (200, whole.content)
    assert STOPPED in answer.content
    assert "content-range" not in answer.headers
    told = answer.headers.get("content-length")  # none where a middleware streams it
    assert told == whole.headers.get("content-length")
    assert told in (None, str(len(answer.content)))


@pytest.mark.parametrize("path", ["/film", "/static/film.bin", "/deep/static/film.bin"])
@pytest.mark.parametrize("dest", ["empty", "video", ""])
def test_a_part_of_anything_else_comes_as_it_is(
    site: Site, client: httpx.Client, path: str, dest: str
) -> None:
    answer = client.get(path, headers=PART | {"sec-fetch-dest": dest})
    assert (answer.status_code, answer.content) == (206, BYTES[10:20])
    assert answer.headers["content-range"] == "bytes 10-19/256"
    assert site.asked in ([], [["bytes=10-19"]]), "it was asked for more than once"


def test_of_several_parts_only_media_has_any(client: httpx.Client) -> None:
    several = {"range": "bytes=0-3,50-60"}
    answer = client.get("/film", headers=several | {"sec-fetch-dest": "video"})
    assert answer.status_code == 206
    assert answer.headers["content-type"].startswith("multipart/byteranges")
    assert client.get("/film", headers=several).content == BYTES


@pytest.mark.parametrize("asked", [SCRIPT, NAVIGATION])
@pytest.mark.parametrize("path", ["/page", "/film"])
def test_head_knows_no_parts(client: httpx.Client, path: str, asked: dict[str, str]) -> None:
    answer = client.head(path, headers=asked | PART)
    assert answer.status_code == 200
    assert "content-range" not in answer.headers


@pytest.mark.parametrize("first", [0, 50])
def test_what_may_be_a_page_comes_whole(client: httpx.Client, first: int) -> None:
    part = {"range": f"bytes={first}-70"}
    answer = client.get("/untyped", params={"page": 1}, headers=part)
    assert answer.status_code == 200
    assert STOPPED in answer.content


def test_what_is_played_and_has_no_type_comes_in_parts(client: httpx.Client) -> None:
    answer = client.get("/untyped", headers=PART | {"sec-fetch-dest": "audio"})
    assert (answer.status_code, answer.content) == (206, BYTES[10:20])


def test_what_fails_behind_a_part_does_not_cost_the_page(site: Site, client: httpx.Client) -> None:
    answer = client.get("/failing", headers=PART)
    assert STOPPED in answer.content
    assert site.fails.is_set()
    assert eventually(lambda: "RuntimeError: behind the body" in "\n".join(client.server.log))


@pytest.mark.parametrize("headers", [SCRIPT | PART, SCRIPT, NAVIGATION])
def test_who_always_answers_in_part_is_heard(tmp_path: Path, headers: dict[str, str]) -> None:
    asked = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        asked.append([value for name, value in scope["headers"] if name == b"range"])
        await send(start(HTML, (b"content-range", b"bytes 0-99/4711"), status=206))
        await asyncio.sleep(0)
        await send(piece(PAGE, more=False))

    with serving(behind_gate(app, tmp_path, CONFIG)) as server:
        answer = httpx.get(server.url, headers=headers, timeout=WAIT_SECONDS)
    assert answer.status_code == 200
    assert STOPPED in answer.content
    assert "content-range" not in answer.headers
    assert asked == ([[b"bytes=10-19"], []] if headers == SCRIPT | PART else [[]])
