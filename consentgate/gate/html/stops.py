"""What the scanners are asked, and what they answer."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple, TypeAlias


class View(IntEnum):
    """What a scanner stops at."""

    PAGE = 0  # what may matter in plain HTML; complete raw text is skipped
    WARY = 1  # the same where it is open whether raw text is read as such
    FOREIGN = 2  # every tag, and CDATA sections
    EVERY = 3  # every tag
    PREAMBLE = 4  # every tag, the doctype, and text


class Kind(IntEnum):
    """What stands at a stop."""

    NOTHING = 0  # the data ends, all of it was read
    START = 1
    END = 2
    DOCTYPE = 3
    TEXT = 4
    CUT_OFF = 5  # a "<" whose construct is not complete
    CODE = 6  # the content of an inline script; not from a scanner
    FORK = 7  # from here on the page is also read otherwise; not from a scanner
    UNFINISHED = 8  # a tag that the end of the page cuts off; not from a scanner


Settled: TypeAlias = dict[bytes, tuple[bytes, object] | None]
"""Start tags by their bytes: what takes the place of each, and a note of whoever decided so.

None where it leaves as it came.
"""

Met: TypeAlias = list[tuple[int, int, tuple[bytes, object]]]
"""The start and end of each settled tag that changes, and what is settled."""

LONGEST_REMEMBERED_BYTES = 512
"""A longer start tag is read and judged anew each time: what is kept of tags has a bound."""


class Stop(NamedTuple):
    """A place in the data; ``name`` is that of a tag in lower case."""

    kind: Kind
    start: int
    end: int
    name: bytes = b""
