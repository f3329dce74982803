"""From one place in the markup to the next that may matter: the inner loop of the gate.

There are two scanners of one behaviour: ``patterns.py``, regular expressions that say what is
meant, and ``_scanner.c``, which does the same several times faster. This module chooses, once,
at import: the one in C where it was built, unless ``CONSENTGATE_PURE=1`` is set. Everything
above knows stops alone and calls what is here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import NamedTuple

from consentgate.gate.html import attributes, grammar, names, patterns
from consentgate.gate.html.attributes import Attribute
from consentgate.gate.html.buffer import Buffer
from consentgate.gate.html.stops import Met, Settled, Stop, View

NextStop = Callable[[View, Buffer, int], Stop]
NextUnsettled = Callable[[Buffer, int, Settled, Met], Stop]
NextStartTagAnywhere = Callable[[Buffer, int, int], Stop]
AttributesOf = Callable[[bytes, int], tuple[Attribute, ...]]


class Engine(NamedTuple):
    """A scanner: its name and functions; see ``patterns.py`` and ``attributes.py``."""

    name: str
    next_stop: NextStop
    next_unsettled: NextUnsettled
    next_start_tag_anywhere: NextStartTagAnywhere
    attributes_of: AttributesOf


PYTHON = Engine(
    "python",
    patterns.next_stop,
    patterns.next_unsettled,
    patterns.next_start_tag_anywhere,
    attributes.attributes_of,
)


def _engine_in_c() -> Engine | None:
    try:
        from consentgate.gate.html import _scanner  # noqa: PLC0415  it may not have been built
    except ImportError:
        return None
    return Engine(
        "c",
        _scanner.next_stop,
        _scanner.next_unsettled,
        _scanner.next_start_tag_anywhere,
        _scanner.attributes_of,
    )


C = _engine_in_c()
"""The scanner in C, None where it was not built."""

ENGINE, next_stop, next_unsettled, next_start_tag_anywhere, attributes_of = (
    C if C and os.environ.get("CONSENTGATE_PURE", "") in {"", "0"} else PYTHON
)

_SUSPECT_ATTRIBUTE = re.compile(
    rb"[" + grammar.GAP + rb"\"']" + grammar.SUSPECT
)  # may stand in a value too


def may_matter(name: bytes, raw: bytes) -> bool:
    """Whether a start tag is to be decided upon."""
    gated = name in names.GATED or name in names.PLUGIN_ELEMENTS
    return gated or _SUSPECT_ATTRIBUTE.search(raw) is not None
