"""Addresses of visitors are shortened before anything can log them.

An address that is malformed is dropped, never mended: a mended one would be somebody else's.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from typing import Any

from consentgate.forwarded import parse_forwarded, parse_node, write_forwarded, write_node
from consentgate.ip import ADDRESS_HEADERS, Address, Trusted, entries_of, parse_address

_LOOPBACK = 127
_USUAL_V4_BITS = 24
_6TO4 = IPv6Network("2002::/16")
_NAT64 = IPv6Network("64:ff9b::/96")


def anonymise(address: str, *, v4_bits: int = _USUAL_V4_BITS, v6_bits: int = 48) -> str:
    """Keep the network and drop the household: the first 24 bits of IPv4, 48 of IPv6.

    IPv4 inside IPv6 is cut like IPv4 (mapped; 6to4, RFC 3056; NAT64, RFC 6052), for 48 bits of
    a 6to4 address hold the whole IPv4 address. Garbage gives the empty string.
    """
    parsed = parse_address(address)
    return "" if parsed is None else _cut(parsed, v4_bits, v6_bits)


@dataclass(frozen=True, slots=True)
class Shortening:
    """How addresses are shortened, and which of them may stay: those of trusted proxies."""

    trusted: Trusted
    v4_bits: int = _USUAL_V4_BITS
    v6_bits: int = 48

    def anonymise(self, scope: MutableMapping[str, Any], *, in_headers: bool = True) -> None:
        """Shorten every address in an ASGI scope, in place, before the app or a log can read it.

        In place, because servers write their access log from this very dict and header list.
        Loopback and trusted proxies stay as they are, or a proxy middleware further in would no
        longer trust its peer; every other port becomes 0. ``in_headers``: one of ``TELLING`` may
        be among the headers.
        """
        client = scope.get("client")
        if client:
            shown = self.address(client[0] or "")
            if not shown or shown is not client[0]:
                scope["client"] = type(client)((shown, 0))
        if in_headers:
            headers = scope.get("headers") or ()
            shortened = [entry for header in headers if (entry := self.header(header)) is not None]
            if isinstance(headers, list):
                headers[:] = shortened
            else:
                scope["headers"] = shortened

    def address(self, address: str) -> str:
        """The address as it may be shown: whole if it is a proxy's, empty if it is malformed."""
        if address in self.trusted:
            return address
        try:  # the usual form in a tenth of the time
            packed = socket.inet_pton(socket.AF_INET, address)
        except (OSError, ValueError):
            parsed = parse_address(address)
            if parsed is None or parsed.is_loopback:
                return address if parsed else ""
            return _cut(parsed, self.v4_bits, self.v6_bits)
        if packed[0] == _LOOPBACK:
            return address
        if self.v4_bits == _USUAL_V4_BITS:
            return address.rpartition(".")[0] + ".0"
        return _cut_v4(packed, self.v4_bits)

    def header(self, header: Sequence[bytes]) -> Sequence[bytes] | None:
        """The header as it may be shown; None where nothing of it is left."""
        name, value = header
        lowered = name.lower()
        if lowered == b"forwarded":
            text = self._forwarded(value.decode("latin-1"))
        elif lowered in ADDRESS_HEADERS:
            hops = (self.address(hop) for hop in entries_of(value))
            text = ", ".join(hop for hop in hops if hop)
        else:
            return header
        return (name, text.encode("latin-1")) if text else None

    def _forwarded(self, value: str) -> str:
        elements = (self._element(element) for element in parse_forwarded(value))
        return write_forwarded(element for element in elements if element)

    def _element(self, element: Mapping[str, str]) -> Mapping[str, str]:
        """The element with its two nodes shortened; empty where one of them is malformed."""
        shown = dict(element)
        for key in ("for", "by"):
            if key in shown:
                shown[key] = self._node(shown[key])
        return shown if all(shown.get(key, "-") for key in ("for", "by")) else {}

    def _node(self, text: str) -> str:
        node = parse_node(text)
        if node is None:
            return ""
        return write_node(self.address(node.name)) if node.is_address else node.name


def _cut(address: Address, v4_bits: int, v6_bits: int) -> str:
    if isinstance(address, IPv4Address):
        return _cut_v4(address.packed, v4_bits)
    if address in _6TO4:
        v6_bits = min(v6_bits, _6TO4.prefixlen + v4_bits)
    elif address in _NAT64:
        v6_bits = _NAT64.prefixlen + v4_bits
    return str(IPv6Address(_leading(int(address), v6_bits, 128)))


def _cut_v4(packed: bytes, bits: int) -> str:
    if bits % 8:
        packed = _leading(int.from_bytes(packed), bits, 32).to_bytes(4)
    else:
        packed = packed[: bits // 8].ljust(4, b"\0")
    return socket.inet_ntop(socket.AF_INET, packed)


def _leading(number: int, bits: int, width: int) -> int:
    return number >> (width - bits) << (width - bits)
