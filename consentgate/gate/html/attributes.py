"""The attributes of a start tag, read in Python; ``_scanner.c`` reads them as well."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from consentgate.gate.html.charrefs import read_value
from consentgate.gate.html.grammar import ATTRIBUTE_PARTS

_ATTRIBUTE = re.compile(ATTRIBUTE_PARTS)


class Attribute(NamedTuple):
    """One attribute of a start tag.

    ``name`` is lower case, ``value`` has its character references resolved. The offsets count
    in ``Tag.raw``: ``start`` to ``end`` is the whole attribute with its quotes,
    ``value_start`` to ``value_end`` the value without them.
    """

    name: str
    value: str
    start: int
    end: int
    value_start: int
    value_end: int


def attributes_of(raw: bytes, position: int) -> tuple[Attribute, ...]:
    """The attributes of one complete start tag; ``position`` is behind its name."""
    return tuple(_attributes(raw, position))


def lower_text(name: bytes) -> str:
    """The name of an element or attribute, in lower case where it is ASCII."""
    return name.lower().decode("utf-8", "surrogateescape")


def _attributes(raw: bytes, position: int) -> Iterator[Attribute]:
    for match in _ATTRIBUTE.finditer(raw, position):
        start, name_end = match.span(1)
        name, end = lower_text(raw[start:name_end]), match.end()
        group = match.lastindex or 1
        if group == 1:
            yield Attribute(name, "", start, end, end, end)
        else:
            value_start, value_end = match.span(group)
            value = read_value(raw[value_start:value_end])
            yield Attribute(name, value, start, end, value_start, value_end)
