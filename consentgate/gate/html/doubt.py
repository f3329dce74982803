"""Reading in doubt: a tag is whatever looks like one, wherever it stands."""

from __future__ import annotations

from dataclasses import dataclass

from consentgate.gate.html import scanner
from consentgate.gate.html.awaited import Script
from consentgate.gate.html.buffer import Buffer
from consentgate.gate.html.rawtext import find_end_tag
from consentgate.gate.html.reading import Passing, Reading
from consentgate.gate.html.stops import Kind, Stop, View
from consentgate.gate.html.tags import Tag, is_inline_in_drawing, is_inline_script

DOUBTFUL_CAP_BYTES = 4096


@dataclass(slots=True)
class Doubt(Reading):
    """Sees the gated start tags of all readings there can be, and more.

    Whether a start tag is one depends on what precedes it, but how it ends does not: so
    trying every ``<`` misses none. Tags, and the code of inline scripts, are looked at up to
    4 KiB, since each byte may belong to many.
    """

    def next_stop(
        self,
        data: Buffer,
        view: View | None,  # noqa: ARG002  the shape of Reading
        passing: Passing | None = None,  # noqa: ARG002  as above
        *,
        final: bool,
    ) -> Stop | None:
        """The next start tag; CUT_OFF for one beyond the cap, UNFINISHED for one at the end.

        None where data is needed.
        """
        if self.script:
            return self._code_of(self.script, data)
        stop = scanner.next_start_tag_anywhere(data, self.position, DOUBTFUL_CAP_BYTES)
        if stop.kind is Kind.NOTHING:
            self.position = len(data) if final else stop.end
            return None
        self.position = stop.start
        seen = stop.end if stop.kind is Kind.START else stop.start
        reaches = len(data) - seen >= DOUBTFUL_CAP_BYTES
        complete = stop.kind is Kind.START and stop.name != b"script"
        if not (final or reaches or complete or self._has_code(data, stop)):
            return None
        self.position = stop.start + 1
        if stop.kind is Kind.CUT_OFF and not reaches:
            return Stop(Kind.UNFINISHED, stop.start, len(data))
        return stop

    def script_of(self, tag: Tag, start: int, end: int) -> Script | None:
        """Any script that has code in a drawing or outside of one."""
        if tag.name != "script" or not (is_inline_script(tag) or is_inline_in_drawing(tag)):
            return None
        return Script(tag, start, end, unsure=True)

    def enter(self, name: bytes, tag: Tag | None) -> list[Reading]:  # noqa: ARG002  as above
        """Nothing: what a tag begins makes no difference."""
        return []

    def leave(self, name: bytes) -> list[Reading]:  # noqa: ARG002  as above
        """Nothing."""
        return []

    def _has_code(self, data: Buffer, stop: Stop) -> bool:
        return stop.kind is Kind.START and find_end_tag(data, stop.end, b"script")[0]

    def _code_of(self, script: Script, data: Buffer) -> Stop:
        start = script.code_start
        cap = min(len(data), start + DOUBTFUL_CAP_BYTES)
        found, end = find_end_tag(data[start:cap], 0, b"script")
        return Stop(Kind.CODE, start, start + end if found else cap)
