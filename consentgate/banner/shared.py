"""What a page for everybody carries, so that a script can fit it to its visitor.

One row for each id that a visitor's consent can open: the services in the order of their bits,
then the categories, which are open when all of their services are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass

from consentgate.banner.boot import expression
from consentgate.config import Config
from consentgate.gate.sources import match_sources, service_sources, without_covered
from consentgate.model import Party, Service, Storage


@dataclass(frozen=True, slots=True)
class _Row:
    """The fields in the order in which ``shared.js`` reads them.

    ``bits`` are those of the state cookie that have to be set. ``cookies`` and ``keys`` (in
    localStorage) may then be written, and ``hosts`` be contacted: alternatives of a pattern.
    ``sources`` are what the policy gets in addition.
    """

    bits: tuple[int, ...]
    id: str
    cookies: str = ""
    keys: str = ""
    hosts: str = ""
    sources: str = ""


def consent_table(config: Config) -> str:
    """The table as JSON. No visitor is in it, and no host of the site."""
    rows = [*_services(config), *_categories(config)]
    return json.dumps([astuple(row) for row in rows], separators=(",", ":"))


def _services(config: Config) -> Iterator[_Row]:
    for bit, service in enumerate(config.optional):
        yield _Row(
            (bit,),
            service.id,
            _alternatives(_own_names(service, Storage.COOKIE)),
            _alternatives(_own_names(service, Storage.LOCAL_STORAGE)),
            _alternatives(host for match in service.matches for host in match.hosts),
            " ".join(_sources(service)),
        )


def _categories(config: Config) -> Iterator[_Row]:
    bits: dict[str, list[int]] = {}
    for bit, service in enumerate(config.optional):
        bits.setdefault(service.category, []).append(bit)
    for category, needed in bits.items():
        own = (c.name for c in config.first_party_cookies if c.category == category)
        yield _Row(tuple(needed), category, _alternatives(own))


def _own_names(service: Service, storage: Storage) -> Iterator[str]:
    for cookie in service.cookies:
        if cookie.storage is storage and cookie.party is Party.FIRST:
            yield cookie.name


def _alternatives(globs: Iterable[str]) -> str:
    return "|".join(expression(glob) for glob in dict.fromkeys(globs))


def _sources(service: Service) -> Iterator[str]:
    """The service's hosts, and those that talk by web sockets (``ws:`` covers ``wss:`` too)."""
    yield from service_sources(service)
    talking = (source for m in service.matches if m.sockets for source in match_sources(m))
    whole = without_covered(frozenset(source for source in talking if not source.path))
    yield from sorted(f"ws://{source}" for source in whole)
