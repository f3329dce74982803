"""What a request says of its visitor: address, consent, one-page grant, signals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import unquote

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import Scope

from consentgate.consent import NOTE_COOKIE, ONCE_COOKIE, cookie_names, set_cookie
from consentgate.gate.cookie_names import cookie_pairs
from consentgate.ip import anonymise, forwarded_scheme_and_host, visitor_address
from consentgate.model import Consent, Signal
from consentgate.opt_out import opted_out, without_opted_out
from consentgate.placement import Placement
from consentgate.signals import after_signals, sent_signals
from consentgate.sites import host_of
from consentgate.wiring import Visited, Wiring


@dataclass(frozen=True, slots=True)
class Incoming:
    """One request, read once.

    ``held`` is what the cookie says; ``given`` what of it a signal of the browser leaves, with what
    is granted for this page, and ``state`` how the readable cookie tells it; ``consent`` is what
    counts of that, which is less where something was opted out of. ``signals`` are those sent that
    this site honours. ``network`` is the visitor's address without its last bits; ``secure``: the
    visitor is known to be on https. ``placement`` is where the consent cookies stand,
    ``misplaced`` what expires those that stand elsewhere.
    """

    method: str
    visited: Visited
    headers: Headers
    cookies: Mapping[str, str]
    given: Consent
    state: str
    consent: Consent
    held: Consent
    signals: frozenset[Signal]
    network: str
    secure: bool
    placement: Placement
    misplaced: tuple[bytes, ...] = ()

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
        return self.headers.get("sec-fetch-dest", "").lower()

    @property
    def gpc(self) -> bool:
        """Whether the browser sends Global Privacy Control (``Sec-GPC: 1``)."""
        return Signal.GPC in sent_signals(self.headers)

    def hearing(self, signal: Signal, wiring: Wiring) -> Incoming:
        """The same request, had it been sent with this signal too."""
        signals = self.signals | ({signal} & wiring.config.honoured_signals)
        left = after_signals(self.held, signals, wiring.config, wiring.cookie)
        given = replace(left, once=self.given.once)
        consent = without_opted_out(given, wiring.config.services, self.consent.opted_out)
        state = wiring.cookie.state(given) if given.decided else ""
        return replace(self, signals=signals, given=given, state=state, consent=consent)

    def passing_cookie(self, name: str, value: str, *, seconds: int) -> bytes:
        """A cookie that the next page spends; with 0 seconds the one that takes it back."""
        return set_cookie(name, value, secure=self.secure, max_age=seconds, http_only=True)


def read_incoming(scope: Scope, wiring: Wiring, *, now: float) -> Incoming:
    """Read a request before the application sees it; never raises for what it may hold."""
    headers = Headers(scope=scope)
    scheme, authority = forwarded_scheme_and_host(scope, wiring.trusted)
    visited = Visited(
        scheme=scheme,
        host=host_of(authority),
        port=_port_of(authority),
        path=scope["path"],
        query=scope.get("query_string", b"").decode("latin-1"),
        raw_path=(scope.get("raw_path") or b"").partition(b"?")[0].decode("latin-1"),
    )
    cookies = cookie_parser("; ".join(headers.getlist("cookie")))
    secure = visited.scheme == "https" or bool(wiring.config.site.https)
    placement = Placement(visited.host, secure, wiring.shared_domain(visited.host))
    sent = list(_sent_cookies(headers))
    held = _read_consent(sent, wiring, placement, now=now)
    signals = sent_signals(headers) & wiring.config.honoured_signals
    given = after_signals(held, signals, wiring.config, wiring.cookie)
    state = wiring.cookie.state(given) if given.decided else ""
    once = wiring.grants.open(cookies.get(ONCE_COOKIE, ""), now=now) or {}
    if once.get("path") == (unquote(visited.raw_path) or visited.path) and once.get("service"):
        given = replace(given, once=frozenset({once["service"]}))
    services = wiring.config.services
    return Incoming(
        method=scope.get("method", "GET"),
        visited=visited,
        headers=headers,
        cookies=cookies,
        given=given,
        state=state,
        consent=without_opted_out(given, services, opted_out(services, cookies)),
        held=held,
        signals=signals,
        network=_network(scope, wiring),
        secure=secure,
        placement=placement,
        misplaced=_misplaced(sent, wiring, placement, held),
    )


def _network(scope: Scope, wiring: Wiring) -> str:
    keep = wiring.config.ip.keep_bits
    address = visitor_address(scope, wiring.trusted)
    return anonymise(address, v4_bits=keep.v4, v6_bits=keep.v6)


def _sent_cookies(headers: Headers) -> Iterator[tuple[str, str]]:
    """Every cookie of the request, a name as often as it was sent."""
    for header in headers.getlist("cookie"):
        for name, piece in cookie_pairs(header.encode("latin-1")):
            yield name, piece.partition(b"=")[2].strip(b" \t").decode("latin-1")


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


def _port_of(authority: str) -> str:
    port = authority.rpartition("]")[2].rpartition(":")[2] if ":" in authority else ""
    return port if port.isdecimal() else ""
