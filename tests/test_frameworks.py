"""An empty configuration leaves the applications' own logins alone: Starlette, FastAPI, Django."""

import logging
from pathlib import Path
from typing import Annotated

import django
import httpx
import pytest
from django.conf import settings
from django.contrib.sessions.backends import signed_cookies
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.urls import path as django_path
from fastapi import FastAPI, Form
from fastapi import Request as FastAPIRequest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from consentgate import ConsentGateMiddleware
from tests.gated import behind_gate
from tests.live_server import serving

EMPTY = {"site": {"name": "Example Ltd"}, "policy": {"version": "1"}}


def gated(app: ASGIApp, folder: Path, **config: object) -> ConsentGateMiddleware:
    return behind_gate(app, folder, EMPTY | config)


def starlette_app() -> Starlette:
    async def login(request: Request) -> Response:
        async with request.form() as form:
            request.session["user"] = form["user"]
        return RedirectResponse("/", 303)

    async def home(request: Request) -> Response:
        return HTMLResponse(f"<!doctype html><p>user={request.session.get('user')}</p>")

    return Starlette(
        routes=[Route("/login", login, methods=["POST"]), Route("/", home)],
        middleware=[Middleware(SessionMiddleware, secret_key="starlette")],
    )


def fastapi_app() -> FastAPI:
    app = FastAPI()
    app.add_middleware(SessionMiddleware, secret_key="fastapi", session_cookie="sessionid")

    @app.post("/login")
    async def login(request: FastAPIRequest, user: Annotated[str, Form()]) -> Response:
        request.session["user"] = user
        return RedirectResponse("/", 303)

    @app.get("/")
    async def home(request: FastAPIRequest) -> HTMLResponse:
        return HTMLResponse(f"<!doctype html><p>user={request.session.get('user')}</p>")

    return app


def django_app() -> ASGIApp:
    def login(request: HttpRequest) -> HttpResponse:
        request.session["user"] = request.POST["user"]
        return HttpResponse(status=303, headers={"Location": "/"})

    def home(request: HttpRequest) -> HttpResponse:
        token = get_token(request)
        return HttpResponse(
            f"<!doctype html><p>user={request.session.get('user')}</p><i>{token}</i>"
        )

    if not settings.configured:
        settings.configure(
            SECRET_KEY="django",
            ALLOWED_HOSTS=["*"],
            ROOT_URLCONF="tests_django_urls",
            SESSION_ENGINE=signed_cookies.__name__,
            MIDDLEWARE=[
                "django.contrib.sessions.middleware.SessionMiddleware",
                "django.middleware.csrf.CsrfViewMiddleware",
            ],
            USE_TZ=True,
        )
        django.setup()
    settings.ROOT_URLCONF = (django_path("login", login), django_path("", home))
    return get_asgi_application()


@pytest.mark.parametrize("make", [starlette_app, fastapi_app, django_app])
def test_a_login_works_behind_the_gate(make: object, tmp_path: Path) -> None:
    app = gated(make(), tmp_path)
    with serving(app) as server, httpx.Client(base_url=server.url) as client:
        first = client.get("/")
        assert "user=None" in first.text
        fields = {"user": "ada"}
        if "csrftoken" in client.cookies:
            fields["csrfmiddlewaretoken"] = client.cookies["csrftoken"]
        answer = client.post("/login", data=fields, follow_redirects=True)
        assert "user=ada" in answer.text


@pytest.mark.parametrize("make", [starlette_app, fastapi_app, django_app])
def test_without_optional_services_there_is_no_banner_and_no_cookie_of_ours(
    make: object, tmp_path: Path
) -> None:
    with serving(gated(make(), tmp_path)) as server, httpx.Client(base_url=server.url) as client:
        answer = client.get("/")
        assert "Reject all" not in answer.text
        assert "banner." not in answer.text, "no style sheet and no script but the boot script"
        assert not [name for name in client.cookies if name.lstrip("_").startswith(("cg", "Host"))]
        assert "default-src" in answer.headers["content-security-policy"]


def test_fastapis_docs_are_named_with_the_line_that_exempts_them(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "consentgate"):
        gated(fastapi_app(), tmp_path)
    assert '"exempt_paths": ["/docs", "/redoc"]' in caplog.text


def test_exempted_docs_are_left_alone_and_not_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "consentgate"):
        app = gated(fastapi_app(), tmp_path, exempt_paths=["/docs", "/redoc"])
    assert "CDN" not in caplog.text
    with serving(app) as server:
        docs = httpx.get(f"{server.url}/docs")
    assert 'src="https://cdn.jsdelivr.net' in docs.text
    assert "content-security-policy" not in docs.headers


@pytest.mark.parametrize("framework", [Starlette, FastAPI])
def test_it_mounts_with_add_middleware_too(framework: type[Starlette], tmp_path: Path) -> None:
    async def home(request: Request) -> Response:
        decided = request.state.consent.decided
        return HTMLResponse(
            f'<!doctype html><p>{decided}</p><img src="https://third.example/pixel.gif">'
        )

    app = framework()
    app.add_route("/", home)
    app.add_middleware(
        ConsentGateMiddleware,
        config=EMPTY,
        secret="a-secret",
        database=f"sqlite:///{tmp_path}/proofs.db",
    )
    with serving(app) as server:
        answer = httpx.get(server.url)
    assert "<p>False</p>" in answer.text
    assert 'data-cg-src="https://third.example/pixel.gif"' in answer.text
