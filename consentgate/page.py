"""One page for one visitor: what the application is asked, and how its answer is gated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.metadata import version

from starlette.types import Scope

from consentgate.banner import Visit
from consentgate.banner.notes import NOTES
from consentgate.consent import NOTE_COOKIE, ONCE_COOKIE
from consentgate.fitting import PageFitting
from consentgate.gate.cookies import cookie_passes, expiring_headers, gate_request_cookies
from consentgate.gate.csp import reporting
from consentgate.incoming import Incoming
from consentgate.model import Consent, Keep, Signal
from consentgate.response import Memo, Plan, Rendering, Variant
from consentgate.response.codings import readable_encodings
from consentgate.response.variants import (
    CONDITIONS,
    Header,
    conditional_request,
    navigates,
    variant_key,
)
from consentgate.signals import varying
from consentgate.wiring import Visited, Wiring

_VERSION = version("consentgate")
_NEVER_DOCUMENTS = frozenset(
    {"audio", "font", "image", "manifest", "script", "style", "track", "video"}
)
_NOTHING: frozenset[str] = frozenset()
_CONDITIONAL = CONDITIONS | {b"range"}
_AUDIENCES_KEPT = 512
_NAMES_KEPT = 4096
_LONGEST_NAME = 64
_LANGUAGES_KEPT = 512
_LONGEST_ACCEPT_LANGUAGE = 128


@dataclass(frozen=True, slots=True, eq=False)
class Audience:
    """Everybody whose pages are rendered alike: same host, same choice, same language.

    ``visit`` and ``shared_visit`` lack the page; ``consent`` in them lacks the person.
    """

    variant: Variant
    visit: Visit
    shared_visit: Visit


class Pages:
    """The pages behind one wiring, and what is remembered from one to the next.

    Nothing that is remembered names a visitor: what one agreed to is in it, who it was is not.
    """

    def __init__(self, wiring: Wiring) -> None:
        self.wiring = wiring
        self.memo = Memo()
        self._languages = lru_cache(_LANGUAGES_KEPT)(self._language)
        self._names = lru_cache(_NAMES_KEPT)(self._passes)
        self._audiences = lru_cache(_AUDIENCES_KEPT)(self._audience)

    def audience(self, incoming: Incoming, lang: str) -> Audience:
        """Those to whom a visitor belongs; ``lang`` is spoken where a page has no language."""
        visited, consent = incoming.visited, incoming.consent
        return self._audiences(
            visited.scheme,
            visited.host,
            visited.port,
            consent.decided,
            consent.allowed,
            consent.categories,
            consent.once,
            consent.opted_out,
            consent.keep is Keep.VISIT,
            incoming.state,
            lang,
            incoming.note if incoming.note in NOTES or incoming.overridden else "",
            incoming.signals,
            incoming.secure,
        )

    def language(self, accept_language: bytes) -> str:
        """The language to speak where a page has none, to a visitor who sends this header."""
        if len(accept_language) > _LONGEST_ACCEPT_LANGUAGE:
            return self._language(accept_language)
        return self._languages(accept_language)

    def passes(self, audience: Audience, name: str) -> bool:
        """Whether a cookie of this name may reach the application."""
        if len(name) > _LONGEST_NAME:
            return self._passes(audience, name)
        return self._names(audience, name)

    def _language(self, accept_language: bytes) -> str:
        return self.wiring.banner.language("", accept_language.decode("latin-1"))

    def _passes(self, audience: Audience, name: str) -> bool:
        variant = audience.variant
        return cookie_passes(name, variant.personal.access, variant.own_cookies)

    def _audience(
        self,
        scheme: str,
        host: str,
        port: str,
        decided: bool,
        allowed: frozenset[str],
        categories: frozenset[str],
        once: frozenset[str],
        opted_out: frozenset[str],
        for_this_visit: bool,
        state: str,
        lang: str,
        note: str,
        signals: frozenset[Signal],
        secure: bool,
    ) -> Audience:
        wiring = self.wiring
        visited = Visited(scheme, host, port, path="", query="")
        consent = Consent(allowed, categories, decided, once=once, opted_out=opted_out)
        undecided = wiring.cookie.undecided
        canonical = wiring.policy(host, scheme, undecided.allowed)
        policy = wiring.policy(host, scheme, allowed | once)
        observing = wiring.observing(host, scheme)
        reports, endpoint = reporting(wiring.mount, policy or observing, secure=secure)
        return Audience(
            Variant(
                personal=Rendering(
                    access=wiring.access(visited, consent),
                    policy=policy,
                    boot_hash=wiring.inline_hash(consent, shared=False),
                    script_hashes=wiring.script_hashes,
                ),
                shared=Rendering(
                    access=wiring.access(visited, undecided),
                    # With services to agree to, a script puts in what the visitor agreed to.
                    policy="" if wiring.config.optional else canonical,
                    boot_hash=wiring.inline_hash(undecided, shared=True),
                    script_hashes=wiring.script_hashes,
                ),
                own_cookies=wiring.own_cookies,
                keep_visit=for_this_visit,
                canonical_policy=canonical,
                gate_url=f"{visited.origin}{wiring.mount}/",
                reports=reports,
                report_endpoint=endpoint,
                observing=observing,
                vary=("Cookie", *varying(wiring.config)),
            ),
            Visit(
                lang=lang,
                consent=consent,
                state=state,
                origin=visited.origin,
                note=note,
                signals=signals,
            ),
            Visit(
                lang=wiring.banner.language("", ""),
                consent=undecided,
                origin=visited.origin,
                shared=True,
                policy=canonical,
            ),
        )


class Page:
    """A request of the application's own, with the consent that it came with."""

    def __init__(self, incoming: Incoming, pages: Pages, heard: tuple[bytes, ...] = ()) -> None:
        self._incoming = incoming
        self.pages = pages
        self._heard = heard
        lang = pages.language(incoming.told.get(b"accept-language", b""))
        self._lang = lang
        self._audience = pages.audience(incoming, lang)

    def narrow(self, scope: Scope) -> Plan:
        """Take from the request, in place, what the application must not see or cannot use.

        Cookies of services without consent go, and so do ours; ``request.state.consent`` comes.
        Gives the plan for the answer.
        """
        incoming, told = self._incoming, self._incoming.told
        scope.setdefault("state", {})["consent"] = incoming.consent
        refused = self._narrow_cookies(scope) if b"cookie" in told else ()
        fetch_dest = incoming.fetch_dest
        if fetch_dest not in _NEVER_DOCUMENTS and b"accept-encoding" in told:
            repeated = len(told) != len(incoming.raw)
            _narrow_encodings(scope, told[b"accept-encoding"], repeated=repeated)
        visited = incoming.visited
        conditional = not _CONDITIONAL.isdisjoint(told)
        return Plan(
            self._audience.variant,
            self._fit,
            self._key,
            (visited.raw_path, visited.path, visited.query, incoming.method == "GET"),
            incoming.method,
            fetch_dest,
            authorised=b"authorization" in told,
            revalidates=self._narrow_conditions(scope) if conditional else _NOTHING,
            refused_cookies=(*self._heard, *refused),
            document_headers=tuple(self._used_up()) if incoming.cookies else (),
            fetched=self._fetched,
        )

    def _narrow_cookies(self, scope: Scope) -> tuple[bytes, ...]:
        """Take out what the application must not see; gives what expires the refused cookies."""
        variant, visited = self._audience.variant, self._incoming.visited
        headers: list[Header] = []
        refused: list[str] = []
        for name, value in scope["headers"]:
            if name == b"cookie":
                kept, names = gate_request_cookies(
                    value, variant.personal.access, variant.own_cookies, passes=self._passes
                )
                refused += names
                headers += [(name, kept)] if kept else []
            else:
                headers.append((name, value))
        scope["headers"] = headers
        if not refused:
            return ()
        secure = self._incoming.secure
        return tuple(expiring_headers(refused, visited.host, path=visited.path, secure=secure))

    def _passes(self, name: str) -> bool:
        return self.pages.passes(self._audience, name)

    def _narrow_conditions(self, scope: Scope) -> frozenset[str]:
        """Translate the validators; gives the keys of our variants among them."""
        incoming = self._incoming
        whose = (True,) if self._fetched else (False, True)
        asked = conditional_request(
            scope["headers"],
            [self._key(everybody=everybody) for everybody in whose],
            navigates=navigates(incoming.fetch_dest, incoming.headers.get("accept", "")),
        )
        scope["headers"] = asked.headers
        return asked.ours

    def _fit(self, rendering: Rendering, nonce: str, page_lang: Callable[[], str]) -> PageFitting:
        incoming, audience = self._incoming, self._audience
        shared = rendering is audience.variant.shared
        back = incoming.visited.target if shared or incoming.method == "GET" else ""
        base = audience.shared_visit if shared else audience.visit
        visit = replace(base, back=back, nonce=nonce)
        return PageFitting(self.pages.wiring, rendering.access, visit, incoming.consent, page_lang)

    def _used_up(self) -> list[Header]:
        """Take back the notice and the one-page grant that this page spends."""
        incoming = self._incoming
        spent = [name for name in (NOTE_COOKIE, ONCE_COOKIE) if name in incoming.cookies]
        if ONCE_COOKIE in spent and not incoming.consent.once:
            spent.remove(ONCE_COOKIE)
        return [(b"set-cookie", incoming.passing_cookie(name, "", seconds=0)) for name in spent]

    @property
    def _fetched(self) -> bool:
        """Whether a script of the page or a service worker gets the answer (Fetch Metadata).

        ``Service-Worker-Navigation-Preload`` comes with what is loaded for a worker ahead of it.
        """
        incoming = self._incoming
        preloads = b"service-worker-navigation-preload" in incoming.told
        return incoming.method == "GET" and (incoming.fetch_dest == "empty" or preloads)

    def _key(self, *, everybody: bool) -> str:
        """Names in entity tags all that the rendering of a page depends on but its address."""
        wiring, origin = self.pages.wiring, self._incoming.visited.origin
        digest, debug = wiring.config.digest, str(wiring.debug)
        if everybody:
            return variant_key(_VERSION, digest, origin, debug, "for everybody")
        consent = self._incoming.consent
        return variant_key(
            _VERSION,
            digest,
            origin,
            debug,
            self._lang,
            f"{consent.decided} {consent.decided_at} {consent.subject}",
            ",".join(sorted(consent.allowed)),
            ",".join(sorted(consent.once)),
            ",".join(sorted(consent.opted_out)),
            self._incoming.note,
            ",".join(sorted(self._incoming.signals)),
        )


def _narrow_encodings(scope: Scope, asked: bytes, *, repeated: bool) -> None:
    """Ask the application for what the gate can read.

    ``asked`` is the first header of that name; ``repeated``: there may be more of them.
    """
    headers: list[Header] = scope["headers"]
    readable = readable_encodings(asked)
    if readable == asked and not repeated:
        return
    listed = b", ".join(value for name, value in headers if name == b"accept-encoding")
    kept = [header for header in headers if header[0] != b"accept-encoding"]
    scope["headers"] = [*kept, (b"accept-encoding", readable_encodings(listed))]
