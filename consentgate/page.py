"""One page for one visitor: what the application is asked, and how its answer is gated."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from importlib.metadata import version

from starlette.types import Scope

from consentgate.consent import NOTE_COOKIE, ONCE_COOKIE
from consentgate.fitting import PageFitting
from consentgate.gate.cookies import expiring_headers, without_cookies
from consentgate.incoming import Incoming
from consentgate.pages import Pages
from consentgate.response import Rendering
from consentgate.response.codings import readable_encodings
from consentgate.response.ranges import asks_in_part, without_ranges
from consentgate.response.variants import (
    CONDITIONS,
    RANGES,
    Header,
    conditional_request,
    navigates,
    variant_key,
)

_VERSION = version("consentgate")
_CONDITIONAL = CONDITIONS | RANGES


class Page:
    """A request of the application's own: what is taken from it, and the plan for its answer.

    ``heard`` are the cookies that follow from what the browser says of itself.
    """

    revalidates: frozenset[str] = frozenset()
    document_headers: tuple[Header, ...] = ()

    def __init__(self, incoming: Incoming, pages: Pages, heard: tuple[bytes, ...] = ()) -> None:
        self._incoming = incoming
        self._pages = pages
        self.request = incoming.standing.request
        get = incoming.method == "GET"
        self.address: Hashable = (incoming.raw_path, incoming.path, incoming.query, get)
        self.refused_cookies = heard

    def narrow(self, scope: Scope) -> None:
        """Take from the request, in place, what the application must not see or cannot use.

        Cookies of services without consent go, and so do ours; ``request.state.consent`` comes.
        """
        incoming = self._incoming
        scope.setdefault("state", {})["consent"] = incoming.caller.consent
        if incoming.standing.narrows:
            _narrow_encodings(scope)
        if incoming.plain:
            return
        if b"cookie" in incoming.told:
            self.refused_cookies += self._narrow_cookies(scope)
            self.document_headers = tuple(self._used_up())
        if not _CONDITIONAL.isdisjoint(incoming.told):
            self.revalidates = self._narrow_conditions(scope)

    def _narrow_cookies(self, scope: Scope) -> tuple[bytes, ...]:
        """Take out what the application must not see; gives what expires the refused cookies.

        Of several headers one is left: the application may well read the first alone.
        """
        incoming, caller = self._incoming, self._incoming.caller
        hidden = self._pages.audiences.hidden(incoming.standing.audience, caller)
        kept = without_cookies(caller.sent, hidden)
        headers = [header for header in scope["headers"] if header[0] != b"cookie"]
        scope["headers"] = [*headers, (b"cookie", kept)] if kept else headers
        if not hidden.refused:
            return ()
        host, secure = caller.place.host, caller.secure
        return tuple(expiring_headers(hidden.refused, host, path=incoming.path, secure=secure))

    def _narrow_conditions(self, scope: Scope) -> frozenset[str]:
        """Translate the validators; gives the keys of our variants among them."""
        incoming = self._incoming
        whose = (True,) if self.request.fetched else (False, True)
        asked = conditional_request(
            scope["headers"],
            [self.key(everybody=everybody) for everybody in whose],
            method=incoming.method,
            navigates=navigates(incoming.fetch_dest, incoming.headers.get("accept", "")),
        )
        part = asks_in_part(asked.headers, method=incoming.method, fetch_dest=incoming.fetch_dest)
        scope["headers"] = asked.headers if part else without_ranges(asked.headers)
        return asked.ours

    def fit(self, rendering: Rendering, nonce: str, page_lang: Callable[[], str]) -> PageFitting:
        """The decisions for a page of this request, and the banner in it."""
        incoming, wiring = self._incoming, self._pages.wiring
        audience, consent = self._incoming.standing.audience, incoming.caller.consent
        shared = rendering is audience.variant.shared
        back = incoming.visited.target if shared or incoming.method == "GET" else ""
        base = audience.shared_visit if shared else audience.visit
        visit = replace(base, back=back, nonce=nonce)
        return PageFitting(wiring, rendering.access, visit, consent, page_lang)

    def _used_up(self) -> list[Header]:
        """Take back the notice and the one-page grant that this page spends."""
        incoming = self._incoming
        cookies = incoming.caller.cookies
        spent = [name for name in (NOTE_COOKIE, ONCE_COOKIE) if name in cookies]
        if ONCE_COOKIE in spent and not incoming.caller.consent.once:
            spent.remove(ONCE_COOKIE)
        return [(b"set-cookie", incoming.passing_cookie(name, "", seconds=0)) for name in spent]

    def key(self, *, everybody: bool) -> str:
        """Names in entity tags all that the rendering of a page depends on but its address."""
        wiring, caller = self._pages.wiring, self._incoming.caller
        origin, consent = caller.place.origin, caller.consent
        digest, debug = wiring.config.digest, str(wiring.debug)
        if everybody:
            return variant_key(_VERSION, digest, origin, debug, "for everybody")
        return variant_key(
            _VERSION,
            digest,
            origin,
            debug,
            self._incoming.standing.audience.lang,
            f"{consent.decided} {consent.decided_at} {consent.subject}",
            ",".join(sorted(consent.allowed)),
            ",".join(sorted(consent.once)),
            ",".join(sorted(consent.opted_out)),
            caller.note,
            ",".join(sorted(caller.signals)),
        )


def _narrow_encodings(scope: Scope) -> None:
    """Ask the application for what the gate can read."""
    headers: list[Header] = scope["headers"]
    listed = b", ".join([value for name, value in headers if name == b"accept-encoding"])
    kept = [header for header in headers if header[0] != b"accept-encoding"]
    scope["headers"] = [*kept, (b"accept-encoding", readable_encodings(listed))]
