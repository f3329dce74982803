"""The browser gate: a Content-Security-Policy derived from one visitor's consent.

It goes out as a header of its own beside the application's policy, so it can only tighten (CSP
Level 3, section 8.1). How the application's own policy learns of our path is in ``own_policy``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from consentgate.gate.access import Access
from consentgate.gate.own_policy import extend_own_policy, nonce_of
from consentgate.gate.sources import (
    collapsed,
    match_sources,
    serialised,
    site_sources,
    without_bare_domains,
    without_covered,
)
from consentgate.model import Match, Service
from consentgate.sites import FirstParty, is_public_suffix

__all__ = [
    "MAX_POLICY_BYTES",
    "belongs_on",
    "consent_policy",
    "extend_own_policy",
    "nonce_of",
]

MAX_POLICY_BYTES = 3000
"""Above this the list is shortened: a proxy's header buffer often holds 4 KB in all."""

# What only restrains the site itself is the business of the site's own policy.
_KEYWORDS = ("'self'", "'unsafe-eval'", "'unsafe-inline'", "blob:", "data:")

_ACTIVE_DESTINATIONS = frozenset(
    {
        "document",
        "embed",
        "fencedframe",
        "frame",
        "iframe",
        "object",
        "serviceworker",
        "sharedworker",
        "worker",
    }
)
_INERT_FAMILIES = frozenset({"audio", "font", "image", "video"})
_INERT_SUFFIXES = ("+json", "+zip")
_INERT_TYPES = frozenset(
    {
        "application/font-woff",
        "application/font-woff2",
        "application/gzip",
        "application/json",
        "application/vnd.ms-fontobject",
        "application/wasm",
        "application/x-font-ttf",
        "application/x-ndjson",
        "application/zip",
        "text/css",
        "text/csv",
        "text/event-stream",
        "text/vtt",
    }
)


def consent_policy(access: Access, *, services: Iterable[Service]) -> str | None:
    """The policy that lets this visitor's browser reach the site and the allowed services only.

    ``services`` are the configured ones. One list in ``default-src``; ``form-action``,
    ``frame-ancestors``, ``base-uri`` and ``sandbox`` do not fall back to it and stay free. The
    result is sorted and depends on nothing but the site, the scheme and what is allowed.

    None while unknown third parties are only reported: a policy can name what is allowed, never
    what is forbidden, so it cannot block the known and let the unknown through. The HTML and the
    header gate then stand alone.

    Wider than the catalogue in two ways that the grammar forces: a path glob becomes its
    directory, and ``*.d`` of an allowed service also opens a host below d that another service
    claims for itself.
    """
    if access.report_unknown:
        return None
    allowed = (service for service in services if access.consent.allows(service.id))
    matches = tuple(match for service in allowed for match in service.matches)
    policy = _policy(access.first_party, access.scheme, matches)
    if len(policy) <= MAX_POLICY_BYTES:
        return policy
    widened = tuple(_widened(match, access) for match in matches)
    return _policy(access.first_party, access.scheme, widened)


def _widened(match: Match, access: Access) -> Match:
    """With the shared hosts opened whole that nobody claims who lacks consent."""
    agreed = (
        host
        for host in match.shared_hosts
        if not is_public_suffix(domain := host.removeprefix("*."))
        and all(access.consent.allows(s.id) for s in access.lookup.by_host(domain))
    )
    return replace(match, sole_hosts=match.sole_hosts.union(agreed))


@lru_cache(maxsize=512)
def _policy(first_party: FirstParty, scheme: str, matches: tuple[Match, ...]) -> str:
    """The widest list that fits, else the shortest."""
    policy = ""
    for expressions in _lists(first_party, scheme, matches):
        policy = " ".join(("default-src", *_KEYWORDS, *expressions))
        if len(policy) <= MAX_POLICY_BYTES:
            break
    return policy


def _lists(first_party: FirstParty, scheme: str, matches: tuple[Match, ...]) -> Iterator[list[str]]:
    """Ever shorter lists of the same services, the dearest losses last.

    Every host; then several hosts of a site as one. Then without the bare domain that a pattern
    ``*.d`` includes: hardly anything is loaded from it, while chat needs its web sockets, which
    go next.
    """
    socket_scheme = "ws" if scheme == "http" else "wss"  # ws: covers wss:, but not in reverse
    site = frozenset(site_sources(first_party))
    exact = without_covered(site.union(*map(match_sources, matches)))
    talking = (source for match in matches if match.sockets for source in match_sources(match))
    sockets = without_covered(site.union(source for source in talking if not source.path))
    named = frozenset(host for match in matches for host in match.hosts)
    shortest = without_bare_domains(collapsed(exact), named)
    for sources, twins in (
        (exact, sockets),
        (collapsed(exact), collapsed(sockets)),
        (shortest, without_bare_domains(collapsed(sockets), named)),
        (collapsed(exact), site),
        (shortest, site),
    ):
        yield serialised(sources, socket_scheme, twins)


def belongs_on(content_type: str, fetch_dest: str) -> bool:
    """Whether a response can become a document or a worker, and so needs a policy of its own.

    Either header may be empty. Only types that cannot run or load anything are left out: an
    unknown type may be sniffed, and Chromium starts a worker from nearly any. SVG is an image
    that may be opened as a document.
    """
    if fetch_dest.strip().lower() in _ACTIVE_DESTINATIONS:
        return True
    essence = content_type.partition(";")[0].strip().lower()
    if essence == "image/svg+xml":
        return True
    return not (
        essence.partition("/")[0] in _INERT_FAMILIES
        or essence in _INERT_TYPES
        or essence.endswith(_INERT_SUFFIXES)
    )
