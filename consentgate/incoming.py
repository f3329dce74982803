"""What a request says of its visitor: address, consent, one-page grant, signals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import unquote

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import Scope

from consentgate.consent import NOTE_COOKIE, ONCE_COOKIE, cookie_names, set_cookie
from consentgate.gate.cookie_names import cookie_pairs
from consentgate.ip import (
    TELLING,
    TrustedProxies,
    anonymise,
    forwarded_scheme_and_host,
    visitor_address,
)
from consentgate.model import Consent, Signal
from consentgate.opt_out import opted_out, without_opted_out
from consentgate.placement import Placement
from consentgate.signals import after_signals, sent_signals
from consentgate.sites import host_of
from consentgate.wiring import Visited, Wiring

Header = tuple[bytes, bytes]

_NO_COOKIES: Mapping[str, str] = MappingProxyType({})
_NOBODY = TrustedProxies()
_PLACES_KEPT = 1024
_LONGEST_HOST = 260  # with its port


class Incoming(NamedTuple):
    """One request, read once.

    ``held`` is what the cookie says; ``given`` what of it a signal of the browser leaves, with what
    is granted for this page, and ``state`` how the readable cookie tells it; ``consent`` is what
    counts of that, which is less where something was opted out of. ``signals`` are those sent that
    this site honours. ``network`` is the visitor's address without its last bits, read only where
    it may be recorded; ``secure``: the visitor is known to be on https. ``placement`` is where the
    consent cookies stand, ``misplaced`` what expires those that stand elsewhere. ``told`` has the
    headers by their names, of several with one name the first, and none with an address; ``raw``
    has them all, and shortened addresses once the scope has.
    """

    method: str
    visited: Visited
    cookies: Mapping[str, str]
    given: Consent
    state: str
    consent: Consent
    held: Consent
    signals: frozenset[Signal]
    network: str
    secure: bool
    placement: Placement
    told: Mapping[bytes, bytes]
    raw: list[Header]
    misplaced: tuple[bytes, ...] = ()

    @property
    def headers(self) -> Headers:
        """The headers as text."""
        return Headers(raw=list(self.raw))

    @property
    def cookie_header(self) -> bytes:
        """All cookies that were sent, as one header has them."""
        return _cookie_header(self.raw)

    @property
    def note(self) -> str:
        """Which confirmation is due on the next page; empty for none."""
        return "signal" if self.overridden else self.cookies.get(NOTE_COOKIE, "")

    @property
    def overridden(self) -> bool:
        """Whether a signal has taken back something that the cookie still allows."""
        return self.held.allowed != self.given.allowed

    @property
    def fetch_dest(self) -> str:
        """``Sec-Fetch-Dest`` in lower case, empty where the browser sends none."""
        return self.told.get(b"sec-fetch-dest", b"").decode("latin-1").lower()

    @property
    def gpc(self) -> bool:
        """Whether the browser sends Global Privacy Control (``Sec-GPC: 1``)."""
        return Signal.GPC in sent_signals(self.raw, self.told)

    def hearing(self, signal: Signal, wiring: Wiring) -> Incoming:
        """The same request, had it been sent with this signal too."""
        signals = self.signals | ({signal} & wiring.config.honoured_signals)
        left = after_signals(self.held, signals, wiring.config, wiring.cookie)
        given = replace(left, once=self.given.once)
        consent = without_opted_out(given, wiring.config.services, self.consent.opted_out)
        state = wiring.cookie.state(given) if given.decided else ""
        return self._replace(signals=signals, given=given, state=state, consent=consent)

    def passing_cookie(self, name: str, value: str, *, seconds: int) -> bytes:
        """A cookie that the next page spends; with 0 seconds the one that takes it back."""
        return set_cookie(name, value, secure=self.secure, max_age=seconds, http_only=True)


def read_incoming(scope: Scope, wiring: Wiring, *, now: float) -> Incoming:
    """Read a request before the application sees it; never raises for what it may hold."""
    raw = scope["headers"]
    if not isinstance(raw, list):
        raw = scope["headers"] = list(raw)
    told = dict(reversed(raw))
    scheme, host, port = _place(scope, told, wiring)
    for name in TELLING.intersection(told):
        del told[name]  # in the scope they are shortened, and here they are not needed
    path, raw_path, query = scope["path"], scope.get("raw_path"), scope.get("query_string")
    visited = Visited(
        scheme,
        host,
        port,
        path,
        query.decode("latin-1") if query else "",
        raw_path.partition(b"?")[0].decode("latin-1") if raw_path else "",
    )
    secure = scheme == "https" or bool(wiring.config.site.https)
    placement = Placement(host, secure, wiring.shared_domain(host))
    signals = sent_signals(raw, told) & wiring.config.honoured_signals
    cookies, held = _NO_COOKIES, wiring.cookie.undecided
    misplaced: tuple[bytes, ...] = ()
    if b"cookie" in told:
        header = _cookie_header(raw)
        cookies = cookie_parser(header.decode("latin-1"))
        sent = [(name, _value_in(piece)) for name, piece in cookie_pairs(header)]
        held = _read_consent(sent, wiring, placement, now=now)
        misplaced = _misplaced(sent, wiring, placement, held)
    given = after_signals(held, signals, wiring.config, wiring.cookie)
    state = wiring.cookie.state(given) if given.decided else ""
    given = _with_grant(given, cookies, visited, wiring, now=now)
    services = wiring.config.services
    consent = without_opted_out(given, services, opted_out(services, cookies)) if cookies else given
    recorded = path.startswith(wiring.mount) or given is not held
    return Incoming(
        method=scope.get("method", "GET"),
        visited=visited,
        cookies=cookies,
        given=given,
        state=state,
        consent=consent,
        held=held,
        signals=signals,
        network=_network(scope, wiring) if recorded else "",
        secure=secure,
        placement=placement,
        told=told,
        raw=raw,
        misplaced=misplaced,
    )


def _place(scope: Scope, told: Mapping[bytes, bytes], wiring: Wiring) -> tuple[str, str, str]:
    """Scheme, host and port of the visitor's URL."""
    client, host = scope.get("client"), told.get(b"host")
    peer = (client[0] or "") if client else ""
    unique = len(told) == len(scope["headers"])
    if not unique or host is None or len(host) > _LONGEST_HOST or peer in wiring.trusted:
        return _split(*forwarded_scheme_and_host(scope, wiring.trusted))
    return _remembered_place(scope.get("scheme", "http"), host)


@lru_cache(maxsize=_PLACES_KEPT)
def _remembered_place(scheme: str, host: bytes) -> tuple[str, str, str]:
    """The same, for a request that came without a proxy of ours."""
    scope = {"scheme": scheme, "headers": [(b"host", host)]}
    return _split(*forwarded_scheme_and_host(scope, _NOBODY))


def _split(scheme: str, authority: str) -> tuple[str, str, str]:
    port = authority.rpartition("]")[2].rpartition(":")[2] if ":" in authority else ""
    return scheme, host_of(authority), port if port.isdecimal() else ""


def _with_grant(
    consent: Consent, cookies: Mapping[str, str], visited: Visited, wiring: Wiring, *, now: float
) -> Consent:
    """With the service that was granted for this one page, if one was."""
    if ONCE_COOKIE not in cookies:
        return consent
    once = wiring.grants.open(cookies[ONCE_COOKIE], now=now) or {}
    if once.get("path") == (unquote(visited.raw_path) or visited.path) and once.get("service"):
        return replace(consent, once=frozenset({once["service"]}))
    return consent


def _network(scope: Scope, wiring: Wiring) -> str:
    keep = wiring.config.ip.keep_bits
    address = visitor_address(scope, wiring.trusted)
    return anonymise(address, v4_bits=keep.v4, v6_bits=keep.v6)


def _cookie_header(raw: Iterable[Header]) -> bytes:
    """All cookies in one header: HTTP/2 lets a browser send several (RFC 9113, section 8.2.3)."""
    return b"; ".join([value for name, value in raw if name == b"cookie"])


def _value_in(pair: bytes) -> str:
    return pair.partition(b"=")[2].strip(b" \t").decode("latin-1")


def _read_consent(
    sent: Iterable[tuple[str, str]], wiring: Wiring, placement: Placement, *, now: float
) -> Consent:
    """Over https only the prefixed cookie counts: a script or a subdomain cannot set it.

    Of several with one name, as they stand on two domains after the sharing was switched on or
    off, the one that fits counts.
    """
    good, _ = cookie_names(secure=True, shared=placement.shared)
    names = {good} if placement.secure else {good, *placement.names[:1]}
    for name, value in sorted(sent, key=lambda pair: pair[0] != good):
        if name in names:
            consent = wiring.cookie.read(value, now=now, shared=placement.shared)
            if consent.decided:
                return consent
    return wiring.cookie.undecided


def _misplaced(
    sent: Iterable[tuple[str, str]], wiring: Wiring, placement: Placement, held: Consent
) -> tuple[bytes, ...]:
    """What expires our cookies that stand on another domain than they should."""
    readable = placement.names[1]
    own = f"{wiring.config.revision}."
    stale = not held.decided and any(n == readable and v.startswith(own) for n, v in sent)
    names = [name for name, _ in sent]
    return tuple(placement.cleared(names, decided=held.decided, stale=stale))
