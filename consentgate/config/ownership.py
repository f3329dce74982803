"""Which catalogue service a host or cookie belongs to that a file calls the site's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from consentgate.model import Party, Service, Storage
from consentgate.sites import host_matches


def host_owner(pattern: str, catalogue: Mapping[str, Service]) -> Service | None:
    """The service with a host that the pattern covers, or that covers the pattern."""
    for service in catalogue.values():
        for match in service.matches:
            if any(_overlap(pattern, host) for host in match.hosts):
                return service
    return None


def cookie_owners(name: str, catalogue: Mapping[str, Service]) -> Iterator[Service]:
    """The services that set a cookie of this name (a glob) on the sites that embed them."""
    for service in catalogue.values():
        if any(
            cookie.party is Party.FIRST
            and cookie.storage is Storage.COOKIE
            and _names_overlap(name, cookie.name)
            for cookie in service.cookies
        ):
            yield service


def _overlap(one: str, other: str) -> bool:
    return host_matches(one.removeprefix("*."), frozenset({other})) or host_matches(
        other.removeprefix("*."), frozenset({one})
    )


def _names_overlap(one: str, other: str) -> bool:
    # Each glob's plainest example tried on the other: enough for names with one star.
    return fnmatchcase(other.replace("*", "x"), one) or fnmatchcase(one.replace("*", "x"), other)
