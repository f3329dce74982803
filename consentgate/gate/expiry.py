"""Removing cookies that the browser holds already, after a withdrawal or without consent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from urllib.parse import quote

from consentgate.gate.cookie_names import always_passes, cookie_pairs, name_pattern
from consentgate.model import Party, Service, Storage
from consentgate.sites import is_ip_literal, is_public_suffix, registrable_domain

MAX_HEADERS = 40
"""The most ``Set-Cookie`` lines for one response: about 2.5 KB of its head."""

_MAX_BYTES = 4096
"""What all of them may measure: a proxy gives up on a response whose head is too large."""

_MAX_DIRECTORIES = 3
_HOST = re.compile(r"[a-z0-9_.-]+")
_GLOB = re.compile(r"[*?\[]")
_UNSENDABLE = re.compile(r"[\x00-\x20\x7f;=]|[^\x00-\xff]")
_PATH_SAFE = "/%:@!$&'()*+,=~"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a cookie may sit; ``domain`` is empty for a host-only one.

    ``partitioned`` ones have a jar of their own (CHIPS), in which only such a header removes.
    """

    domain: str
    path: str
    partitioned: bool = False


def expiring_headers(
    names: Iterable[str],
    host: str,
    *,
    path: str = "/",
    secure: bool = False,
    unseen: Iterable[str] = (),
    limit: int = MAX_HEADERS,
) -> list[bytes]:
    """``Set-Cookie`` values that remove each name wherever on this site it may have been set.

    A browser removes a cookie only under the very domain and path it was set with (RFC 6265bis,
    section 5.7), and tells the server neither. So every likely place is tried, the likeliest
    first and for all names at once, until ``limit``: host-only at ``/``; the registrable domain,
    the host, the domains between at ``/``; then the directories of ``path`` (percent-encoded, as
    requested), the deepest first, host-only and on the registrable domain, and ``path`` itself.
    ``secure`` says that the visitor is on https, where cookies may be partitioned. ``unseen`` are
    names that the request did not carry: if there, they lie under a path, so directories go first
    and all of them after ``names``. Never on a public suffix. Names that no header can carry are
    left out.
    """
    places = [place for place in _places(host, path) if secure or not place.partitioned]
    below_first = sorted(places, key=lambda place: place.path == "/")
    headers = chain(_removals(names, places), _removals(unseen, below_first))
    return list(_within(headers, limit))


def _removals(names: Iterable[str], places: Iterable[_Place]) -> Iterator[bytes]:
    sendable = [name for name in dict.fromkeys(names) if name and not _UNSENDABLE.search(name)]
    for place in places:
        for name in sendable:
            if not name.startswith("__Host-") or (not place.domain and place.path == "/"):
                yield _expiring(name, place)


def _within(headers: Iterable[bytes], limit: int) -> Iterator[bytes]:
    left = _MAX_BYTES
    for _, header in zip(range(limit), headers, strict=False):
        left -= len(header)
        if left < 0:
            return
        yield header


def known_names(
    services: Iterable[Service], header: bytes
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The first-party cookie names of services: those in a ``Cookie`` header, and the others.

    A glob stands only for the names that were seen; an exact name is listed seen or not, because
    a cookie of another path is not sent.
    """
    globs = dict.fromkeys(
        cookie.name
        for service in services
        for cookie in service.cookies
        if cookie.party is Party.FIRST and cookie.storage is Storage.COOKIE
    )
    seen = [
        name
        for name, _ in cookie_pairs(header)
        if any(name_pattern(glob).fullmatch(name) for glob in globs)
    ]
    exact = [glob for glob in globs if not _GLOB.search(glob) and glob not in seen]
    found, other = (
        tuple(name for name in dict.fromkeys(names) if not always_passes(name))
        for names in (seen, exact)
    )
    return found, other


def _places(host: str, path: str) -> Iterator[_Place]:
    """Where a cookie may sit, the likeliest place first."""
    domains = _domains(host)
    likely = ("", *domains[:1])
    yield from (_Place(domain, "/") for domain in likely)
    yield from (_Place(domain, "/", partitioned=True) for domain in likely)
    yield from (_Place(domain, "/") for domain in domains[1:])
    for directory in _directories(path):
        yield from (_Place(domain, directory) for domain in likely)
    for directory in _directories(path):
        yield _Place("", directory, partitioned=True)


def _domains(host: str) -> list[str]:
    """The registrable domain, then the host and what lies between, the longest first."""
    site = registrable_domain(host)
    if is_ip_literal(host) or is_public_suffix(site) or not _HOST.fullmatch(host):
        return []
    labels = host.split(".")
    between = len(labels) - len(site.split("."))
    return [site, *(".".join(labels[i:]) for i in range(between))]


def _directories(path: str) -> list[str]:
    """The default path of a cookie set on this page, and those above it (section 5.1.4).

    Scripts that name a path take the page's own, or a directory with its slash.
    """
    page = quote(path, safe=_PATH_SAFE)
    segments = page.split("/")[1:-1]
    found = ["/" + "/".join(segments[:end]) for end in range(len(segments), 0, -1)]
    found = found[:_MAX_DIRECTORIES]
    own = [page] if page.startswith("/") and not page.endswith("/") else []
    listed = dict.fromkeys([*found, *own, *(f"{directory}/" for directory in found)])
    return [directory for directory in listed if directory != "/"]  # as in "//page"


def _expiring(name: str, place: _Place) -> bytes:
    at = f"; Domain={place.domain}" if place.domain else ""
    prefixed = name.startswith(("__Host-", "__Secure-"))
    secure = "; Secure" if prefixed or place.partitioned else ""
    apart = "; Partitioned" if place.partitioned else ""
    return f"{name}=; Max-Age=0; Path={place.path}{at}{secure}{apart}".encode("latin-1")
