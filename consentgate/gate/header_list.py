"""Comma-separated header values, taken apart without losing a byte.

A comma separates members unless it stands between angle brackets (RFC 8288, section 3) or in a
quoted string (RFC 9110, section 5.6.4; RFC 9651, section 3.3.3).
"""

from __future__ import annotations

import re
from collections.abc import Callable

QUOTED = r'"(?:[^"\\]|\\.)*+"'
"""A quoted string with its quotes, as a pattern."""

_MEMBER = re.compile(rf'(?:<[^>]*+>|{QUOTED}|[^,<"])*+(?=,|\Z)', re.DOTALL)
_STRING = re.compile(QUOTED, re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def members(text: str) -> list[str]:
    """The members with the white space around them; ``","`` joins them to the same text again.

    After an unclosed bracket or quote all the rest is one member.
    """
    found: list[str] = []
    position = 0
    while True:
        match = _MEMBER.match(text, position)
        end = len(text) if match is None else match.end()
        found.append(text[position:end])
        if end == len(text):
            return found
        position = end + 1


def filtered(value: bytes, refused: Callable[[str], bool]) -> bytes | None:
    """The value without the refused members; the same object where none is, None if all are.

    A member that has no end goes: browsers join the lines of a header, and so the next one would
    be read in another way.
    """
    listed = members(value.decode("latin-1"))
    kept = [member for member in listed if _MEMBER.match(member) and not refused(member)]
    return value if len(kept) == len(listed) else joined(kept)


def joined(kept: list[str]) -> bytes | None:
    """What is left of a list after members were taken out; None where it is nothing."""
    text = ",".join(kept).strip(" \t")
    return text.encode("latin-1") if text.strip(", \t") else None


def unquoted(text: str) -> str:
    """The meaning of a token or a quoted string."""
    return _ESCAPED.sub(r"\1", text[1:-1]) if text.startswith('"') else text


def strings(text: str) -> list[str]:
    """The meaning of every quoted string in a member."""
    return [unquoted(match[0]) for match in _STRING.finditer(text)]
