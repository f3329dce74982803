"""The statement that a site honours Global Privacy Control: ``/.well-known/gpc.json``.

W3C, Global Privacy Control, section "GPC Support Resource": a JSON object with ``gpc`` and
``lastUpdate``, the day on which the statement was made, as application/json.
"""

from __future__ import annotations

import json

from starlette.responses import Response
from starlette.types import Message, Send

from consentgate.config import Config
from consentgate.incoming import Incoming
from consentgate.model import Signal
from consentgate.wiring import Wiring

PATH = "/.well-known/gpc.json"

_NOT_FOUND = 404
_OK = 200
_HEADERS = {
    "cache-control": "max-age=3600",
    "access-control-allow-origin": "*",
    "x-content-type-options": "nosniff",
}


def gpc_statement(incoming: Incoming, wiring: Wiring, send: Send) -> Send:
    """A ``send`` that puts the statement in where the application has none at its path.

    The application is asked first, and what it answers stands, its own statement as a redirect
    to one. Only where it finds nothing (404), or has a page for every address there is (HTML with
    status 200), the statement follows from the configuration. Every other request keeps its
    ``send``, as all do where the signal is not honoured.
    """
    asked = incoming.path == PATH and incoming.method in {"GET", "HEAD"}
    if not asked or Signal.GPC not in wiring.config.honoured_signals:
        return send
    return _Stepping(_response(wiring.config, incoming.method), send)


def statement(config: Config) -> dict[str, object]:
    """What the site states; without a day where the configuration names none."""
    day = config.gpc_since
    return {"gpc": True} | ({"lastUpdate": day.isoformat()} if day else {})


def _response(config: Config, method: str) -> Response:
    body = json.dumps(statement(config)).encode("ascii")
    response = Response(body, _OK, _HEADERS, media_type="application/json")
    if method == "HEAD":
        response.body = b""
    return response


class _Stepping:
    """Passes the application's messages on, or sends another answer in their place."""

    def __init__(self, response: Response, send: Send) -> None:
        self._response = response
        self._send = send
        self._instead = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._instead = _has_none(message)
            if self._instead:
                await self._send(
                    {
                        "type": "http.response.start",
                        "status": self._response.status_code,
                        "headers": self._response.raw_headers,
                    }
                )
                body = bytes(self._response.body)
                await self._send({"type": "http.response.body", "body": body})
                return
        if not self._instead:
            await self._send(message)


def _has_none(start: Message) -> bool:
    headers = {name.lower(): value for name, value in start.get("headers", ())}
    page = headers.get(b"content-type", b"").lower().startswith(b"text/html")
    status = int(start["status"])
    return status == _NOT_FOUND or (status == _OK and page)
