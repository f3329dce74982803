"""What a browser fetches of a style that it only looks ahead in, the gate has found there."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from consentgate.gate.imports import imports_ahead
from tests.browser.chromium import FLAGS
from tests.live_server import LiveServer

PIECES = ["@import ", "@import\n", "@IMPORT ", "@import", "@x", "@layer", "@charset", "@media", "@"]
PIECES += [
    "@import '{}';",
    '@import "{}" layer;',
    "@import url({});",
    "@import {} ",
    "@x;",
    "@x y;",
]
PIECES += [
    "'{}'",
    '"{}"',
    "url({})",
    "url( '{}' )",
    "{}",
    "{}",
    " ",
    "\f",
    ";",
    ";",
    "; ",
    ")",
    "'",
]
PIECES += [
    '"',
    "\\",
    "/",
    "/*",
    "*/",
    "/**/",
    "{",
    "}",
    " layer",
    "layer(a)",
    "screen",
    "a",
    "é",
    "\0",
]
STYLES = 1500
# Nothing behind this script comes to be: what is fetched of it was fetched ahead.
STOPS = b"document.write('<plaintext>')"


def styles() -> Iterator[str]:
    """Beginnings of styles in which every address is another."""
    chance = random.Random("styles")
    for number in range(STYLES):
        parts = (chance.choice(PIECES) for _ in range(chance.randint(1, 9)))
        yield "".join(
            part.replace("{}", f"/s{number}x{place}e") for place, part in enumerate(parts)
        )


async def site(scope, receive, send):
    """A page of these styles behind a script that comes late."""
    if scope["type"] != "http":
        return
    body, content_type = b"", b"text/css"
    if scope["path"] == "/":
        page = "".join(f"<style>{style}</style>" for style in styles())
        body = f"<!doctype html><script src=/late.js></script>{page}".encode()
        content_type = b"text/html; charset=utf-8"
    elif scope["path"] == "/late.js":
        await asyncio.sleep(3)
        body, content_type = STOPS, b"text/javascript"
    headers = [(b"content-type", content_type), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
def fetched(
    playwright: Playwright, _executable: Path, serve: Callable[..., LiveServer]
) -> set[tuple[int, int]]:
    """The styles and the places in them of which something was fetched ahead."""
    browser = playwright.chromium.launch(executable_path=_executable, args=FLAGS)
    tab, seen = browser.new_page(), []
    tab.on("request", lambda request: seen.append(request.url))
    url = serve(site).url
    tab.goto(url, wait_until="networkidle")
    assert tab.locator("style").count() == 0
    browser.close()
    found = (re.match(re.escape(url) + r"/s(\d+)x(\d+)e", each) for each in seen)
    return {(int(match[1]), int(match[2])) for match in found if match}


def test_the_gate_finds_what_the_browser_fetches_ahead(fetched: set[tuple[int, int]]) -> None:
    assert len(fetched) > STYLES / 10
    written = list(styles())
    missed = [
        written[number]
        for number, place in sorted(fetched)
        if not any(
            f"/s{number}x{place}e" in each for each in imports_ahead(written[number].encode())
        )
    ]
    assert missed == []
