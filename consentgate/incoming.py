"""What a request says of its visitor: address, consent, one-page grant, signals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import unquote

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import Scope

from consentgate.consent import NOTE_COOKIE, ONCE_COOKIE, cookie_names, set_cookie
from consentgate.ip import anonymise, forwarded_scheme_and_host, visitor_address
from consentgate.model import Consent
from consentgate.opt_out import opted_out, without_opted_out
from consentgate.sites import host_of
from consentgate.wiring import Visited, Wiring


@dataclass(frozen=True, slots=True)
class Incoming:
    """One request, read once.

    ``network`` is the visitor's address without its last bits; ``secure``: the visitor is known
    to be on https. ``given`` is what the visitor agreed to, and ``state`` how the readable cookie
    tells it; ``consent`` is what counts of it, which is less where something was opted out of.
    """

    method: str
    visited: Visited
    headers: Headers
    cookies: Mapping[str, str]
    given: Consent
    state: str
    consent: Consent
    network: str
    secure: bool

    @property
    def note(self) -> str:
        """Which confirmation is due on the next page; empty for none."""
        return self.cookies.get(NOTE_COOKIE, "")

    @property
    def fetch_dest(self) -> str:
        """``Sec-Fetch-Dest`` in lower case, empty where the browser sends none."""
        return self.headers.get("sec-fetch-dest", "").lower()

    @property
    def gpc(self) -> bool:
        """Whether the browser sends Global Privacy Control (``Sec-GPC: 1``)."""
        return self.headers.get("sec-gpc") == "1"

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
    given = _read_consent(cookies, wiring, secure=secure, now=now)
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
        network=_network(scope, wiring),
        secure=secure,
    )


def _network(scope: Scope, wiring: Wiring) -> str:
    keep = wiring.config.ip.keep_bits
    address = visitor_address(scope, wiring.trusted)
    return anonymise(address, v4_bits=keep.v4, v6_bits=keep.v6)


def _read_consent(
    cookies: Mapping[str, str], wiring: Wiring, *, secure: bool, now: float
) -> Consent:
    """Over https only the prefixed cookie counts: a script or a subdomain cannot set it."""
    shared = bool(wiring.config.site.share_consent)
    prefixed, _ = cookie_names(secure=True, shared=shared)
    plain, _ = cookie_names(secure=False, shared=shared)
    value = cookies.get(prefixed)
    if value is None and not secure:
        value = cookies.get(plain)
    return wiring.cookie.read(value, now=now)


def _port_of(authority: str) -> str:
    port = authority.rpartition("]")[2].rpartition(":")[2] if ":" in authority else ""
    return port if port.isdecimal() else ""
