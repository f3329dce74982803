"""Finding the end of a long tag piece by piece, each byte looked at once."""

from __future__ import annotations

import re
from enum import Enum, auto

from consentgate.gate.html.buffer import Buffer
from consentgate.gate.html.grammar import COMPLETE_ATTRIBUTES, GAP, SPACE

_ANYTHING_AFTER = len(b"<a")


class _At(Enum):
    """The states of WHATWG HTML, "tag name state" to "attribute value (unquoted) state"."""

    TAG_NAME = auto()
    GAP = auto()
    NAME = auto()
    AFTER_NAME = auto()
    BEFORE_VALUE = auto()
    UNQUOTED = auto()
    DOUBLE_QUOTED = auto()
    SINGLE_QUOTED = auto()


# What a state reads before anything can happen.
_RUNS = {
    _At.TAG_NAME: re.compile(rb"[^" + GAP + rb">]*+"),
    _At.GAP: re.compile(COMPLETE_ATTRIBUTES),
    _At.NAME: re.compile(rb"[^" + GAP + rb">=]*+"),
    _At.AFTER_NAME: re.compile(rb"[" + SPACE + rb"]*+"),
    _At.BEFORE_VALUE: re.compile(rb"[" + SPACE + rb"]*+"),
    _At.UNQUOTED: re.compile(rb"[^" + SPACE + rb">]*+"),
    _At.DOUBLE_QUOTED: re.compile(rb"[^\"]*+"),
    _At.SINGLE_QUOTED: re.compile(rb"[^']*+"),
}
_QUOTES = {ord('"'): _At.DOUBLE_QUOTED, ord("'"): _At.SINGLE_QUOTED}


class TagEnd:
    """Looks for the end of the tag that begins at ``start``, whenever bytes have come."""

    __slots__ = ("_at", "_position")

    def __init__(self, start: int) -> None:
        self._at = _At.TAG_NAME
        self._position = start + _ANYTHING_AFTER

    def moved(self, count: int) -> None:
        """Tells that so many bytes were cut off the front of the data."""
        self._position -= count

    def found(self, data: Buffer) -> bool:
        """Whether the tag is complete in ``data``; reads only what it has not read before."""
        while True:
            match = _RUNS[self._at].match(data, self._position)
            assert match is not None  # noqa: S101  each pattern matches the empty string too
            self._position = match.end()
            if self._position == len(data):
                return False
            if self._step(data[self._position]):
                return True

    def _step(self, byte: int) -> bool:
        """Takes the byte that ended a state; whether it ends the tag."""
        at, quoted = self._at, self._at in _QUOTES.values()
        if byte == ord(">") and not quoted:
            return True
        consumed = True
        if quoted:
            self._at = _At.GAP
        elif at is _At.GAP:
            self._at = _At.NAME  # whose first byte may be a "="
        elif at is _At.AFTER_NAME and byte == ord("="):
            self._at = _At.BEFORE_VALUE
        elif at is _At.BEFORE_VALUE:
            self._at = _QUOTES.get(byte, _At.UNQUOTED)
        else:
            consumed = False
            self._at = _At.AFTER_NAME if at is _At.NAME else _At.GAP
        self._position += consumed
        return False
