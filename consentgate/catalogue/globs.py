"""Which of many globs a text fits, without trying them one by one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import translate

_SPECIAL = re.compile(r"[*?\[]")


class GlobIndex:
    """Case-sensitive globs, each with a number; ``find`` gives the numbers of those that fit.

    ``*`` stands for any characters (``/`` too), ``?`` for one, ``[0-9]`` for one of these.
    Nearly every glob of the catalogue is a plain text or ends in its only ``*``: those are
    found by hashing, and only the others are tried as patterns.
    """

    def __init__(self, entries: Iterable[tuple[str, int]]) -> None:
        self._exact: dict[str, set[int]] = {}
        self._prefixes: dict[str, set[int]] = {}
        self._patterns: list[tuple[re.Pattern[str], int]] = []
        for glob, number in entries:
            self._add(glob, number)
        self._lengths = tuple(sorted({len(prefix) for prefix in self._prefixes}))

    def _add(self, glob: str, number: int) -> None:
        if not _SPECIAL.search(glob):
            self._exact.setdefault(glob, set()).add(number)
        elif glob.endswith("*") and not _SPECIAL.search(glob[:-1]):
            self._prefixes.setdefault(glob[:-1], set()).add(number)
        else:
            self._patterns.append((re.compile(translate(glob)), number))

    def find(self, text: str) -> set[int]:
        """The numbers of every glob that the whole text fits."""
        found = set(self._exact.get(text, ()))
        for length in self._lengths:
            if length > len(text):
                break
            found.update(self._prefixes.get(text[:length], ()))
        for pattern, number in self._patterns:
            if pattern.match(text):
                found.add(number)
        return found
