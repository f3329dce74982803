"""The ``Forwarded`` header of RFC 7239, read strictly and written back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_WORD = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_QUOTED = r'"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t \x21-\x7e\x80-\xff])*"'
_PAIR = re.compile(rf"[ \t]*(?:({_WORD})=({_WORD}|{_QUOTED}))?[ \t]*([;,]|\Z)")
_ESCAPED = re.compile(r"\\(.)")
_MUST_ESCAPE = re.compile(r'(["\\])')
_IS_TOKEN = re.compile(_WORD)
_NODE = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::([0-9]{1,5}|_[A-Za-z0-9._\-]+))?")
_NAMELESS = re.compile(r"unknown|_[A-Za-z0-9._\-]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Node:
    """One end of a hop (section 6): ``name`` is an address, ``unknown`` or ``_obfuscated``.

    An IPv6 address stands without its brackets; the port is left out.
    """

    name: str

    @property
    def is_address(self) -> bool:
        """Whether the name claims to be an address rather than to stand for one."""
        return _NAMELESS.fullmatch(self.name) is None


def parse_node(text: str) -> Node | None:
    """The node written in a ``for`` or ``by`` parameter; None where it breaks the grammar."""
    found = _NODE.fullmatch(text)
    return Node(found[1].strip("[]")) if found else None


def write_node(address: str) -> str:
    """An address as a node: IPv6 goes into brackets."""
    return f"[{address}]" if ":" in address else address


def parse_forwarded(value: str) -> tuple[Mapping[str, str], ...]:
    """The elements of a header value, the nearest proxy's last; () where any of it is malformed.

    Names are lower case, values unquoted. A name that is written twice in one element is
    malformed (section 4).
    """
    elements: list[dict[str, str]] = [{}]
    position = 0
    while position < len(value):
        pair = _PAIR.match(value, position)
        if pair is None:
            return ()
        position = pair.end()
        if pair[1] is not None:
            name = pair[1].lower()
            if name in elements[-1]:
                return ()
            elements[-1][name] = _unquoted(pair[2])
        if pair[3] == ",":
            elements.append({})
    return tuple(element for element in elements if element)


def write_forwarded(elements: Iterable[Mapping[str, str]]) -> str:
    """The header value of these elements."""
    return ", ".join(
        ";".join(f"{name}={_quoted(value)}" for name, value in element.items())
        for element in elements
    )


def _unquoted(value: str) -> str:
    return _ESCAPED.sub(r"\1", value[1:-1]) if value.startswith('"') else value


def _quoted(value: str) -> str:
    if _IS_TOKEN.fullmatch(value):
        return value
    return '"' + _MUST_ESCAPE.sub(r"\\\1", value) + '"'
