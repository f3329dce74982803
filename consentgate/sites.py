"""Whose address is it: registrable domains, first party, and where a URL in a page leads.

Site = registrable domain (public suffix list). URLs are read as a browser reads them
(WHATWG URL, basic URL parser), as far as the host is concerned, and where in doubt as
leaving the site: the cost of a wrong "third party" is a blocked image, the cost of a wrong
"first party" is a leak.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from publicsuffixlist import PublicSuffixList

_SUFFIXES = PublicSuffixList()
_STRIPPED = "".join(map(chr, range(0x21)))
_TAB_OR_NEWLINE = re.compile(r"[\t\n\r]+")
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.\-]*:")
_SLASHES = re.compile(r"[/\\]+")
_AUTHORITY = re.compile(r"[^/\\?#]*")
_LONGEST_HOST = 253  # no longer name can be looked up
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_\-]{0,61}[a-z0-9_])?")
_NO_HOST = "too-long.invalid"
# The older IDNA, which Python speaks, writes these as others: straße.de would be strasse.de.
_DEVIATIONS = re.compile("[\u00df\u03c2\u200c\u200d]")
_WEB_SCHEMES = frozenset({"http", "https", "ws", "wss", "ftp"})


class Url(NamedTuple):
    """Where a reference leads. ``host`` is lower case without port; ``path`` starts with ``/``."""

    scheme: str
    host: str
    path: str
    query: str = ""


@lru_cache(maxsize=4096)
def registrable_domain(host: str) -> str:
    """The site that a host belongs to: ``www.shop.example.com`` → ``example.com``.

    An IP address, ``localhost`` and a bare public suffix are sites of their own.
    """
    if is_ip_literal(host):
        return host
    return _SUFFIXES.privatesuffix(host) or host


def is_public_suffix(domain: str) -> bool:
    """Whether strangers own the names below a domain (``co.uk``, ``run.app``, ``localhost``)."""
    below = f"x.{domain}"
    return registrable_domain(below) == below


def is_ip_literal(host: str) -> bool:
    """Whether a host is an IPv4 address or a bracketed IPv6 address."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def is_host_name(host: str) -> bool:
    """Whether a host in lower case can be looked up: labels as they are in use, underscores too.

    Source: RFC 1035, section 2.3.4; RFC 2181, section 11.
    """
    return len(host) <= _LONGEST_HOST and all(map(_LABEL.fullmatch, host.split(".")))


def host_of(authority: str) -> str:
    """The host of ``user@host:port`` as browsers compare it: lower case, IDNA, no final dot.

    One that is too long to exist gives ``too-long.invalid``: what follows reads it label by label.
    """
    host = authority.rpartition("@")[2]
    if host.startswith("["):
        host = host.partition("]")[0].lower() + "]"
    else:
        host = host.partition(":")[0].rstrip(".").lower()
    if len(host) > _LONGEST_HOST:
        return _NO_HOST
    host = host if host.isascii() else _to_ascii(host).rstrip(".")
    return host if len(host) <= _LONGEST_HOST else _NO_HOST


def _to_ascii(host: str) -> str:
    try:
        return ".".join(map(_label_to_ascii, re.split("[.\u3002\uff0e\uff61]", host)))
    except UnicodeError:
        return host


def _label_to_ascii(label: str) -> str:
    if _DEVIATIONS.search(label):
        folded = unicodedata.normalize("NFKC", label).lower()
        return "xn--" + folded.encode("punycode").decode("ascii")
    return label.encode("idna").decode("ascii")


def as_parsed(reference: str) -> str:
    """A URL reference without what every parser passes over (URL, section 4.4).

    These are control characters and spaces around it, and tabs and newlines anywhere.
    """
    text = reference.strip(_STRIPPED)
    return text if text.isprintable() else _TAB_OR_NEWLINE.sub("", text)


def outgoing_url(reference: str, scheme: str = "https") -> Url | None:
    """Where a URL reference leads if it names a host itself; None for a relative one.

    ``scheme`` is the scheme of the page. ``data:``, ``blob:``, ``about:``, ``javascript:`` and
    other schemes that reach no host give None. ``https:host`` and ``https:/host``, which a
    browser reads as relative under some base URLs, count as naming a host.
    """
    text = as_parsed(reference)
    named = _SCHEME.match(text)
    if named:
        scheme, rest = named[0][:-1].lower(), text[named.end() :]
        if scheme not in _WEB_SCHEMES:
            return None
        start = slashes.end() if (slashes := _SLASHES.match(rest)) else 0
    else:
        rest = text
        slashes = _SLASHES.match(rest)
        if slashes is None or len(slashes[0]) < 2:  # noqa: PLR2004  two slashes name a host
            return None
        start = slashes.end()
    authority = _AUTHORITY.match(rest, start)
    assert authority is not None  # noqa: S101  the pattern matches the empty string too
    path, _, query = rest[authority.end() :].partition("#")[0].partition("?")
    return Url(scheme, host_of(authority[0]), path.replace("\\", "/") or "/", query)


@dataclass(frozen=True, slots=True)
class FirstParty:
    """The hosts that belong to the visited site; ``host in first_party`` asks.

    ``host`` is the request's own; ``own_hosts`` the configured ones (exact or ``*.d``).
    """

    host: str
    own_hosts: frozenset[str] = frozenset()

    @property
    def domain(self) -> str:
        """The registrable domain of the site."""
        return registrable_domain(self.host)

    def __contains__(self, host: str) -> bool:
        if host == self.host or registrable_domain(host) == self.domain:
            return True
        return bool(self.own_hosts) and host_matches(host, self.own_hosts)


def host_matches(host: str, patterns: frozenset[str]) -> bool:
    """Whether a host is named by one of the patterns: itself, or ``*.d`` for d and below."""
    if host in patterns:
        return True
    labels = host.split(".")
    return any("*." + ".".join(labels[i:]) in patterns for i in range(len(labels)))
