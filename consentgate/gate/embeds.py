"""What the HTML gate does with each tag: which markup names a third party without consent.

Three answers, each reversible from the page itself: a URL attribute is renamed, a script gets
an inert type, a frame leads to our placeholder. Before the place that a stopped script would
have filled, the visitor's way to load it is put. ``rulings.py`` says what holds on any page;
here is what depends on this one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from consentgate.gate.access import Access, Blocked
from consentgate.gate.csp import extend_own_policy
from consentgate.gate.html import (
    Edit,
    Rewritten,
    Settled,
    Tag,
    apply_edit,
    is_inline_script,
    read_tag,
    with_first,
)
from consentgate.gate.parking import Asked, Frame, Ruling
from consentgate.gate.rulings import rulings_of
from consentgate.gate.widgets import Place, Shape, Widget

UNKNOWN_SERVICE = "other"
"""Stands for the service in the address of a frame that no service claims."""

MOST_HOSTS = 1024
"""Of so many hosts that a page is stopped from contacting the log hears, and of no more."""

EmbedUrl = Callable[[str, Mapping[str, str]], str]
"""(service id, facts of the frame) → address of the placeholder page."""

Slot = Callable[[], bytes]
"""The fragment for an element that the site reserved with ``data-consentgate``."""


def _nothing(_: Widget) -> bytes:
    return b""


class Embeds:
    """The decisions for one page and one visitor's access.

    ``gate_url`` is the absolute address of our own endpoints, which a policy inside the page
    has to admit; ``preferences_url`` is where an ``<a data-consentgate=preferences>`` leads.
    ``place`` gives what to put before a widget. ``blocked`` collects what was stopped, by host,
    for the log, up to ``MOST_HOSTS``.
    """

    def __init__(
        self,
        access: Access,
        *,
        embed_url: EmbedUrl,
        gate_url: str,
        preferences_url: str,
        slots: Mapping[str, Slot],
        place: Place = _nothing,
    ) -> None:
        self._access = access
        self._rulings = rulings_of(access)
        self._embed_url = embed_url
        self._gate_url = gate_url
        self._preferences_url = preferences_url
        self._slots = slots
        self._place = place
        self._in_body = False
        self._offered: set[str] = set()
        self._noted: list[object] | None = None
        self.blocked: dict[str, Blocked] = {}

    def tag(self, tag: Tag) -> bytes | None:
        """The bytes that take the place of a start tag; None where it may leave as it came."""
        if tag.name == "body":
            self._in_body = True
        return self._carried_out(tag, self._rulings.of(tag))

    def inline(self, tag: Tag, code: bytes) -> Rewritten | None:
        """The same for the start tag of a script without address, from the code in it."""
        ruling = self._rulings.of_code(tag, code)
        written = self._carried_out(tag, ruling)
        # Where a box stands before it, what it holds is what agreement brings back.
        return written if written is None else Rewritten(written, ruling.empties(written))

    @property
    def settled(self) -> Settled:
        """The start tags upon which nothing of this page has a say, and what becomes of each."""
        return self._rulings.settled

    def again(self, note: object) -> None:
        """Note what is stopped; of a settled tag the scanner says it."""
        _keep(note, self.blocked)
        if self._noted is not None:
            self._noted.append(note)

    def noted(self) -> Sequence[object]:
        """What each tag stops from now on, tag by tag: it grows. For a page of bounded size."""
        self._noted = []
        return self._noted

    def _carried_out(self, tag: Tag, ruling: Ruling) -> bytes | None:
        if ruling.blocked:
            self.again(ruling.blocked)
        if ruling.asked is None:
            return ruling.written
        if ruling.asked.frame and ruling.written:
            return self._frame(tag, ruling, ruling.asked.frame, ruling.written)
        edit, placed = ruling.edit, self._placed(tag, ruling.asked)
        if placed is None:
            return ruling.written
        if edit:
            placed = placed._replace(rename=edit.rename, set={**edit.set, **placed.set})
        return apply_edit(tag, placed)

    def _placed(self, tag: Tag, asked: Asked) -> Edit | None:
        """What the page has to add, mostly beside an element that loads nothing by itself."""
        if asked.has_policy:
            return self._policy(tag)
        if asked.player:
            wanted = self._in_body and asked.player.service.id not in self._offered
            return Edit(before=self._offer(tag, asked.player)) if wanted else None
        if asked.role is not None and (asked.role in self._slots or asked.widget is None):
            return self._reserved(tag, asked.role)
        offer = self._offer(tag, asked.widget) if asked.widget else b""
        if asked.widget is None or not offer:
            return None
        # A script's type is what its provider looks for, and ours to change where it is marked.
        marked = {} if tag.name == "script" else {"data-cg": asked.widget.service.id}
        if asked.widget.shape is Shape.INSIDE:
            return Edit(set=marked, after=offer)
        return Edit(set=marked, before=offer)

    def _offer(self, tag: Tag, widget: Widget) -> bytes:
        """The visitor's way to load a widget; nothing where it is loaded or cannot be shown."""
        out_of_sight = tag.aside or tag.noscript or tag.foreign or tag.get("data-cg") is not None
        if out_of_sight or self._access.consent.allows(widget.service.id):
            return b""
        self._offered.add(widget.service.id)
        return self._place(widget)

    def _reserved(self, tag: Tag, role: str) -> Edit | None:
        if role == "preferences" and tag.name == "a" and tag.get("href") in {None, "", "#"}:
            return Edit(set={"href": self._preferences_url})
        slot = self._slots.get(role)
        return Edit(after=slot()) if slot else None

    def _frame(self, tag: Tag, ruling: Ruling, frame: Frame, written: bytes) -> bytes:
        """The frame with the address of its placeholder, or what stands for a retired one."""
        if frame.retired:
            return self._offer(tag, frame.retired) + written
        service = frame.blocked.service.id if frame.blocked.service else UNKNOWN_SERVICE
        address = self._embed_url(service, frame.facts)
        if ruling.edit and "src" in ruling.edit.set:  # left out: it takes the place of the old one
            edit = ruling.edit._replace(set={**ruling.edit.set, "src": address})
            return apply_edit(tag, edit)
        return with_first(tag, written, "src", address)

    def _policy(self, tag: Tag) -> Edit | None:
        content = tag.get("content") or ""
        extended = extend_own_policy(content, gate_url=self._gate_url, inline_hash=None)
        return Edit(set={"content": extended}) if extended != content else None


class AnyPage:
    """What becomes of markup on every page under an access, whatever surrounds it."""

    def __init__(self, access: Access) -> None:
        self._rulings = rulings_of(access)

    @property
    def settled(self) -> Settled:
        """The start tags of which that is known."""
        return self._rulings.settled

    def alone(self, raw: bytes) -> tuple[bytes | None, object] | None:
        """What takes the place of a start tag, if anything, and what that stops.

        None where a page has a say, or a script has its code on the page.
        """
        tag = read_tag(raw)
        ruling = None if is_inline_script(tag) else self._rulings.of(tag)
        return None if ruling is None or ruling.asked else (ruling.written, ruling.blocked)

    def passes(self, raw: bytes, code: bytes) -> bool:
        """Whether an inline script with this start tag and code leaves as it came."""
        ruling = self._rulings.of_code(read_tag(raw), code)
        return ruling.edit is None and ruling.asked is None


def stopped(notes: Iterable[object]) -> tuple[Blocked, ...]:
    """What was stopped, the first of each host, from the notes of a page."""
    found: dict[str, Blocked] = {}
    for note in notes:
        _keep(note, found)
    return tuple(found.values())


def _keep(note: object, found: dict[str, Blocked]) -> None:
    """Add what a tag stops, where it is the first of its host and the page names no end of them."""
    assert isinstance(note, tuple)  # noqa: S101  as the rulings wrote it
    for blocked in note:
        if len(found) < MOST_HOSTS:
            found.setdefault(blocked.url.host, blocked)
