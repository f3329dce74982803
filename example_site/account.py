"""The area for companies: a small login on a session cookie, never stored by any cache."""

from __future__ import annotations

import secrets

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from example_site.content import SHIFTS
from example_site.render import page

# Shown on the login page: this is a demonstration, and there is nothing behind it.
COMPANY, PASSWORD = "demo", "demo"


async def companies(request: Request) -> Response:
    """Show the login; after it, the company's shifts."""
    failed = False
    if request.method == "POST":
        form = await request.form()
        if _fits(str(form.get("company", "")), str(form.get("password", ""))):
            request.session["company"] = COMPANY
            return RedirectResponse("/companies", status_code=303)
        failed = True
    return page(
        request,
        "companies.html",
        status=401 if failed else 200,
        cache="no-store",
        company=request.session.get("company"),
        failed=failed,
        shifts=SHIFTS,
    )


async def sign_out(request: Request) -> Response:
    """Forget the login and go back to the front page."""
    request.session.clear()
    return RedirectResponse("/", status_code=303)


def _fits(company: str, password: str) -> bool:
    return secrets.compare_digest(
        f"{company}\n{password}".encode(), f"{COMPANY}\n{PASSWORD}".encode()
    )
