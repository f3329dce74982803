"""Who stands behind an undeclared host, and the JSON that declares it."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from consentgate.catalogue import load_catalogue
from consentgate.catalogue.lookup import CONSENT_TOOL
from consentgate.config import Config
from consentgate.gate.access import Blocked
from consentgate.model import Service
from consentgate.sites import registrable_domain

_LONGEST_ID = 64
_CATEGORIES: Mapping[str, str] = {
    "ad": "marketing",
    "analytics": "analytics",
    "marketing": "marketing",
    "social": "social",
    "tag-manager": "analytics",
    "video": "social",
}
"""Categories of the open data on hosts, as far as they say what visitors have to agree to."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What to write under ``services``: ``id`` and ``entry``, None where nothing would help.

    ``who`` names the service or the company in words; ``known`` tells that the catalogue or the
    open data know it, so that nobody has to find out.
    """

    host: str
    who: str
    known: bool
    id: str = ""
    entry: Mapping[str, object] | None = None

    @property
    def json(self) -> str:
        """The member to put into the object ``services``; empty where nothing would help."""
        return "" if self.entry is None else f"{json.dumps(self.id)}: {json.dumps(self.entry)}"


def undeclared_service(host: str, path: str, config: Config) -> str | None:
    """The catalogue id behind an address, or an empty text; None where the site declares it.

    After a redirect browsers tell the host alone. A host that some declared service has then
    counts as declared.
    """
    lookup = config.lookup
    services = lookup.by_url(host, path) or lookup.by_host(host)
    if any(service.id in config.service_ids for service in services):
        return None
    return services[0].id if services else ""


def suggestion_for(host: str, service: str = "", taken: Collection[str] = ()) -> Suggestion:
    """Whom to declare for a host, as far as the catalogue or the open data know it.

    ``service`` is the catalogue id that was found with the path, ``taken`` are ids that the file
    uses already.
    """
    known = load_catalogue().services.get(service)
    if known is not None:
        return _from_catalogue(host, known)
    named = load_catalogue().host_name(host)
    who = f"{named.entity} ({named.company})" if named else ""
    entry: dict[str, object] = {
        "title": named.entity if named else host,
        "category": _CATEGORIES.get(named.category, "functional") if named else "functional",
        "provider": {"name": named.company if named else registrable_domain(host)},
        "match": {"hosts": [host]},
    }
    return Suggestion(host, who or "nobody we know", bool(named), _id_for(host, taken), entry)


def declaration_of(blocked: Blocked) -> str:
    """The JSON that declares a stopped third party, as far as the catalogue knows it."""
    service = blocked.service.id if blocked.service else ""
    return suggestion_for(blocked.url.host, service).json


def _from_catalogue(host: str, service: Service) -> Suggestion:
    who = f"{service.title} ({service.provider.name})"
    if service.category == CONSENT_TOOL:
        return Suggestion(host, f"{who}, another consent tool", known=True)
    return Suggestion(host, who, True, service.id, {})


def _id_for(host: str, taken: Collection[str]) -> str:
    """An id that the file does not use yet: the host in letters, digits and single hyphens."""
    stem = re.sub(r"[^a-z0-9]+", "-", host).strip("-")[:_LONGEST_ID].strip("-") or "host"
    used = {*taken, *load_catalogue().services}
    numbered = (f"{stem[: _LONGEST_ID - 4].strip('-')}-{n}" for n in range(2, 999))
    return next((id_ for id_ in (stem, *numbered) if id_ not in used), stem)
