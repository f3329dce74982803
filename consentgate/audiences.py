"""All who are served alike, behind one configuration: what is worked out once for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from consentgate.banner import Visit
from consentgate.banner.notes import NOTES
from consentgate.caller import Caller
from consentgate.gate.cookies import Hidden, cookie_passes, hidden_cookies
from consentgate.gate.csp import reporting
from consentgate.model import Consent, Keep, Signal
from consentgate.response import Rendering, Variant
from consentgate.signals import varying
from consentgate.wiring import Place, Wiring

_AUDIENCES_KEPT = 512
_NAMES_KEPT = 4096
_LONGEST_NAME = 64
_MOST_NAMES = 32
_LANGUAGES_KEPT = 512
_LONGEST_LANGUAGES = 256


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


class Audiences:
    """The audiences behind one wiring: who has been seen is looked up.

    Nothing that is remembered names a visitor: what one agreed to is in it, who it was is not.
    """

    def __init__(self, wiring: Wiring) -> None:
        self.wiring = wiring
        self._names = lru_cache(_NAMES_KEPT)(self._passes)
        self._hidden_names = lru_cache(_NAMES_KEPT)(self._hidden)
        self._audiences = lru_cache(_AUDIENCES_KEPT)(self._audience)
        self._languages = lru_cache(_LANGUAGES_KEPT)(self._language)

    def of(self, caller: Caller, accept_language: bytes) -> Audience:
        """The audience that a visitor belongs to."""
        short = len(accept_language) <= _LONGEST_LANGUAGES
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
            (self._languages if short else self._language)(accept_language),
            caller.note if caller.note in NOTES or caller.overridden else "",
            caller.signals,
            caller.secure,
        )

    def hidden(self, audience: Audience, caller: Caller) -> Hidden:
        """Which of a visitor's cookies the application does not get to see."""
        names = tuple([name for name, _ in caller.sent])
        short = len(names) <= _MOST_NAMES and max(map(len, names)) <= _LONGEST_NAME
        return (self._hidden_names if short else self._hidden)(audience, names)

    def _hidden(self, audience: Audience, names: tuple[str, ...]) -> Hidden:
        def passes(name: str) -> bool:
            remembered = self._names if len(name) <= _LONGEST_NAME else self._passes
            return remembered(audience, name)

        return hidden_cookies(names, passes)

    def _passes(self, audience: Audience, name: str) -> bool:
        variant = audience.variant
        return cookie_passes(name, variant.personal.access, variant.own_cookies)

    def _language(self, accept_language: bytes) -> str:
        return self.wiring.banner.language("", accept_language.decode("latin-1"))

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
                vary_kept=_kept_for(wiring),
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


def _kept_for(wiring: Wiring) -> tuple[str, ...]:
    """What else a personal page depends on that the browser keeps, for ``Vary``.

    They concern the visitor's own browser: what it navigated to must not answer from its cache
    what a script fetches. The language is the visitor's where a page says none.
    """
    spoken = ("Accept-Language",) if wiring.banner.speaks_several else ()
    return ("Sec-Fetch-Dest", "Service-Worker-Navigation-Preload", *spoken)
