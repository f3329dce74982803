"""Which addresses a server may be sent to by a name: those of the public Internet alone.

A name can be made to point into the network that the server stands in, at its loopback, or at
the metadata service of its host (RFC 6890 lists the ranges). What embeds another address counts
as refused, because it may be led through a translator.
"""

from __future__ import annotations

import ipaddress

_LEAD_ELSEWHERE = tuple(
    map(
        ipaddress.ip_network,
        (
            "192.0.0.0/24",  # for protocols, its two exceptions included
            "192.88.99.0/24",  # relays of 6to4
            "64:ff9b::/96",  # an IPv4 address behind a translator (RFC 6052)
            "64:ff9b:1::/48",
            "2001::/32",  # Teredo
            "2002::/16",  # 6to4
        ),
    )
)
_UNICAST_V6 = ipaddress.ip_network("2000::/3")


def is_public(address: str) -> bool:
    """Whether a numeric address is one of the public Internet; False for anything else."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if parsed.version == 6 and parsed not in _UNICAST_V6:  # noqa: PLR2004  the version's number
        return False
    elsewhere = any(parsed in network for network in _LEAD_ELSEWHERE)
    return parsed.is_global and not parsed.is_multicast and not elsewhere
