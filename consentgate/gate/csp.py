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
    Source,
    collapsed,
    match_sources,
    serialised,
    site_sources,
    without_bare_domains,
    without_covered,
    without_strangers,
)
from consentgate.model import Match, Service
from consentgate.sites import FirstParty, is_public_suffix, registrable_domain

__all__ = [
    "ACTIVE_DESTINATIONS",
    "CROWDED_POLICY_BYTES",
    "MAX_POLICY_BYTES",
    "PROXY_POLICY_BYTES",
    "REPORTS",
    "REPORT_GROUP",
    "belongs_on",
    "consent_policy",
    "extend_own_policy",
    "nonce_of",
    "reporting",
    "sites_of",
]

MAX_POLICY_BYTES = 3000
"""Above this the list is shortened: a proxy's header buffer often holds 4 KB in all."""
CROWDED_POLICY_BYTES = 3350
"""Above this it is shortened at a cost: a login has some 600 bytes of other headers."""
PROXY_POLICY_BYTES = 3500
"""Above this a header no longer fits into a proxy's buffer of 4 KB together with a usual answer."""

REPORTS = "reports"
"""Where below the mount path browsers send what a policy of ours has stopped."""
REPORT_GROUP = "consentgate"
"""The name of our endpoint among those of the page (Reporting API, section 3.2)."""

# What only restrains the site itself is the business of the site's own policy.
_KEYWORDS = ("'self'", "'unsafe-eval'", "'unsafe-inline'", "blob:", "data:")

ACTIVE_DESTINATIONS = frozenset(
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
"""What a response becomes that runs by itself: the values of ``Sec-Fetch-Dest`` for it."""
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
    claims for itself. A long list is wider in a third: it names a site whole of which several
    hosts are allowed. It does so only where no service without consent is known below that site.
    """
    if access.report_unknown:
        return None
    allowed = tuple(service for service in services if access.consent.allows(service.id))
    exact = _exact_policy(access.first_party, access.scheme, _matches(allowed))
    if len(exact) <= MAX_POLICY_BYTES:
        return exact
    return _long_policy(allowed, access)


def _long_policy(allowed: tuple[Service, ...], access: Access) -> str:
    """The list shortened: by itself, then with shared hosts whole, then for new code alone."""
    closed = _closed_sites(access)
    policy = ""
    for most_bytes, named in _widenings(allowed, access, closed):
        policy = _short_policy(access.first_party, access.scheme, named, closed)
        if len(policy) <= most_bytes:
            break
    return policy


def _widenings(
    allowed: tuple[Service, ...], access: Access, closed: frozenset[str]
) -> Iterator[tuple[int, tuple[Match, ...]]]:
    """What to shorten, one after the other, and how long the list of each may be."""
    matches = _matches(allowed)
    yield MAX_POLICY_BYTES, matches
    yield CROWDED_POLICY_BYTES, tuple(_widened(match, access, closed) for match in matches)
    living = _matches(service for service in allowed if not service.legacy)
    current = (_widened(_without_older(match), access, closed) for match in living)
    yield CROWDED_POLICY_BYTES, tuple(current)


def _matches(services: Iterable[Service]) -> tuple[Match, ...]:
    return tuple(match for service in services for match in service.matches)


def reporting(mount: str, policy: str, *, secure: bool) -> tuple[str, str]:
    """What a policy in a header ends with, so that we hear of what it stops, and its endpoint.

    The endpoint is a member of ``Reporting-Endpoints``, or empty. A browser that knows
    ``report-to`` ignores ``report-uri`` beside it (CSP Level 3, section 6.5.2), and has endpoints
    on secure pages only: elsewhere it is left out, and where a long policy needs the room. A list
    that is shortened at a cost goes without both.
    """
    address = f"{mount}/{REPORTS}"
    if len(policy) > CROWDED_POLICY_BYTES:
        return "", ""
    fallback = f"; report-uri {address}"
    if not secure or len(policy) > MAX_POLICY_BYTES:
        return fallback, ""
    return f"{fallback}; report-to {REPORT_GROUP}", f'{REPORT_GROUP}="{address}"'


def _without_older(match: Match) -> Match:
    hosts = tuple(host for host in match.hosts if host not in match.older_hosts)
    return replace(match, hosts=hosts)


def _closed_sites(access: Access) -> frozenset[str]:
    """The sites below which a service is known that this visitor has not agreed to."""
    refused = (s for s in access.lookup.services.values() if not access.consent.allows(s.id))
    return frozenset(site for service in refused for site in sites_of(service))


def sites_of(service: Service) -> Iterator[str]:
    """The sites that a service has hosts on, each as often as it has."""
    for match in service.matches:
        yield from (registrable_domain(host.lower().removeprefix("*.")) for host in match.hosts)


def _widened(match: Match, access: Access, closed: frozenset[str]) -> Match:
    """With the shared hosts opened whole that nobody claims who lacks consent."""
    agreed = (
        host
        for host in match.shared_hosts
        if not is_public_suffix(domain := host.removeprefix("*."))
        and (host == domain or registrable_domain(domain) not in closed)
        and all(access.consent.allows(s.id) for s in access.lookup.by_host(domain))
    )
    return replace(match, sole_hosts=match.sole_hosts.union(agreed))


@lru_cache(maxsize=512)
def _exact_policy(first_party: FirstParty, scheme: str, matches: tuple[Match, ...]) -> str:
    """The policy that names every host."""
    _, exact, sockets = _sources(first_party, matches)
    return _policy(exact, scheme, sockets)


@lru_cache(maxsize=512)
def _short_policy(
    first_party: FirstParty, scheme: str, matches: tuple[Match, ...], closed: frozenset[str]
) -> str:
    """The widest list that fits, else the shortest."""
    policy = ""
    for most_bytes, sources, twins in _lists(first_party, matches, closed):
        policy = _policy(sources, scheme, twins)
        if len(policy) <= most_bytes:
            break
    return policy


def _policy(sources: frozenset[Source], scheme: str, twins: frozenset[Source]) -> str:
    socket_scheme = "ws" if scheme == "http" else "wss"  # ws: covers wss:, but not in reverse
    return " ".join(("default-src", *_KEYWORDS, *serialised(sources, socket_scheme, twins)))


def _sources(
    first_party: FirstParty, matches: tuple[Match, ...]
) -> tuple[frozenset[Source], frozenset[Source], frozenset[Source]]:
    """The site itself; it and all that is allowed; those of the allowed that use web sockets."""
    site = frozenset(site_sources(first_party))
    exact = without_covered(site.union(*map(match_sources, matches)))
    talking = (source for match in matches if match.sockets for source in match_sources(match))
    sockets = without_covered(site.union(source for source in talking if not source.path))
    return site, exact, sockets


def _lists(
    first_party: FirstParty, matches: tuple[Match, ...], closed: frozenset[str]
) -> Iterator[tuple[int, frozenset[Source], frozenset[Source]]]:
    """Ever shorter lists of the same services, the dearest losses last: how long each may be.

    Every host; then several hosts of a site as one. Then without the bare domain that a pattern
    ``*.d`` includes: hardly anything is loaded from it, while chat needs its web sockets, which
    go next. Only where a proxy would fail otherwise, one host of a site opens the site too, and
    what runs on any stranger's host of a public suffix (a tag server in the cloud) is left out,
    and so is a domain whose ``www.`` is named as well.
    """
    site, exact, sockets = _sources(first_party, matches)
    yield MAX_POLICY_BYTES, exact, sockets
    merged, quiet = collapsed(exact, closed), collapsed(sockets, closed)
    yield MAX_POLICY_BYTES, merged, quiet
    named = frozenset(host for match in matches for host in match.hosts)
    shortest = without_bare_domains(merged, named)
    yield MAX_POLICY_BYTES, shortest, without_bare_domains(quiet, named)
    yield MAX_POLICY_BYTES, merged, site
    yield CROWDED_POLICY_BYTES, shortest, site
    whole = without_bare_domains(collapsed(exact, closed, least=1), named)
    yield CROWDED_POLICY_BYTES, whole, site
    rented = without_strangers(whole)
    yield CROWDED_POLICY_BYTES, rented, site
    yield CROWDED_POLICY_BYTES, without_bare_domains(rented, _but_for_www(named)), site


def _but_for_www(hosts: frozenset[str]) -> frozenset[str]:
    return frozenset(host for host in hosts if f"www.{host}" not in hosts)


def belongs_on(content_type: str, fetch_dest: str) -> bool:
    """Whether a response can become a document or a worker, and so needs a policy of its own.

    Either header may be empty. Only types that cannot run or load anything are left out: an
    unknown type may be sniffed, and Chromium starts a worker from nearly any. SVG is an image
    that may be opened as a document.
    """
    if fetch_dest.strip().lower() in ACTIVE_DESTINATIONS:
        return True
    essence = content_type.partition(";")[0].strip().lower()
    if essence == "image/svg+xml":
        return True
    return not (
        essence.partition("/")[0] in _INERT_FAMILIES
        or essence in _INERT_TYPES
        or essence.endswith(_INERT_SUFFIXES)
    )
