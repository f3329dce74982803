"""Whether one of this site's own pages asks: for a form, a frame, a click."""

from __future__ import annotations

from starlette.datastructures import Headers

from consentgate.decision import local_path
from consentgate.wiring import Place


def is_same_origin(headers: Headers, place: Place) -> bool:
    """Decide by ``Sec-Fetch-Site`` where the browser sends it, else by ``Origin``.

    No token: it would expire in a cached page. A browser that sends neither header with a POST
    is older than every engine that enforces our policy, and is refused. Behind a proxy that
    ends TLS without saying so the origin is https while the scope is http: the host and port
    decide, the scheme may only be better than ours.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return headers.get("origin", "") in _origins(place)


def is_own_frame(headers: Headers, place: Place) -> bool:
    """Whether a GET fills a frame on a page of this very site.

    Fetch metadata says it. A browser that sends none, as over plain http, names the page in
    ``Referer``, which no other site can forge.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin" and headers.get("sec-fetch-dest") in {"iframe", "frame"}
    return bool(referring_page(headers, place))


def referring_page(headers: Headers, place: Place) -> str:
    """The page of this site that ``Referer`` names, as a local path; else empty."""
    page = headers.get("referer", "")
    origin = next((own for own in _origins(place) if page.startswith(f"{own}/")), "")
    return local_path(page.removeprefix(origin)) if origin else ""


def _origins(place: Place) -> tuple[str, str]:
    """The origin of this site, and the same by https: a proxy may not tell us of it."""
    return place.origin, f"https://{place.origin.partition('://')[2]}"


def is_own_navigation(headers: Headers) -> bool:
    """Whether a GET is a click on this site: no prefetch, no image, no link from elsewhere."""
    return (
        headers.get("sec-fetch-site") in {"same-origin", "same-site"}
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
        and "sec-purpose" not in headers
        and "purpose" not in headers
    )
