"""The page for everybody, end to end without a browser: who asks makes no difference."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tests.gated import behind_gate

CONFIG = {
    "site": {"name": "S", "privacy_url": "/p"},
    "policy": {"version": "1"},
    "services": {"youtube": {}, "google-analytics": {}},
}
TAG = '"v1"'
FRAME = "<iframe src=https://www.youtube.com/embed/a?enablejsapi=1></iframe>"
PAGE = f"<!doctype html><html lang=de><title>T</title><p>Text{FRAME}"
SAME_ORIGIN = {"origin": "http://www.example.com", "sec-fetch-site": "same-origin"}

Asking = Callable[[httpx.AsyncClient], Awaitable[None]]


@pytest.fixture
def visit(tmp_path):
    """Let a visitor ask; gives which of the site's answers were confirmations."""
    told: list[int] = []

    async def page(request: Request) -> Response:
        fits = request.headers.get("if-none-match") == TAG
        told.append(304 if fits else 200)
        headers = {"etag": TAG, "cache-control": "public, max-age=0, s-maxage=60"}
        return HTMLResponse("" if fits else PAGE, told[-1], headers)

    app = behind_gate(Starlette(routes=[Route("/", page)]), tmp_path, CONFIG)

    def ask(asking: Asking) -> list[int]:
        async def run() -> None:
            transport = httpx.ASGITransport(app)
            origin = "http://www.example.com"
            async with httpx.AsyncClient(transport=transport, base_url=origin) as client:
                await asking(client)

        told.clear()
        asyncio.run(run())
        return list(told)

    return ask


async def accept(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/_gate/choice", data={"decision": "accept-all", "back": "/"}, headers=SAME_ORIGIN
    )
    assert answer.status_code == 303


def test_the_tag_of_the_stored_page_is_confirmed_whoever_asks(visit):
    async def asking(client: httpx.AsyncClient) -> None:
        stored = await client.get("/")
        await accept(client)
        asked = {"if-none-match": stored.headers["etag"], "sec-fetch-dest": "document"}
        confirmed = await client.get("/", headers=asked)
        assert confirmed.status_code == 304
        assert confirmed.headers["etag"] == stored.headers["etag"]
        assert confirmed.headers["cache-control"] == stored.headers["cache-control"]
        assert "content-security-policy" not in confirmed.headers
        assert "set-cookie" not in confirmed.headers

    assert visit(asking) == [200, 304]


def test_another_host_has_another_page(visit):
    async def asking(client: httpx.AsyncClient) -> None:
        stored = await client.get("/")
        asked = {"if-none-match": stored.headers["etag"], "host": "other.example"}
        assert (await client.get("/", headers=asked)).status_code == 200

    assert visit(asking) == [200, 200]


def test_the_page_is_in_its_own_language_and_grants_frames_from_within(visit):
    async def asking(client: httpx.AsyncClient) -> None:
        page = await client.get("/", headers={"accept-language": "sv"})
        assert "Alle ablehnen" in page.text
        frame = page.text.partition('src="/_gate/embed/')[2].partition('"')[0]
        embed = await client.get(f"/_gate/embed/{frame.replace('&amp;', '&')}")
        assert 'target="_top"' in embed.text
        assert embed.text.count('target="_top"') == 1, "to load once stays inside the frame"

    visit(asking)
