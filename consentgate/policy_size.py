"""Whether the policy of a site fits into the header buffer of the proxy in front of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from consentgate.config import Config
from consentgate.gate.access import Access
from consentgate.gate.csp import (
    MAX_POLICY_BYTES,
    PROXY_POLICY_BYTES,
    consent_policy,
    reporting,
    sites_of,
)
from consentgate.model import Consent, Service
from consentgate.sites import FirstParty

_SOME_HOST = "www.example.com"  # a longer name of the site counts up to four times


def longest_policy_bytes(config: Config) -> int:
    """The length of the longest header value, with everything agreed to or all but one service.

    A refused service can make it longer: its site is then no longer named whole.
    """
    everything = config.service_ids
    longest = _policy_bytes(config, everything)
    if longest <= MAX_POLICY_BYTES:
        return longest  # nothing is shortened, so less consent is a shorter list
    refusals = (everything - {service_id} for service_id in _neighbours(config.optional))
    return max([longest, *(_policy_bytes(config, allowed) for allowed in refusals)])


def _neighbours(services: tuple[Service, ...]) -> Iterator[str]:
    """The services whose sites another one uses as well."""
    sites = {service.id: set(sites_of(service)) for service in services}
    used = Counter(site for own in sites.values() for site in own)
    yield from (id_ for id_, own in sites.items() if any(used[site] > 1 for site in own))


def size_warning(config: Config) -> str | None:
    """What to tell where a proxy would answer 502 instead of passing the page on."""
    longest = longest_policy_bytes(config)
    if longest <= PROXY_POLICY_BYTES:
        return None
    return (
        f"services: the Content-Security-Policy of a visitor who agrees to nearly everything has"
        f" {longest:,} bytes. A proxy with buffers of 4 KB answers 502 to such a header: give nginx"
        ' "proxy_buffer_size 16k;" and "proxy_buffers 8 16k;".'
    )


def _policy_bytes(config: Config, allowed: frozenset[str]) -> int:
    access = Access(
        first_party=FirstParty(_SOME_HOST, frozenset(config.site.own_hosts)),
        lookup=config.lookup,
        consent=Consent(allowed=allowed),
        report_unknown=config.unknown.third_party == "report",
    )
    policy = consent_policy(access, services=config.services)
    return len(policy + reporting("/_gate", policy, secure=True)[0]) if policy else 0
