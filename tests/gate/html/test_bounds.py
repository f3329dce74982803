"""What a page can cost: memory that does not grow with it, work that grows no faster than it."""

from __future__ import annotations

import re
import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable
from itertools import islice, repeat
from types import FrameType
from typing import Any

import pytest

from benchmarks.given.hostile import HOSTILE as GROWING
from consentgate.gate.embeds import Embeds
from consentgate.gate.html import HtmlGate, Rewritten, Tag, rawtext, scanner, tagend
from consentgate.gate.html.buffer import Buffer
from consentgate.gate.html.stops import Kind, Settled, Stop
from tests.fuzz.stream import PIECE, Forgetful
from tests.gate.given import access
from tests.gate.html.conftest import Parker, Result

MB = 1_000_000
KIB_16, KIB_64 = 1 << 14, 1 << 16
PIECE_BYTES = 16_384

HOSTILE: dict[str, Callable[[int], bytes]] = {
    **GROWING,
    "large class": lambda size: b'<p class="' + b"x " * (size // 2) + b'">',
    "comments": lambda size: b"<!---->" * (size // 7),
    "drawings": lambda size: b"<svg><g>" * (size // 8),
    "noscripts": lambda size: b"<noscript><!--</noscript>" * (size // 25),
    "a data URL": lambda size: b"<img src='data:image/png;base64," + b"A" * size + b"'>",
    "a bare value": lambda size: b"<img src=" + b"A" * size + b" alt=x>",
    "a name": lambda size: b"<x" + b"A" * size + b">",
    "a comment": lambda size: b"<!--" + b"- >" * (size // 3),
    "no comment": lambda size: b"<!x" + b"A" * size,
    "a section": lambda size: b"<svg><![CDATA[" + b"]] >" * (size // 4),
    "no end of a section": lambda size: b"<svg><![CDATA[" + b"]] " * (size // 3),
    "a title of an icon": lambda size: b"<svg><title>" + b"A" * size,
    "a style": lambda size: b"<style>/*" + b"</ style>" * (size // 9),
    "an awaited style": lambda size: b"<style>@import 'x'" + b"</ style>" * (size // 9),
    "a script": lambda size: b"<script>" + b"</ script>" * (size // 10),
    "an escaped script": lambda size: b"<script><!--" + b"<script >--" * (size // 11),
    "read ahead": lambda size: b"<svg><title><!--</title>--></title></svg>" * (size // 41),
    "read ahead on and on": lambda size: b"<svg><title><!--</title>-->" * (size // 27),
    "sections": lambda size: b"<svg>" + b"<![CDATA[ > ]]>" * (size // 15),
    "raw text that is closed at once": lambda size: b"<svg>" + b"<xmp/><style/>" * (size // 14),
    "doubt": lambda size: b"<frameset><style><svg><script></p>" + b"<table" * (size // 6),
}

ENDLESS = [
    ("a data URL", "tagend"),
    ("a bare value", "tagend"),
    ("a name", "tagend"),
    ("one unfinished tag", "tagend"),
    ("a large attribute", "tagend"),
    ("a comment", "find_comment_end"),
    ("dashes", "find_comment_end"),
    ("no comment", "find_after"),
    ("a section", "find_after"),
    ("no end of a section", "find_first_end_of_cdata"),
    ("a title of an icon", "is_end_tag_next"),
    ("raw text that never ends", "find_end_tag"),
    ("a style", "find_end_tag"),
    ("an awaited style", "find_end_tag"),
    ("a script", "find_script_end"),
    ("an escaped script", "find_script_end"),
]


def test_memory_stays_flat_while_a_large_page_streams() -> None:
    gate = HtmlGate(Forgetful())
    pieces = repeat(PIECE, 64 * MB // len(PIECE))
    sent = received = 0
    tracemalloc.start()
    try:
        for piece in islice(pieces, 50):
            received += len(gate.feed(piece))
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        for piece in pieces:
            sent += len(piece)
            received += len(gate.feed(piece))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert received > sent > 60 * MB
    assert peak - before < 2 * MB


def test_memory_stays_flat_under_the_real_decisions_whatever_hosts_a_page_names() -> None:
    decide = Embeds(
        access(),
        embed_url=lambda name, facts: f"/_gate/embed/{name}",
        gate_url="https://www.example.com/_gate/",
        preferences_url="/_gate/preferences",
        slots={},
    )
    gate = HtmlGate(decide, remember=decide)
    parked = 0
    tracemalloc.start()
    try:
        for number in range(16_000):
            if number == 6000:  # by now all is full that remembers up to a bound
                before, _ = tracemalloc.get_traced_memory()
                tracemalloc.reset_peak()
            parked += gate.feed(b"<p><img src=//n%d.example/p.gif>" % number).count(b"data-cg-src")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert parked == 16_000
    assert peak - before < MB


def test_memory_stays_flat_behind_a_tag_that_is_no_tag() -> None:
    gate = HtmlGate(Forgetful())
    gate.feed(b"<!-- ")
    held = [len(gate._data) for _ in range(100) if gate.feed(b"x - < >" * 2000) is not None]
    assert max(held) < KIB_64


@pytest.mark.parametrize("begun", [b"<svg><title>", b"<svg><![CDATA[", b"<svg><title/><b>"])
def test_memory_stays_flat_in_text_that_is_read_in_two_ways(begun: bytes) -> None:
    gate = HtmlGate(Forgetful())
    gate.feed(begun)
    assert all(gate.feed(b"x ]" * 2000) and len(gate._data) < len("]]>") for _ in range(100))


class Watched:
    """Counts the bytes that each finder of the gate looks at."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.looked_at: Counter[str] = Counter()

    def scan(self, name: str, at: int, *, to_the_end: frozenset[Kind]) -> None:
        """A scanner: it looks on to its stop, or to the end of the data for such a kind."""
        find = getattr(scanner, name)

        def counted(*arguments: Any) -> Stop:
            data, position = arguments[at : at + 2]
            stop: Stop = find(*arguments)
            end = len(data) if stop.kind in to_the_end else stop.end
            self.looked_at[name] += end - position + 1
            return stop

        self._monkeypatch.setattr(scanner, name, counted)

    def search(self, name: str, *, in_vain: bool | None = False) -> None:
        """A search for an end: one that finds none, and says so, has looked at all there is."""
        find = getattr(rawtext, name)

        def counted(data: Buffer, position: int, *arguments: Any, **options: Any) -> Any:
            found = find(data, position, *arguments, **options)
            self.looked_at[name] += (len(data) if found[0] is in_vain else found[1]) - position + 1
            return found

        self._monkeypatch.setattr(rawtext, name, counted)

    def runs(self) -> None:
        """The end of a tag: what each of its patterns matches."""
        watched = {at: Run(run, self.looked_at) for at, run in tagend._RUNS.items()}
        self._monkeypatch.setattr(tagend, "_RUNS", watched)


class Run:
    """A pattern that counts what it matches."""

    def __init__(self, pattern: re.Pattern[bytes], looked_at: Counter[str]) -> None:
        self._pattern = pattern
        self._looked_at = looked_at

    def match(self, data: Buffer, position: int) -> re.Match[bytes] | None:
        match = self._pattern.match(data, position)
        assert match is not None
        self._looked_at["tagend"] += match.end() - position + 1
        return match


SEARCHES = ("find_end_tag", "find_comment_end", "find_after", "find_script_end")
FIRST_ENDS = ("is_end_tag_next", "find_first_end_of_cdata")
CUT = frozenset({Kind.CUT_OFF, Kind.NOTHING})


class Unsettled:
    """Remembers no tag."""

    settled: Settled = {}  # noqa: RUF012  nothing is put into it

    def again(self, note: object) -> None:
        raise AssertionError(note)


@pytest.fixture(params=[None, Unsettled()], ids=["", "remembering"])
def work(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Callable[[bytes], Counter[str]]:
    """Sends a page through the gate in pieces; gives how many bytes each finder looked at."""
    watched = Watched(monkeypatch)
    watched.scan("next_stop", 1, to_the_end=CUT)
    watched.scan("next_unsettled", 0, to_the_end=CUT)
    watched.scan("next_start_tag_anywhere", 0, to_the_end=frozenset())
    for name in SEARCHES:
        watched.search(name)
    for name in FIRST_ENDS:
        watched.search(name, in_vain=None)
    watched.runs()

    def measure(page: bytes) -> Counter[str]:
        watched.looked_at.clear()
        gate = HtmlGate(Forgetful(), remember=request.param)
        pieces = [page[at : at + PIECE_BYTES] for at in range(0, len(page), PIECE_BYTES)]
        out = b"".join([*map(gate.feed, pieces), gate.close()])
        assert len(out) >= len(page)
        return watched.looked_at.copy()

    return measure


@pytest.mark.parametrize("name", HOSTILE)
def test_work_grows_no_faster_than_a_hostile_page(
    work: Callable[[bytes], Counter[str]], name: str
) -> None:
    little, much = (work(HOSTILE[name](size)) for size in (KIB_64, 8 * KIB_64))
    for finder, bytes_of_it in much.items():
        assert bytes_of_it < 10 * max(little[finder], KIB_64 // 8), finder


@pytest.mark.parametrize(("name", "finder"), ENDLESS)
def test_what_does_not_end_is_looked_at_once_however_it_is_cut(
    work: Callable[[bytes], Counter[str]], name: str, finder: str
) -> None:
    page = HOSTILE[name](16 * KIB_64)
    looked_at = work(page)
    assert looked_at[finder] > len(page) // 2, "another one reads this page"
    assert looked_at[finder] < 3 * len(page)


DEEP = b"<svg>" + b"<g>" * 600
TWO_WAYS = b"<frameset><style><svg><script></p>"
IN_A_VALUE = b"<select><style><p title='</style>"
TANGLED = {
    "tags beside a script": (TWO_WAYS, b"<b>x</b>"),
    "edits beside a script": (TWO_WAYS, b"<img src=//e>"),
    "tags in a value": (IN_A_VALUE, b"<b>x</b>"),
    "edits in a value": (IN_A_VALUE, b"<img src=//e>"),
    "values that end": (IN_A_VALUE, b"<img src=//e>' title='"),
    "edits in doubt": (DEEP, b"<img <img src=//e>"),
    "edits in values in doubt": (DEEP, b"<img a='<img src=//e>'>"),
    "scripts in doubt": (DEEP, b"<script>tracker</script>"),
    "unfinished in doubt": (DEEP, b"<img "),
    "deep in a style": (b"<svg><style>", b"<mi><?x<body>"),
    "ends of a style": (b"<svg><style>", b"</g>"),
    "scripts within scripts": (b"<svg>", b"<script>"),
    "ends of styles in a script": (b"<svg><script>", b"<style></g></style>"),
    "tables in a style": (b"<svg><style><desc>", b"<td>"),
    "framesets in a style": (b"<svg><style>", b"</svg><frameset><font color=x>"),
    "deep in text": (b"<math><mtext>", b"<b><span>"),
    "without scripting": (b"<noscript>", b"<img src=//e>"),
    "read ahead": (b"<svg><title/>", b"<img src=//e>"),
}


class Steps:
    """Counts the lines of Python that run, and the bytes of code that are decided upon."""

    def __init__(self) -> None:
        self.lines = 0
        self.code = 0

    def __call__(self, frame: FrameType, event: str, argument: object) -> Steps:
        self.lines += event == "line"
        return self


class Counting(Parker):
    """Parks, and counts the code."""

    def __init__(self, steps: Steps) -> None:
        super().__init__(Result())
        self._steps = steps

    def inline(self, tag: Tag, code: bytes) -> Rewritten | None:
        self._steps.code += len(code)
        return super().inline(tag, code)


def test_in_doubt_what_begins_no_tag_costs_next_to_nothing() -> None:
    code = b"<script>" + b">" * 4000
    beginning, whole = (steps_of(DEEP + code * count).lines for count in (1, 17))
    assert whole - beginning < 16 * len(code) / 2


def steps_of(page: bytes) -> Steps:
    steps = Steps()
    gate = HtmlGate(Counting(steps))
    traced = sys.gettrace()
    sys.settrace(steps)
    try:
        gate.feed(page)
        gate.close()
    finally:
        sys.settrace(traced)
    return steps


@pytest.mark.parametrize("name", TANGLED)
def test_decisions_grow_no_faster_than_what_is_tangled(name: str) -> None:
    begun, more = TANGLED[name]
    little, much = (steps_of(begun + more * (size // len(more))) for size in (KIB_16, 4 * KIB_16))
    assert much.lines < 5 * little.lines
    assert much.code < 5 * max(little.code, KIB_64)
