"""An application with one page of about 100 KB: prebuilt, or rendered by Jinja2; and with data."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from itertools import count

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Scope

from given.listing import jobs, templates
from given.pages import page

SIZE, TAGS = 100_000, 20

PAGES = {
    "/prebuilt": "prebuilt",
    "/rendered": "rendered, unchanged",
    "/differing": "rendered, another each time",
    "/nonced": "rendered, with a nonce",
    "/json": "JSON",
}
"""The paths of the application, and what each answers with."""


def application() -> ASGIApp:
    """Answers each of ``PAGES``.

    A differing page has a new token in each of its forms, one with a nonce a new one in its policy
    and in its own scripts and styles.
    """
    built, html, listed = page(SIZE, TAGS), templates(), jobs()
    data = {"jobs": [job["number"] for job in listed]}
    numbers = count()

    async def prebuilt(request: Request) -> Response:
        return HTMLResponse(built)

    async def rendered(request: Request) -> Response:
        return html.TemplateResponse(request, "jobs.html", {"jobs": listed, "token": "0" * 64})

    async def differing(request: Request) -> Response:
        token = f"{next(numbers):064}"
        return html.TemplateResponse(request, "jobs.html", {"jobs": listed, "token": token})

    async def nonced(request: Request) -> Response:
        nonce = secrets.token_urlsafe(16)
        policy = f"script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'nonce-{nonce}'"
        return html.TemplateResponse(
            request,
            "jobs.html",
            {"jobs": listed, "token": "0" * 64, "nonce": nonce},
            headers={"content-security-policy": policy, "x-request-id": secrets.token_hex(16)},
        )

    async def plain_data(request: Request) -> Response:
        return JSONResponse(data)

    views = (prebuilt, rendered, differing, nonced, plain_data)
    return Starlette(routes=[Route(path, view) for path, view in zip(PAGES, views, strict=True)])


class Wrapper:
    """A middleware that does nothing: what any middleware costs at the least."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope, receive, send) -> None:
        async def passed(message: Message) -> None:
            await send(message)

        await self.app(scope, receive, passed)


def _scope(path: str, cookies: bytes) -> Scope:
    headers = {
        b"host": b"www.example.com",
        b"accept": b"text/html,application/xhtml+xml,*/*;q=0.8",
        b"accept-encoding": b"gzip",
        b"accept-language": b"en",
        b"sec-fetch-dest": b"document",
        b"user-agent": b"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    }
    if cookies:
        headers[b"cookie"] = cookies
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "https",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": list(headers.items()),
        "client": ("192.0.2.1", 50000),
        "server": ("www.example.com", 443),
    }


def requests_of(
    app: ASGIApp, path: str, loop: asyncio.AbstractEventLoop, count: int, cookies: bytes = b""
) -> Callable[[], int]:
    """A call that makes so many requests, with these cookies; gives the bytes of the last body."""

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def one() -> int:
        size = 0

        async def send(message: Message) -> None:
            nonlocal size
            assert message.get("status", 200) == 200
            size += len(message.get("body", b""))

        await app(_scope(path, cookies), receive, send)
        return size

    async def many() -> int:
        for _ in range(count - 1):
            await one()
        return await one()

    return lambda: loop.run_until_complete(many())
