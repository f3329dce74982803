"""The bare site: routes, sessions, error pages. Nothing in it knows of consent."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from example_site import account, forms, views

STATIC = Path(__file__).parent / "static"


def create_app() -> Starlette:
    """Build the site. ``EXAMPLE_SITE_SECRET`` signs its sessions, else a fresh key does."""
    secret = os.environ.get("EXAMPLE_SITE_SECRET") or secrets.token_urlsafe(32)
    return Starlette(
        routes=[
            Route("/", views.home),
            Route("/courses", views.courses),
            Route("/courses/{slug}", views.course),
            Route("/jobs", views.jobs),
            Route("/jobs/all", views.all_jobs),
            Route("/jobs/{slug}", forms.job, methods=["GET", "POST"]),
            Route("/blog", views.blog),
            Route("/blog/{slug}", views.post),
            Route("/about", views.about),
            Route("/contact", forms.contact, methods=["GET", "POST"]),
            Route("/privacy", views.privacy),
            Route("/imprint", views.imprint),
            Route("/de", views.german),
            Route("/fragments/voices", views.voices),
            Route("/language/{code}", views.language),
            Route("/karriere", views.moved),
            Route("/broken", views.broken),
            Route("/companies", account.companies, methods=["GET", "POST"]),
            Route("/companies/sign-out", account.sign_out, methods=["POST"]),
            Mount("/static", StaticFiles(directory=STATIC), name="static"),
        ],
        middleware=[
            Middleware(SessionMiddleware, secret_key=secret, max_age=None, same_site="lax"),
        ],
        exception_handlers={404: views.not_found, 500: views.server_error},
    )
