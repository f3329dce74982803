"""Whether a form was sent by one of this site's own pages."""

from __future__ import annotations

from starlette.datastructures import Headers

from consentgate.wiring import Visited


def is_same_origin(headers: Headers, visited: Visited) -> bool:
    """Decide by ``Sec-Fetch-Site`` where the browser sends it, else by ``Origin``.

    No token: it would expire in a cached page. A browser that sends neither header with a POST
    is older than every engine that enforces our policy, and is refused. Behind a proxy that
    ends TLS without saying so the origin is https while the scope is http: the host and port
    decide, the scheme may only be better than ours.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = headers.get("origin", "")
    secure_origin = f"https://{visited.origin.partition('://')[2]}"
    return origin in {visited.origin, secure_origin}


def is_own_navigation(headers: Headers) -> bool:
    """Whether a GET is a click on this site: no prefetch, no image, no link from elsewhere."""
    return (
        headers.get("sec-fetch-site") in {"same-origin", "same-site"}
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
        and "sec-purpose" not in headers
        and "purpose" not in headers
    )
