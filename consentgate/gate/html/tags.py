"""A start tag as the decisions see it, and the change that they ask for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from consentgate.gate.html import grammar, scanner
from consentgate.gate.html.attributes import Attribute, lower_text
from consentgate.gate.html.charrefs import write_value

_REMEMBERED_BYTES = 512
_NAME = re.compile(rb"<" + grammar.NAME)
_ENDS_BARE_NAME = re.compile(rb"(?=[" + grammar.GAP + rb">])[" + grammar.SPACE + rb"]*+(?!=)")


@dataclass(frozen=True, slots=True)
class Tag:
    """One start tag: ``raw`` are its bytes from ``<`` to ``>``, ``name`` is lower case.

    ``attributes`` are in the order of the source, duplicates included. ``foreign``: inside
    SVG or MathML, these two themselves included. ``noscript``: only a browser without
    scripting reads it as a tag. ``aside``: within a template, or where the page can be read in
    another way too, so that nothing is to be put beside it.
    """

    name: str
    raw: bytes
    attributes: tuple[Attribute, ...]
    foreign: bool = False
    noscript: bool = False
    aside: bool = False
    _values: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        values = {attribute.name: attribute.value for attribute in reversed(self.attributes)}
        object.__setattr__(self, "_values", values)

    def get(self, name: str) -> str | None:
        """The value of an attribute, None where the tag has none; the first duplicate wins."""
        return self._values.get(name)


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to change in a start tag; every byte that is not named here stays.

    ``rename`` gives attributes another name, duplicates included, and leaves their values as
    they stand, so that the original can be restored exactly. ``set`` replaces the value of an
    attribute, or adds it as the first one where there is none left of that name (None: a bare
    attribute). ``before`` and ``after`` are bytes to insert around the tag. ``emptied``: of an
    inline script the code goes too.
    """

    rename: Mapping[str, str] = field(default_factory=dict)
    set: Mapping[str, str | None] = field(default_factory=dict)
    before: bytes = b""
    after: bytes = b""
    emptied: bool = False


def read_tag(raw: bytes, *, foreign: bool = False, noscript: bool = False) -> Tag:
    """The parts of one complete start tag, ``raw`` being its bytes from ``<`` to ``>``."""
    short = len(raw) <= _REMEMBERED_BYTES
    return _remembered_tag(raw, foreign, noscript) if short else _read_tag(raw, foreign, noscript)


def _read_tag(raw: bytes, foreign: bool, noscript: bool) -> Tag:
    match = _NAME.match(raw)
    assert match is not None  # noqa: S101  the caller hands over a start tag
    end = match.end()
    return Tag(lower_text(raw[1:end]), raw, scanner.attributes_of(raw, end), foreign, noscript)


# Page after page has the same menu, scripts and logo. 1,024 tags are about 2 MB at the most.
_remembered_tag = lru_cache(maxsize=1024)(_read_tag)


def is_self_closing(tag: Tag) -> bool:
    """Whether a tag ends in ``/>`` and the slash is not the end of an unquoted value."""
    if not tag.raw.endswith(b"/>"):
        return False
    return not tag.attributes or tag.attributes[-1].end < len(tag.raw) - 1


def apply_edit(tag: Tag, edit: Edit) -> bytes:
    """The bytes that take the place of a tag."""
    position = len("<") + len(_spelled(tag.name))
    due = dict(edit.set)
    changes = []
    for attribute in tag.attributes:
        name = attribute.name
        if name in edit.rename:
            end = attribute.start + len(_spelled(name))
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
    if value is None and _ENDS_BARE_NAME.match(follows):
        return _spelled(name)
    return b'%b="%b"' % (_spelled(name), write_value(value or ""))


def _spelled(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")
