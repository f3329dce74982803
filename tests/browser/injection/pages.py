"""The site whose own scripts try every way: a page per group, and what the ways need of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qs

from starlette.types import Receive, Scope, Send

from tests.browser.injection.way import PRELUDE, Group, ice_ports

_SVG = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'>%s</svg>"
_XHTML = "<html xmlns='http://www.w3.org/1999/xhtml'><head><title>x</title></head>%s</html>"
_PAGE = "<!doctype html><html lang='en'><title>x</title><body>%s</body></html>"
_NESTED = "new Worker('/own/fetch.js?u=' + encodeURIComponent('{u}'))"

OWN: Mapping[str, tuple[str, str]] = {
    "fetch.js": ("text/javascript", "fetch('{u}')"),
    "import-scripts.js": ("text/javascript", "importScripts('{u}')"),
    "import.js": ("text/javascript", "import('{u}')"),
    "static-import.js": ("text/javascript", "import '{u}'"),
    "socket.js": ("text/javascript", "new WebSocket('{u}'.replace('https', 'wss'))"),
    "nested.js": ("text/javascript", _NESTED),
    "idle.js": ("text/javascript", "self.onfetch = () => {}"),
    "import.css": ("text/css", "@import url({u});"),
    "image.css": ("text/css", "html { background: url({u}) }"),
    "image.svg": ("image/svg+xml", _SVG % "<image width='9' height='9' href='{u}'/>"),
    "script.svg": ("image/svg+xml", _SVG % "<script>fetch('{u}')</script>"),
    "style.xml": ("text/xml", "<?xml version='1.0'?><?xml-stylesheet href='{u}'?><a>x</a>"),
    "image.xml": ("text/xml", _XHTML % "<body><img src='{u}'/></body>"),
    "script.xhtml": ("application/xhtml+xml", _XHTML % "<body><script src='{u}'/></body>"),
    "frame.xhtml": ("application/xhtml+xml", _XHTML % "<body><iframe src='{u}'/></body>"),
    "page.html": ("text/html; charset=utf-8", _PAGE % "<script>fetch('{u}')</script>"),
    "error.html": ("text/html; charset=utf-8", _PAGE % "<script>fetch('{u}')</script>"),
    "typeless": ("", _PAGE % "<script>fetch('{u}')</script>"),
}
"""What the site serves under ``/own/``: its type, and its text with the address to reach."""


@dataclass(frozen=True, slots=True)
class TryingSite:
    """An ASGI application: ``/<name of a page>`` tries the ways of its groups."""

    pages: Mapping[str, tuple[Group, ...]]
    cache_control: str = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        path = scope["path"]
        if path.startswith("/own/"):
            asked = parse_qs(scope["query_string"].decode()).get("u", [""])[0]
            await self._own(path.removeprefix("/own/"), asked, send)
        else:
            body = self.page(path.removeprefix("/"))
            await self._answer(send, HTTPStatus.OK, "text/html; charset=utf-8", body)

    def page(self, name: str) -> str:
        """The page that tries its groups' ways; without any for a name that is none."""
        all_ways = [way for groups in self.pages.values() for group in groups for way in group.ways]
        ports = ice_ports(all_ways)
        tries = (
            way.element(ports[way.id]) for group in self.pages.get(name, ()) for way in group.ways
        )
        head = "<meta charset='utf-8'><title>x</title><link rel='icon' href='data:,'>"
        body = f"{PRELUDE}\n" + "\n".join(tries)
        return f"<!doctype html><html lang='en'><head>{head}</head><body>{body}</body></html>"

    async def _own(self, name: str, asked: str, send: Send) -> None:
        if name == "redirect":
            await self._answer(send, HTTPStatus.FOUND, "", "", location=asked)
        elif name in OWN:
            content_type, text = OWN[name]
            status = HTTPStatus.NOT_FOUND if name == "error.html" else HTTPStatus.OK
            await self._answer(send, status, content_type, text.replace("{u}", asked))
        else:
            await self._answer(send, HTTPStatus.NOT_FOUND, "text/plain", "none")

    async def _answer(
        self, send: Send, status: HTTPStatus, content_type: str, body: str, **more: str
    ) -> None:
        headers = {
            "content-type": content_type,
            "cache-control": self.cache_control if status is HTTPStatus.OK else "",
            **more,
        }
        raw = [(name.encode(), value.encode()) for name, value in headers.items() if value]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": body.encode()})
