"""What the first two scripts have to know, as attributes of a tag: patterns instead of lists.

They test each pattern against a whole name, so they are anchored; the syntax is what
Python and ECMAScript have in common. ``(?!)`` fits nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from consentgate.banner.visit import Visit
from consentgate.config import Config
from consentgate.gate.cookie_names import passing_names
from consentgate.model import Consent, Party, Service, Storage
from consentgate.sites import registrable_domain

_NOTHING = "(?!)"


def boot_data(config: Config, visit: Visit, mount: str) -> Mapping[str, str]:
    """The ``data-cg-…`` attributes of the boot script for one visitor on one page.

    ``revision`` and ``state`` tell whether the page fits the visitor's choice, ``reload`` that
    it may be loaded again; ``cookies`` and ``keys`` are names that scripts must not write,
    ``hosts`` those open to this visitor; ``frame`` begins the address of what a blocked frame
    shows instead. ``allowed`` are the ids that the page may rely on.
    """
    data = {
        "revision": config.revision,
        "state": visit.state or f"{config.revision}.",
        "cookies": refused_names(config, visit.consent, Storage.COOKIE),
        "keys": refused_names(config, visit.consent, Storage.LOCAL_STORAGE),
        "hosts": open_hosts(config, visit),
        "frame": f"{mount}/embed/other?a=",
        "allowed": " ".join(sorted(allowed_ids(visit))),
    }
    if visit.back:
        data["reload"] = ""
    return {f"data-cg-{name}": value for name, value in data.items()}


def allowed_ids(visit: Visit) -> frozenset[str]:
    """The services that may run on this page, and the categories of which all may."""
    consent = visit.consent
    return consent.allowed | consent.categories | consent.once


def asked_about(config: Config) -> tuple[str, ...]:
    """The services and then the categories that a visitor can agree to."""
    services = config.optional
    categories = (service.category for service in services)
    return tuple(dict.fromkeys([*(service.id for service in services), *categories]))


def refused_names(config: Config, consent: Consent, storage: Storage) -> str:
    """A pattern for the first-party names that no script may write with this consent.

    A name that something allowed uses as well may be written, and so may the site's own session
    and whatever opts out.
    """
    allowed: set[str] = set()
    refused: set[str] = set()
    for service in config.services:
        own = {
            cookie.name
            for cookie in service.cookies
            if cookie.storage is storage and cookie.party is Party.FIRST
        }
        (allowed if consent.allows(service.id) else refused).update(own)
    if storage is Storage.COOKIE:
        for cookie in config.first_party_cookies:
            (allowed if consent.allows(cookie.category) else refused).add(cookie.name)
    for name in refused:
        allowed |= {*passing_names(name)}
    if not refused - allowed:
        return _NOTHING
    but = f"(?!{_any_of(allowed)}$)" if allowed else ""
    return f"^{but}{_any_of(refused - allowed)}$"


def open_hosts(config: Config, visit: Visit) -> str:
    """A pattern for the hosts, besides the page's own, that this visitor's page may contact."""
    own = {_site_pattern(visit.origin), *config.site.own_hosts} - {""}
    services = [service for service in config.services if visit.consent.allows(service.id)]
    reached = own | _hosts(services)
    if config.unknown.third_party == "report":
        shut = _hosts(config.services) - reached
        return f"^(?!{_any_of(shut)}$)" if shut else ""
    return f"^{_any_of(reached)}$" if reached else _NOTHING


def _hosts(services: Iterable[Service]) -> set[str]:
    return {host for service in services for match in service.matches for host in match.hosts}


def _site_pattern(origin: str) -> str:
    host = urlsplit(origin).hostname or ""
    return f"*.{registrable_domain(host)}" if host else ""


def _any_of(globs: Iterable[str]) -> str:
    """``*.d`` stands for d and everything below it; elsewhere ``*`` for any characters."""
    return f"(?:{'|'.join(sorted(map(expression, globs)))})"


def expression(glob: str) -> str:
    """The pattern of a glob, without anchors."""
    if glob.startswith("*."):
        return rf"(?:.+\.)?{expression(glob[2:])}"
    return re.escape(glob).replace(r"\*", ".*").replace(r"\?", ".")
