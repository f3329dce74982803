"""What the HTML gate does with a tag on any page: decided once per tag and access, then known.

Everything here follows from the tag's own bytes and from what the visitor's consent opens.
What follows from the page as well (its address in a placeholder, its policy, the boxes that it
offered already) is named in the ``Ruling`` and left to ``embeds.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from consentgate.catalogue.lookup import Lookup
from consentgate.gate.access import Access, Blocked
from consentgate.gate.fetched import FETCHED, addresses_in
from consentgate.gate.frames import frame_facts, is_hidden
from consentgate.gate.html import (
    Edit,
    HtmlGate,
    Rewritten,
    Settled,
    Tag,
    may_settle,
    read_tag,
)
from consentgate.gate.html.awaited import INLINE_CAP_BYTES
from consentgate.gate.html.stops import LONGEST_REMEMBERED_BYTES
from consentgate.gate.imports import imports_ahead, nothing_ahead
from consentgate.gate.inner import (
    FRAMES,
    code_in,
    document_in,
    linked_addresses,
    without_lookups,
)
from consentgate.gate.left_out import left_out
from consentgate.gate.links import HINT_RELS, LOADING_RELS, refresh_targets
from consentgate.gate.parking import (
    PARKED,
    Asked,
    Frame,
    Ruling,
    asked_by,
    inert_script,
    label_of,
    parked_attributes,
    parked_script,
    parked_with,
)
from consentgate.gate.scripts import is_code, is_speculation, is_url_data, json_strings
from consentgate.gate.speculation import may_leave
from consentgate.gate.widgets import (
    Shape,
    Widget,
    builds_widget,
    retired_frame,
)
from consentgate.model import Consent
from consentgate.sites import FirstParty

# At the most 16 visitors' consents of 512 tags each, with what is written for them: 20 MB.
_REMEMBERED_ACCESSES = 16
_REMEMBERED_TAGS = 512
_DEEPEST_DOCUMENT = 4

_PASSES = Ruling()


class Rulings:
    """The rulings under one access; those on short tags are remembered.

    ``settled`` has those for which no page needs to ask again, with what they stop.
    """

    def __init__(self, access: Access, depth: int = 0) -> None:
        self._access = access
        self._depth = depth
        self._remembered = lru_cache(_REMEMBERED_TAGS)(lambda raw: self._rule(read_tag(raw)))
        self.settled: Settled = {}

    def within(self) -> Rulings:
        """The same for a document within a frame; without an end that would go on."""
        return Rulings(self._access, self._depth + 1)

    def of(self, tag: Tag) -> Ruling:
        """The ruling on a start tag."""
        if len(tag.raw) <= LONGEST_REMEMBERED_BYTES:
            return self._remembered(tag.raw)
        # Where it stands must not count, as it does not for the others.
        return self._rule(tag._replace(foreign=False, noscript=False, aside=False))

    def of_code(self, tag: Tag, code: bytes) -> Ruling:
        """The ruling on a style or a script without address, from what is in it.

        Where that changes the tag, it has all that changes in it.
        """
        if tag.name == "style":
            return self._style(tag, code)
        ruling = self._url_data(tag, code) if is_url_data(tag) else self._code(tag, code)
        if ruling is None or ruling.edit is None:
            return _PASSES
        edit = parked_with(ruling.edit, self._gated(tag).edit)
        return self._left_out(tag, ruling._replace(edit=edit)).on(tag)

    def _code(self, tag: Tag, code: bytes) -> Ruling | None:
        service = self._access.blocked_code(code) if is_code(tag) else None
        if service is None:
            return None
        builds = builds_widget(code, service)
        asked = Asked(player=Widget(service, Shape.BOX)) if builds else None
        return Ruling(inert_script(tag, service.id), asked=asked)

    def _url_data(self, tag: Tag, code: bytes) -> Ruling:
        blocked = self._first_blocked(json_strings(code))
        if is_speculation(tag) and may_leave(code) and self._access.has_limits:
            # No label: whom it will contact is not known, so that no agreement brings it back.
            return Ruling(inert_script(tag, None), (blocked,) if blocked else ())
        return parked_script(tag, blocked) if blocked else _PASSES

    def _style(self, tag: Tag, code: bytes) -> Ruling:
        blocked = self._first_blocked(imports_ahead(code))
        if blocked is None:
            return _PASSES
        return Ruling(Edit(after=nothing_ahead(tag)), (blocked,)).on(tag)

    def _left_out(self, tag: Tag, ruling: Ruling) -> Ruling:
        out = self._access.consent.opted_out
        if not out or not ruling.edit:
            return ruling
        return ruling._replace(edit=left_out(tag, ruling.edit, out))

    def _rule(self, tag: Tag) -> Ruling:
        ruling = self._left_out(tag, self._gated(tag))
        if asked := asked_by(tag, self._access.lookup):
            ruling = ruling._replace(asked=asked)
        ruling = ruling.on(tag)
        if ruling.asked is None and may_settle(tag):
            if len(self.settled) >= _REMEMBERED_TAGS:
                self.settled.clear()
                self._remembered.cache_clear()  # or what it knows would not settle again
            self.settled[tag.raw] = (ruling.written, ruling.blocked) if ruling.written else None
        return ruling

    def _gated(self, tag: Tag) -> Ruling:
        match tag.name:
            case "script":
                return self._script(tag)
            case "iframe" | "frame":
                return self._frame(tag)
            case "link":
                return self._link(tag)
            case "meta":
                return self._meta(tag)
        return self._attributes(tag, FETCHED.get(tag.name, ()))

    def _script(self, tag: Tag) -> Ruling:
        # Chromium asks there as soon as it reads the attribute, whatever type the script has.
        reports = self._attributes(tag, ("attributionsrc",))
        parked = self._source(tag) if is_code(tag) else None
        if parked is None or parked.edit is None:
            return reports
        edit = parked_with(parked.edit, reports.edit)
        return parked._replace(edit=edit, blocked=(*parked.blocked, *reports.blocked))

    def _source(self, tag: Tag) -> Ruling | None:
        """The ruling on the address of a script, which may be the code itself."""
        sources = [*filter(None, map(tag.get, ("src", "href", "xlink:href")))]
        if blocked := self._first_blocked(sources):
            return parked_script(tag, blocked)
        codes = filter(None, (code_in(source, INLINE_CAP_BYTES) for source in sources))
        return next(filter(None, (self._code(tag, code) for code in codes)), None)

    def _frame(self, tag: Tag) -> Ruling:
        document = tag.get("srcdoc")
        if document is not None and tag.name == "iframe":
            return self._inner_document(document)
        source = tag.get("src")
        blocked = self._access.blocked(source) if source else None
        if blocked is None:
            return self._attributes(tag, ("src",))
        if is_hidden(tag):
            return parked_attributes(("src",), (blocked,))
        label, retired = label_of(blocked), retired_frame(blocked.service, blocked.url)
        if retired:
            # Not the bare word: who agrees gets the frame back, and another may hide its own.
            edit = Edit(rename={"src": PARKED + "src"}, set={"data-cg": label, "hidden": "cg"})
        else:
            # A sandbox without forms or navigation would make our own buttons dead.
            renamed = {"src": PARKED + "src", "sandbox": PARKED + "sandbox"}
            edit = Edit(rename=renamed, set={"data-cg": label})
        facts = frame_facts(tag, blocked.url, source or "")
        return Ruling(edit, (blocked,), Asked(Frame(blocked, facts, retired)))

    def _inner_document(self, document: str) -> Ruling:
        """A document in a frame's ``srcdoc``, which a ``src`` gives way to.

        It inherits the page's policy, but browsers connect for its frames and hints before that.
        """
        source = document.encode("utf-8", "surrogateescape")
        gated, blocked = self._gated_within(source)
        if gated is None:
            return Ruling(Edit(rename={"srcdoc": PARKED + "srcdoc"}))
        if any(map(self._access.blocked_hint, linked_addresses(source))):
            gated = without_lookups(gated)
        if gated == source:
            return _PASSES
        edit = Edit(set={"srcdoc": gated.decode("utf-8", "surrogateescape")})
        return Ruling(edit, blocked)

    def _gated_within(self, source: bytes) -> tuple[bytes | None, tuple[Blocked, ...]]:
        """A document within a frame as it may be shown, and what that stops; None too deep."""
        if self._depth == _DEEPEST_DOCUMENT:
            return None, ()
        within = _Within(self)
        gated = HtmlGate(within).close(source)
        return gated, tuple(within.blocked)

    def _stops(self, tag: Tag, name: str, value: str) -> tuple[bool, list[Blocked]]:
        """Whether an attribute's value is stopped, and whom it would contact."""
        urls = addresses_in(name, value)
        blocked = [each for url in urls if (each := self._access.blocked(url))]
        if FRAMES.get(tag.name) != name:
            return bool(blocked), blocked
        is_stopped, within = self._document_stops(value)
        return is_stopped or bool(blocked), [*blocked, *within]

    def _document_stops(self, address: str) -> tuple[bool, list[Blocked]]:
        """Whether the document that an address is, if it is one, would not leave as it came."""
        inner = document_in(address)
        if inner is None:
            return False, []
        gated, blocked = self._gated_within(inner.source)
        named = [*blocked, *filter(None, map(self._access.blocked, inner.addresses))]
        is_open = inner.is_open and self._access.has_limits
        return gated != inner.source or bool(named) or is_open, named

    def _link(self, tag: Tag) -> Ruling:
        loading = LOADING_RELS.intersection((tag.get("rel") or "").lower().split())
        if not loading:
            return _PASSES
        if loading <= HINT_RELS:
            blocked = self._access.blocked_hint(tag.get("href") or "")
            return parked_attributes(("href",), (blocked,)) if blocked else _PASSES
        return self._attributes(tag, ("href", "imagesrcset"))

    def _meta(self, tag: Tag) -> Ruling:
        match (tag.get("http-equiv") or "").strip().lower():
            case "refresh":
                return self._refresh(refresh_targets(tag.get("content") or ""))
            case "content-security-policy":
                return Ruling(asked=Asked(has_policy=True))
        return _PASSES

    def _refresh(self, targets: tuple[str, ...]) -> Ruling:
        """A frame may lead itself to a document in an address, a page may not."""
        if blocked := self._first_blocked(targets):
            return parked_attributes(("content",), (blocked,))
        for is_stopped, within in map(self._document_stops, targets):
            if is_stopped:
                return parked_attributes(("content",), within)
        return _PASSES

    def _attributes(self, tag: Tag, names: tuple[str, ...]) -> Ruling:
        """Has those of the attributes renamed that lead to a blocked URL."""
        parked: list[str] = []
        stopped: list[Blocked] = []
        for name in names:
            value = tag.get(name)
            if not value:
                continue
            is_stopped, blocked = self._stops(tag, name, value)
            if is_stopped:
                parked.append(name)
                stopped += blocked
        return parked_attributes(parked, stopped) if parked else _PASSES

    def _first_blocked(self, references: Iterable[str]) -> Blocked | None:
        return next(filter(None, map(self._access.blocked, references)), None)


class _Within:
    """The decisions for a document within a frame: no page of ours stands in its frames."""

    def __init__(self, around: Rulings) -> None:
        self._rulings = around.within()
        self.blocked: list[Blocked] = []

    def tag(self, tag: Tag) -> bytes | None:
        return self._carried_out(self._rulings.of(tag))

    def inline(self, tag: Tag, code: bytes) -> Rewritten | None:
        ruling = self._rulings.of_code(tag, code)
        written = self._carried_out(ruling)
        return written if written is None else Rewritten(written, ruling.empties(written))

    def _carried_out(self, ruling: Ruling) -> bytes | None:
        self.blocked += ruling.blocked
        return ruling.written


def rulings_of(access: Access) -> Rulings:
    """The rulings under an access, the same ones for everybody who has agreed to the same."""
    consent = access.consent
    return _rulings(
        access.first_party,
        access.lookup,
        access.scheme,
        access.report_unknown,
        consent.allowed,
        consent.once,
        consent.categories,
        consent.opted_out,
    )


@lru_cache(maxsize=_REMEMBERED_ACCESSES)
def _rulings(
    first_party: FirstParty,
    lookup: Lookup,
    scheme: str,
    report_unknown: bool,
    allowed: frozenset[str],
    once: frozenset[str],
    categories: frozenset[str],
    opted_out: frozenset[str],
) -> Rulings:
    """All that rulings may depend on is named here: nothing else of a visitor is kept."""
    consent = Consent(allowed=allowed, once=once, categories=categories, opted_out=opted_out)
    return Rulings(Access(first_party, lookup, consent, scheme, report_unknown))
