"""Host sources of a Content-Security-Policy: from the catalogue's patterns to the shortest list.

The grammar is CSP Level 3, section 2.3.1 (host-source). It knows less than the catalogue: a
wildcard stands only at the left and does not cover the domain itself, a path is exact or, ending
in ``/``, a directory. Where it cannot say what a pattern says, the source is the next wider one
that stays within the service's host; the HTML gate still decides by the exact pattern.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import quote

from consentgate.model import Match, Service
from consentgate.sites import FirstParty, is_ip_literal, is_public_suffix, registrable_domain

# A source goes into a header, and the site's host comes from the request: nothing else may pass.
_HOST = re.compile(r"(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_WILDCARD = re.compile(r"[*?\[]")
_PATH_SAFE = "/%:@!$&'()*+=~"


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """One host expression. ``path`` is empty for the whole host, else exact or a directory."""

    host: str
    path: str = ""
    any_port: bool = False

    def __str__(self) -> str:
        return f"{self.host}{':*' if self.any_port else ''}{self.path}"


def site_sources(first_party: FirstParty) -> Iterator[Source]:
    """The visited site with every host and port that counts as its own.

    An IPv6 literal has no host expression: there ``'self'`` alone must do.
    """
    domain = first_party.domain
    shared = is_ip_literal(domain) or is_public_suffix(domain)
    patterns = [domain if shared else f"*.{domain}", *first_party.own_hosts]
    for host in (host for pattern in patterns for host in _expressions(pattern)):
        yield Source(host, any_port=True)


def match_sources(match: Match) -> Iterator[Source]:
    """What one entry of a service opens: whole hosts, and shared hosts only by its paths."""
    paths = {_path(glob) for glob in match.paths}
    limited = match.shared_hosts - match.sole_hosts
    for pattern in match.hosts:
        for host in _expressions(pattern):
            for path in paths if pattern in limited else ("",):
                yield Source(host, path)


def without_covered(sources: frozenset[Source]) -> frozenset[Source]:
    """The same list without what another member of it opens already."""
    hosts = frozenset(source.host for source in sources)
    return frozenset(
        source for source in sources if not any(wider in sources for wider in _wider(source, hosts))
    )


def without_bare_domains(sources: frozenset[Source], named: frozenset[str]) -> frozenset[Source]:
    """The list without ``d`` beside ``*.d``, but for the domains named by themselves."""
    return frozenset(
        source
        for source in sources
        if source.any_port
        or source.host in named
        or replace(source, host=f"*.{source.host}") not in sources
    )


def collapsed(
    sources: frozenset[Source], closed: frozenset[str] = frozenset(), *, least: int = 2
) -> frozenset[Source]:
    """A shorter, wider list: ``least`` whole hosts or more of one foreign site become ``*.site``.

    ``closed`` sites keep their hosts one by one, for something below them is not allowed. A
    public suffix is no site: hosts under it stay. So do paths, because a host that is shared by
    several services (``www.google.com``) must not open for all of them at once.
    """
    sites: defaultdict[str, set[Source]] = defaultdict(set)
    for source in sources:
        site = registrable_domain(source.host.removeprefix("*."))
        whole = not source.path and not source.any_port and site not in closed
        if whole and source.host != site and not is_public_suffix(site):
            sites[site].add(source)
    merged = {
        site: below
        for site, below in sites.items()
        if len(below) >= least and sum(len(s.host) for s in below) > len(site) + len("*.")
    }
    kept = sources.difference(*merged.values())
    return without_covered(kept | {Source(f"*.{site}") for site in merged})


def without_strangers(sources: frozenset[Source]) -> frozenset[Source]:
    """The list without patterns for hosts that anybody can rent (``*.run.app/collect``)."""
    return frozenset(
        source
        for source in sources
        if source.any_port
        or not source.host.startswith("*.")
        or not is_public_suffix(source.host.removeprefix("*."))
    )


def service_sources(service: Service) -> list[str]:
    """The sorted host expressions of one service, for the policy of a page of our own."""
    opened = frozenset(source for match in service.matches for source in match_sources(match))
    return sorted(map(str, without_covered(opened)))


def serialised(
    sources: Iterable[Source], socket_scheme: str, sockets: Iterable[Source]
) -> list[str]:
    """The source expressions, sorted; those of ``sockets`` once more with the sockets' scheme.

    A host without scheme never covers a web socket in Chromium and WebKit.
    """
    named = {str(source) for source in sources}
    return sorted(named | {f"{socket_scheme}://{source}" for source in sockets})


def _expressions(pattern: str) -> Iterator[str]:
    """The host expressions of an exact host or of ``*.d``; none where a policy can hold none."""
    host = pattern.lower()
    found = (host.removeprefix("*."), host) if host.startswith("*.") else (host,)
    return (expression for expression in found if _HOST.fullmatch(expression))


def _path(glob: str) -> str:
    """The path of a host expression: exact, the directory before a wildcard, or empty for all."""
    wildcard = _WILDCARD.search(glob)
    path = glob if wildcard is None else glob[: glob.rfind("/", 0, wildcard.start()) + 1]
    # "/" on its own matches every path (section 6.7.2.11), so the shorter form says the same.
    return "" if path in {"", "/"} or path[0] != "/" else quote(path, safe=_PATH_SAFE)


def _wider(source: Source, named: frozenset[str]) -> Iterator[Source]:
    """Every other source, of hosts that are named, which would open all that this one opens."""
    labels = source.host.removeprefix("*.").split(".")
    start = 0 if source.host.startswith("*.") else 1
    hosts = [source.host, *("*." + ".".join(labels[i:]) for i in range(start, len(labels)))]
    cuts = [i + 1 for i, char in enumerate(source.path) if char == "/" and i]
    paths = ["", *(source.path[:cut] for cut in cuts), source.path]
    for host in named.intersection(hosts):
        for path in paths:
            for any_port in {source.any_port, True}:
                wider = Source(host, path, any_port)
                if wider != source:
                    yield wider
