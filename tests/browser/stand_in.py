"""What a third party answers in the browser tests: something tiny of the kind asked for."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
SCRIPT = """
if (self.document) {{
  const reached = document.documentElement.dataset;
  reached.reached = `${{reached.reached ?? ""}} {host}`.trim();
}}
"""
PAGE = '<!doctype html><title>{host}</title><link rel="icon" href="data:,"><p>{host}</p>'

BY_DESTINATION = {
    "script": "js", "worker": "js", "sharedworker": "js", "serviceworker": "js",
    "image": "gif", "style": "css", "font": "woff2",
    "document": "html", "iframe": "html", "frame": "html", "embed": "html", "object": "html",
}  # fmt: skip
BY_SUFFIX = {"mjs": "js", "png": "gif", "jpg": "gif", "webp": "gif", "ico": "gif", "htm": "html"}
TYPES = {
    "js": "text/javascript",
    "gif": "image/gif",
    "css": "text/css",
    "woff2": "font/woff2",
    "html": "text/html; charset=utf-8",
    "json": "application/json",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One response with status 200."""

    body: bytes
    content_type: str
    headers: tuple[tuple[str, str], ...] = ()

    def http(self, *, body: bool = True) -> bytes:
        """The response as it goes over the wire."""
        lines = [
            "HTTP/1.1 200 OK",
            f"Content-Type: {self.content_type}",
            f"Content-Length: {len(self.body)}",
            *(f"{name}: {value}" for name, value in self.headers),
        ]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        return head + self.body if body else head


class StandIn:
    """The answers of all third parties; a test may set its own with ``serve``."""

    def __init__(self) -> None:
        self._told: list[tuple[str, str, Answer]] = []

    def serve(self, host: str, path: str, body: bytes | str, content_type: str) -> None:
        encoded = body.encode() if isinstance(body, str) else body
        self._told.insert(0, (host, path, Answer(encoded, content_type)))

    def answer(self, host: str, path: str, headers: Mapping[str, str]) -> Answer:
        """The answer to one request. Each sets a cookie, and none may be cached."""
        plain = path.partition("?")[0]
        told = (
            answer
            for host_glob, path_glob, answer in self._told
            if fnmatchcase(host, host_glob) and fnmatchcase(plain, path_glob)
        )
        answer = next(told, None) or _default(host, plain, headers.get("sec-fetch-dest", ""))
        return replace(answer, headers=_headers(headers.get("origin")))


def _default(host: str, path: str, destination: str) -> Answer:
    suffix = path.rpartition("/")[2].rpartition(".")[2]
    kind = BY_DESTINATION.get(destination) or BY_SUFFIX.get(suffix, suffix)
    bodies = {
        "js": SCRIPT.format(host=host).encode(),
        "gif": PIXEL,
        "css": b"/* reached */",
        "woff2": b"",
        "html": PAGE.format(host=host).encode(),
    }
    kind = kind if kind in bodies else "json"
    return Answer(bodies.get(kind, b"{}"), TYPES[kind])


def _headers(origin: str | None) -> tuple[tuple[str, str], ...]:
    return (
        ("Access-Control-Allow-Origin", origin or "*"),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Allow-Headers", "content-type"),
        ("Cross-Origin-Resource-Policy", "cross-origin"),
        ("Cache-Control", "no-store"),
        ("Set-Cookie", "third_party=1; Path=/; SameSite=None; Secure"),
    )
