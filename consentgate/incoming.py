"""What a request says before the application sees it: of its visitor, and of what it asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from starlette.datastructures import Headers
from starlette.types import Scope

from consentgate.caller import Caller, known_by_cookies, stranger
from consentgate.consent import set_cookie
from consentgate.ip import (
    TELLING,
    TrustedProxies,
    forwarded_scheme_and_host,
    visitor_address,
)
from consentgate.model import Signal
from consentgate.shortening import anonymise
from consentgate.signals import sent_signals
from consentgate.sites import host_of
from consentgate.wiring import Place, Visited, Wiring

Header = tuple[bytes, bytes]

_NOBODY = TrustedProxies()
_PLACES_KEPT = 1024
_LONGEST_HOST = 260  # with its port


class Incoming(NamedTuple):
    """One request, read once.

    ``raw_path`` and ``query`` stand as they were sent, ``path`` is percent-decoded. ``told`` has
    the headers by their names, of several with one name the first, and none with an address;
    ``raw`` has them all, and shortened addresses once the scope has. ``network`` is the visitor's
    address without its last bits, read only where it may be recorded; ``tells_address``: some
    header may hold an address.
    """

    caller: Caller
    method: str
    path: str
    raw_path: bytes
    query: bytes
    told: Mapping[bytes, bytes]
    raw: list[Header]
    network: str
    tells_address: bool

    @property
    def visited(self) -> Visited:
        """The visitor's URL."""
        raw_path = self.raw_path.partition(b"?")[0].decode("latin-1")
        return Visited(self.caller.place, self.path, self.query.decode("latin-1"), raw_path)

    @property
    def headers(self) -> Headers:
        """The headers as text."""
        return Headers(raw=list(self.raw))

    @property
    def cookie_header(self) -> bytes:
        """All cookies that were sent, as one header has them."""
        return _cookie_header(self.raw)

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
        return self._replace(caller=self.caller.hearing(signal, wiring))

    def passing_cookie(self, name: str, value: str, *, seconds: int) -> bytes:
        """A cookie that the next page spends; with 0 seconds the one that takes it back."""
        secure = self.caller.secure
        return set_cookie(name, value, secure=secure, max_age=seconds, http_only=True)


class Reader:
    """Reads requests before the application sees them; never raises for what they may hold.

    What strangers have in common is worked out once: nothing that is remembered names a visitor.
    """

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._mount = wiring.mount
        self._trusted = wiring.trusted
        self._honoured = wiring.config.honoured_signals
        self._strangers = lru_cache(_PLACES_KEPT)(self._stranger)

    def read(self, scope: Scope, *, now: float) -> Incoming:
        """Read one request; its headers are a list with names in lower case afterwards."""
        raw = scope["headers"]
        told = dict(reversed(raw)) if isinstance(raw, list) else {}
        if not b"".join(told).islower():
            raw, told = _lowered(scope)
        client, host = scope.get("client"), told.get(b"host", b"")
        direct = (
            len(told) == len(raw)
            and len(host) <= _LONGEST_HOST
            and (client[0] if client else "") not in self._trusted
        )
        if direct and b"cookie" not in told:
            gpc, dnt = told.get(b"sec-gpc") == b"1", told.get(b"dnt") == b"1"
            caller = self._strangers(scope.get("scheme", "http"), host, gpc, dnt)
        else:
            caller = self._caller(scope, raw, told, direct, now)
        tells_address = not TELLING.isdisjoint(told)
        if tells_address:  # in the scope they are shortened, and here they are not needed
            told = {name: value for name, value in told.items() if name not in TELLING}
        path = scope["path"]
        recorded = path.startswith(self._mount) or caller.given is not caller.held
        return Incoming(
            caller,
            scope.get("method", "GET"),
            path,
            scope.get("raw_path") or b"",
            scope.get("query_string") or b"",
            told,
            raw,
            _network(scope, self._wiring) if recorded else "",
            tells_address,
        )

    def _caller(
        self, scope: Scope, raw: list[Header], told: Mapping[bytes, bytes], direct: bool, now: float
    ) -> Caller:
        place = (
            _direct_place(scope.get("scheme", "http"), told.get(b"host", b""))
            if direct
            else _split(*forwarded_scheme_and_host(scope, self._trusted))
        )
        signals = sent_signals(raw, told) & self._honoured
        if b"cookie" not in told:
            return stranger(self._wiring, place, signals)
        path = unquote((scope.get("raw_path") or b"").partition(b"?")[0].decode("latin-1"))
        cookies, path = _cookie_header(raw), path or scope["path"]
        return known_by_cookies(self._wiring, place, signals, cookies, path, now=now)

    def _stranger(self, scheme: str, host: bytes, gpc: bool, dnt: bool) -> Caller:
        sent = {signal for signal, is_sent in ((Signal.GPC, gpc), (Signal.DNT, dnt)) if is_sent}
        return stranger(self._wiring, _direct_place(scheme, host), self._honoured & sent)


@lru_cache(maxsize=_PLACES_KEPT)
def _direct_place(scheme: str, host: bytes) -> Place:
    """Where the visitor is, for a request that came without a proxy of ours."""
    scope = {"scheme": scheme, "headers": [(b"host", host)]}
    return _split(*forwarded_scheme_and_host(scope, _NOBODY))


def _lowered(scope: Scope) -> tuple[list[Header], dict[bytes, bytes]]:
    """The headers as ASGI wants them, in the scope too, and the first of each name.

    What is asked for by its name must not hide behind a capital letter.
    """
    raw = scope["headers"] = [(name.lower(), value) for name, value in scope["headers"]]
    return raw, dict(reversed(raw))


def _split(scheme: str, authority: str) -> Place:
    port = authority.rpartition("]")[2].rpartition(":")[2] if ":" in authority else ""
    return Place(scheme, host_of(authority), port if port.isdecimal() else "")


def _network(scope: Scope, wiring: Wiring) -> str:
    cut = wiring.shortening
    address = visitor_address(scope, wiring.trusted)
    return anonymise(address, v4_bits=cut.v4_bits, v6_bits=cut.v6_bits)


def _cookie_header(raw: Iterable[Header]) -> bytes:
    """All cookies in one header: HTTP/2 lets a browser send several (RFC 9113, section 8.2.3)."""
    return b"; ".join([value for name, value in raw if name == b"cookie"])
