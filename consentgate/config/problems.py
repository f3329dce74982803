"""Faults of a file: found by pydantic or by us, given their place, and told in our own words."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pydantic_core import ErrorDetails

from consentgate.config.fields import CUSTOM_ERROR
from consentgate.config.positions import Document, Path
from consentgate.config.schema import ConfigFile
from consentgate.config.settings import Settings
from consentgate.config.wording import did_you_mean, dotted, listed, nearest, quoted
from consentgate.errors import Problem

_WRONG_TYPE: Mapping[str, str] = {
    "string_type": 'a text in double quotes, like "…"',
    "int_type": "a whole number",
    "bool_type": "true or false",
    "tuple_type": "a list, like [ … ]",
    "dict_type": "a group of settings, like { … }",
    "model_type": "a group of settings, like { … }",
}
_OPTION = re.compile(r"'([^']*)'")
_KEY_MARK = "[key]"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a setting; ``at_key`` where the key itself is, not its value.

    ``meant`` is the setting that a misspelt key was meant to be.
    """

    path: Path
    message: str
    at_key: bool = False
    meant: Path = ()

    def touches(self, path: Path) -> bool:
        """Whether it concerns this setting, a part of it, what holds it, or a misspelling of it."""
        shorter = min(len(path), len(self.path))
        return self.path[:shorter] == path[:shorter] or (self.meant == path and path != ())


def faults_of(errors: Iterable[ErrorDetails]) -> Iterator[Fault]:
    """Pydantic's errors as faults."""
    for error in errors:
        path: Path = error["loc"]
        at_key = bool(path) and path[-1] == _KEY_MARK
        if at_key:
            path = path[:-1]
        if error["type"] == "extra_forbidden":
            yield _unknown_setting(path)
        else:
            yield Fault(path, _message(error), at_key)


def located(faults: Iterable[Fault], document: Document) -> Iterator[Problem]:
    """Faults with their positions, and the keys that the document holds twice."""
    for fault in faults:
        find = document.key_position if fault.at_key else document.value_position
        position = find(fault.path)
        yield Problem(position.line, position.column, dotted(fault.path), fault.message)
    for twice in document.repeated:
        yield Problem(
            twice.again.line,
            twice.again.column,
            dotted(twice.path),
            f"this key is written twice; the first is on line {twice.first.line}. Keep one.",
        )


def _message(error: ErrorDetails) -> str:
    kind, value = error["type"], quoted(error["input"])
    match kind:
        case "missing":
            return "missing, and needed here."
        case "literal_error":
            return _not_an_option(error["input"], str(error.get("ctx", {}).get("expected", "")))
        case "too_short":
            return f"{value} is empty; write at least one."
    if kind == CUSTOM_ERROR:
        return error["msg"]
    if kind in _WRONG_TYPE:
        return f"{value} is not {_WRONG_TYPE[kind]}."
    return f"{value}: {error['msg']}."


def _not_an_option(value: object, expected: str) -> str:
    # Pydantic lists the options in one sentence, each in single quotes; none of ours holds one.
    options = _OPTION.findall(expected)
    if not options:
        return f"{quoted(value)} is not {expected}."
    guess = nearest(value, options) if isinstance(value, str) else None
    many = "one of " if len(options) > 1 else ""
    return f"{quoted(value)} is not {many}{listed(options)}.{did_you_mean(guess)}"


def _unknown_setting(path: Path) -> Fault:
    options = settings_at(path[:-1])
    guess = nearest(str(path[-1]), options)
    if guess is None:
        return Fault(path, f"unknown setting. There are {listed(options)}.", at_key=True)
    message = f"unknown setting.{did_you_mean(guess)}"
    return Fault(path, message, at_key=True, meant=(*path[:-1], guess))


def settings_at(path: Path) -> tuple[str, ...]:
    """The names of the settings that a group of the file can hold."""
    kind: object = ConfigFile
    for part in path:
        kind = _inside(kind, part)
    if isinstance(kind, type) and issubclass(kind, Settings):
        return tuple(field.alias or name for name, field in kind.model_fields.items())
    return ()


def _inside(kind: object, part: str | int) -> object:
    if isinstance(kind, type) and issubclass(kind, Settings):
        field = kind.model_fields.get(str(part))
        return _without_none(field.annotation) if field else None
    members = [member for member in typing.get_args(kind) if member is not Ellipsis]
    return _without_none(members[-1]) if members else None


def _without_none(kind: object) -> object:
    if isinstance(kind, types.UnionType):
        return next(member for member in typing.get_args(kind) if member is not types.NoneType)
    return kind
