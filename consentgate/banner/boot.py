"""What the boot script has to know, as attributes of its tag: patterns instead of lists.

The script tests each pattern against a whole name, so they are anchored; the syntax is what
Python and ECMAScript have in common. ``(?!)`` fits nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from consentgate.banner.visit import Visit
from consentgate.config import Config
from consentgate.model import Consent, Party, Service, Storage
from consentgate.sites import registrable_domain

_NOTHING = "(?!)"


def boot_data(config: Config, visit: Visit, mount: str) -> Mapping[str, str]:
    """The ``data-cg-…`` attributes of the boot script for one visitor on one page.

    ``revision`` and ``state`` tell whether the page fits the visitor's choice, ``reload`` that
    it may be loaded again; ``cookies`` and ``keys`` are names that scripts must not write,
    ``hosts`` those open to this visitor; ``frame`` is what a blocked frame shows instead.
    """
    data = {
        "revision": config.revision,
        "state": visit.state or f"{config.revision}.",
        "cookies": refused_names(config, visit.consent, Storage.COOKIE),
        "keys": refused_names(config, visit.consent, Storage.LOCAL_STORAGE),
        "hosts": open_hosts(config, visit),
        "frame": f"{mount}/embed/other",
    }
    if visit.back:
        data["reload"] = ""
    return {f"data-cg-{name}": value for name, value in data.items()}


def refused_names(config: Config, consent: Consent, storage: Storage) -> str:
    """A pattern for the first-party names that no script may write with this consent.

    A name that something allowed uses as well may be written.
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
