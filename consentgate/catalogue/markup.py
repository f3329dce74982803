"""Whose plugin is an element: the catalogue's CSS selectors, compiled into look-ups.

Only selectors of one element count: a tag, ``#id``, ``.class``, ``[attribute]`` with or
without a value, in any combination. Those with combinators or pseudo-classes fit nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from consentgate.model import Service

_NAME = r"(?:[\w-]|\\.)+"
_PART = re.compile(
    rf"""(?P<kind>[.#]?)(?P<name>{_NAME})
    | \[(?P<attribute>{_NAME})
        (?:(?P<operator>[*^$~]?=)(?:"(?P<quoted>[^"]*)"|(?P<bare>{_NAME})))?\]
    """,
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(.)")

Attributes: TypeAlias = Mapping[str, str]
"""An element's attributes by lower-case name."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What one attribute has to be; ``operator`` as CSS writes it, empty for any value."""

    name: str
    operator: str = ""
    value: str = ""

    def fits(self, attributes: Attributes) -> bool:
        """Whether the attribute is there and has such a value."""
        actual = attributes.get(self.name)
        if actual is None:
            return False
        match self.operator:
            case "=":
                return actual == self.value
            case "~=":
                return self.value in actual.split()
            case "*=":
                return self.value in actual
            case "^=":
                return actual.startswith(self.value)
            case "$=":
                return actual.endswith(self.value)
        return True


@dataclass(frozen=True, slots=True)
class Selector:
    """One compound selector; ``tag`` is empty for any."""

    text: str
    tag: str
    conditions: tuple[Condition, ...]

    def fits(self, tag: str, attributes: Attributes) -> bool:
        """Whether an element with this lower-case name and these attributes is meant."""
        return self.tag in ("", tag) and all(each.fits(attributes) for each in self.conditions)


@dataclass(frozen=True, slots=True)
class Found:
    """The service that an element belongs to, and the selector that says so."""

    service: Service
    selector: str


def parse_selector(text: str) -> Selector | None:
    """The selector, or None for one of a form that is not understood."""
    tag, conditions, position = "", [], 0
    while position < len(text):
        part = _PART.match(text, position)
        if part is None or (part["name"] and not part["kind"] and position):
            return None
        position = part.end()
        if part["attribute"]:
            value = part["quoted"] if part["quoted"] is not None else _plain(part["bare"] or "")
            name, operator = _plain(part["attribute"]).lower(), part["operator"] or ""
            conditions.append(Condition(name, operator, value))
        elif part["kind"]:
            name, operator = ("class", "~=") if part["kind"] == "." else ("id", "=")
            conditions.append(Condition(name, operator, _plain(part["name"])))
        else:
            tag = _plain(part["name"]).lower()
    return Selector(text, tag, tuple(conditions)) if text else None


class MarkupIndex:
    """Finds the service of an element; made once from the services, in their order."""

    def __init__(self, services: Iterable[Service]) -> None:
        self._entries: list[tuple[Selector, Found]] = []
        self._by_key: dict[tuple[str, str], list[int]] = {}
        for service in services:
            for text in (text for match in service.matches for text in match.markup):
                if selector := parse_selector(text):
                    self._by_key.setdefault(_key(selector), []).append(len(self._entries))
                    self._entries.append((selector, Found(service, text)))

    def find(self, tag: str, attributes: Attributes) -> Found | None:
        """What an element belongs to: the first service that claims it, by its first selector."""
        keys = [("tag", tag), ("id", attributes.get("id", ""))]
        keys += [("class", word) for word in attributes.get("class", "").split()]
        keys += [("attribute", name) for name in attributes]
        candidates = sorted(position for key in keys for position in self._by_key.get(key, ()))
        for position in candidates:
            selector, found = self._entries[position]
            if selector.fits(tag, attributes):
                return found
        return None


def _key(selector: Selector) -> tuple[str, str]:
    """By what an element for this selector can be looked up."""
    for name in ("class", "id"):
        for condition in selector.conditions:
            if condition.name == name and condition.operator in {"=", "~="}:
                return ("attribute", name) if " " in condition.value else (name, condition.value)
    if selector.conditions:
        return "attribute", selector.conditions[0].name
    return "tag", selector.tag


def _plain(name: str) -> str:
    return _ESCAPE.sub(r"\1", name)
