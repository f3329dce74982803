"""One page for one visitor: what the application is asked, and how its answer is gated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version

from starlette.types import Scope

from consentgate.consent import NOTE_COOKIE, ONCE_COOKIE
from consentgate.fitting import PageFitting
from consentgate.gate.cookies import expiring_headers, without_cookies
from consentgate.incoming import Incoming
from consentgate.pages import Pages
from consentgate.response import Plan, Rendering
from consentgate.response.codings import readable_encodings
from consentgate.response.variants import (
    CONDITIONS,
    Header,
    conditional_request,
    navigates,
    variant_key,
)

_VERSION = version("consentgate")
_NOTHING: frozenset[str] = frozenset()
_CONDITIONAL = CONDITIONS | {b"range"}


class Page:
    """A request of the application's own, with the consent that it came with."""

    def __init__(self, incoming: Incoming, pages: Pages, heard: tuple[bytes, ...] = ()) -> None:
        self._incoming = incoming
        self.pages = pages
        self._heard = heard
        self._standing = pages.standing(incoming)

    def narrow(self, scope: Scope) -> Plan:
        """Take from the request, in place, what the application must not see or cannot use.

        Cookies of services without consent go, and so do ours; ``request.state.consent`` comes.
        Gives the plan for the answer.
        """
        incoming, told = self._incoming, self._incoming.told
        scope.setdefault("state", {})["consent"] = incoming.caller.consent
        refused = self._narrow_cookies(scope) if b"cookie" in told else ()
        codings = self._standing.codings
        if codings is not None and (
            codings != told[b"accept-encoding"] or len(told) != len(incoming.raw)
        ):
            _narrow_encodings(scope)
        conditional = not _CONDITIONAL.isdisjoint(told)
        return Plan(
            self._standing.request,
            self._fit,
            self._key,
            (incoming.raw_path, incoming.path, incoming.query, incoming.method == "GET"),
            self._narrow_conditions(scope) if conditional else _NOTHING,
            (*self._heard, *refused),
            tuple(self._used_up()) if incoming.caller.cookies else (),
        )

    def _narrow_cookies(self, scope: Scope) -> tuple[bytes, ...]:
        """Take out what the application must not see; gives what expires the refused cookies.

        Of several headers one is left: the application may well read the first alone.
        """
        incoming, caller = self._incoming, self._incoming.caller
        hidden = self.pages.hidden(self._standing.audience, caller)
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
        whose = (True,) if self._standing.request.fetched else (False, True)
        asked = conditional_request(
            scope["headers"],
            [self._key(everybody=everybody) for everybody in whose],
            navigates=navigates(incoming.fetch_dest, incoming.headers.get("accept", "")),
        )
        scope["headers"] = asked.headers
        return asked.ours

    def _fit(self, rendering: Rendering, nonce: str, page_lang: Callable[[], str]) -> PageFitting:
        incoming, wiring = self._incoming, self.pages.wiring
        audience, consent = self._standing.audience, incoming.caller.consent
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

    def _key(self, *, everybody: bool) -> str:
        """Names in entity tags all that the rendering of a page depends on but its address."""
        wiring, caller = self.pages.wiring, self._incoming.caller
        origin, consent = caller.place.origin, caller.consent
        digest, debug = wiring.config.digest, str(wiring.debug)
        if everybody:
            return variant_key(_VERSION, digest, origin, debug, "for everybody")
        return variant_key(
            _VERSION,
            digest,
            origin,
            debug,
            self._standing.audience.lang,
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
