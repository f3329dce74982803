"""Pages through the gate and along a trail, with decisions that have memories of their page."""

from typing import NamedTuple

from consentgate.gate.access import Access
from consentgate.gate.embeds import AnyPage, Embeds, stopped
from consentgate.gate.html import DocumentKind, HtmlGate, RecordingGate, Trail, replay
from consentgate.gate.widgets import Widget
from consentgate.model import Match, Provider, Service
from tests.gate.given import access, service

VIDEO = service("video", "www.video.example", category="social")
POSTS = Service(
    id="posts",
    title="Posts",
    category="social",
    provider=Provider("Posts Ltd"),
    matches=(
        Match(hosts=("*.posts.example",), inline=("posts(", "new YT.Player"), markup=(".fb-post",)),
    ),
)
NOBODYS = access(VIDEO, POSTS)


class Inserts:
    """Says what the page said of its language until then."""

    def head(self, lang: str) -> bytes:
        return f"[head {lang}]".encode("utf-8", "surrogateescape")

    def body_start(self, lang: str) -> bytes:
        return f"[start {lang}]".encode("utf-8", "surrogateescape")

    def body_end(self, lang: str) -> bytes:
        return f"[end {lang}]".encode("utf-8", "surrogateescape")


class Gated(NamedTuple):
    """What became of a page: the page, what was put behind it, and what was stopped."""

    body: bytes
    closing: bytes
    blocked: tuple[object, ...]
    kind: DocumentKind
    lang: str


def embeds_for(visitors: Access) -> Embeds:
    """Each place says how many there were before it."""
    offered: list[str] = []

    def place(widget: Widget) -> bytes:
        offered.append(widget.service.id)
        return b"[%b %d]" % (widget.service.id.encode(), len(offered))

    return Embeds(
        visitors,
        embed_url=lambda name, facts: f"/embed?{name}&{facts}",
        gate_url="https://www.example.com/_gate/",
        preferences_url="/_gate/preferences",
        slots={"social": lambda: b"[social %d]" % len(offered)},
        place=place,
    )


def gated(page: bytes, visitors: Access = NOBODYS) -> Gated:
    """By a gate that knows of no trail."""
    embeds = embeds_for(visitors)
    gate = HtmlGate(embeds, Inserts(), remember=embeds)
    out = gate.feed(page), gate.close()
    return Gated(*out, tuple(embeds.blocked.values()), gate.kind, gate.lang)


def recorded(*pieces: bytes, visitors: Access = NOBODYS) -> tuple[Gated, Trail | None]:
    """By a gate that records its trail."""
    embeds = embeds_for(visitors)
    gate = RecordingGate(embeds, Inserts(), embeds, AnyPage(visitors), embeds.noted())
    out = b"".join([gate.feed(piece) for piece in pieces]), gate.close()
    return Gated(*out, tuple(embeds.blocked.values()), gate.kind, gate.lang), gate.trail


def along(trail: Trail, page: bytes, visitors: Access = NOBODYS) -> Gated | None:
    """Along a trail; None where it does not lead through this page."""
    found = replay(trail, page, AnyPage(visitors), closed=False)
    if found is None:
        return None
    return Gated(found.body, trail.closing, stopped(found.notes), trail.kind, trail.lang)
