"""What decides upon one page while it streams by, and what is put into it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from consentgate.banner import Visit
from consentgate.endpoints.frames import sealed_frame_url
from consentgate.gate.access import Access
from consentgate.gate.embeds import Embeds
from consentgate.model import Consent
from consentgate.places import Places
from consentgate.wiring import Wiring

_DIRECT = "d"
"""The fact of a frame that can be loaded once only with the page around it."""


class PageFitting:
    """The decisions and the bytes of ours for one page, in the page's own language.

    ``visit`` is one of those whose pages are alike, on this page; ``consent`` the visitor's own,
    which only the declaration shows. ``page_lang`` gives the page's language once it is known.
    """

    def __init__(
        self,
        wiring: Wiring,
        access: Access,
        visit: Visit,
        consent: Consent,
        page_lang: Callable[[], str],
    ) -> None:
        self.personal = False
        self._wiring = wiring
        self._base = visit
        self._consent = consent
        self._page_lang = page_lang
        self._places = Places(wiring.fragments)
        self._has_bar = bool(wiring.config.social.positions)
        self._visits: dict[str, Visit] = {}
        self.embeds = Embeds(
            access,
            embed_url=self._frame_url,
            gate_url=f"{visit.origin}{wiring.mount}/",
            preferences_url=wiring.banner.preferences_url(visit),
            slots={"social": self._social_bar, "declaration": self._declaration},
            place=lambda widget: self._places.fill(widget, self._visit(page_lang())),
        )

    @property
    def inserts(self) -> PageFitting:
        """What is put in where head and body begin and end."""
        return self

    def head(self, lang: str) -> bytes:
        """What comes first in ``<head>``."""
        self._places.begin()
        return self._wiring.fragments.head(self._visit(lang))

    def body_start(self, lang: str) -> bytes:
        """What comes first in ``<body>``."""
        return self._wiring.fragments.body_start(self._visit(lang))

    def body_end(self, lang: str) -> bytes:
        """What comes last in ``<body>``."""
        visit, fragments = self._visit(lang), self._wiring.fragments
        bar_end = fragments.social_end(visit) if self._has_bar else b""
        return fragments.body_end(visit) + bar_end + self._places.end(visit)

    def _visit(self, lang: str) -> Visit:
        known = self._visits.get(lang)
        if known is None:
            spoken = self._wiring.banner.language(lang, self._base.lang)
            known = self._visits[lang] = replace(self._base, lang=spoken)
        return known

    def _social_bar(self) -> bytes:
        visit = self._visit(self._page_lang())
        if self._places.open:
            self._has_bar = True
        else:  # in a fragment, or behind the forms, nothing can be sent: links, as for everybody
            visit = replace(visit, shared=True)
        return self._wiring.fragments.social_bar(visit, "inline")

    def _declaration(self) -> bytes:
        visit = self._visit(self._page_lang())
        if not visit.shared and self._consent.decided:
            self.personal = True
            visit = replace(visit, consent=self._consent)
        return self._wiring.banner.declaration(visit)

    def _frame_url(self, service: str, facts: Mapping[str, str]) -> str:
        if self._base.shared:
            # In a page for everybody nothing is granted once, but inside the frame itself.
            facts = {name: fact for name, fact in facts.items() if name != _DIRECT}
        return sealed_frame_url(self._wiring, service, {**facts, "p": self._base.back})
