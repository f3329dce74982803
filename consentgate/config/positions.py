"""JSON that remembers where everything stands: line and column of each key and value.

The ``json`` module forgets positions and silently keeps the last of two equal keys; a file
that people write by hand needs both. The grammar is RFC 8259, strictly.
"""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn, TypeAlias

from consentgate.errors import ConsentGateError, Problem

Path: TypeAlias = tuple[str | int, ...]
"""The way to a value: names of keys, and indices of lists."""

MAX_DEPTH = 32
MAX_NUMBER_LENGTH = 32

_BLANK = re.compile(r"[ \t\r\n]*+")
_STRING_BODY = re.compile(r'(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*+)(\.[0-9]++)?([eE][+-]?[0-9]++)?")
_WORD = re.compile(r"true|false|null")
_WORDS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None}
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class MalformedJsonError(ConsentGateError):
    """The text is not JSON; ``problem`` says where it stops being so."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a text; both count from 1, the column in characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Repeated:
    """A key that an object holds already: where it stands again, and where it stood first."""

    path: Path
    again: Position
    first: Position


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON value and the position of each of its keys and values, by path.

    Of a key written twice, ``value`` and the positions are those of the first.
    """

    value: object
    keys: Mapping[Path, Position]
    values: Mapping[Path, Position]
    repeated: tuple[Repeated, ...] = ()

    def key_position(self, path: Path) -> Position:
        """Where the key of this path stands; for a list's item, where the item does."""
        return self.keys.get(path) or self.value_position(path)

    def value_position(self, path: Path) -> Position:
        """Where the value of this path stands; for an absent one, the innermost that holds it."""
        while path and path not in self.values:
            path = path[:-1]
        return self.values[path]

    def without_positions(self) -> Document:
        """The same value, where the text is nobody's file: every position is 0:0."""
        nowhere = Position(0, 0)
        repeated = tuple(Repeated(r.path, nowhere, nowhere) for r in self.repeated)
        return Document(self.value, {}, {(): nowhere}, repeated)


def read_json(content: bytes) -> Document:
    """Read a file's bytes; raises MalformedJsonError. A byte order mark is skipped."""
    content = content.removeprefix(_BYTE_ORDER_MARK)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        position = _Lines(before).position(len(before))
        message = "The file is not UTF-8 text from here on. Save it as UTF-8."
        raise MalformedJsonError(_problem(position, message)) from None
    return _Reader(text).document()


def _problem(position: Position, message: str) -> Problem:
    return Problem(position.line, position.column, "", message)


class _Lines:
    """Turns offsets into positions."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def position(self, offset: int) -> Position:
        line = bisect_right(self._starts, offset)
        return Position(line, offset - self._starts[line - 1] + 1)


class _Reader:
    """One pass over a text: ``at`` is the offset of what is read next."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines = _Lines(text)
        self.keys: dict[Path, Position] = {}
        self.values: dict[Path, Position] = {}
        self.repeated: list[Repeated] = []

    def document(self) -> Document:
        self.skip_blank()
        value = self.value(())
        if self.skip_blank():
            self.fail("Expected the end of the file: there is more after the last bracket.")
        return Document(value, self.keys, self.values, tuple(self.repeated))

    def fail(self, message: str) -> NoReturn:
        raise MalformedJsonError(_problem(self.here(), message))

    def here(self) -> Position:
        return self.lines.position(self.at)

    def skip_blank(self) -> str:
        """Go to the next character that is not blank and return it, "" at the end."""
        blank = _BLANK.match(self.text, self.at)
        self.at = blank.end() if blank else self.at
        return self.text[self.at : self.at + 1]

    def value(self, path: Path) -> object:
        if len(path) > MAX_DEPTH:
            self.fail(f"Nested more than {MAX_DEPTH} deep; no setting needs that.")
        self.values.setdefault(path, self.here())
        match self.text[self.at : self.at + 1]:
            case '"':
                return self.string()
            case "{":
                return self.members(path)
            case "[":
                return self.items(path)
        if word := _WORD.match(self.text, self.at):
            self.at = word.end()
            return _WORDS[word[0]]
        return self.number()

    def string(self) -> str:
        body = _STRING_BODY.match(self.text, self.at + 1)
        end = body.end() if body else self.at
        if self.text[end : end + 1] != '"':
            self.fail_inside_string(end)
        written = self.text[self.at : end + 1]
        text = json.loads(written)
        if _LONE_SURROGATE.search(text):
            self.fail(r"This text holds half of a character (a \ud800-\udfff without its partner).")
        self.at = end + 1
        return str(text)

    def fail_inside_string(self, end: int) -> NoReturn:
        if self.text[end : end + 1] == "\\":
            self.at = end
            self.fail(r"A backslash in a text is written \\.")
        self.fail("This text has no closing double quote on its line.")

    def number(self) -> int | float:
        number = _NUMBER.match(self.text, self.at)
        if number is None:
            self.fail(
                'Expected a value: a text in double quotes, a number, true, false, "{" or "[".'
            )
        if len(number[0]) > MAX_NUMBER_LENGTH:
            self.fail("This number is too long; no setting needs that.")
        value = float(number[0]) if number[1] or number[2] else int(number[0])
        if not math.isfinite(value):
            self.fail("This number is too large; no setting needs that.")
        self.at = number.end()
        return value

    def members(self, path: Path) -> dict[str, object]:
        found: dict[str, object] = {}
        first: dict[str, Position] = {}
        self.at += 1
        if self.skip_blank() == "}":
            self.at += 1
            return found
        while True:
            key, position = self.key()
            key_path = (*path, key)
            if key in first:
                self.repeated.append(Repeated(key_path, position, first[key]))
            first.setdefault(key, position)
            self.keys.setdefault(key_path, position)
            found.setdefault(key, self.value(key_path))
            if not self.goes_on("}"):
                return found

    def key(self) -> tuple[str, Position]:
        """Read a key and the colon after it, up to its value."""
        position = self.here()
        if self.text[self.at : self.at + 1] != '"':
            self.fail("Expected a key in double quotes (is there a comma too many before it?)")
        key = self.string()
        if self.skip_blank() != ":":
            self.fail('Expected ":" between a key and its value.')
        self.at += 1
        self.skip_blank()
        return key, position

    def items(self, path: Path) -> list[object]:
        items: list[object] = []
        self.at += 1
        if self.skip_blank() == "]":
            self.at += 1
            return items
        while True:
            items.append(self.value((*path, len(items))))
            if not self.goes_on("]"):
                return items

    def goes_on(self, closing: str) -> bool:
        """Read the comma before a next member, or the closing bracket."""
        character = self.skip_blank()
        if character not in {",", closing}:
            self.fail(f'Expected a comma or "{closing}".')
        self.at += 1
        if character == ",":
            self.skip_blank()
        return character == ","
