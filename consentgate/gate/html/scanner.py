"""From one place in the markup to the next that may matter: the inner loop of the gate.

Everything above this module works on stops and knows nothing of patterns; a faster scanner
takes the place of ``next_stop`` and ``next_start_tag_anywhere``.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import NamedTuple

from consentgate.gate.html import grammar
from consentgate.gate.html.rawtext import Buffer

# Elements that can name a URL which a browser fetches by itself, or that steer those.
GATED = frozenset(
    b"applet audio base body embed feimage frame iframe image img input link meta object"
    b" script source track use video".split()
)
# Only with an attribute that matters on any element; see grammar.SUSPECT.
_SUSPECT_TAGS = b"a area table tbody td tfoot th thead tr".split()
_READ_BEFORE_END = (b"style", b"title", b"textarea")
_OTHER_RAW_TEXTS = (b"xmp", b"noembed", b"noframes", b"plaintext")
_STRUCTURE = b"col frameset head html math noscript select svg template".split()
_ENDS = b"body head html noscript select template".split()


class View(Enum):
    """What the scanner stops at."""

    PAGE = auto()  # what may matter in plain HTML; complete raw text is skipped
    WARY = auto()  # the same where it is open whether raw text is read as such
    FOREIGN = auto()  # every tag, and CDATA sections
    EVERY = auto()  # every tag
    PREAMBLE = auto()  # every tag, the doctype, and text


class Kind(Enum):
    """What stands at a stop."""

    NOTHING = auto()  # the data ends, all of it was read
    START = auto()
    END = auto()
    DOCTYPE = auto()
    TEXT = auto()
    CUT_OFF = auto()  # a "<" whose construct is not complete
    CODE = auto()  # the content of an inline script; not from the scanner


class Stop(NamedTuple):
    """A place in the data; ``name`` is that of a tag in lower case."""

    kind: Kind
    start: int
    end: int
    name: bytes = b""


_KINDS = (Kind.NOTHING, Kind.START, Kind.END, Kind.DOCTYPE, Kind.TEXT, Kind.CUT_OFF)
_PATTERNS = {
    View.PAGE: grammar.page_tag([*GATED, *_STRUCTURE, *_OTHER_RAW_TEXTS], _ENDS, _READ_BEFORE_END),
    View.WARY: grammar.page_tag(
        [*GATED, *_STRUCTURE, *_OTHER_RAW_TEXTS, *_READ_BEFORE_END], _ENDS, ()
    ),
    View.FOREIGN: grammar.foreign_tag(),
    View.EVERY: grammar.every_tag(),
    View.PREAMBLE: grammar.preamble(),
}
_MATCHERS = {view: re.compile(pattern).match for view, pattern in _PATTERNS.items()}

_SUSPECT_ATTRIBUTE = re.compile(
    rb"[" + grammar.GAP + rb"\"']" + grammar.SUSPECT
)  # may stand in a value too
_GATED_START = grammar.any_case([*GATED, *_SUSPECT_TAGS]) + grammar.NAME_ENDS
_LONGEST_GATED_START = max(len(name) for name in GATED) + len("<>")
_ANYWHERE = re.compile(rb"<" + _GATED_START)
_START_TAG = re.compile(rb"<(" + grammar.NAME + rb")" + grammar.REST)


def next_stop(view: View, data: Buffer, position: int) -> Stop:
    """The next stop from a position where markup is read."""
    match = _MATCHERS[view](data, position)
    assert match is not None  # noqa: S101  each pattern matches the empty string too
    group = match.lastindex
    if group is None:
        return Stop(Kind.NOTHING, match.end(), match.end())
    kind = _KINDS[group]
    if kind is Kind.START:
        return Stop(kind, match.start(1) - 1, match.end(), match[1].lower())
    if kind is Kind.END:
        return Stop(kind, match.start(2) - 2, match.end(), match[2].lower())
    return Stop(kind, match.start(group), match.end())


def next_start_tag_anywhere(data: Buffer, position: int, cap: int) -> Stop:
    """The next gated start tag at whatever "<", within comments, scripts and values too.

    CUT_OFF where it is not complete within ``cap`` bytes or within the data.
    """
    found = _ANYWHERE.search(data, position)
    if found is None:
        end = max(position, len(data) - _LONGEST_GATED_START)
        return Stop(Kind.NOTHING, end, end)
    match = _START_TAG.match(data, found.start(), found.start() + cap)
    if match is None:
        return Stop(Kind.CUT_OFF, found.start(), found.start() + 1)
    return Stop(Kind.START, match.start(), match.end(), match[1].lower())


def may_matter(name: bytes, raw: bytes) -> bool:
    """Whether a start tag is to be decided upon."""
    return name in GATED or _SUSPECT_ATTRIBUTE.search(raw) is not None
