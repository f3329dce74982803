"""A site of a few pages behind the gate, or without it, for tests of what browsers keep."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tests.gated import behind_gate
from tests.live_server import App

CONFIG: Mapping[str, object] = {
    "site": {"name": "A site", "privacy_url": "/privacy"},
    "policy": {"version": "1"},
    "services": {"google-analytics": {}, "meta-pixel": {}, "wistia": {}, "youtube": {}},
    "exempt_paths": ["/ungated"],
}
SHARED = {"cache-control": "public, max-age=60"}
PERSONAL = {"cache-control": "private, no-cache"}
PLAIN = "<p>Text"

Pages: TypeAlias = Mapping[str, str | Response]


def page(body: str, head: str = "") -> str:
    """A whole page."""
    return f"<!doctype html><html lang=en><head>{head}<title>Page</title></head><body>{body}"


def bare(pages: Pages, headers: Mapping[str, str] = PERSONAL) -> App:
    """The site by itself: path → the page's body, or a response; any other path is a plain page."""

    async def show(request: Request) -> Response:
        found = pages.get(request.url.path, PLAIN)
        if isinstance(found, Response):
            return found
        return HTMLResponse(page(found), headers=dict(headers))

    return Starlette(routes=[Route("/{path:path}", show, methods=["GET", "POST"])])


def gated(app: App, folder: Path, **config: object) -> App:
    """The site behind the gate."""
    return behind_gate(app, folder, {**CONFIG, **config})


def tls_files(folder: Path, host: str) -> tuple[dict[str, str], str]:
    """A certificate for a host: what ``serve`` takes, and the hash of its key for the browser."""
    certificate = trustme.CA().issue_cert(host)
    chain, key = folder / "chain.pem", folder / "key.pem"
    certificate.cert_chain_pems[0].write_to_path(chain)
    certificate.private_key_pem.write_to_path(key)
    leaf = x509.load_pem_x509_certificate(certificate.cert_chain_pems[0].bytes())
    public = leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    hashed = base64.b64encode(hashlib.sha256(public).digest()).decode()
    return {"ssl_certfile": str(chain), "ssl_keyfile": str(key)}, hashed
