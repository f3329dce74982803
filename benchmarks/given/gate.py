"""The gate as a site runs it: its whole catalogue, three services, a visitor who has not chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from consentgate.config import load_config
from consentgate.gate.access import Access
from consentgate.gate.embeds import Embeds
from consentgate.gate.html import HtmlGate, scanner
from consentgate.gate.html.scanner import Engine
from consentgate.model import Consent
from consentgate.sites import FirstParty

CONFIG = {
    "site": {
        "name": "Benchmark",
        "contact": "privacy@www.example.com",
        "privacy_url": "/privacy",
    },
    "policy": {"version": "1"},
    "services": {"youtube": {}, "google-analytics": {}, "facebook": {}},
}
ACCESS = Access(FirstParty("www.example.com"), load_config(CONFIG).lookup, Consent())


def _embed_url(service: str, facts: Mapping[str, str]) -> str:
    return f"/_gate/embed/{service}?u={facts['u']}"


def embeds() -> Embeds:
    """The decisions for one page."""
    return Embeds(
        ACCESS,
        embed_url=_embed_url,
        gate_url="https://www.example.com/_gate/",
        preferences_url="/_gate/preferences",
        slots={},
    )


class Banner:
    """Inserts of about the size that the banner has."""

    def head(self, lang: str) -> bytes:
        return b"<script>" + b"/* boot */" * 300 + b"</script>"

    def body_start(self, lang: str) -> bytes:
        return b"<section class=cg-banner>" + b"<p>text</p>" * 200 + b"</section>"

    def body_end(self, lang: str) -> bytes:
        return b"<script src=/_gate/assets/banner.js defer></script>"


def using(engine: Engine, work: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """The same work with one of the two scanners."""

    def with_engine(page: bytes) -> bytes:
        scanner.next_stop = engine.next_stop
        scanner.next_unsettled = engine.next_unsettled
        scanner.attributes_of = engine.attributes_of
        return work(page)

    return with_engine


def gated(page: bytes) -> bytes:
    """The page after the gate, fed in one piece."""
    decide = embeds()
    gate = HtmlGate(decide, Banner(), remember=decide)
    return gate.feed(page) + gate.close()
