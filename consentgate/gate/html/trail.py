"""The trail of a page: its stops, and what the gate did at each.

What the gate does to a page follows from its stops and not from the text between them. So a page
that comes again with other text is scanned once more, and where each stop is the recorded one,
what was done there is done again. At the first difference the trail is no use for that page.

A *step* begins where markup is read by a single reading, with no script awaited, and ends at the
next such place behind a stop. No steps are tags whose bytes alone say what becomes of them and
behind which the page is read on alike: of these there may be others, more or fewer.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from typing import NamedTuple, Protocol

from consentgate.gate.html import rawtext, scanner
from consentgate.gate.html.awaited import INLINE_CAP_BYTES
from consentgate.gate.html.names import ALWAYS_READ
from consentgate.gate.html.outline import DocumentKind
from consentgate.gate.html.reading import CHANGES_READING
from consentgate.gate.html.scanner import may_matter
from consentgate.gate.html.splices import Splices
from consentgate.gate.html.stops import Kind, Met, Settled, Stop, View

Change = tuple[bytes | None, object]
"""The bytes that take the place of a tag, None where it leaves as it came; and a note."""

Changes = tuple[tuple[int, int, tuple[bytes, object]], ...]
"""From where to where, the bytes for that, and a note."""

_UNCHANGED: Change = (None, ())
_SCRIPT_END = b"</script>"
# Of those that change the reading an input does so in a choice alone, and a script by its end.
_TURNS = (CHANGES_READING | ALWAYS_READ | {b"body"}) - {b"input", b"script"}
END = b"</"
_STEP_BYTES = 300  # about as much as one takes beside the bytes in it


class Rules(Protocol):
    """What becomes of markup on any page, whatever surrounds it."""

    @property
    def settled(self) -> Settled:
        """The start tags of which that is known; it may grow."""

    def alone(self, raw: bytes) -> Change | None:
        """What becomes of this start tag; None where a page has a say, or a script has code."""

    def passes(self, raw: bytes, code: bytes) -> bool:
        """Whether an inline script with this start tag and code leaves as it came."""


class Alike(Enum):
    """What of a page has to be as it was, beside the kind of stop and its name."""

    NAME = auto()  # nothing
    TAG = auto()  # nothing if its bytes alone say what becomes of the tag
    CODE = auto()  # the tag, and that the code of the script does not matter
    BYTES = auto()  # all that was read


class Step(NamedTuple):
    """One stop and what was done there.

    ``view``: what the scanner was asked for. ``seen`` are the bytes from the stop on, of which
    the last ``ahead`` were looked at and not read yet. ``changes`` count from the stop; a mere
    note stands at no bytes. ``tail`` is what is passed over before markup is read again: the name
    of an element of raw text, a script, all up to a ``>``, or text up to this end tag.
    """

    view: View
    kind: Kind
    name: bytes
    alike: Alike = Alike.NAME
    seen: bytes = b""
    ahead: int = 0
    changes: Changes = ()
    tail: bytes = b""

    @property
    def size(self) -> int:
        """In bytes."""
        written = sum(len(content) for _, _, (content, _) in self.changes)
        return _STEP_BYTES + len(self.seen) + written

    def with_other(self, old: bytes, new: bytes) -> Step:
        """The step with other bytes, as many, where these are."""
        if old not in self.seen and all(old not in content for _, _, (content, _) in self.changes):
            return self
        changes = tuple((s, e, (c.replace(old, new), note)) for s, e, (c, note) in self.changes)
        return self._replace(seen=self.seen.replace(old, new), changes=changes)


class Trail(NamedTuple):
    """The steps of a page, the last one its end; ``closing`` is what was put behind it."""

    steps: tuple[Step, ...]
    closing: bytes
    kind: DocumentKind
    lang: str

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.closing) + sum(step.size for step in self.steps)

    def with_other(self, old: bytes, new: bytes) -> Trail:
        """The trail with other bytes, as many, where these are."""
        steps = tuple([step.with_other(old, new) for step in self.steps])
        return self._replace(steps=steps, closing=self.closing.replace(old, new))


class Replayed(NamedTuple):
    """What leaves of a page, and notes of what was stopped."""

    body: bytes
    notes: Sequence[object]


def replay(trail: Trail, page: bytes, rules: Rules, *, closed: bool) -> Replayed | None:
    """What the gate makes of a whole page; None where it does not go along the trail.

    ``closed``: with what is put behind it.
    """
    walk = _Walk(page, rules)
    position = 0
    for step in trail.steps:
        position = walk.take(step, position)
        if position < 0:
            return None
    if position != len(page):
        return None
    splices = Splices()
    splices.add_all((start, end, content) for start, end, (content, _) in walk.changes)
    if closed:
        splices.add_insertion(len(page), trail.closing)
    notes = [note for _, _, (_, note) in walk.changes if note]
    return Replayed(splices.leave(page, len(page)), notes)


def change_beside(page: bytes, stop: Stop, rules: Rules) -> Change | None:
    """What becomes of a tag that is no step of a page; None where it has to be one."""
    kind, start, end, name = stop
    if kind is not Kind.START or name in _TURNS:
        return None
    if name == b"script" and not page.startswith(_SCRIPT_END, end):
        return None
    return change_by_bytes(page[start:end], name, rules)


def change_by_bytes(raw: bytes, name: bytes, rules: Rules) -> Change | None:
    """What becomes of a start tag, where its bytes alone say so."""
    return rules.alone(raw) if may_matter(name, raw) else _UNCHANGED


class _Walk:
    """A page on its way along a trail, and what changes in it, in the order of the page."""

    def __init__(self, page: bytes, rules: Rules) -> None:
        self.changes: Met = []
        self._page = page
        self._rules = rules
        self._settled = rules.settled

    def take(self, step: Step, position: int) -> int:
        """Where markup is read again behind this step; -1 where the page does not go along."""
        view, kind, name, alike, seen, ahead, changes, tail = step
        page = self._page
        while True:
            if view is View.PAGE:
                stop = scanner.next_unsettled(page, position, self._settled, self.changes)
            else:
                stop = scanner.next_stop(view, page, position)
            found, start, position, called = stop
            if found is kind and called == name:
                behind, due = position, changes
                if alike is not Alike.NAME and page.startswith(seen, start):
                    behind = start + len(seen) - ahead
                elif alike is not Alike.NAME:
                    behind, due = self._other(step, stop)
                if behind >= 0:
                    for at, end, change in due:
                        self.changes.append((start + at, start + end, change))
                    return _past(page, behind, tail) if tail else behind
            if view is not View.PAGE or not self._passes_beside(stop):
                return -1

    def _passes_beside(self, stop: Stop) -> bool:
        """Whether a stop is a tag beside the trail; then what becomes of it is done."""
        change = change_beside(self._page, stop, self._rules)
        if change and change[0] is not None:
            self.changes.append((stop.start, stop.end, (change[0], change[1])))
        return change is not None

    def _other(self, step: Step, stop: Stop) -> tuple[int, Changes]:
        """Behind a tag or script that is no more than alike, and what changes there; else -1."""
        page, (_, start, end, name) = self._page, stop
        raw = page[start:end]
        if step.alike is Alike.CODE and step.seen.startswith(raw):
            found, behind, _ = rawtext.find_script_end(page, end, rawtext.PLAIN)
            code = page[end : min(behind, end + INLINE_CAP_BYTES)]
            return (behind if found and self._rules.passes(raw, code) else -1), step.changes
        to = change_by_bytes(raw, name, self._rules) if step.alike is Alike.TAG else None
        if to is None:
            return -1, ()
        size = len(raw)
        changes = [
            (size if at else 0, size if at else 0, change)
            for at, until, change in step.changes
            if at == until and change[0]  # what was put in around it; the rest was the tag's own
        ]
        if to[0] is not None:
            changes.append((0, size, (to[0], to[1])))
        return end, tuple(changes)


def _past(page: bytes, position: int, tail: bytes) -> int:
    """Where markup is read again; -1 where that is nowhere."""
    if tail == b">":
        found, behind = rawtext.find_after(page, position, tail)
    elif tail == b"script":
        found, behind, _ = rawtext.find_script_end(page, position, rawtext.PLAIN)
    elif tail.startswith(END):
        is_next, behind = rawtext.is_end_tag_next(page, position, tail.removeprefix(END))
        found = is_next is True
    else:
        found, behind = rawtext.find_end_tag(page, position, tail)
    return behind if found else -1
