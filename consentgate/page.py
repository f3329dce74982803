"""One page for one visitor: what the application is asked, and how its answer is gated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version

from starlette.datastructures import MutableHeaders
from starlette.types import Scope

from consentgate.banner import Banner, Visit
from consentgate.consent import NOTE_COOKIE, ONCE_COOKIE
from consentgate.endpoints.frames import sealed_frame_url
from consentgate.gate.access import Access
from consentgate.gate.cookies import expiring_headers, gate_request_cookies
from consentgate.gate.embeds import Embeds
from consentgate.incoming import Incoming
from consentgate.model import Consent, Keep
from consentgate.places import Places
from consentgate.response import Plan, Rendering
from consentgate.response.bodies import readable_encodings
from consentgate.response.variants import Header, conditional_request, navigates, variant_key
from consentgate.signals import varying
from consentgate.wiring import Wiring

_VERSION = version("consentgate")
_NEVER_DOCUMENTS = frozenset(
    {"audio", "font", "image", "manifest", "script", "style", "track", "video"}
)

_DIRECT = "d"
"""The fact of a frame that can be loaded once only with the page around it."""

_VisitIn = Callable[[str], Visit]
"""The visit of a page in this language."""


@dataclass(frozen=True, slots=True)
class _PageInserts:
    """The bytes of ours in a page, in the page's own language."""

    banner: Banner
    visit: _VisitIn
    nonce: str
    places: Places

    def head(self, lang: str) -> bytes:
        self.places.begin()
        return self.banner.head(self._visit(lang))

    def body_start(self, lang: str) -> bytes:
        return self.banner.body_start(self._visit(lang))

    def body_end(self, lang: str) -> bytes:
        visit = self._visit(lang)
        return self.banner.body_end(visit) + self.places.end(visit)

    def _visit(self, lang: str) -> Visit:
        return replace(self.visit(lang), nonce=self.nonce)


class Page:
    """A request of the application's own, with the consent that it came with."""

    def __init__(self, incoming: Incoming, wiring: Wiring, heard: Sequence[Header] = ()) -> None:
        self.incoming = incoming
        self.wiring = wiring
        self._heard = tuple(value for _, value in heard)
        self._refused: tuple[str, ...] = ()

    def narrow(self, scope: Scope) -> None:
        """Take from the request, in place, what the application must not see or cannot use.

        Cookies of services without consent go, and so do ours; ``request.state.consent`` comes.
        """
        access = self.wiring.access(self.incoming.visited, self.incoming.consent)
        headers: list[Header] = []
        refused: list[str] = []
        for name, value in scope["headers"]:
            if name == b"cookie":
                kept, names = gate_request_cookies(value, access, self.wiring.own_cookies)
                refused += names
                headers += [(name, kept)] if kept else []
            else:
                headers.append((name, value))
        self._refused = tuple(refused)
        scope["headers"] = headers
        scope.setdefault("state", {})["consent"] = self.incoming.consent

    def ask(self, scope: Scope) -> Plan:
        """Prepare the request headers for the application, and the plan for its answer."""
        fetch_dest = self.incoming.fetch_dest
        asked = conditional_request(
            scope["headers"],
            (self._variant, self._shared_variant),
            navigates=navigates(fetch_dest, self.incoming.headers.get("accept", "")),
        )
        headers = MutableHeaders(raw=asked.headers)
        if fetch_dest not in _NEVER_DOCUMENTS and "accept-encoding" in headers:
            headers["accept-encoding"] = readable_encodings(headers["accept-encoding"])
        scope["headers"] = headers.raw
        return self._plan(fetch_dest, revalidates=asked.ours)

    def visit(self, lang: str) -> Visit:
        """The visitor as the banner's templates need them, on a page in this language."""
        incoming, wiring = self.incoming, self.wiring
        accept_language = incoming.headers.get("accept-language", "")
        return Visit(
            lang=wiring.banner.language(lang, accept_language),
            back=incoming.visited.target if incoming.method == "GET" else "",
            consent=incoming.consent,
            state=incoming.state,
            origin=incoming.visited.origin,
            note=incoming.note,
            signals=incoming.signals,
        )

    def shared_visit(self, lang: str) -> Visit:
        """The visit of nobody in particular: nothing of it comes from the visitor who asks."""
        incoming, wiring = self.incoming, self.wiring
        return Visit(
            lang=wiring.banner.language(lang, ""),
            back=incoming.visited.target,
            consent=wiring.cookie.undecided,
            origin=incoming.visited.origin,
            shared=True,
            policy=self._canonical_policy,
        )

    def _plan(self, fetch_dest: str, *, revalidates: frozenset[str]) -> Plan:
        incoming, wiring = self.incoming, self.wiring
        visited, consent = incoming.visited, incoming.consent
        expired = expiring_headers(self._refused, visited.host, path=visited.path)
        return Plan(
            personal=self._rendering(
                self.visit,
                consent,
                key=self._variant,
                policy=wiring.policy(visited.host, visited.scheme, consent.allowed | consent.once),
                boot_hash=wiring.inline_hash(consent, shared=False),
            ),
            shared=self._rendering(
                self.shared_visit,
                wiring.cookie.undecided,
                key=self._shared_variant,
                # With services to agree to, a script puts in what the visitor agreed to.
                policy="" if wiring.config.optional else self._canonical_policy,
                boot_hash=wiring.inline_hash(wiring.cookie.undecided, shared=True),
            ),
            own_cookies=wiring.own_cookies,
            keep_visit=consent.keep is Keep.VISIT,
            method=incoming.method,
            fetch_dest=fetch_dest,
            authorised="authorization" in incoming.headers,
            revalidates=revalidates,
            canonical_policy=self._canonical_policy,
            gate_url=self._gate_url,
            refused_cookies=(*self._heard, *expired),
            vary=("Cookie", *varying(wiring.config)),
            document_headers=tuple(self._used_up()),
        )

    def _rendering(
        self, visit: _VisitIn, consent: Consent, *, key: str, policy: str, boot_hash: str
    ) -> Rendering:
        access = self.wiring.access(self.incoming.visited, consent)
        places = Places(self.wiring.banner)
        return Rendering(
            key=key,
            access=access,
            policy=policy,
            boot_hash=boot_hash,
            embeds=lambda page_lang: self._embeds(access, visit, page_lang, places),
            inserts=lambda nonce: _PageInserts(self.wiring.banner, visit, nonce, places),
            script_hashes=self.wiring.script_hashes,
        )

    def _embeds(
        self, access: Access, visit: _VisitIn, page_lang: Callable[[], str], places: Places
    ) -> Embeds:
        banner = self.wiring.banner
        shared = visit("").shared
        return Embeds(
            access,
            embed_url=self._shared_frame_url if shared else self._frame_url,
            gate_url=self._gate_url,
            preferences_url=banner.preferences_url(visit("")),
            slots={
                "social": lambda: banner.social_bar(visit(page_lang()), "inline"),
                "declaration": lambda: banner.declaration(visit(page_lang())),
            },
            place=lambda widget: places.fill(widget, visit(page_lang())),
        )

    def _shared_frame_url(self, service: str, facts: Mapping[str, str]) -> str:
        """In a page for everybody nothing is granted once, but inside the frame itself."""
        return self._frame_url(service, {k: v for k, v in facts.items() if k != _DIRECT})

    def _frame_url(self, service: str, facts: Mapping[str, str]) -> str:
        page = self.incoming.visited.target if self.incoming.method == "GET" else ""
        return sealed_frame_url(self.wiring, service, {**facts, "p": page})

    def _used_up(self) -> list[Header]:
        """Take back the notice and the one-page grant that this page spends."""
        spent = [name for name in (NOTE_COOKIE, ONCE_COOKIE) if name in self.incoming.cookies]
        if ONCE_COOKIE in spent and not self.incoming.consent.once:
            spent.remove(ONCE_COOKIE)
        return [
            (b"set-cookie", self.incoming.passing_cookie(name, "", seconds=0)) for name in spent
        ]

    @property
    def _gate_url(self) -> str:
        return f"{self.incoming.visited.origin}{self.wiring.mount}/"

    @property
    def _canonical_policy(self) -> str:
        visited = self.incoming.visited
        return self.wiring.policy(
            visited.host, visited.scheme, self.wiring.cookie.undecided.allowed
        )

    @cached_property
    def _variant(self) -> str:
        """Everything that the rendering of a page depends on, besides its address."""
        incoming, consent = self.incoming, self.incoming.consent
        return variant_key(
            _VERSION,
            self.wiring.config.digest,
            incoming.visited.origin,
            incoming.headers.get("accept-language", ""),
            str(consent.decided),
            consent.subject or "",
            ",".join(sorted(consent.allowed)),
            ",".join(sorted(consent.once)),
            ",".join(sorted(consent.opted_out)),
            incoming.note,
            ",".join(sorted(incoming.signals)),
        )

    @cached_property
    def _shared_variant(self) -> str:
        """The same, for the page that everybody gets."""
        return variant_key(
            _VERSION, self.wiring.config.digest, self.incoming.visited.origin, "for everybody"
        )
