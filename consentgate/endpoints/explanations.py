"""What the developers' overlay asks: who is behind what was stopped, and what to write."""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.responses import Response

from consentgate.config import Config
from consentgate.discovery import suggestion_for
from consentgate.endpoints.answers import Answers
from consentgate.endpoints.origin import is_same_origin
from consentgate.incoming import Incoming
from consentgate.model import NECESSARY, Service
from consentgate.sites import outgoing_url
from consentgate.wiring import Wiring

_MOST_ASKED = 50


def explanations(incoming: Incoming, wiring: Wiring) -> Response:
    """Answer ``GET blocked?at=…`` for the pages of this site, and only where debugging is on."""
    answers = Answers(incoming, wiring)
    if not wiring.debug:
        return answers.error(404)
    if not is_same_origin(incoming.headers, incoming.caller.place):
        return answers.error(403)
    asked = parse_qs(incoming.visited.query, errors="replace").get("at", [])[:_MOST_ASKED]
    return answers.json({at: explained(at, wiring.config) for at in asked})


def explained(at: str, config: Config) -> dict[str, str]:
    """Who an address, or the service with an id, is; in words why it was stopped; what to add."""
    url = outgoing_url(at) if "//" in at else None
    lookup = config.lookup
    services: tuple[Service, ...]
    if url is None:
        services = tuple(service for service in lookup.services.values() if service.id == at)
    else:
        services = lookup.by_url(url.host, url.path) or lookup.by_host(url.host)
    meant = url is None or bool(lookup.by_url(url.host, url.path))
    for service in services:
        if service in config.services:
            return {"who": _who(service), "text": _why_declared(service, meant=meant)}
    suggestion = suggestion_for(
        url.host if url else at,
        services[0].id if services else "",
        config.service_ids,
    )
    if not suggestion.json:
        return {"who": suggestion.who, "text": "it stays blocked. Take it out of your pages."}
    text = 'undeclared. To ask visitors for their consent, add under "services":'
    return {"who": suggestion.who, "text": text, "add": suggestion.json}


def _who(service: Service) -> str:
    return f"{service.title} ({service.provider.name})"


def _why_declared(service: Service, *, meant: bool) -> str:
    if not meant:
        return f"declared ({service.id}), but not for this address."
    if service.category == NECESSARY:
        return f"declared as necessary ({service.id})."
    return f"declared ({service.id}); it loads for visitors who agree to it."
