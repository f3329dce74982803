"""Whose address, code or cookie is it: questions on the page path, answered without parsing."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from consentgate.catalogue.globs import GlobIndex
from consentgate.catalogue.google_tags import (
    ANALYTICS,
    TAG_SERVICES,
    ids_in_code,
    ids_in_query,
    is_tag_path,
    owners_of,
)
from consentgate.catalogue.markup import Attributes, Found, MarkupIndex
from consentgate.catalogue.own_paths import own_trackers
from consentgate.model import NECESSARY, Match, Party, Service, Storage

CONSENT_TOOL = "consent"
"""The category of other consent tools: always blocked, never to be allowed."""

_WORD = frozenset((string.ascii_letters + string.digits + "_$").encode())
_REMEMBERED_SCRIPTS = 256
_REMEMBERED_URLS = 4096
_REMEMBERED_CHARACTERS = 256  # 4,096 addresses of that length: about 2 MB at the most
_REMEMBERED_BYTES = 16_384  # 256 scripts of 16 KB: 4 MB at the most


@dataclass(frozen=True, slots=True)
class _Claim:
    """One service's claim to a host; ``whole`` where it counts as one to each path of it."""

    position: int
    paths: GlobIndex
    shared: bool
    whole: bool

    def rank(self, path: str, *, exact: bool) -> int:
        """3 exact host and path, 2 exact host, 1 wildcard and path, 0 wildcard, -1 no claim."""
        fits = bool(self.paths.find(path))
        if self.shared and not fits:
            return -1
        return 2 * exact + (fits or (exact and self.whole))


class Lookup:
    """The known services, compiled once; every answer is in the order of ``services``.

    ``configured`` names the services that the site's own configuration declares: their exact
    hosts count as much as a catalogue service's host and path, so that a site can declare a
    CDN which the catalogue knows under another name.
    """

    def __init__(
        self, services: Iterable[Service], *, configured: frozenset[str] = frozenset()
    ) -> None:
        self._order = tuple(services)
        self.services: Mapping[str, Service] = MappingProxyType(
            {service.id: service for service in self._order}
        )
        self._tags = {tag: service.id for service in self._order for tag in service.ids}
        self._hosts: dict[str, list[_Claim]] = {}
        for position, service in enumerate(self._order):
            for match in service.matches:
                self._add_hosts(position, match, whole=service.id in configured)
        self._signatures = tuple(_signatures(self._order))
        self._cookies = GlobIndex(_cookie_names(self._order))
        self._edge_cookies = GlobIndex(_edge_cookie_names(self._order))
        self._markup = MarkupIndex(self._order)
        self._remembered_url = lru_cache(_REMEMBERED_URLS)(self._read_url)
        self._remembered_sole = lru_cache(_REMEMBERED_URLS)(self._read_sole)
        self._remembered_claims = lru_cache(_REMEMBERED_URLS)(self._all_claims)
        self._remembered = lru_cache(_REMEMBERED_SCRIPTS)(self._read_code)

    def _add_hosts(self, position: int, match: Match, *, whole: bool) -> None:
        paths = GlobIndex((glob, position) for glob in match.paths)
        for host in match.hosts:
            shared = host in match.shared_hosts
            claim = _Claim(position, paths, shared, whole and not shared)
            self._hosts.setdefault(host.lower(), []).append(claim)

    def _pick(self, positions: Iterable[int]) -> tuple[Service, ...]:
        return tuple(self._order[position] for position in sorted(set(positions)))

    def by_url(self, host: str, path: str, query: str = "") -> tuple[Service, ...]:
        """The services with the best claim to an address; several if tied, none if unknown.

        ``host`` is lower case without port, ``path`` without query. Exact host and path beat
        an exact host, which beats a wildcard host and path, which beat a wildcard host. A
        shared host counts together with a path only. First-party addresses: ``by_own_path``.
        Of ``query`` only the id of a Google tag matters.
        """
        found = self._remembered_sole(host)
        if found is None:
            short = len(path) <= _REMEMBERED_CHARACTERS
            found = self._remembered_url(host, path) if short else self._read_url(host, path)
        return self._by_tag(found, ids_in_query(query)) if is_tag_path(path) else found

    def _by_tag(self, found: tuple[Service, ...], ids: tuple[str, ...]) -> tuple[Service, ...]:
        """With the Google tags among the services told apart by these ids."""
        others = tuple(service for service in found if service.id not in TAG_SERVICES)
        if len(others) == len(found):
            return found
        owners = owners_of(ids, self._tags) or (ANALYTICS,)
        mine = tuple(self.services[owner] for owner in owners if owner in self.services)
        return (*mine, *others) or found

    def _read_url(self, host: str, path: str) -> tuple[Service, ...]:
        ranked = [
            (claim.rank(path, exact=exact), claim.position)
            for claim, exact in self._remembered_claims(host)
        ]
        best = max((rank for rank, _ in ranked), default=-1)
        if best < 0:
            return ()
        return self._pick(position for rank, position in ranked if rank == best)

    def _read_sole(self, host: str) -> tuple[Service, ...] | None:
        """The answer for a host where the path makes no difference."""
        claims = self._remembered_claims(host)
        services = {claim.position for claim, _ in claims}
        if len(services) > 1 or any(claim.shared for claim, _ in claims):
            return None
        return self._pick(services)

    def by_host(self, host: str) -> tuple[Service, ...]:
        """Every service that claims a host, on whatever paths: for hints, which name no path."""
        return self._pick(claim.position for claim, _ in self._claims(host))

    def _all_claims(self, host: str) -> tuple[tuple[_Claim, bool], ...]:
        return tuple(self._claims(host))

    def _claims(self, host: str) -> Iterator[tuple[_Claim, bool]]:
        for claim in self._hosts.get(host, ()):
            yield claim, True
        labels = host.split(".")
        for start in range(len(labels)):
            for claim in self._hosts.get("*." + ".".join(labels[start:]), ()):
                yield claim, False

    def by_own_path(self, path: str, query: str) -> tuple[Service, ...]:
        """The self-hosted trackers that an address on the site's own hosts belongs to.

        ``query`` comes without its question mark. See ``own_trackers`` for what counts.
        """
        found = own_trackers(path, query, self._tags)
        return tuple(self.services[name] for name in found if name in self.services)

    def by_inline(self, code: bytes) -> tuple[Service, ...]:
        """The services whose signature stands in the code of an inline script.

        Case-sensitive. A signature that begins with a letter, digit, ``_`` or ``$`` counts at
        the beginning of a word only: ``s.t()`` does not stand in ``this.t()``. Google tags are
        told apart by the ids in the code, where it has some.
        """
        if len(code) > _REMEMBERED_BYTES:
            return self._read_code(code)
        return self._remembered(code)

    def _read_code(self, code: bytes) -> tuple[Service, ...]:
        found = self._pick(
            position for signature, position in self._signatures if _stands_in(signature, code)
        )
        ids = ids_in_code(code) if found else ()
        return self._by_tag(found, ids) if ids else found

    def by_markup(self, tag: str, attributes: Attributes) -> Found | None:
        """The service whose plugin an element is the place of; ``tag`` in lower case."""
        return self._markup.find(tag, attributes)

    def by_cookie(self, name: str) -> tuple[Service, ...]:
        """The services whose consent a first-party cookie of this name needs.

        Only what a service is known to set on the embedding site counts: a third party's
        ``csrftoken`` or ``sessionid`` says nothing about this site's. Two kinds never answer,
        because removing their cookies would harm: the network that delivers the site (its
        ``__cf_bm`` and ``cf_clearance`` let the visitor in; a service that is necessary and has
        no hosts of its own), and other consent tools (a record of a choice is no tracking).
        """
        if self._edge_cookies.find(name):
            return ()
        return self._pick(self._cookies.find(name))


def _is_edge(service: Service) -> bool:
    return service.category == NECESSARY and not any(match.hosts for match in service.matches)


def _signatures(services: tuple[Service, ...]) -> Iterator[tuple[bytes, int]]:
    for position, service in enumerate(services):
        if not _is_edge(service):
            for match in service.matches:
                yield from ((signature.encode(), position) for signature in match.inline)


def _stands_in(signature: bytes, code: bytes) -> bool:
    """Whether the signature stands in the code, and not as the end of a longer word."""
    at = code.find(signature)
    if at <= 0 or signature[0] not in _WORD:
        return at >= 0
    while at > 0 and code[at - 1] in _WORD:
        at = code.find(signature, at + 1)
    return at > 0


def _own_cookies(service: Service) -> Iterator[str]:
    for cookie in service.cookies:
        if cookie.party is Party.FIRST and cookie.storage is Storage.COOKIE:
            yield cookie.name


def _cookie_names(services: tuple[Service, ...]) -> Iterator[tuple[str, int]]:
    for position, service in enumerate(services):
        if service.category != CONSENT_TOOL and not _is_edge(service):
            yield from ((name, position) for name in _own_cookies(service))


def _edge_cookie_names(services: tuple[Service, ...]) -> Iterator[tuple[str, int]]:
    for position, service in enumerate(services):
        if _is_edge(service):
            yield from ((name, position) for name in _own_cookies(service))
