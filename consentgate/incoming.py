"""What a request says before the application sees it: of its visitor, and of what it asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache, partial
from typing import NamedTuple
from urllib.parse import unquote

from starlette.datastructures import Headers
from starlette.types import Scope

from consentgate.audiences import Audience, Audiences
from consentgate.caller import Caller, known_by_cookies, stranger
from consentgate.consent import set_cookie
from consentgate.ip import (
    NOBODY,
    TELLING,
    forwarded_scheme_and_host,
    visitor_address,
)
from consentgate.model import Signal
from consentgate.response import Request
from consentgate.response.codings import readable_encodings
from consentgate.response.variants import NEVER_DOCUMENTS
from consentgate.shortening import anonymise
from consentgate.signals import sent_signals
from consentgate.sites import host_of
from consentgate.wiring import Place, Visited, Wiring

Header = tuple[bytes, bytes]

_PLACES_KEPT = 1024
_STRANGERS_KEPT = 1024
_LONGEST = 512
# It comes with what is loaded for a service worker ahead of it.
_PRELOADS = b"service-worker-navigation-preload"
_ORDINARY = frozenset(
    {
        b"accept", b"accept-encoding", b"accept-language", b"cache-control", b"connection",
        b"dnt", b"host", b"pragma", b"priority", b"referer", b"save-data", b"sec-ch-ua",
        b"sec-ch-ua-mobile", b"sec-ch-ua-platform", b"sec-fetch-dest", b"sec-fetch-mode",
        b"sec-fetch-site", b"sec-fetch-user", b"sec-gpc", b"sec-purpose", b"te",
        b"upgrade-insecure-requests", b"user-agent",
    }
)  # fmt: skip
"""What browsers send with any page that is visited for the first time, in lower case.

Where nothing else comes it is known who asks, and where: there is no cookie, and nothing that a
proxy says.
"""


class Standing(NamedTuple):
    """An audience, and how the application is asked on its behalf.

    ``narrows``: among the codings of ``Accept-Encoding`` are some that the gate cannot read.
    """

    audience: Audience
    request: Request
    narrows: bool


class Incoming(NamedTuple):
    """One request, read once: who asks, and how.

    ``raw_path`` and ``query`` stand as they were sent, ``path`` is percent-decoded. ``told`` has
    the headers by their names, of several with one name the first, and none with an address;
    ``raw`` has them all, and shortened addresses once the scope has. ``network`` is the visitor's
    address without its last bits, read only where it may be recorded. ``plain``: it says nothing
    that only some requests say, neither who asks nor what is there already nor that a part is
    enough; ``tells_address``: some header may hold an address.
    """

    caller: Caller
    standing: Standing
    method: str
    path: str
    raw_path: bytes
    query: bytes
    told: Mapping[bytes, bytes]
    raw: list[Header]
    network: str
    plain: bool
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

    def __init__(self, wiring: Wiring, audiences: Audiences) -> None:
        self._wiring = wiring
        self._audiences = audiences
        self._mount = wiring.mount
        self._trusted = wiring.trusted
        self._honoured = wiring.config.honoured_signals
        self._plain = lru_cache(_STRANGERS_KEPT)(self._plain_stranger)
        self._strangers = lru_cache(_STRANGERS_KEPT)(partial(stranger, wiring))
        self._standings = lru_cache(_STRANGERS_KEPT)(_standing)

    def read(self, scope: Scope, *, now: float) -> Incoming:
        """Read one request; its headers are a list with names in lower case afterwards."""
        raw, method, path = scope["headers"], scope.get("method", "GET"), scope["path"]
        if not isinstance(raw, list):
            raw = scope["headers"] = list(raw)
        told = dict(raw)
        host, dest = told.get(b"host", b""), told.get(b"sec-fetch-dest", b"")
        accepts, codings = told.get(b"accept-language", b""), told.get(b"accept-encoding", b"")
        short = len(host) + len(accepts) + len(codings) + len(dest) <= _LONGEST
        usual = len(told) == len(raw) and _ORDINARY.issuperset(told)
        plain = usual and short and method == "GET"
        tells_address = False
        if plain:
            gpc, dnt = told.get(b"sec-gpc") == b"1", told.get(b"dnt") == b"1"
            scheme = scope.get("scheme", "http")
            caller, standing = self._plain(scheme, host, gpc, dnt, accepts, codings, dest)
        else:
            raw, told = _lowered(scope)
            caller = self._caller(scope, raw, told, now)
            standing = self._standing_of(caller, method, raw, told)
            tells_address = not TELLING.isdisjoint(told)
            if tells_address:  # in the scope they are shortened, and here they are not needed
                told = {name: value for name, value in told.items() if name not in TELLING}
        recorded = caller.given is not caller.held or path.startswith(self._mount)
        return Incoming(
            caller,
            standing,
            method,
            path,
            scope.get("raw_path") or b"",
            scope.get("query_string") or b"",
            told,
            raw,
            _network(scope, self._wiring) if recorded else "",
            plain,
            tells_address,
        )

    def _plain_stranger(
        self,
        scheme: str,
        host: bytes,
        gpc: bool,
        dnt: bool,
        accepts: bytes,
        codings: bytes,
        dest: bytes,
    ) -> tuple[Caller, Standing]:
        """Somebody of whom nothing else is known, and how a page is asked for on their behalf."""
        sent = {signal for signal, is_sent in ((Signal.GPC, gpc), (Signal.DNT, dnt)) if is_sent}
        caller = self._strangers(_direct_place(scheme, host), self._honoured & sent)
        return caller, _standing(self._audiences.of(caller, accepts), "GET", codings, dest)

    def _caller(
        self, scope: Scope, raw: list[Header], told: Mapping[bytes, bytes], now: float
    ) -> Caller:
        client, host = scope.get("client"), told.get(b"host", b"")
        direct = len(told) == len(raw) and (client[0] if client else "") not in self._trusted
        place = (
            _direct_place(scope.get("scheme", "http"), host)
            if direct and len(host) <= _LONGEST
            else _split(*forwarded_scheme_and_host(scope, self._trusted))
        )
        signals = sent_signals(raw, told) & self._honoured
        if b"cookie" not in told:
            return self._strangers(place, signals)
        path = unquote((scope.get("raw_path") or b"").partition(b"?")[0].decode("latin-1"))
        cookies = told[b"cookie"] if len(told) == len(raw) else _cookie_header(raw)
        return known_by_cookies(
            self._wiring, place, signals, cookies, path or scope["path"], now=now
        )

    def _standing_of(
        self, caller: Caller, method: str, raw: list[Header], told: Mapping[bytes, bytes]
    ) -> Standing:
        audience = self._audiences.of(caller, told.get(b"accept-language", b""))
        codings = told.get(b"accept-encoding", b"")
        if len(told) != len(raw):
            codings = b", ".join([value for name, value in raw if name == b"accept-encoding"])
        dest = told.get(b"sec-fetch-dest", b"")
        if not dest and told.get(b"service-worker") == b"script":
            dest = b"serviceworker"  # older browsers say it so (Service Workers, "Update")
        short = len(method) + len(codings) + len(dest) <= _LONGEST
        return (self._standings if short else _standing)(
            audience, method, codings, dest, b"authorization" in told, _PRELOADS in told
        )


def _standing(
    audience: Audience,
    method: str,
    accept_encoding: bytes,
    fetch_dest: bytes,
    authorised: bool = False,
    preloads: bool = False,
) -> Standing:
    dest = fetch_dest.decode("latin-1").lower()
    fetched = method in {"GET", "HEAD"} and (dest == "empty" or preloads)
    request = Request(audience.variant, method, dest, authorised, fetched)
    if dest in NEVER_DOCUMENTS or not accept_encoding:
        return Standing(audience, request, narrows=False)
    return Standing(audience, request, readable_encodings(accept_encoding) != accept_encoding)


@lru_cache(maxsize=_PLACES_KEPT)
def _direct_place(scheme: str, host: bytes) -> Place:
    """Where the visitor is, for a request that came without a proxy of ours."""
    scope = {"scheme": scheme, "headers": [(b"host", host)]}
    return _split(*forwarded_scheme_and_host(scope, NOBODY))


def _lowered(scope: Scope) -> tuple[list[Header], dict[bytes, bytes]]:
    """The headers as ASGI wants them, in the scope too, and the first of each name.

    What is asked for by its name must not hide behind a capital letter.
    """
    raw: list[Header] = scope["headers"]
    told = dict(reversed(raw))
    if not b"".join(told).islower():
        raw = scope["headers"] = [(name.lower(), value) for name, value in raw]
        told = dict(reversed(raw))
    return raw, told


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
