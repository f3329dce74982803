"""A start tag as the decisions see it, and the change that they ask for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from consentgate.gate.html import grammar, names, scanner
from consentgate.gate.html.attributes import Attribute, lower_text
from consentgate.gate.html.charrefs import write_value
from consentgate.gate.html.stops import LONGEST_REMEMBERED_BYTES

_NAME = re.compile(rb"<" + grammar.NAME)
_ENDS_BARE_NAME = re.compile(rb"(?=[" + grammar.GAP + rb">])[" + grammar.SPACE + rb"]*+(?!=)")


class Tag(NamedTuple):
    """One start tag: ``raw`` are its bytes from ``<`` to ``>``, ``name`` is lower case.

    ``attributes`` are in the order of the source, duplicates included; ``values`` are those of
    the first of each name; ``name_end`` is the offset behind the tag's name. ``foreign``:
    inside SVG or MathML, these two themselves included. ``noscript``: only a browser without
    scripting reads it as a tag. ``aside``: within a template, or where the page can be read in
    another way too, so that nothing is to be put beside it.
    """

    name: str
    raw: bytes
    attributes: tuple[Attribute, ...]
    values: Mapping[str, str]
    name_end: int
    foreign: bool = False
    noscript: bool = False
    aside: bool = False

    def get(self, name: str) -> str | None:
        """The value of an attribute, None where the tag has none; the first duplicate wins."""
        return self.values.get(name)


_NOTHING: Mapping[str, str] = MappingProxyType({})


class Edit(NamedTuple):
    """What is to change in a start tag; every byte that is not named here stays.

    ``rename`` gives attributes another name, duplicates included, and leaves their values as
    they stand, so that the original can be restored exactly. ``set`` replaces the value of an
    attribute, or adds it as the first one where there is none left of that name (None: a bare
    attribute). ``before`` and ``after`` are bytes to insert around the tag. ``emptied``: of an
    inline script the code goes too.
    """

    rename: Mapping[str, str] = _NOTHING
    set: Mapping[str, str | None] = _NOTHING
    before: bytes = b""
    after: bytes = b""
    emptied: bool = False


class Rewritten(NamedTuple):
    """What takes the place of an inline script's start tag; ``emptied``: its code goes too."""

    tag: bytes
    emptied: bool = False


def read_tag(raw: bytes, *, foreign: bool = False, noscript: bool = False) -> Tag:
    """The parts of one complete start tag, ``raw`` being its bytes from ``<`` to ``>``."""
    short = len(raw) <= LONGEST_REMEMBERED_BYTES
    return _remembered_tag(raw, foreign, noscript) if short else _read_tag(raw, foreign, noscript)


def _read_tag(raw: bytes, foreign: bool, noscript: bool) -> Tag:
    match = _NAME.match(raw)
    assert match is not None  # noqa: S101  the caller hands over a start tag
    end = match.end()
    attributes = scanner.attributes_of(raw, end)
    values = {attribute.name: attribute.value for attribute in reversed(attributes)}
    return Tag(lower_text(raw[1:end]), raw, attributes, values, end, foreign, noscript)


# Page after page has the same menu, scripts and logo. 1,024 tags are about 2 MB at the most.
_remembered_tag = lru_cache(maxsize=1024)(_read_tag)


def is_self_closing(tag: Tag) -> bool:
    """Whether a tag ends in ``/>`` and the slash is not the end of an unquoted value."""
    if not tag.raw.endswith(b"/>"):
        return False
    return not tag.attributes or tag.attributes[-1].end < len(tag.raw) - 1


def is_inline_script(tag: Tag) -> bool:
    """Whether a tag begins a script without address; in a drawing ``src`` is none.

    Source: WHATWG HTML, "prepare the script element"; SVG 2, section 16.4.
    """
    if tag.name != "script":
        return False
    return is_inline_in_drawing(tag) if tag.foreign else tag.get("src") is None


def is_inline_in_drawing(tag: Tag) -> bool:
    """Whether a script would have no address if it stood in a drawing."""
    return not (tag.get("href") or tag.get("xlink:href"))


def may_settle(tag: Tag) -> bool:
    """Whether the page is read alike behind a tag, whatever it is, and nothing else is asked."""
    named = tag.raw[1 : tag.name_end].lower() in names.SETTLED
    return named and len(tag.raw) <= LONGEST_REMEMBERED_BYTES and not is_inline_script(tag)


def apply_edit(tag: Tag, edit: Edit) -> bytes:
    """The bytes that take the place of a tag."""
    raw, rename, due = tag.raw, edit.rename, dict(edit.set)
    position = tag.name_end
    rest: list[bytes] = []
    for name, _, start, end, _, _ in tag.attributes:
        if name in rename:
            rest += (raw[position:start], _spelled(rename[name]))
            position = start + len(_spelled(name))
        elif name in due:
            rest += (raw[position:start], _attribute(name, due.pop(name), raw, end))
            position = end
    added = [b" " + _attribute(name, due[name], raw, tag.name_end) for name in due]
    head = raw[: tag.name_end]
    return b"".join((edit.before, head, *added, *rest, raw[position:], edit.after))


def with_first(tag: Tag, written: bytes, name: str, value: str) -> bytes:
    """What was written for a tag, with one attribute more, the first, that it has not yet."""
    end = tag.name_end
    return b"".join((written[:end], b" ", _attribute(name, value, written, end), written[end:]))


def _attribute(name: str, value: str | None, raw: bytes, end: int) -> bytes:
    """One attribute, written so that it does not grow together with what follows in ``raw``."""
    if value is None and _ENDS_BARE_NAME.match(raw, end):
        return _spelled(name)
    return _spelled(name) + b'="' + write_value(value or "") + b'"'


def _spelled(name: str) -> bytes:
    if name.isascii():
        return name.encode()
    return name.encode("utf-8", "surrogateescape")
