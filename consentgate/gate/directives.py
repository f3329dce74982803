"""Reading a serialised policy without losing its bytes (CSP Level 3, section 2.2.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

WHITESPACE = "\t\n\f\r "
"""ASCII whitespace; ``str.split()`` would also split at no-break spaces."""

_GAP = re.compile(f"[{WHITESPACE}]+")


@dataclass(frozen=True, slots=True)
class Directive:
    """One directive: its position among the parts between semicolons, and its value's words."""

    position: int
    words: tuple[str, ...]


def split_directives(policy: str) -> tuple[list[str], dict[str, Directive]]:
    """The parts between semicolons as they stand, and the directives by lower-case name.

    Of two with one name the first counts, as in a browser.
    """
    parts = policy.split(";")
    found: dict[str, Directive] = {}
    for position, part in enumerate(parts):
        name, *words = _GAP.split(part.strip(WHITESPACE))
        if name:
            found.setdefault(name.lower(), Directive(position, tuple(words)))
    return parts, found


def effective_words(found: dict[str, Directive], names: Sequence[str]) -> tuple[str, ...] | None:
    """The value of the first of these directives that the policy has; None without any."""
    return next((found[name].words for name in names if name in found), None)
