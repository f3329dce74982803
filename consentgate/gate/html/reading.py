"""One way to read the page: where it has got to, and in which state of the tokenizer.

How a byte is read can depend on what the gate does not know: whether scripting is on
(``<noscript>``), what a parser ignores (``<select>``, framesets), whether a drawing has
ended, whether it is read by the parser or ahead of it (``preload.py``). Then a reading splits
in two, and the gate follows both until they agree again: a tag that any reading sees is
decided upon.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import NamedTuple

from consentgate.gate.html import foreign, rawtext, scanner
from consentgate.gate.html.awaited import Script
from consentgate.gate.html.buffer import Buffer
from consentgate.gate.html.stops import Kind, Met, Settled, Stop, View
from consentgate.gate.html.tags import Tag, is_inline_script
from consentgate.gate.html.tokenizer import CDATA, Mode, Tokenizer


class Passing(NamedTuple):
    """What is settled before the page comes, and which of it was met on the page."""

    settled: Settled
    met: Met


class Context(Enum):
    """Where some parsers ignore tags, and with them the raw text that these begin."""

    PLAIN = auto()
    SELECT = auto()
    COLUMN = auto()  # columns of a table, directly in a template
    FRAMESET = auto()


_RAW_IN_ANY_PARSER = {
    Context.SELECT: frozenset({b"script", b"textarea"}),
    Context.COLUMN: frozenset[bytes](),
    Context.FRAMESET: frozenset[bytes](),  # it may have been ignored, and a select follow
}
_RAW_FOR_PRELOAD = rawtext.RAW_TEXTS | {b"noscript", b"script"}  # behind others it sees no tag
_ENDS_SELECT = frozenset({b"input", b"keygen", b"textarea"})
CHANGES_READING = (
    rawtext.RAW_TEXTS
    | _ENDS_SELECT
    | {b"col", b"frameset", b"noscript", b"plaintext", b"script", b"select", b"template"}
)


@dataclass(slots=True)
class Reading(Tokenizer):
    """A state of the tokenizer, and what the tree around it says of how tags are read."""

    stack: foreign.Stack = foreign.OUTSIDE
    context: Context = Context.PLAIN
    around: Context = Context.PLAIN
    """The context around the outermost template, to which its end leads back."""
    templates: int = 0
    noscript: bool = False
    scripts: tuple[Script, ...] = ()
    """Those whose code is awaited: each within the one before it, in a drawing."""
    blocked: bool = False
    preload: bool = True
    """Whether what is read ahead of the parser may be read like this."""

    @property
    def hold(self) -> int:
        """Up to where the data may leave, as far as this reading is concerned."""
        return self.scripts[0].start if self.scripts else self.position

    @property
    def script(self) -> Script | None:
        """The innermost script that is awaited."""
        return self.scripts[-1] if self.scripts else None

    @property
    def is_shut_in(self) -> bool:
        """Whether an end tag here cannot be one of the page around: in a template, a drawing."""
        return self.templates > 0 or any(element.point for element in self.stack)

    @property
    def key(self) -> tuple[object, ...]:
        """Two readings with the same key read all that follows alike."""
        surroundings = self.stack, self.context, self.around, self.templates
        return *self.state, *surroundings, self.scripts

    def moved(self, count: int) -> None:
        """Tells that so many bytes were cut off the front of the data."""
        Tokenizer.moved(self, count)  # which super() cannot name in a class with slots
        self.scripts = tuple([script.moved(count) for script in self.scripts])

    def next_stop(
        self, data: Buffer, view: View | None, passing: Passing | None = None, *, final: bool
    ) -> Stop | None:
        """The next place that may matter; None where more data is needed.

        ``view`` replaces the one that the state asks for, ``passing`` has what need not be asked
        about again. ``final``: no more data will come.
        """
        if self.script and self.script.depth:
            return self._next_in_drawing(self.script, data, view, final=final)
        return self._next(data, view, passing, final=final)

    def _next(
        self, data: Buffer, view: View | None, passing: Passing | None = None, *, final: bool
    ) -> Stop | None:
        while True:
            if self.mode is not Mode.MARKUP:
                awaited = self.script is not None and not self.script.depth
                stop = self._code(data, final=final) if awaited else self._fork(data, final=final)
                if stop or not self._is_markup_next(data):
                    return stop
                continue
            if self.tag_end:
                if not self.tag_end.found(data):
                    return None
                self.tag_end = None
            stop = self._stop(data, self.view() if view is None else view, passing)
            if stop.kind is Kind.START:
                self.position = stop.end
                return stop
            if stop.kind is Kind.CUT_OFF:
                fork = self._go_into(data, stop.start)
                if fork or self.position == stop.start:
                    return fork
                continue
            self.position = stop.start if stop.kind is Kind.TEXT else stop.end
            if stop.kind is Kind.DOCTYPE:
                self.mode = Mode.BOGUS_COMMENT
            return None if stop.kind is Kind.NOTHING else stop

    def _go_into(self, data: Buffer, start: int) -> Stop | None:
        """Goes into what begins there; a stop where that may be CDATA after all."""
        self.begin(data, start, holds_cdata=foreign.holds_cdata(self.stack))
        if self.stack and self.mode is Mode.BOGUS_COMMENT:
            end = start + len(CDATA)
            return Stop(Kind.FORK, start, end) if bytes(data[start:end]) == CDATA else None
        return None

    def _stop(self, data: Buffer, view: View, passing: Passing | None) -> Stop:
        if passing is None or view is not View.PAGE:
            return scanner.next_stop(view, data, self.position)
        return scanner.next_unsettled(data, self.position, passing.settled, passing.met)

    def script_of(self, tag: Tag, start: int, end: int) -> Script | None:
        """The script or style that a tag begins, where its code is to be decided upon."""
        begins = tag.name == "style" or is_inline_script(tag)
        return Script(tag, start, end) if begins else None

    def enter(self, name: bytes, tag: Tag | None) -> list[Reading]:
        """Takes the start tag that was just read; gives the other ways to read on, if any.

        ``tag`` may be left out outside of drawings, where its name says enough.
        """
        if tag and (self.stack or tag.foreign):
            before = self.stack
            self.stack = foreign.after_start(before, tag, foreign=tag.foreign)
            if tag.foreign:
                differs = self.stack != before and self._may_be_ignored(name)
                others = [replace(self, stack=before)] if differs else []
                if self.preload and name in _RAW_FOR_PRELOAD:
                    self.mode, self.raw_name = Mode.SAME_TEXT, name
                return others
            if stacks := foreign.beside_start(before, tag):
                return [*self._enter_html(name), *(replace(self, stack=s) for s in stacks)]
        return self._enter_html(name) if name in CHANGES_READING else []

    def leave(self, name: bytes) -> list[Reading]:
        """Takes the end tag that was just read; gives the other ways to read on, if any."""
        if name == b"noscript":
            self.noscript = False
        elif name == b"select":
            self._leave_select()
        elif name == b"template" and self.templates and not foreign.is_foreign(self.stack, name):
            self.templates -= 1
            if not self.templates and self.context is not Context.FRAMESET:
                self.context = self.around
        if not self.stack:
            return []
        text = name.decode("utf-8", "surrogateescape")
        self.stack, *others = foreign.after_end(self.stack, text)
        return [replace(self, stack=stack) for stack in others]

    def in_cdata(self, position: int) -> Reading:
        """The same behind the beginning of a CDATA section, if none of the HTML is open here."""
        around = foreign.without_html(self.stack)
        return replace(self, stack=around, mode=Mode.CDATA, position=position)

    def leave_context(self) -> None:
        """Forgets where tags may be ignored."""
        self.context, self.templates = Context.PLAIN, 0

    def view(self) -> View:
        """What a scanner is asked for in this state."""
        if self.stack:
            return View.FOREIGN
        return View.PAGE if self.context is Context.PLAIN else View.WARY

    def _may_be_ignored(self, name: bytes) -> bool:
        always = _RAW_IN_ANY_PARSER.get(self.context)
        return always is not None and name not in always

    def _enter_html(self, name: bytes) -> list[Reading]:
        if name in rawtext.RAW_TEXTS or name == b"noscript":
            self.mode, self.raw_name = Mode.RAW_TEXT, name
        elif name == b"script":
            self.mode, self.script_state = Mode.SCRIPT, rawtext.PLAIN
        elif name == b"plaintext":
            self.mode = Mode.PLAINTEXT
        else:
            return self._enter_context(name)
        others = []
        if name == b"noscript" or self._may_be_ignored(name):
            others = [replace(self, mode=Mode.MARKUP, raw_name=b"")]
            others[0].noscript |= name == b"noscript"
        self._enter_context(name)
        return others

    def _enter_context(self, name: bytes) -> list[Reading]:
        if name == b"template":
            self.around = self.around if self.templates else self.context
            self.templates += 1
        elif name == b"frameset":
            # Ignored once the body has content, else it takes the place of all there is.
            others = [replace(self, stack=foreign.OUTSIDE)] if self.stack else []
            for reading in (self, *others):
                reading.context = Context.FRAMESET
            return others
        elif name == b"col" and self.templates:
            self.context = Context.COLUMN
        elif name == b"select" and self.context is Context.PLAIN:
            self.context = Context.SELECT
        elif name in _ENDS_SELECT:
            self._leave_select()
        return []

    def _leave_select(self) -> None:
        # Within a template it may be another that ends.
        if self.context is Context.SELECT and not self.templates:
            self.context = Context.PLAIN

    def _next_in_drawing(
        self, script: Script, data: Buffer, view: View | None, *, final: bool
    ) -> Stop | None:
        """The same within an inline script of a drawing: its code, once that has ended."""
        cap = script.code_cap
        if len(self.stack) < script.depth:
            return Stop(Kind.CODE, script.code_start, min(self.position, cap))
        if self.position >= cap:
            return Stop(Kind.CODE, script.code_start, cap)
        with memoryview(data) as whole, whole[:cap] as code:
            is_full = len(code) == cap
            stop = self._next(code, view, final=final and not is_full)
            if stop or not (final or is_full):
                return stop
            return Stop(Kind.CODE, script.code_start, len(code))

    def _code(self, data: Buffer, *, final: bool) -> Stop | None:
        """The code of the awaited script, once its end or the cap is reached."""
        assert self.script is not None  # noqa: S101  asked for by the caller
        if self.script.is_plain_style(data):
            self.scripts = self.scripts[:-1]
            return None
        found = self.find_end(data)
        start, cap = self.script.code_start, self.script.code_cap
        if found:
            self.read_markup()
            return Stop(Kind.CODE, start, min(self.position, cap))
        if final or self.position >= cap:  # not before: its end may have begun ahead of the cap
            return Stop(Kind.CODE, start, min(len(data), cap))
        return None

    def _fork(self, data: Buffer, *, final: bool) -> Stop | None:
        """The place in a drawing where the preload scanner begins to read otherwise."""
        if self.mode is Mode.SAME_TEXT:
            is_same, self.position = rawtext.is_end_tag_next(data, self.position, self.raw_name)
            if is_same or (is_same is None and final):  # no tag is complete any more
                self.read_markup()
        elif self.mode is Mode.CDATA and self.preload:
            is_same, self.position = rawtext.find_first_end_of_cdata(data, self.position)
            if is_same:
                self.read_markup()
        else:
            return None
        return Stop(Kind.FORK, self.position, self.position) if is_same is False else None

    def _is_markup_next(self, data: Buffer) -> bool:
        if self.mode is Mode.MARKUP:
            return True
        forks = self.mode is Mode.SAME_TEXT or (self.mode is Mode.CDATA and self.preload)
        return not forks and self.leave_stretch(data)
