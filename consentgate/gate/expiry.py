"""Removing cookies that the browser holds already, after a withdrawal or without consent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
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


def expiring_headers(
    names: Iterable[str], host: str, *, path: str = "/", limit: int = MAX_HEADERS
) -> list[bytes]:
    """``Set-Cookie`` values that remove each name wherever on this site it may have been set.

    A browser removes a cookie only under the very domain and path it was set with (RFC 6265bis,
    section 5.7), and tells the server neither. So every likely place is tried, the likeliest
    first and for all names at once, until ``limit``: host-only at ``/``; the registrable domain,
    the host, the domains between at ``/``; then the directories of ``path`` (percent-encoded, as
    requested), the deepest first, host-only and on the registrable domain. Never on a public
    suffix. Names that no header can carry are left out.
    """
    sendable = [name for name in dict.fromkeys(names) if name and not _UNSENDABLE.search(name)]
    places = list(_places(host, path))
    headers = (
        _expiring(name, domain, directory)
        for domain, directory in places
        for name in sendable
        if not name.startswith("__Host-") or (not domain and directory == "/")
    )
    return list(_within(headers, limit))


def _within(headers: Iterable[bytes], limit: int) -> Iterator[bytes]:
    left = _MAX_BYTES
    for _, header in zip(range(limit), headers, strict=False):
        left -= len(header)
        if left < 0:
            return
        yield header


def known_names(services: Iterable[Service], header: bytes) -> tuple[str, ...]:
    """The first-party cookie names of services: those in a ``Cookie`` header, then the others.

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
    exact = [glob for glob in globs if not _GLOB.search(glob)]
    return tuple(name for name in dict.fromkeys([*seen, *exact]) if not always_passes(name))


def _places(host: str, path: str) -> Iterator[tuple[str, str]]:
    """Where a cookie may sit: domain (empty for host-only) and path."""
    domains = _domains(host)
    yield "", "/"
    for domain in domains:
        yield domain, "/"
    for directory in _directories(path):
        for domain in ("", *domains[:1]):
            yield domain, directory


def _domains(host: str) -> list[str]:
    """The registrable domain, then the host and what lies between, the longest first."""
    site = registrable_domain(host)
    if is_ip_literal(host) or is_public_suffix(site) or not _HOST.fullmatch(host):
        return []
    labels = host.split(".")
    between = len(labels) - len(site.split("."))
    return [site, *(".".join(labels[i:]) for i in range(between))]


def _directories(path: str) -> list[str]:
    """The default path of a cookie set on this page, and those above it (section 5.1.4)."""
    segments = quote(path, safe=_PATH_SAFE).split("/")[1:-1]
    found = ["/" + "/".join(segments[:end]) for end in range(len(segments), 0, -1)]
    return found[:_MAX_DIRECTORIES]


def _expiring(name: str, domain: str, path: str) -> bytes:
    at = f"; Domain={domain}" if domain else ""
    secure = "; Secure" if name.startswith(("__Host-", "__Secure-")) else ""
    return f"{name}=; Max-Age=0; Path={path}{at}{secure}".encode("latin-1")
