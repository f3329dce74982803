"""Early hints, pushed answers and trailers, from a server that speaks them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.gated import behind_gate
from tests.live_hypercorn import Answer, ask, hypercorn
from tests.response.test_over_a_socket import CONFIG, HTML, PAGE, PIXEL, STOPPED, piece, start

OWN = b"</own.css>; rel=preload; as=style"
FOREIGN = b"<https://nobody.example>; rel=preconnect"
TRAILERS = [(b"server-timing", b"total;dur=1"), (b"content-digest", b"sha-256=:AAAA:")]


async def app(scope: Any, receive: Any, send: Any) -> None:
    """A page with all that may come before, beside and behind it."""
    assert scope["type"] == "http"
    if scope["path"] != "/":
        await send(start((b"content-type", b"text/css")))
        await send(piece(b"a{}", more=False))
        return
    await send({"type": "http.response.early_hint", "links": [FOREIGN, OWN]})
    for path in ("/own.css", "/matomo.js"):
        await send({"type": "http.response.push", "path": path, "headers": []})
    await send({**start(HTML, (b"content-digest", b"sha-256=:AAAA:")), "trailers": True})
    await send(piece(PAGE[:80]))
    await send(piece(PAGE[80:], more=False))
    await send({"type": "http.response.trailers", "headers": TRAILERS, "more_trailers": False})


@pytest.fixture
def bare() -> Answer:
    with hypercorn(app) as port:
        return ask(port, "/")


@pytest.fixture
def gated(tmp_path: Path) -> Answer:
    with hypercorn(behind_gate(app, tmp_path, CONFIG)) as port:
        return ask(port, "/")


def links(answer: Answer) -> list[str]:
    return [value for hint in answer.hints for name, value in hint if name == "link"]


def test_without_the_gate_everything_arrives(bare: Answer) -> None:
    assert links(bare) == [FOREIGN.decode(), OWN.decode()]
    assert bare.pushed == ["/own.css", "/matomo.js"]
    assert PIXEL in bare.content
    assert bare.trailers == [(name.decode(), value.decode()) for name, value in TRAILERS]


def test_hints_and_pushes_are_gated_and_trailers_arrive(gated: Answer) -> None:
    assert links(gated) == [OWN.decode()]
    assert gated.pushed == ["/own.css"]
    assert STOPPED in gated.content
    assert gated.trailers == [("server-timing", "total;dur=1")]
    assert "content-digest" not in dict(gated.headers), "it was of other bytes"
