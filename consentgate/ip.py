"""The visitor's address and URL, found behind proxies as far as trusted ones vouch for them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Any, TypeAlias

from consentgate.errors import ConsentGateError
from consentgate.forwarded import parse_forwarded, parse_node

Address: TypeAlias = IPv4Address | IPv6Address

UNIX_SOCKET = "unix"
"""The word in a list of trusted proxies for a peer on a Unix socket, which has no address."""

ADDRESS_HEADERS = frozenset(
    {
        b"ali-cdn-real-ip", b"cdn-src-ip", b"cf-connecting-ip", b"cf-connecting-ipv6",
        b"cf-pseudo-ipv4", b"client-ip", b"cloudfront-viewer-address", b"do-connecting-ip",
        b"fastly-client-ip", b"fly-client-ip", b"forwarded-for", b"incap-client-ip",
        b"proxy-client-ip", b"remote-addr", b"true-client-ip", b"wl-proxy-client-ip",
        b"x-appengine-remote-addr", b"x-appengine-user-ip", b"x-azure-clientip",
        b"x-azure-socketip", b"x-client-ip", b"x-cluster-client-ip",
        b"x-envoy-external-address", b"x-forwarded", b"x-forwarded-for",
        b"x-nf-client-connection-ip", b"x-original-forwarded-for", b"x-originating-ip",
        b"x-proxyuser-ip", b"x-real-ip", b"x-remote-addr", b"x-remote-ip",
        b"x-sucuri-clientip", b"x-vercel-forwarded-for", b"x-vercel-proxied-for",
    }
)  # fmt: skip
"""Request headers, in lower case, in which proxies and CDNs hand on the visitor's address."""

TELLING = ADDRESS_HEADERS | {b"forwarded"}
"""All request headers that may hold an address."""
_LONGEST = 100
_PROXIES_KNOWN = 256
_V4_WITH_PORT = re.compile(r"([0-9.]{7,15}):[0-9]{1,5}")
_BRACKETED = re.compile(r"\[([^\[\]]*:[^\[\]]*)\](?::[0-9]{1,5})?")
_HOST = re.compile(
    r"((?:[a-z0-9_\-]{1,63}\.)*[a-z0-9_\-]{1,63}\.?|\[[0-9a-f:.]{2,45}\])(?::([0-9]{1,5}))?"
)
_LONGEST_HOST = 253
_LAST_PORT = 65535
_PAGE_SCHEMES = {"http": "http", "https": "https", "ws": "http", "wss": "https"}
_DEFAULT_PORTS = {"http": "80", "https": "443"}


def parse_address(text: str) -> Address | None:
    """Read ``1.2.3.4``, ``1.2.3.4:567``, ``::1``, ``[::1]:80`` or ``fe80::1%eth0``; else None.

    Port and zone are left out. An IPv4-mapped IPv6 address is the IPv4 address.
    """
    if len(text) > _LONGEST:
        return None
    bare = _V4_WITH_PORT.fullmatch(text) or _BRACKETED.fullmatch(text)
    try:
        address = ip_address(bare[1] if bare else text)
    except ValueError:
        return None
    if isinstance(address, IPv4Address):
        return address
    return address.ipv4_mapped or IPv6Address(int(address))


class TrustedProxies:
    """The networks whose word about the visitor counts; ``address in trusted`` asks.

    Takes addresses, networks (``10.0.0.0/8``) and ``unix``; an empty address stands for a peer
    on a Unix socket. Raises ConsentGateError for anything else.
    """

    def __init__(self, networks: Iterable[str] = ()) -> None:
        words = tuple(networks)
        self._unix = UNIX_SOCKET in words
        self._known: set[str] = set()  # proxies only, never a visitor
        self._networks = tuple(_network(word) for word in words if word != UNIX_SOCKET)

    def __contains__(self, address: str) -> bool:
        if not address:
            return self._unix
        if not self._networks:
            return False
        if address in self._known:
            return True
        parsed = parse_address(address)
        found = parsed is not None and any(parsed in network for network in self._networks)
        if found and len(self._known) < _PROXIES_KNOWN:
            self._known.add(address)
        return found


Trusted: TypeAlias = TrustedProxies | frozenset[str]

NOBODY: Trusted = frozenset()
"""Where no proxy is trusted: it is asked with each request, and so it answers without a call."""


def _network(word: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(word)
    except ValueError as error:
        raise ConsentGateError(
            f'"{word}" is not a network of trusted proxies. Write one like "10.0.0.0/8".'
        ) from error


def client_address(peer: str, forwarded_for: Sequence[str], trusted: Trusted) -> str:
    """The visitor's address, as far as trusted proxies vouch for it.

    ``forwarded_for`` is walked from the right, where the nearest proxy wrote; what stands left
    of the first untrusted address is that visitor's own claim. A malformed entry ends the walk
    with the empty string: nobody knows who came.
    """
    address = peer
    for hop in reversed(forwarded_for):
        if address not in trusted:
            break
        if parse_address(hop) is None:
            return ""
        address = hop
    parsed = parse_address(address)
    return "" if parsed is None else str(parsed)


def visitor_address(scope: Mapping[str, Any], trusted: Trusted) -> str:
    """The visitor's address of an ASGI scope; shortened already after ``Shortening.anonymise``."""
    return client_address(_peer(scope), _hops(scope), trusted)


def forwarded_scheme_and_host(scope: Mapping[str, Any], trusted: Trusted) -> tuple[str, str]:
    """Scheme and host of the URL in the visitor's address bar: ``https``, ``www.example.com``.

    The scheme is ``http`` or ``https``, for websockets too. The host is in lower case, with its
    port where that is not the scheme's own; a malformed one is the empty string.
    ``X-Forwarded-*``, then ``Forwarded``, count only from a trusted peer.
    """
    scheme = _PAGE_SCHEMES.get(scope.get("scheme", "http"), "http")
    hosts = _values(scope, b"host")
    if _peer(scope) in trusted:
        scheme = _PAGE_SCHEMES.get(_told(scope, trusted, b"x-forwarded-proto", "proto"), scheme)
        told_host = _told(scope, trusted, b"x-forwarded-host", "host")
        hosts = [told_host] if told_host else hosts
    return scheme, _valid_host(hosts[0], scheme) if len(hosts) == 1 else ""


def _told(scope: Mapping[str, Any], trusted: Trusted, header: bytes, name: str) -> str:
    """What the outermost trusted proxy said.

    Each proxy may append to a list, so as many entries from the right count as there are
    trusted proxies; further left stands what the visitor sent.
    """
    said = _values(scope, header)
    if not said:
        said = [element.get(name, "") for element in _forwarded(scope)]
    inner = 0
    for hop in reversed(_hops(scope)):
        if hop not in trusted:
            break
        inner += 1
    return said[max(0, len(said) - 1 - inner)].lower() if said else ""


def _valid_host(host: str, scheme: str) -> str:
    found = _HOST.fullmatch(host.lower())
    if found is None or len(found[1]) > _LONGEST_HOST:
        return ""
    if found[1].startswith("[") and parse_address(found[1]) is None:
        return ""
    port = found[2] or _DEFAULT_PORTS[scheme]
    if int(port) > _LAST_PORT:
        return ""
    return found[1] if port == _DEFAULT_PORTS[scheme] else found[0]


def _peer(scope: Mapping[str, Any]) -> str:
    client = scope.get("client")
    return (client[0] or "") if client else ""


def _hops(scope: Mapping[str, Any]) -> tuple[str, ...]:
    """The addresses that proxies wrote down, the nearest proxy's entry last."""
    listed = _values(scope, b"x-forwarded-for")
    if listed:
        return tuple(listed)
    nodes = (parse_node(element.get("for", "")) for element in _forwarded(scope))
    return tuple(node.name if node else "" for node in nodes)


def _forwarded(scope: Mapping[str, Any]) -> tuple[Mapping[str, str], ...]:
    lines = (value for name, value in scope.get("headers") or () if name.lower() == b"forwarded")
    return parse_forwarded(b",".join(lines).decode("latin-1"))


def _values(scope: Mapping[str, Any], name: bytes) -> list[str]:
    """The entries of a list header, over all its lines, without empty ones."""
    length = len(name)
    lines = [
        value
        for key, value in scope.get("headers") or ()
        if len(key) == length and key.lower() == name
    ]
    return [entry for line in lines for entry in entries_of(line) if entry]


def entries_of(value: bytes) -> list[str]:
    """The entries of one line of a list header."""
    return [entry.strip(" \t") for entry in value.decode("latin-1").split(",")]
