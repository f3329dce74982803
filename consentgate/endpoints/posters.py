"""The picture behind a placeholder: from this site's own origin, whoever made it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.responses import Response

from consentgate.catalogue.posters import film_in, poster_source
from consentgate.incoming import Incoming
from consentgate.model import Service
from consentgate.wiring import Wiring

if TYPE_CHECKING:  # it needs what the extra ``posters`` brings
    from consentgate.posters import PosterStore

_HEADERS = {
    "cache-control": "public, max-age=2592000",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": "default-src 'none'; sandbox",
    "x-robots-tag": "noindex",
}
_MOST_PARAMETERS = 4
_NOTHING = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNgYAAAAAMAASsJTYQAAAAASUVORK5CYII="
)
"""One transparent pixel: without a body, browsers draw the sign of a broken picture."""


def poster_address(wiring: Wiring, service: Service | None, frame_url: str) -> str:
    """Where the picture for a frame is on this site; empty where there is to be none.

    The film is signed, so that nobody can have this server fetch others.
    """
    film = film_in(service.id, frame_url) if service and service.poster else ""
    if service is None or not film:
        return ""
    token = wiring.posters.seal({"i": service.id, "film": film})
    return f"{wiring.mount}/poster/{service.id}?u={token}"


async def poster(
    incoming: Incoming, wiring: Wiring, store: PosterStore | None, service_id: str
) -> Response:
    """Answer ``poster/<service>?u=…`` with a picture, or 404 where none can be had now."""
    service = next((s for s in wiring.config.services if s.id == service_id), None)
    film = _film(incoming, wiring, service_id)
    source = poster_source(service_id, film) if service and service.poster else None
    found = await store.get(source) if store and source else None
    if found is None:
        missing = {**_HEADERS, "cache-control": "no-store"}
        return Response(_NOTHING, 404, missing, media_type="image/png")
    return Response(found.body, 200, _HEADERS, media_type=found.content_type)


def _film(incoming: Incoming, wiring: Wiring, service_id: str) -> str:
    """The film in the address; empty where we did not sign it for this very service."""
    try:
        token = parse_qs(incoming.visited.query, max_num_fields=_MOST_PARAMETERS)["u"][0]
    except (KeyError, ValueError):
        return ""
    carried = wiring.posters.open(token) or {}
    return carried.get("film", "") if carried.get("i") == service_id else ""
