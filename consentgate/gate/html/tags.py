"""A start tag as the decisions see it, and the change that they ask for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from consentgate.gate.html import grammar
from consentgate.gate.html.charrefs import read_value, write_value

_NAME = re.compile(rb"<" + grammar.NAME)
_ATTRIBUTE = re.compile(grammar.ATTRIBUTE_PARTS)
_ENDS_BARE_NAME = re.compile(rb"(?=[" + grammar.GAP + rb">])[" + grammar.SPACE + rb"]*+(?!=)")


@dataclass(frozen=True, slots=True)
class Attribute:
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


@dataclass(frozen=True, slots=True)
class Tag:
    """One start tag: ``raw`` are its bytes from ``<`` to ``>``, ``name`` is lower case.

    ``attributes`` are in the order of the source, duplicates included. ``foreign``: inside
    SVG or MathML, these two themselves included. ``noscript``: only a browser without
    scripting reads it as a tag.
    """

    name: str
    raw: bytes
    attributes: tuple[Attribute, ...]
    foreign: bool = False
    noscript: bool = False

    def get(self, name: str) -> str | None:
        """The value of an attribute, None where the tag has none; the first duplicate wins."""
        for attribute in self.attributes:
            if attribute.name == name:
                return attribute.value
        return None


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to change in a start tag; every byte that is not named here stays.

    ``rename`` gives attributes another name, duplicates included, and leaves their values as
    they stand, so that the original can be restored exactly. ``set`` replaces the value of an
    attribute, or adds it as the first one where there is none left of that name (None: a bare
    attribute). ``before`` and ``after`` are bytes to insert around the tag.
    """

    rename: Mapping[str, str] = field(default_factory=dict)
    set: Mapping[str, str | None] = field(default_factory=dict)
    before: bytes = b""
    after: bytes = b""


def read_tag(raw: bytes, *, foreign: bool = False, noscript: bool = False) -> Tag:
    """The parts of one complete start tag, ``raw`` being its bytes from ``<`` to ``>``."""
    name = raw[1 : name_end(raw)]
    return Tag(_text(name), raw, attributes_of(raw), foreign, noscript)


def name_end(raw: bytes) -> int:
    """Where the name of a start tag ends."""
    match = _NAME.match(raw)
    assert match is not None  # noqa: S101  the caller hands over a start tag
    return match.end()


def attributes_of(raw: bytes) -> tuple[Attribute, ...]:
    """The attributes of one complete start tag."""
    position, end = name_end(raw), len(raw) - 1
    found = []
    while match := _ATTRIBUTE.match(raw, position):
        position = match.end()
        group = match.lastindex or 1
        start, stop = match.span(group) if group > 1 else (position, position)
        value = read_value(raw[start:stop]) if start < stop else ""
        found.append(Attribute(_text(match[1]), value, match.start(1), position, start, stop))
        if position >= end:
            break
    return tuple(found)


def is_self_closing(tag: Tag) -> bool:
    """Whether a tag ends in ``/>`` and the slash is not the end of an unquoted value."""
    if not tag.raw.endswith(b"/>"):
        return False
    return not tag.attributes or tag.attributes[-1].end < len(tag.raw) - 1


def apply_edit(tag: Tag, edit: Edit) -> bytes:
    """The bytes that take the place of a tag."""
    position = name_end(tag.raw)
    due = dict(edit.set)
    changes = []
    for attribute in tag.attributes:
        name = attribute.name
        if name in edit.rename:
            end = attribute.start + len(name.encode("utf-8", "surrogateescape"))
            changes.append((attribute.start, end, edit.rename[name].encode()))
        elif name in due:
            written = _attribute(name, due.pop(name), tag.raw[attribute.end :])
            changes.append((attribute.start, attribute.end, written))
    pieces = [edit.before, tag.raw[:position]]
    for name, value in due.items():
        pieces += (b" ", _attribute(name, value, tag.raw[position:]))
    for start, end, replacement in changes:
        pieces += (tag.raw[position:start], replacement)
        position = end
    return b"".join((*pieces, tag.raw[position:], edit.after))


def _attribute(name: str, value: str | None, follows: bytes) -> bytes:
    """One attribute, written so that it does not grow together with what follows it."""
    spelled = name.encode("utf-8", "surrogateescape")
    if value is None and _ENDS_BARE_NAME.match(follows):
        return spelled
    return b'%b="%b"' % (spelled, write_value(value or ""))


def _text(name: bytes) -> str:
    return name.lower().decode("utf-8", "surrogateescape")
