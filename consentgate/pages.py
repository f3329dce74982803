"""The pages behind one configuration: what is worked out once for all who are served alike."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from consentgate.banner import Visit
from consentgate.banner.notes import NOTES
from consentgate.caller import Caller
from consentgate.gate.cookies import cookie_passes
from consentgate.gate.csp import reporting
from consentgate.incoming import Incoming, Reader
from consentgate.model import Consent, Keep, Signal
from consentgate.response import Memo, Rendering, Request, Variant
from consentgate.response.codings import readable_encodings
from consentgate.signals import varying
from consentgate.wiring import Place, Wiring

_NEVER_DOCUMENTS = frozenset(
    {"audio", "font", "image", "manifest", "script", "style", "track", "video"}
)
_AUDIENCES_KEPT = 512
_NAMES_KEPT = 4096
_LONGEST_NAME = 64
_STRANGERS_KEPT = 1024
_LANGUAGES_KEPT = 512
_LONGEST_HEADER = 128
_LONGEST_HEADERS = 256


@dataclass(frozen=True, slots=True, eq=False)
class Audience:
    """Everybody whose pages are rendered alike: same host, same choice, same language.

    ``lang`` is spoken where a page has no language. ``visit`` and ``shared_visit`` lack the page;
    ``consent`` in them lacks the person.
    """

    lang: str
    variant: Variant
    visit: Visit
    shared_visit: Visit


class Standing(NamedTuple):
    """An audience, and how the application is asked on its behalf.

    ``codings`` are those of ``Accept-Encoding`` that the gate can read; None where it need not.
    """

    audience: Audience
    request: Request
    codings: bytes | None


class Pages:
    """The pages behind one wiring, and what is remembered from one to the next.

    Nothing that is remembered names a visitor: what one agreed to is in it, who it was is not.
    """

    def __init__(self, wiring: Wiring) -> None:
        self.wiring = wiring
        self.reader = Reader(wiring)
        self.memo = Memo()
        self._names = lru_cache(_NAMES_KEPT)(self._passes)
        self._audiences = lru_cache(_AUDIENCES_KEPT)(self._audience)
        self._strangers = lru_cache(_STRANGERS_KEPT)(self._standing)
        self._languages = lru_cache(_LANGUAGES_KEPT)(self._language)

    def standing(self, incoming: Incoming) -> Standing:
        """How the visitor's pages are asked for and gated, whatever their address."""
        told, method = incoming.told, incoming.method
        accepts, codings = told.get(b"accept-language", b""), told.get(b"accept-encoding")
        dest = told.get(b"sec-fetch-dest", b"")
        told_bytes = len(accepts) + len(codings or b"") + len(dest) + len(method)
        known = b"cookie" in told or told_bytes > _LONGEST_HEADERS
        return (self._standing if known else self._strangers)(
            incoming.caller,
            method,
            accepts,
            codings,
            dest,
            b"authorization" in told,
            b"service-worker-navigation-preload" in told,
        )

    def passes(self, audience: Audience, name: str) -> bool:
        """Whether a cookie of this name may reach the application."""
        if len(name) > _LONGEST_NAME:
            return self._passes(audience, name)
        return self._names(audience, name)

    def _passes(self, audience: Audience, name: str) -> bool:
        variant = audience.variant
        return cookie_passes(name, variant.personal.access, variant.own_cookies)

    def _language(self, accept_language: bytes) -> str:
        return self.wiring.banner.language("", accept_language.decode("latin-1"))

    def _standing(
        self,
        caller: Caller,
        method: str,
        accept_language: bytes,
        accept_encoding: bytes | None,
        fetch_dest: bytes,
        authorised: bool,
        preloads: bool,
    ) -> Standing:
        short = len(accept_language) <= _LONGEST_HEADER
        lang = (self._languages if short else self._language)(accept_language)
        audience = self._audience_of(caller, lang)
        dest = fetch_dest.decode("latin-1").lower()
        # ``Service-Worker-Navigation-Preload`` comes with what is loaded for a worker ahead of it.
        fetched = method == "GET" and (dest == "empty" or preloads)
        request = Request(audience.variant, method, dest, authorised, fetched)
        if dest in _NEVER_DOCUMENTS or accept_encoding is None:
            return Standing(audience, request, None)
        return Standing(audience, request, readable_encodings(accept_encoding))

    def _audience_of(self, caller: Caller, lang: str) -> Audience:
        consent = caller.consent
        return self._audiences(
            caller.place,
            consent.decided,
            consent.allowed,
            consent.categories,
            consent.once,
            consent.opted_out,
            consent.keep is Keep.VISIT,
            caller.state,
            lang,
            caller.note if caller.note in NOTES or caller.overridden else "",
            caller.signals,
            caller.secure,
        )

    def _audience(
        self,
        place: Place,
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
        consent = Consent(allowed, categories, decided, once=once, opted_out=opted_out)
        undecided = wiring.cookie.undecided
        canonical = wiring.policy(place.host, place.scheme, undecided.allowed)
        policy = wiring.policy(place.host, place.scheme, allowed | once)
        observing = wiring.observing(place.host, place.scheme)
        reports, endpoint = reporting(wiring.mount, policy or observing, secure=secure)
        return Audience(
            lang,
            Variant(
                personal=Rendering(
                    access=wiring.access(place, consent),
                    policy=policy,
                    boot_hash=wiring.inline_hash(consent, shared=False),
                    script_hashes=wiring.script_hashes,
                ),
                shared=Rendering(
                    access=wiring.access(place, undecided),
                    # With services to agree to, a script puts in what the visitor agreed to.
                    policy="" if wiring.config.optional else canonical,
                    boot_hash=wiring.inline_hash(undecided, shared=True),
                    script_hashes=wiring.script_hashes,
                ),
                own_cookies=wiring.own_cookies,
                keep_visit=for_this_visit,
                canonical_policy=canonical,
                gate_url=f"{place.origin}{wiring.mount}/",
                reports=reports,
                report_endpoint=endpoint,
                observing=observing,
                vary=("Cookie", *varying(wiring.config)),
            ),
            Visit(
                lang=lang,
                consent=consent,
                state=state,
                origin=place.origin,
                note=note,
                signals=signals,
            ),
            Visit(
                lang=wiring.banner.language("", ""),
                consent=undecided,
                origin=place.origin,
                shared=True,
                policy=canonical,
            ),
        )
