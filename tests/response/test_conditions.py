"""A document that is edited: its conditions hold behind the gate as they do without it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tests.gated import behind_gate
from tests.live_server import serving
from tests.test_middleware import CONFIG, PAGE, choose

NAVIGATION = {"sec-fetch-dest": "document", "accept": "text/html"}
SCRIPT = {"sec-fetch-dest": "empty", "accept": "*/*"}
OLD_BROWSER = {"accept": "text/html,*/*"}


class Document:
    """A page under a tag that counts its changes; RFC 9110, section 13.2.2, says when it may."""

    def __init__(self) -> None:
        self.changes = 1
        self.app = Starlette(routes=[Route("/", self.answer, methods=["GET", "PUT", "DELETE"])])

    @property
    def etag(self) -> str:
        return f'"v{self.changes}"'

    async def answer(self, request: Request) -> Response:
        told = request.headers
        if told.get("if-match", self.etag) not in {"*", self.etag}:
            return Response(status_code=412)
        if told.get("if-none-match") in {"*", self.etag}:
            return Response(status_code=304 if request.method == "GET" else 412)
        if request.method == "GET":
            return HTMLResponse(PAGE, headers={"etag": self.etag})
        self.changes += 1
        return Response(status_code=204)


@pytest.fixture
def document() -> Document:
    return Document()


@pytest.fixture
def client(document: Document, tmp_path: Path) -> Iterator[httpx.Client]:
    gated = behind_gate(document.app, tmp_path, CONFIG)
    with serving(gated) as server, httpx.Client(base_url=server.url, timeout=20) as client:
        yield client


@pytest.mark.parametrize("headers", [SCRIPT, OLD_BROWSER])
@pytest.mark.parametrize("condition", ["*", '"v1"'])
def test_what_exists_is_not_overwritten(
    client: httpx.Client, document: Document, headers: dict[str, str], condition: str
) -> None:
    for method in ("PUT", "DELETE"):
        answer = client.request(method, "/", headers=headers | {"if-none-match": condition})
        assert answer.status_code == 412
    assert document.changes == 1


@pytest.mark.parametrize("read_by", [NAVIGATION, SCRIPT])
def test_what_was_read_is_changed_once(
    client: httpx.Client, document: Document, read_by: dict[str, str]
) -> None:
    tag = client.get("/", headers=read_by).headers["etag"]
    assert tag != document.etag
    choose(client, "accept-all")  # another variant of the same document
    for status in (204, 412):
        answer = client.put("/", headers=SCRIPT | {"if-match": tag})
        assert answer.status_code == status
    assert document.changes == 2
