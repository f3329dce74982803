"""First-party counting cookies that this server sets itself, as sites do against ad blockers."""

from __future__ import annotations

import secrets
import time

from starlette.requests import Request
from starlette.responses import Response

DAY_SECONDS = 24 * 60 * 60
MATOMO_SITE = "_pk_id.1.1fff"


def remember_visit(request: Request, response: Response) -> None:
    """Give the visitor the counting cookies that the request did not bring along."""
    now, number = int(time.time()), secrets.randbelow(10**9)
    values = {
        "_ga": (f"GA1.1.{number}.{now}", 730 * DAY_SECONDS),
        "_fbp": (f"fb.0.{now * 1000}.{number}", 90 * DAY_SECONDS),
        MATOMO_SITE: (f"{secrets.token_hex(8)}.{now}.", 393 * DAY_SECONDS),
    }
    for name, (value, lifetime_seconds) in values.items():
        if name not in request.cookies:
            response.set_cookie(name, value, max_age=lifetime_seconds, samesite="lax")
