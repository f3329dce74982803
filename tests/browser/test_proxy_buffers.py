"""nginx with its default buffers in front: the whole catalogue agreed to, and a login answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from consentgate.catalogue import load_catalogue
from consentgate.catalogue.lookup import CONSENT_TOOL
from consentgate.gate.csp import PROXY_POLICY_BYTES
from tests.browser.nginx import CONFIGURATION, Nginx, caching, find_nginx
from tests.gated import behind_gate
from tests.live_server import LiveServer

SERVICES = {
    service.id: {}
    for service in load_catalogue().services.values()
    if service.category != CONSENT_TOOL
}
CONFIG = {
    "site": {"name": "A site", "privacy_url": "/privacy"},
    "policy": {"version": "1"},
    "services": SERVICES,
}
PLAIN = "\n".join(
    line for line in CONFIGURATION.splitlines() if not line.strip().startswith("proxy_cache")
)
"""Without the cache, whose own header takes some 350 bytes of the buffer."""
HOST = {"host": "www.example.com", "x-forwarded-proto": "https"}


@pytest.fixture
def site(tmp_path: Path, serve) -> LiveServer:
    async def login(request) -> HTMLResponse:
        """As Django answers one, with its security middleware."""
        response = HTMLResponse("<!doctype html><title>t</title><p>Welcome")
        response.set_cookie("csrftoken", "x" * 32, max_age=31_449_600, samesite="lax", secure=True)
        response.set_cookie("sessionid", "y" * 32, max_age=1_209_600, httponly=True, secure=True)
        response.headers["x-frame-options"] = "DENY"
        response.headers["referrer-policy"] = "same-origin"
        response.headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"
        if pad := request.query_params.get("pad"):
            response.headers["x-pad"] = "p" * int(pad)
        return response

    async def home(request) -> HTMLResponse:
        return HTMLResponse("<!doctype html><title>t</title><p>Home")

    return serve(
        behind_gate(
            Starlette(routes=[Route("/", home), Route("/login", login)]),
            tmp_path,
            CONFIG | {"ip": {"trusted_proxies": ["127.0.0.1"]}},
        )
    )


@pytest.fixture
def proxy(site: LiveServer, tmp_path: Path) -> Iterator[Nginx]:
    executable = find_nginx()
    assert executable, "no nginx: `make test` gets one, or set CONSENTGATE_NGINX"
    (tmp_path / "nginx").mkdir()
    with caching(site.port, tmp_path / "nginx", executable, configuration=PLAIN) as running:
        yield running


@pytest.fixture
def client(proxy: Nginx) -> Iterator[httpx.Client]:
    """A visitor who has agreed to everything, by way of nginx."""
    with httpx.Client(base_url=proxy.url, headers=HOST) as client:
        answer = client.post(
            "/_gate/choice",
            data={"decision": "accept-all"},
            headers={"sec-fetch-site": "same-origin"},
        )
        given = [value.partition(";")[0] for value in answer.headers.get_list("set-cookie")]
        client.headers["cookie"] = "; ".join(given)
        assert client.get("/").status_code == 200, "which shows the notice and takes it back"
        kept = [pair for pair in given if not pair.startswith("cg_note=")]
        assert len(kept) < len(given)
        client.headers["cookie"] = "; ".join(kept)
        yield client


def test_the_page_comes_through_with_everything_agreed_to(client):
    assert "proxy_buffer" not in PLAIN, "nginx decides by itself"
    answer = client.get("/login")
    assert answer.status_code == 200
    (policy,) = answer.headers.get_list("content-security-policy")
    assert 3000 < len(policy) < PROXY_POLICY_BYTES
    assert "*.hotjar.com" in policy
    assert "report-uri" not in policy, "a list that long has no room for it"
    assert len(answer.headers.get_list("set-cookie")) >= 2


def test_with_some_headers_more_nginx_would_fail(client):
    """Which shows that its buffer is the limit that the policy has to stay below."""
    assert client.get("/login?pad=6000").status_code == 502
