"""One way to read the page: where it has got to, and in which state of the tokenizer.

How a byte is read can depend on what the gate does not know: whether scripting is on
(``<noscript>``), what a parser ignores (``<select>``, framesets), whether a drawing has
ended, whether it is read by the parser or ahead of it (``preload.py``). Then a reading splits
in two, and the gate follows both until they agree again: a tag that any reading sees is
decided upon.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import NamedTuple

from consentgate.gate.html import foreign, grammar, rawtext, scanner
from consentgate.gate.html.buffer import Buffer
from consentgate.gate.html.stops import Kind, Met, Settled, Stop, View
from consentgate.gate.html.tagend import TagEnd
from consentgate.gate.html.tags import Tag

INLINE_CAP_BYTES = 128 * 1024

_PLAIN_STYLE = re.compile(grammar.PLAIN_STYLE + rb"(?s:.)")
_COMMENT, _CDATA = b"<!--", b"<![CDATA["
_UNDECIDED = (_COMMENT, _CDATA, b"<!DOCTYPE", b"</>")  # while only a part of these is there
_SHORTEST_COMMENT = len(b"<!--->")


class Passing(NamedTuple):
    """What is settled before the page comes, and which of it was met on the page."""

    settled: Settled
    met: Met


class Mode(Enum):
    """How the next byte is read."""

    MARKUP = auto()
    RAW_TEXT = auto()
    SCRIPT = auto()
    COMMENT = auto()
    BOGUS_COMMENT = auto()
    CDATA = auto()
    PLAINTEXT = auto()
    SAME_TEXT = auto()  # up to the first "<" of what is raw text outside of drawings


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


@dataclass(frozen=True, slots=True)
class Script:
    """An inline script whose end is awaited: its tag, where that and its code begin.

    In a drawing its code is read as markup, and ends where it is no open element any more:
    ``depth`` is how many elements are open within it. Elsewhere it is 0. ``ends`` is how many
    ends it may have had so far.
    """

    tag: Tag
    start: int
    code_start: int
    depth: int = 0
    ends: int = field(default=0, compare=False)

    def moved(self, count: int) -> Script:
        """The script once so many bytes were cut off the front of the data."""
        return replace(self, start=self.start - count, code_start=self.code_start - count)


@dataclass(slots=True)
class Reading:
    """A state of the tokenizer at a position of the data."""

    position: int = 0
    mode: Mode = Mode.MARKUP
    raw_name: bytes = b""
    script_state: int = rawtext.PLAIN
    stack: foreign.Stack = foreign.OUTSIDE
    context: Context = Context.PLAIN
    templates: int = 0
    noscript: bool = False
    scripts: tuple[Script, ...] = ()
    """Those whose code is awaited: each within the one before it, in a drawing."""
    tag_end: TagEnd | None = None
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
    def tokenizer(self) -> tuple[object, ...]:
        """The state of the tokenizer, and where it is."""
        return self.position, self.mode, self.raw_name, self.script_state

    @property
    def key(self) -> tuple[object, ...]:
        """Two readings with the same key read all that follows alike."""
        return *self.tokenizer, self.stack, self.context, self.scripts

    def moved(self, count: int) -> None:
        """Tells that so many bytes were cut off the front of the data."""
        self.position -= count
        if self.tag_end:
            self.tag_end.moved(count)
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
                if stop or not self._leave(data):
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
                self._begin(data, stop.start)
                if self.position == stop.start:
                    return None
                continue
            self.position = stop.start if stop.kind is Kind.TEXT else stop.end
            if stop.kind is Kind.DOCTYPE:
                self.mode = Mode.BOGUS_COMMENT
            return None if stop.kind is Kind.NOTHING else stop

    def _stop(self, data: Buffer, view: View, passing: Passing | None) -> Stop:
        if passing is None or view is not View.PAGE:
            return scanner.next_stop(view, data, self.position)
        return scanner.next_unsettled(data, self.position, passing.settled, passing.met)

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
            if stacks := foreign.beside_start(before, tag.name):
                return [*self._enter_html(name), *(replace(self, stack=s) for s in stacks)]
        return self._enter_html(name) if name in CHANGES_READING else []

    def leave(self, name: bytes) -> list[Reading]:
        """Takes the end tag that was just read; gives the other ways to read on, if any."""
        if name == b"noscript":
            self.noscript = False
        elif name == b"select" and self.context is Context.SELECT:
            self.context = Context.PLAIN
        elif name == b"template" and self.templates:
            self.templates -= 1
            if self.context is Context.COLUMN and not self.templates:
                self.context = Context.PLAIN
        if not self.stack:
            return []
        text = name.decode("utf-8", "surrogateescape")
        self.stack, *others = foreign.after_end(self.stack, text)
        return [replace(self, stack=stack) for stack in others]

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
        elif name in _ENDS_SELECT and self.context is Context.SELECT:
            self.context = Context.PLAIN
        return []

    def _next_in_drawing(
        self, script: Script, data: Buffer, view: View | None, *, final: bool
    ) -> Stop | None:
        """The same within an inline script of a drawing: its code, once that has ended."""
        cap = script.code_start + INLINE_CAP_BYTES
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
        if self.script.tag.name == "style" and _PLAIN_STYLE.match(data, self.script.code_start):
            self.scripts = self.scripts[:-1]
            return None
        found = self._find_end(data)
        start, cap = self.script.code_start, self.script.code_start + INLINE_CAP_BYTES
        if found:
            self.mode, self.raw_name, self.script_state = Mode.MARKUP, b"", rawtext.PLAIN
            return Stop(Kind.CODE, start, min(self.position, cap))
        if final or len(data) >= cap:
            return Stop(Kind.CODE, start, min(len(data), cap))
        return None

    def _find_end(self, data: Buffer) -> bool:
        """Whether the script or raw text ends; goes there, else as far as it surely does not."""
        if self.mode is Mode.RAW_TEXT:
            found, self.position = rawtext.find_end_tag(data, self.position, self.raw_name)
        else:
            found, self.position, self.script_state = rawtext.find_script_end(
                data, self.position, self.script_state
            )
        return found

    def _fork(self, data: Buffer, *, final: bool) -> Stop | None:
        """The place in a drawing where the preload scanner begins to read otherwise."""
        if self.mode is Mode.SAME_TEXT:
            is_same, self.position = rawtext.is_end_tag_next(data, self.position, self.raw_name)
            if is_same or (is_same is None and final):  # no tag is complete any more
                self.mode, self.raw_name = Mode.MARKUP, b""
        elif self.mode is Mode.CDATA and self.preload:
            is_same, self.position = rawtext.find_first_end_of_cdata(data, self.position)
            if is_same:
                self.mode = Mode.MARKUP
        else:
            return None
        return Stop(Kind.FORK, self.position, self.position) if is_same is False else None

    def _leave(self, data: Buffer) -> bool:
        """Whether the stretch without tags has ended, so that markup is read again."""
        mode, position = self.mode, self.position
        if mode is Mode.MARKUP:
            return True
        if mode is Mode.SAME_TEXT or (mode is Mode.CDATA and self.preload):
            return False
        if mode is Mode.SCRIPT or mode is Mode.RAW_TEXT:
            found, position = self._find_end(data), self.position
        elif mode is Mode.COMMENT:
            found, position = rawtext.find_comment_end(data, position, begun=False)
        elif mode is Mode.PLAINTEXT:
            found, position = False, len(data)
        else:
            end = b">" if mode is Mode.BOGUS_COMMENT else b"]]>"
            found, position = rawtext.find_after(data, position, end)
        self.position = position
        if found:
            self.mode, self.raw_name, self.script_state = Mode.MARKUP, b"", rawtext.PLAIN
        return found

    def _begin(self, data: Buffer, start: int) -> None:
        """Goes into what begins at a "<" and is not complete, unless that is a tag."""
        self.position = start
        head = bytes(data[start : start + len(_CDATA)])
        if head[1:2].isalpha() or (head[1:2] == b"/" and head[2:3].isalpha()):
            self.tag_end = TagEnd(start)
        elif head.startswith(_COMMENT):
            if len(data) - start >= _SHORTEST_COMMENT:
                begun = start + len(_COMMENT)
                ended, self.position = rawtext.find_comment_end(data, begun, begun=True)
                self.mode = Mode.MARKUP if ended else Mode.COMMENT
        elif head == _CDATA and foreign.holds_cdata(self.stack):
            self.mode, self.position = Mode.CDATA, start + len(_CDATA)
        elif not any(known.startswith(head.upper()) and known != head for known in _UNDECIDED):
            self.mode, self.position = Mode.BOGUS_COMMENT, start + len(b"<!")
