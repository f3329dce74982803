"""The scanner in Python: one regular expression for each view."""

from __future__ import annotations

import re

from consentgate.gate.html import grammar, names
from consentgate.gate.html.buffer import Buffer, stretch
from consentgate.gate.html.stops import LONGEST_REMEMBERED_BYTES, Kind, Met, Settled, Stop, View

_STARTS = (*names.GATED, *names.PLUGIN_ELEMENTS, *names.STRUCTURE)
_PATTERNS = {
    View.PAGE: grammar.page_tag(_STARTS, names.ENDS, names.RAW_TEXTS_OF_PAGES),
    View.WARY: grammar.page_tag([*_STARTS, *names.RAW_TEXTS_OF_PAGES], names.ENDS, ()),
    View.FOREIGN: grammar.foreign_tag(),
    View.EVERY: grammar.every_tag(),
    View.PREAMBLE: grammar.preamble(),
}
_MATCHERS = [re.compile(_PATTERNS[view]).match for view in View]
_KINDS = (Kind.NOTHING, Kind.START, Kind.END, Kind.DOCTYPE, Kind.TEXT, Kind.CUT_OFF)

_SCRIPT_END = b"</script>"
_ANYWHERE_NAMES = (*names.GATED, *names.SUSPECT_TAGS)
_ANYWHERE = re.compile(rb"<" + grammar.any_case(_ANYWHERE_NAMES) + grammar.NAME_ENDS)
_LONGEST_ANYWHERE = max(map(len, _ANYWHERE_NAMES)) + len("<>")
_START_TAG = re.compile(rb"<(" + grammar.NAME + rb")" + grammar.REST)


def next_stop(view: View, data: Buffer, position: int) -> Stop:
    """The next stop from a position where markup is read."""
    match = _MATCHERS[view](data, position)
    assert match is not None  # noqa: S101  each pattern matches the empty string too
    group = match.lastindex
    if group is None:
        return Stop(Kind.NOTHING, match.end(), match.end())
    if group == Kind.START:
        return Stop(Kind.START, match.start(1) - 1, match.end(), match[1].lower())
    if group == Kind.END:
        return Stop(Kind.END, match.start(2) - 2, match.end(), match[2].lower())
    return Stop(_KINDS[group], match.start(group), match.end())


def next_unsettled(data: Buffer, position: int, settled: Settled, met: Met) -> Stop:
    """The next stop in a page, beyond the start tags upon which was decided before.

    Those that change are added to ``met``. A script is passed only with its end tag right behind.
    """
    while True:
        stop = next_stop(View.PAGE, data, position)
        if stop.kind is not Kind.START or stop.end - stop.start > LONGEST_REMEMBERED_BYTES:
            return stop
        raw, position = stretch(data, stop.start, stop.end), stop.end
        if raw not in settled:
            return stop
        if stop.name == b"script":
            position += len(_SCRIPT_END)
            if stretch(data, stop.end, position) != _SCRIPT_END:
                return stop
        if change := settled[raw]:
            met.append((stop.start, stop.end, change))


def next_start_tag_anywhere(data: Buffer, position: int, cap: int) -> Stop:
    """The next gated start tag at whatever "<", within comments, scripts and values too.

    CUT_OFF where it is not complete within ``cap`` bytes or within the data.
    """
    found = _ANYWHERE.search(data, position)
    if found is None:
        end = max(position, len(data) - _LONGEST_ANYWHERE)
        return Stop(Kind.NOTHING, end, end)
    match = _START_TAG.match(data, found.start(), found.start() + cap)
    if match is None:
        return Stop(Kind.CUT_OFF, found.start(), found.start() + 1)
    return Stop(Kind.START, match.start(), match.end(), match[1].lower())
