"""Inline scripts and styles whose end is awaited, since their code says what becomes of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from consentgate.gate.html import grammar
from consentgate.gate.html.buffer import Buffer
from consentgate.gate.html.charrefs import read_text
from consentgate.gate.html.decide import Decide
from consentgate.gate.html.tags import Rewritten, Tag

INLINE_CAP_BYTES = 128 * 1024

_PLAIN_STYLE = re.compile(grammar.PLAIN_STYLE + rb"(?s:.)")


@dataclass(frozen=True, slots=True)
class Script:
    """An inline script whose end is awaited: its tag, where that and its code begin.

    In a drawing its code is read as markup, and ends where it is no open element any more:
    ``depth`` is how many elements are open within it. Elsewhere it is 0. ``unsure``: it may be
    in one. ``ends`` is how many ends it may have had so far.
    """

    tag: Tag
    start: int
    code_start: int
    depth: int = 0
    unsure: bool = False
    ends: int = field(default=0, compare=False)

    @property
    def code_cap(self) -> int:
        """Up to where its code is looked at."""
        return self.code_start + INLINE_CAP_BYTES

    def is_plain_style(self, data: Buffer) -> bool:
        """Whether it is a style whose first words, once they have come, import nothing."""
        return self.tag.name == "style" and bool(_PLAIN_STYLE.match(data, self.code_start))

    def rewritten(self, decide: Decide, code: bytes) -> Rewritten | None:
        """What becomes of it, now that its code is known.

        In a drawing that is read as text, where references count; but a style's ahead of the
        parser as it is.
        """
        if not (self.depth or self.unsure):
            return decide.inline(self.tag, code)
        rewritten = decide.inline(self.tag, read_text(code))
        raw_counts = self.unsure or self.tag.name == "style"
        if rewritten is None and raw_counts and b"&" in code:
            return decide.inline(self.tag, code)
        return rewritten

    def moved(self, count: int) -> Script:
        """The script once so many bytes were cut off the front of the data."""
        return replace(self, start=self.start - count, code_start=self.code_start - count)
