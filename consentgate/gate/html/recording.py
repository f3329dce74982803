"""A gate that records the trail of the page that goes through it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from consentgate.gate.html import rawtext
from consentgate.gate.html.awaited import INLINE_CAP_BYTES
from consentgate.gate.html.buffer import Buffer
from consentgate.gate.html.decide import Decide, Remember
from consentgate.gate.html.names import ALWAYS_READ
from consentgate.gate.html.outline import Inserts
from consentgate.gate.html.reading import Reading
from consentgate.gate.html.rewriter import HtmlGate
from consentgate.gate.html.stops import Kind, Stop, View
from consentgate.gate.html.tokenizer import Mode
from consentgate.gate.html.trail import (
    END,
    Alike,
    Rules,
    Step,
    Trail,
    change_beside,
    change_by_bytes,
)

# Raw text ends before its end tag, and text before its first character: both were looked at.
_AHEAD = {Kind.CODE: len("</script>"), Kind.TEXT: len("\u2028".encode())}
_SCRIPT_STOPS = 2  # its tag and its code

_TAILS = {Mode.MARKUP: b"", Mode.SCRIPT: b"script", Mode.BOGUS_COMMENT: b">"}


@dataclass(slots=True)
class _Begun:
    """A step that is not at its end yet, and how many stops it has so far."""

    view: View
    stop: Stop
    splices: int
    notes: int
    in_drawing: bool
    last: Kind
    stops: int = 1


class RecordingGate(HtmlGate):
    """Does what any gate does, and gives the trail of a page that was fed in one piece.

    ``rules`` say what holds on any page; to ``notes`` is added, during the decisions, what each
    tag stops.
    """

    def __init__(
        self,
        decide: Decide,
        inserts: Inserts | None,
        remember: Remember,
        rules: Rules,
        notes: Sequence[object],
    ) -> None:
        super().__init__(decide, inserts, remember=remember)
        self._rules = rules
        self._notes = notes
        self._pieces = 0
        self._asked: View | None = None  # of the scanner, at the place where a step may begin
        self._begun: _Begun | None = None
        self._steps: list[Step] = []
        self._spoilt = False
        self.trail: Trail | None = None
        """What was recorded, once the page is closed; None where it cannot be told again."""

    def feed(self, chunk: bytes) -> bytes:
        """Takes the page; gives what can leave."""
        if self._pieces:
            self._spoilt = self._spoilt or bool(chunk)
            return super().feed(chunk)
        out = super().feed(chunk)
        self._pieces = 1
        # All has left: what comes at the end of the page changes nothing before it.
        if self._asked is None or self._data or not self._between_steps:
            self._spoilt = True
        else:
            self._steps.append(Step(self._asked, Kind.NOTHING, b""))
        return out

    def close(self, last: bytes = b"") -> bytes:
        """Ends the page; gives the rest of it."""
        out = self.feed(last) if last else b""
        behind = super().close()
        if self._pieces and not self._spoilt:
            self.trail = Trail(tuple(self._steps), behind, self.kind, self.lang)
        return out + behind

    @property
    def _between_steps(self) -> bool:
        first, alone = self._readings.first, self._readings.alone
        return alone and not self._begun and first.mode is Mode.MARKUP and first.tag_end is None

    def _step(self, reading: Reading, data: Buffer, *, final: bool) -> bool:
        if not self._pieces and not self._spoilt:
            self._asked = None
            if self._readings.alone and self._may_end(reading):
                if self._begun:
                    self._end_step(self._begun, reading)
                view = self._view(reading)
                self._asked = reading.view() if view is None else view
        return super()._step(reading, data, final=final)

    def _may_end(self, reading: Reading) -> bool:
        """Whether a step can end where this reading is."""
        if reading.scripts or reading.tag_end:
            return False
        return reading.mode is not Mode.SAME_TEXT or self._is_same_text(reading)

    def _is_same_text(self, reading: Reading) -> bool:
        return rawtext.is_end_tag_next(self._data, reading.position, reading.raw_name)[0] is True

    def _take(self, reading: Reading, stop: Stop) -> None:
        if not self._pieces and not self._spoilt:
            if self._begun:
                self._begun.last = stop.kind
                self._begun.stops += 1
            elif self._asked is None or stop.kind is Kind.FORK:
                self._spoilt = True
            elif not self._is_beside(self._asked, stop):
                self._begin_step(self._asked, reading, stop)
        super()._take(reading, stop)

    def _is_beside(self, view: View, stop: Stop) -> bool:
        if view is not View.PAGE:
            return False
        return change_beside(bytes(self._data), stop, self._rules) is not None

    def _begin_step(self, view: View, reading: Reading, stop: Stop) -> None:
        counts = len(self._splices), len(self._notes)
        self._begun = _Begun(view, stop, *counts, bool(reading.stack), stop.kind)

    def _end_step(self, begun: _Begun, reading: Reading) -> None:
        self._begun = None
        page, (_, start, _, _) = bytes(self._data), begun.stop
        tail = _tail(reading)
        if tail is None or (begun.stops > 1 and reading.position >= len(page)):
            self._spoilt = True
            return
        splices = self._splices.since(begun.splices)
        placed = [(at - start, end - start, (content, ())) for at, end, content in splices]
        noted = [(0, 0, (b"", note)) for note in self._notes[begun.notes :]]
        seen = self._seen(begun, page, reading)
        self._steps.append(Step(begun.view, *seen, (*noted, *placed), tail))

    def _seen(
        self, begun: _Begun, page: bytes, reading: Reading
    ) -> tuple[Kind, bytes, Alike, bytes, int]:
        """The fields of a step that say what was read, and what of it has to be as it is."""
        kind, start, end, name = begun.stop
        if begun.stops > 1:
            behind = reading.position
            ahead = min(_AHEAD.get(begun.last, 0), len(page) - behind)
            alike = Alike.CODE if self._is_dull_script(begun, page[:behind]) else Alike.BYTES
            return kind, name, alike, page[start : behind + ahead], ahead
        if kind is not Kind.START:
            return kind, name, Alike.NAME, b"", 0
        raw = page[start:end]
        turns = begun.in_drawing or name in ALWAYS_READ
        change = None if turns else change_by_bytes(raw, name, self._rules)
        return kind, name, Alike.BYTES if change is None else Alike.TAG, raw, 0

    def _is_dull_script(self, begun: _Begun, page: bytes) -> bool:
        """Whether it is an inline script that leaves as it came; the page ends with its code."""
        _, start, end, name = begun.stop
        if begun.in_drawing or name != b"script" or begun.last is not Kind.CODE:
            return False
        code = page[end : end + INLINE_CAP_BYTES]
        return begun.stops == _SCRIPT_STOPS and self._rules.passes(page[start:end], code)


def _tail(reading: Reading) -> bytes | None:
    """What is passed over before markup is read again; None where that cannot be told."""
    if reading.mode is Mode.RAW_TEXT:
        return reading.raw_name
    return END + reading.raw_name if reading.mode is Mode.SAME_TEXT else _TAILS.get(reading.mode)
