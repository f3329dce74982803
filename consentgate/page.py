"""One page for one visitor: what the application is asked, and how its answer is gated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version

from starlette.datastructures import MutableHeaders
from starlette.types import Scope

from consentgate.banner import Visit
from consentgate.consent import set_cookie
from consentgate.endpoints.frames import sealed_frame_url
from consentgate.gate.cookies import expiring_headers, gate_request_cookies
from consentgate.gate.embeds import Embeds
from consentgate.incoming import NOTE_COOKIE, ONCE_COOKIE, Incoming
from consentgate.model import Keep
from consentgate.response import Plan
from consentgate.response.bodies import readable_encodings
from consentgate.response.variants import Header, conditional_request, navigates, variant_key
from consentgate.wiring import Wiring

_VERSION = version("consentgate")
_NEVER_DOCUMENTS = frozenset(
    {"audio", "font", "image", "manifest", "script", "style", "track", "video"}
)


@dataclass(frozen=True, slots=True)
class _PageInserts:
    """The bytes of ours in a page, in the page's own language."""

    page: Page
    nonce: str

    def head(self, lang: str) -> bytes:
        return self.page.wiring.banner.head(self._visit(lang))

    def body_start(self, lang: str) -> bytes:
        return self.page.wiring.banner.body_start(self._visit(lang))

    def body_end(self, lang: str) -> bytes:
        return self.page.wiring.banner.body_end(self._visit(lang))

    def _visit(self, lang: str) -> Visit:
        return replace(self.page.visit(lang), nonce=self.nonce)


class Page:
    """A request of the application's own, with the consent that it came with."""

    def __init__(self, incoming: Incoming, wiring: Wiring) -> None:
        self.incoming = incoming
        self.wiring = wiring
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
            self._variant,
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
            state=wiring.cookie.state(incoming.consent) if incoming.consent.decided else "",
            origin=incoming.visited.origin,
            note=incoming.note,
        )

    def _plan(self, fetch_dest: str, *, revalidates: bool) -> Plan:
        incoming, wiring = self.incoming, self.wiring
        visited, consent = incoming.visited, incoming.consent
        expired = expiring_headers(self._refused, visited.host, path=visited.path)
        return Plan(
            access=wiring.access(visited, consent),
            own_cookies=wiring.own_cookies,
            keep_visit=consent.keep is Keep.VISIT,
            method=incoming.method,
            fetch_dest=fetch_dest,
            variant=self._variant,
            revalidates=revalidates,
            policy=wiring.policy(visited.host, visited.scheme, consent.allowed | consent.once),
            canonical_policy=wiring.policy(
                visited.host, visited.scheme, wiring.cookie.undecided.allowed
            ),
            gate_url=self._gate_url,
            boot_hash=wiring.boot_hash,
            refused_cookies=tuple(expired),
            document_headers=tuple(self._used_up()),
            embeds=self._embeds,
            inserts=lambda nonce: _PageInserts(self, nonce),
        )

    def _embeds(self, page_lang: Callable[[], str]) -> Embeds:
        banner = self.wiring.banner
        return Embeds(
            self.wiring.access(self.incoming.visited, self.incoming.consent),
            embed_url=self._frame_url,
            gate_url=self._gate_url,
            preferences_url=banner.preferences_url(self.visit("")),
            slots={
                "social": lambda: banner.social_bar(self.visit(page_lang()), "inline"),
                "declaration": lambda: banner.declaration(self.visit(page_lang())),
            },
        )

    def _frame_url(self, service: str, facts: Mapping[str, str]) -> str:
        page = self.incoming.visited.target if self.incoming.method == "GET" else ""
        return sealed_frame_url(self.wiring, service, {**facts, "p": page})

    def _used_up(self) -> list[Header]:
        """Take back the notice and the one-page grant that this page spends."""
        spent = [name for name in (NOTE_COOKIE, ONCE_COOKIE) if name in self.incoming.cookies]
        if ONCE_COOKIE in spent and not self.incoming.consent.once:
            spent.remove(ONCE_COOKIE)
        secure = self.incoming.secure
        return [
            (b"set-cookie", set_cookie(name, "", secure=secure, max_age=0, http_only=True))
            for name in spent
        ]

    @property
    def _gate_url(self) -> str:
        return f"{self.incoming.visited.origin}{self.wiring.mount}/"

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
            incoming.note,
        )
