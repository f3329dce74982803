"""What leaves a real server when an application answers in every way that it may."""

from __future__ import annotations

import asyncio
import gzip
import socket
import threading
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import brotli
import httpx
import pytest
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.gated import behind_gate
from tests.live_server import LiveServer, serving
from tests.response.test_codings import zstd

CONFIG = {
    "site": {"name": "Example", "privacy_url": "/privacy"},
    "policy": {"version": "1"},
    "services": {"youtube": {}},
}
PIXEL = b"<img src=https://nobody.example/p.gif>"
STOPPED = b"data-cg-src=https://nobody.example/p.gif"
PAGE = (
    b"<!doctype html><html lang=en><head><title>t</title></head><body>" + PIXEL + b"</body></html>"
)
XHTML = (
    b'<?xml version="1.0"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><head>'
    b"<title>t</title><style><![CDATA[p > b {}]]></style></head><body><script/>"
    b'<img src="https://nobody.example/p.gif"/></body></html>'
)
HTML = (b"content-type", b"text/html; charset=utf-8")
NAVIGATION = {"sec-fetch-dest": "document", "accept": "text/html"}
WAIT_SECONDS = 20
"""How long a test waits for what should come at once before it fails."""

App = Callable[[Any, Any, Any], Awaitable[None]]


@contextmanager
def gated(app: App, folder: Path) -> Iterator[LiveServer]:
    gate = behind_gate(app, folder, CONFIG)
    with serving(gate) as server:
        yield server


@contextmanager
def asked(server: LiveServer, *headers: str) -> Iterator[socket.socket]:
    """A connection on which the page has just been asked for."""
    lines = ["GET / HTTP/1.1", "host: www.example.com", "sec-fetch-dest: document", *headers]
    with socket.create_connection(("127.0.0.1", server.port), timeout=WAIT_SECONDS) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        yield connection


def read_until(connection: socket.socket, wanted: bytes) -> bytes:
    """What arrives up to and with the wanted bytes; fails where they do not come."""
    arrived = b""
    while wanted not in arrived:
        chunk = connection.recv(65_536)
        assert chunk, f"the connection ended before {wanted!r}: {arrived!r}"
        arrived += chunk
    return arrived


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether something comes to hold that another thread brings about."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.02)
    return holds()


class Stepwise:
    """An application whose next message waits until the test has seen the one before."""

    def __init__(self, *messages: dict[str, object]) -> None:
        self._messages = messages
        self._allowed = threading.Semaphore(1)
        self.sent = 0

    def go_on(self) -> None:
        self._allowed.release()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        for message in self._messages:
            assert await asyncio.to_thread(self._allowed.acquire, timeout=WAIT_SECONDS)
            await send(message)
            self.sent += 1


def start(*headers: tuple[bytes, bytes], status: int = 200) -> dict[str, object]:
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def piece(content: bytes, *, more: bool = True) -> dict[str, object]:
    return {"type": "http.response.body", "body": content, "more_body": more}


# Each chunk leaves before the next one is asked of the application


@pytest.mark.parametrize(
    ("content_type", "chunks"),
    [
        (b"text/html; charset=utf-8", [b"<!doctype html><p>one", b"<p>two", b"<p>three"]),
        (b"text/html", [b"<!doctype html>" + b"<p>x" * 300 + b"<p>one", b"<p>two", b"<p>three"]),
        (b"text/html; charset=utf-8", [b"<li>one", b"<li>two", b"<li>three"]),
        (b"text/html; charset=iso-2022-kr", [b"<p>one", b"two", b"three"]),
        (b"application/x-ndjson", [b'{"n": "one"}\n', b'{"n": "two"}\n', b"three"]),
    ],
)
def test_each_chunk_leaves_before_the_next_is_asked_for(
    tmp_path: Path, content_type: bytes, chunks: list[bytes]
) -> None:
    app = Stepwise(
        start((b"content-type", content_type)), *map(piece, chunks), piece(b"", more=False)
    )
    with gated(app, tmp_path) as server, asked(server) as connection:
        app.go_on()
        for number, word in enumerate([b"one", b"two", b"three"]):
            read_until(connection, word)
            assert app.sent <= number + 2
            app.go_on()
        read_until(connection, b"0\r\n\r\n")


def test_a_page_that_came_before_streams_as_well(tmp_path: Path) -> None:
    chunks = (b"<!doctype html><p>one", b"<p>two")
    for _ in range(4):
        app = Stepwise(start(HTML), *map(piece, chunks), piece(b"", more=False))
        with gated(app, tmp_path) as server, asked(server) as connection:
            app.go_on()
            for word in (b"one", b"two"):
                read_until(connection, word)
                app.go_on()
            read_until(connection, b"0\r\n\r\n")


def test_the_headers_of_server_sent_events_are_not_held(tmp_path: Path) -> None:
    event = b"data: <img src=https://nobody.example/p.gif>\n\n"
    app = Stepwise(
        start((b"content-type", b"text/event-stream")), piece(event), piece(b"", more=False)
    )
    with gated(app, tmp_path) as server, asked(server) as connection:
        assert b"text/event-stream" in read_until(connection, b"\r\n\r\n")
        assert app.sent <= 1
        app.go_on()
        assert event in read_until(connection, event)
        app.go_on()


# Who goes away, and what breaks


class Endless:
    """An application that answers for as long as somebody listens."""

    def __init__(self) -> None:
        self.told = threading.Event()
        self.ended = threading.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        try:
            await send(start(HTML))
            await send(piece(PAGE[: PAGE.index(b"</body>")]))
            await receive()
            while (await receive())["type"] != "http.disconnect":
                pass
            self.told.set()
        finally:
            self.ended.set()


def test_an_application_hears_that_its_client_has_gone_and_nothing_is_left(tmp_path: Path) -> None:
    app = Endless()
    with gated(app, tmp_path) as server:
        with asked(server) as connection:
            read_until(connection, STOPPED)
            assert not app.told.is_set()
        assert app.told.wait(WAIT_SECONDS)
        assert app.ended.wait(WAIT_SECONDS)
        assert eventually(lambda: server.in_flight == 0)


class Breaking:
    """An application that raises after so many of its messages."""

    def __init__(self, after: int) -> None:
        self._after = after

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        for message in (start(HTML), piece(PAGE[:80]), piece(PAGE[80:]))[: self._after]:
            await send(message)
        raise RuntimeError("boom")


@pytest.mark.parametrize("after", [0, 1])
def test_what_breaks_before_the_body_is_an_error_page(tmp_path: Path, after: int) -> None:
    """Of a page nothing has left then, not even its headers."""
    with gated(Breaking(after), tmp_path) as server:
        assert httpx.get(server.url, headers=NAVIGATION).status_code == 500
        assert "RuntimeError: boom" in "\n".join(server.log)


@pytest.mark.parametrize("after", [2, 3])
def test_what_breaks_in_the_middle_does_not_look_complete(tmp_path: Path, after: int) -> None:
    with gated(Breaking(after), tmp_path) as server:
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(server.url, headers=NAVIGATION)
        assert "RuntimeError: boom" in "\n".join(server.log)


def test_a_bomb_does_not_look_complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consentgate.response.unfolding.ALWAYS_BYTES", 3_000_000)
    packed = gzip.compress(b"<!doctype html>" + b" " * 5_000_000)
    headers = (HTML, (b"content-encoding", b"gzip"))

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        await send(start(*headers))
        await send(piece(packed, more=False))

    with gated(app, tmp_path) as server:
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(server.url, headers=NAVIGATION)
        assert "UnfoldsTooFarError" in "\n".join(server.log)


# A site of many answers


class Site:
    """A Starlette application with one answer for each path."""

    def __init__(self, folder: Path) -> None:
        self.release = threading.Event()
        self.done = threading.Event()
        self.methods: list[str] = []
        self._file = folder / "page.html"
        self._file.write_bytes(PAGE)
        self._picture = folder / "picture.png"
        self._picture.write_bytes(bytes(range(256)))
        views = (
            self.page, self.tagged, self.stream, self.file, self.picture, self.fragment, self.empty,
            self.download, self.background, self.failing, self.encoded, self.moved, self.xml,
        )  # fmt: skip
        self.app = Starlette(routes=[Route(f"/{view.__name__}", view) for view in views])

    async def page(self, request: Request) -> Response:
        return HTMLResponse(PAGE)

    async def tagged(self, request: Request) -> Response:
        headers = {"etag": '"v1"', "last-modified": "Sat, 21 Nov 2026 08:00:00 GMT"}
        if request.headers.get("if-none-match") == '"v1"':
            return Response(status_code=304, headers=headers)
        return HTMLResponse(PAGE, headers=headers)

    async def stream(self, request: Request) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            yield PAGE[:70]
            yield PAGE[70:]

        return StreamingResponse(pieces(), media_type="text/html")

    async def file(self, request: Request) -> Response:
        return FileResponse(self._file)

    async def picture(self, request: Request) -> Response:
        return FileResponse(self._picture)

    async def fragment(self, request: Request) -> Response:
        return HTMLResponse(b"<li>" + PIXEL)

    async def empty(self, request: Request) -> Response:
        return Response(status_code=204, media_type="text/html")

    async def moved(self, request: Request) -> Response:
        return HTMLResponse(PAGE, 303, {"location": "/page"})

    async def download(self, request: Request) -> Response:
        return HTMLResponse(PAGE, headers={"content-disposition": "attachment"})

    async def xml(self, request: Request) -> Response:
        return Response(XHTML, media_type=request.query_params["type"])

    async def background(self, request: Request) -> Response:
        def work() -> None:
            assert self.release.wait(WAIT_SECONDS)
            self.done.set()

        return HTMLResponse(PAGE, background=BackgroundTask(work))

    async def failing(self, request: Request) -> Response:
        def work() -> None:
            raise RuntimeError("after the body")

        return HTMLResponse(PAGE, background=BackgroundTask(work))

    async def encoded(self, request: Request) -> Response:
        coding = request.query_params["coding"]
        packed = {
            "gzip": gzip.compress, "br": brotli.compress, "zstd": zstd.compress,
            "deflate": zlib.compress,
        }[coding](PAGE)  # fmt: skip
        accepted = request.headers.get("accept-encoding", "")
        assert coding in accepted, f"the application is asked for {accepted}"
        return HTMLResponse(packed, headers={"content-encoding": coding})


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.fixture
def client(site: Site, tmp_path: Path) -> Iterator[httpx.Client]:
    with (
        gated(site.app, tmp_path) as server,
        httpx.Client(base_url=server.url, headers=NAVIGATION, timeout=WAIT_SECONDS) as client,
    ):
        client.server = server
        yield client


@pytest.mark.parametrize(
    "path", ["/page", "/tagged", "/stream", "/file", "/picture", "/fragment", "/moved", "/download"]
)
def test_head_has_the_headers_of_get(client: httpx.Client, path: str) -> None:
    """But for the length of a page, which is known only when it has been made."""
    got, told = client.get(path), client.head(path)
    assert told.content == b""
    assert told.status_code == got.status_code
    made = {"content-length", "transfer-encoding", "date"}
    for name in (got.headers.keys() | told.headers.keys()) - made:
        assert told.headers.get_list(name) == got.headers.get_list(name), name
    if "content-length" in told.headers:
        assert told.headers["content-length"] == got.headers["content-length"]


@pytest.mark.parametrize("path", ["/page", "/tagged", "/stream", "/file", "/picture"])
def test_a_script_hears_by_head_what_it_would_fetch(client: httpx.Client, path: str) -> None:
    """Everybody's page, although its visitor has agreed to something."""
    choose(client, "accept-all")
    script = {"sec-fetch-dest": "empty", "accept": "*/*"}
    got, told = client.get(path, headers=script), client.head(path, headers=script)
    made = {"content-length", "transfer-encoding", "date"}
    for name in (got.headers.keys() | told.headers.keys()) - made:
        assert told.headers.get_list(name) == got.headers.get_list(name), name


@pytest.mark.parametrize("path", ["/page", "/file", "/fragment", "/picture", "/download", "/moved"])
def test_a_length_is_the_length(client: httpx.Client, path: str) -> None:
    for _ in range(3):
        answer = client.get(path)
        assert int(answer.headers["content-length"]) == len(answer.content)


def test_an_empty_answer_stays_empty(client: httpx.Client) -> None:
    answer = client.get("/empty")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "default-src" in answer.headers["content-security-policy"]


def choose(client: httpx.Client, decision: str) -> None:
    headers = {"sec-fetch-site": "same-origin"}
    assert client.post("/_gate/choice", data={"decision": decision}, headers=headers).is_redirect
    client.get("/page")  # which spends the notice


def test_each_variant_is_confirmed_by_its_own_tag_alone(client: httpx.Client) -> None:
    first = client.get("/tagged")
    before = first.headers["etag"]
    assert "last-modified" not in first.headers

    def revalidated(tag: str) -> int:
        answer = client.get("/tagged", headers={"if-none-match": tag})
        assert answer.headers["etag"] == client.get("/tagged").headers["etag"]
        assert (STOPPED in answer.content) == (answer.status_code == 200)
        return answer.status_code

    assert revalidated(before) == 304
    choose(client, "accept-all")
    assert revalidated(before) == 200
    after = client.get("/tagged").headers["etag"]
    assert after != before
    assert revalidated(after) == 304
    choose(client, "withdraw")
    assert revalidated(after) == 200
    unknown = client.get("/tagged", headers={"if-modified-since": "Sun, 22 Nov 2026 08:00:00 GMT"})
    assert unknown.status_code == 200


def test_a_part_of_a_page_is_never_sent_and_one_of_a_picture_is(client: httpx.Client) -> None:
    part = {"range": "bytes=10-19"}
    for headers in (NAVIGATION, {"sec-fetch-dest": "empty"}):
        answer = client.get("/file", headers=headers | part)
        assert answer.status_code == 200
        assert STOPPED in answer.content
        assert "content-range" not in answer.headers
    picture = client.get("/picture", headers={"sec-fetch-dest": "image"} | part)
    assert (picture.status_code, picture.content) == (206, bytes(range(10, 20)))
    assert picture.headers["content-range"] == "bytes 10-19/256"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_compressed_page_is_gated(client: httpx.Client, coding: str) -> None:
    headers = {"accept-encoding": "gzip, deflate, br, zstd, dcb"}
    answer = client.get("/encoded", params={"coding": coding}, headers=headers)
    assert STOPPED in answer.content
    assert "content-encoding" not in answer.headers
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_a_fragment_is_gated_and_nothing_is_added(client: httpx.Client) -> None:
    answer = client.get("/fragment", headers={"sec-fetch-dest": "empty", "hx-request": "true"})
    assert answer.content == b'<li><img data-cg="nobody.example" ' + STOPPED + b">"


@pytest.mark.parametrize(
    "media_type",
    [
        "application/xhtml+xml",
        "application/xhtml+xml; charset=utf-8",
        "Application/XHTML+XML",
        "application/xml",
        "text/xml",
        "image/svg+xml",
    ],
)
def test_markup_of_another_grammar_leaves_as_it_is_under_a_policy(
    client: httpx.Client, media_type: str
) -> None:
    for _ in range(3):
        answer = client.get("/xml", params={"type": media_type})
        assert answer.content == XHTML
        assert answer.headers["content-length"] == str(len(XHTML))
        assert "nobody.example" not in answer.headers["content-security-policy"]
        assert "default-src" in answer.headers["content-security-policy"]


def test_a_download_leaves_as_it_is(client: httpx.Client) -> None:
    assert client.get("/download").content == PAGE


def test_background_work_runs_behind_the_body(site: Site, client: httpx.Client) -> None:
    for _ in range(3):
        answer = client.get("/background")
        assert STOPPED in answer.content
        assert not site.done.is_set()
        site.release.set()
        assert site.done.wait(WAIT_SECONDS)
        site.release.clear()
        site.done.clear()


def test_what_background_work_raises_is_not_swallowed(client: httpx.Client) -> None:
    assert STOPPED in client.get("/failing").content
    assert eventually(lambda: "RuntimeError: after the body" in "\n".join(client.server.log))
