"""The HTML gate: a page goes through in pieces, and decisions change its start tags.

Every byte outside of changed tags leaves as it came, and with its chunk unless it belongs to
an unfinished tag or to an inline script whose end has not come yet.

Limits, beyond which the gate makes text of what it cannot follow rather than let it pass:

- A tag of more than 16 MiB (``TAG_CAP_BYTES``; room for any ``data:`` URL) is no tag: each
  ``<`` in that much of it is written ``&lt;``.
- A page that can be read in more than eight ways, with a drawing nested deeper than browsers
  go, or with a script in one that may end in more than 32 places or has eight others nested in
  it, is from there on gated in doubt: everything that looks like a gated start tag is decided
  upon, in comments, scripts and attribute values too, and one of more than 4 KiB is made text.
  Gated once more, such a page may lose further tags to text; nowhere else does it change.

A tag that is unfinished when the page ends leaves as it came: browsers drop it.
"""

from __future__ import annotations

from dataclasses import replace

from consentgate.gate.html import foreign
from consentgate.gate.html.awaited import Script
from consentgate.gate.html.buffer import Buffer, Held, stretch, with_more, without_first
from consentgate.gate.html.decide import Decide, Remember
from consentgate.gate.html.names import ALWAYS_READ
from consentgate.gate.html.outline import DocumentKind, Inserts, NoInserts, Outline
from consentgate.gate.html.preload import part
from consentgate.gate.html.reading import Passing, Reading
from consentgate.gate.html.readings import Readings
from consentgate.gate.html.scanner import may_matter
from consentgate.gate.html.splices import Splices
from consentgate.gate.html.stops import Kind, Met, Stop, View
from consentgate.gate.html.tags import Tag, is_self_closing, read_tag
from consentgate.gate.html.tokenizer import Mode

TAG_CAP_BYTES = 16 * 1024 * 1024
MAX_ENDS, MAX_NESTED = 32, 8


class HtmlGate:
    """Takes one response body in pieces and gives it back gated.

    ``remember`` spares ``decide`` most of its questions. ``every_tag`` has each start tag decided
    upon, for tools and tests that look at pages.
    """

    def __init__(
        self,
        decide: Decide,
        inserts: Inserts | None = None,
        *,
        remember: Remember | None = None,
        every_tag: bool = False,
    ) -> None:
        self._decide = decide
        self._remember = remember
        self._passing = Passing(remember.settled, []) if remember else None
        self._outline = Outline(inserts or NoInserts())
        self._every_tag = every_tag
        self._data: Held = b""
        self._splices = Splices()
        self._readings = Readings()

    @property
    def kind(self) -> DocumentKind:
        """What the body turned out to be, as soon as enough of it was fed."""
        return self._outline.kind

    @property
    def lang(self) -> str:
        """The language that the page gives itself, empty if none."""
        return self._outline.lang

    def feed(self, chunk: bytes) -> bytes:
        """Takes a piece of the body; gives what can leave."""
        self._data = with_more(self._data, chunk)
        self._run(final=False)
        limit = self._splices.limit(self._readings.behind)
        return self._leave(limit) if limit else b""

    def close(self, last: bytes = b"") -> bytes:
        """Ends the body with its last piece; gives the rest of it, in one copy."""
        if last:
            self._data = with_more(self._data, last)
            self._run(final=False)
        self._run(final=True)
        while self._settle_unfinished_tags():
            self._run(final=True)
        markup = (r.position for r in self._readings.all if r.mode is Mode.MARKUP)
        # Before an unfinished tag: behind it, the insertion would complete it.
        self._splices.add_insertion(min(markup, default=len(self._data)), self._outline.close())
        return self._leave(len(self._data))

    def _run(self, *, final: bool) -> None:
        readings = self._readings
        while True:
            while readings.alone:
                if not self._step_alone(readings.first, final=final):
                    return
                if readings.are_lost:
                    self._doubt_from(readings.undecided)
            end = readings.next_boundary(self._data, final=final)
            if end is None:
                if readings.lets_text_pass:
                    self._run_to(readings.text_end(self._data), final=False)
                return
            at_end = end == len(self._data)
            self._run_to(end, final=final and at_end)
            readings.agree(end)
            if readings.are_lost and not readings.in_doubt:
                self._doubt_from(readings.undecided)  # and read on, at the end too
            elif at_end:
                return

    def _step_alone(self, reading: Reading, *, final: bool) -> bool:
        """Takes the only reading to its next stop, through no tag beyond the cap."""
        begin, end = reading.position, reading.position + TAG_CAP_BYTES + 1
        if end < len(self._data):
            with memoryview(self._data) as whole, whole[:end] as data:
                if self._step(reading, data, final=False) or reading.position > begin:
                    return True
        return self._step(reading, self._data, final=final)

    def _run_to(self, end: int, *, final: bool) -> None:
        """Takes all readings as far, none of them further."""
        self._readings.wake()
        self._splices.forget(self._readings.behind)
        with memoryview(self._data) as whole, whole[:end] as data:
            while reading := self._readings.next():
                reading.blocked = not self._step(reading, data, final=final)

    def _step(self, reading: Reading, data: Buffer, *, final: bool) -> bool:
        """Takes a reading to its next stop; whether there is one in the data."""
        view = self._view(reading)
        passing = self._passing if view is None else None
        stop = reading.next_stop(data, view, passing, final=final)
        if passing and passing.met:
            self._take_met(passing.met)
        if stop:
            self._take(reading, stop)
        elif len(data) - reading.position > TAG_CAP_BYTES and reading.tag_end:
            self._make_text(reading.position)
        else:
            return False
        return True

    def _leave(self, limit: int) -> bytes:
        out = self._splices.leave(self._data, limit)
        self._data = without_first(self._data, limit)
        self._readings.moved(limit)
        return out

    def _view(self, reading: Reading) -> View | None:
        if reading.stack:
            return None
        if self._outline.watching and reading is self._readings.first:
            return View.EVERY if reading.templates else View.PREAMBLE
        # Where readings differ, what one changes may stand within any tag of another.
        every = self._every_tag or not self._readings.alone
        return View.EVERY if every else None

    def _take_met(self, met: Met) -> None:
        assert self._remember is not None  # noqa: S101  or nothing is settled
        for start, end, (written, note) in met:
            self._splices.add(start, end, written)
            self._remember.again(note)
        met.clear()

    def _take(self, reading: Reading, stop: Stop) -> None:
        kind = stop.kind
        if (kind is Kind.START or kind is Kind.END) and stop.end - stop.start > TAG_CAP_BYTES:
            reading.position = stop.start
            self._make_text(stop.start)
        elif kind is Kind.START:
            self._take_start(reading, stop)
        elif kind is Kind.END:
            self._take_end(reading, stop)
        elif kind is Kind.CODE:
            self._take_code(reading, stop)
        elif kind is Kind.FORK:
            self._take_fork(reading, stop)
        elif kind is Kind.TEXT:
            self._insert(stop.start, self._outline.text())
        elif kind is Kind.DOCTYPE:
            self._outline.doctype()
        elif kind is Kind.UNFINISHED:
            self._claim(stop.start, stop.end, edited=False)
        else:
            self._splices.make_inert(stop.start)

    def _take_start(self, reading: Reading, stop: Stop) -> None:
        _, start, end, name = stop
        raw = stretch(self._data, start, end)
        matters = self._every_tag or may_matter(name, raw)
        tag = None
        if matters or reading.stack or name in ALWAYS_READ:
            aside = reading.templates > 0 or not self._readings.alone
            tag = _tag_in(reading, raw, aside=aside)
        if self._outline.watching:
            self._insert_around(reading, stop, tag)
        self._decide_upon(start, end, tag if matters else None)
        others = reading.enter(name, tag)
        if tag and (script := reading.script_of(tag, start, end)):
            self._await_code(reading, script)
        if others or reading.stack:
            self._follow(reading, others)

    def _decide_upon(self, start: int, end: int, tag: Tag | None) -> None:
        """Has a tag replaced if so decided, now or for another reading."""
        alone = self._readings.alone
        if not alone and self._splices.is_claimed(start):
            return
        if tag and not alone:  # any reading may come first, and each says something else
            tag = tag._replace(foreign=False, noscript=any(r.noscript for r in self._readings.all))
        written = self._decide.tag(tag) if tag else None
        if written is None:
            self._claim(start, end, edited=False)
        else:
            self._replace(start, end, written)

    def _take_end(self, reading: Reading, stop: Stop) -> None:
        if reading is self._readings.first and not reading.is_shut_in:
            self._insert(stop.start, self._outline.end(_text(stop.name)))
        self._claim(stop.start, stop.end, edited=False)
        if others := reading.leave(stop.name):
            self._follow(reading, others)

    def _take_fork(self, reading: Reading, stop: Stop) -> None:
        if reading.mode is Mode.BOGUS_COMMENT:
            self._follow(reading, [reading.in_cdata(stop.end)])
        else:
            self._readings.follow([part(reading)])

    def _follow(self, reading: Reading, others: list[Reading]) -> None:
        ends = 0
        for each in (reading, *others) if others else ():
            if each.scripts:
                outermost, *within = each.scripts
                ends = outermost.ends + 1
                each.scripts = (replace(outermost, ends=ends), *within)
        self._readings.follow(others)
        if len(reading.stack) > foreign.MAX_DEPTH or ends > MAX_ENDS:
            self._readings.are_lost = True

    def _doubt_from(self, position: int) -> None:
        """Gives up the readings; what the only one changed may stand within a tag from here on."""
        if not self._readings.in_doubt:
            position = min(position, self._readings.undecided)
            self._splices.claim_edits(position)
        self._readings.doubt_from(position)

    def _await_code(self, reading: Reading, script: Script) -> None:
        if len(reading.scripts) == MAX_NESTED:
            self._readings.are_lost = True
        elif not script.tag.foreign:
            reading.scripts += (script,)
        elif not is_self_closing(script.tag):
            reading.scripts += (replace(script, depth=len(reading.stack)),)
        elif reading.mode is Mode.SAME_TEXT and script.tag.name == "style":
            self._readings.follow([part(reading, script)])

    def _take_code(self, reading: Reading, stop: Stop) -> None:
        *around, script = reading.scripts
        reading.scripts = tuple(around)
        code = stretch(self._data, stop.start, stop.end)
        rewritten = script.rewritten(self._decide, code)
        if rewritten is None:
            return
        self._replace(script.start, script.start + len(script.tag.raw), rewritten.tag)
        # What another reading takes for tags is not to vanish: there the script stays inert.
        if rewritten.emptied and self._readings.alone and not script.depth:
            self._splices.add(stop.start, stop.end, b"")

    def _insert_around(self, reading: Reading, stop: Stop, tag: Tag | None) -> None:
        outline = self._outline
        if reading is self._readings.first and not reading.templates:
            lang = tag.get("lang") if tag else None
            before, behind = outline.start(_text(stop.name), lang)
            self._insert(stop.start, before)
            self._insert(stop.end, behind)

    def _insert(self, position: int, content: bytes) -> None:
        if content:
            self._claim(position, position, edited=True)
            self._splices.add_insertion(position, content)

    def _replace(self, start: int, end: int, written: bytes) -> None:
        if start not in self._claim(start, end, edited=True):
            self._splices.add(start, end, written)

    def _claim(self, start: int, end: int, *, edited: bool) -> list[int]:
        """Keeps what is changed apart from the tags of other readings; those that are none now."""
        if self._readings.alone:
            return []
        inert = self._splices.claim(start, end, edited=edited)
        if inert:
            self._doubt_from(inert[0] + 1)
        return inert

    def _make_text(self, start: int) -> None:
        """Makes text of a tag beyond the cap; every reading goes on behind that much of it."""
        end = start + TAG_CAP_BYTES
        self._splices.make_text(start, end, bytes(self._data[start:end]))
        for reading in self._readings.all:
            if reading.hold < end:
                reading.position = max(reading.position, end)
                reading.tag_end, reading.scripts = None, ()

    def _settle_unfinished_tags(self) -> bool:
        """At the end: an edit must not complete the unfinished tag that another reading sees.

        Whether something is no tag any more, so that there is more to read.
        """
        for reading in [each for each in self._readings.all if each.tag_end]:
            inert = self._claim(reading.position, len(self._data), edited=False)
            if reading.position in inert:
                reading.tag_end = None
                reading.position += len("<")  # which is text now
            if inert:
                return True
        return False


def _tag_in(reading: Reading, raw: bytes, *, aside: bool) -> Tag:
    """The tag, with what its surroundings say; it ends what it ends there."""
    tag = read_tag(raw, noscript=reading.noscript)
    is_foreign = tag.name in foreign.ROOTS
    if reading.stack:
        reading.stack, is_foreign = foreign.before_start(reading.stack, tag)
    return tag._replace(foreign=is_foreign, aside=aside) if is_foreign or aside else tag


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
