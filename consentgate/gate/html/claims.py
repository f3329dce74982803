"""Which of the start tags overlap that some reading saw.

They are kept by their length, in steps of two: one that reaches over a position begins no further
before it than it can be long. So however many there are, a few of each length are looked at.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort_right
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter

_START = attrgetter("start")


@dataclass(slots=True)
class Claim:
    """A tag, or an insertion (``end`` = ``start``)."""

    start: int
    end: int
    edited: bool


class Claims:
    """Claims by length; none of them is as long as two to the power of its key."""

    def __init__(self) -> None:
        self._of_length: dict[int, list[Claim]] = {}

    def __bool__(self) -> bool:
        return bool(self._of_length)

    def add(self, claim: Claim) -> None:
        """Adds one."""
        claims = self._of_length.setdefault(_key(claim), [])
        insort_right(claims, claim, key=_START)

    def remove(self, claim: Claim) -> None:
        """Removes one that is there."""
        claims = self._of_length[_key(claim)]
        del claims[claims.index(claim, bisect_left(claims, claim.start, key=_START))]

    def at(self, start: int) -> Iterator[Claim]:
        """Those that begin here."""
        for claims in self._of_length.values():
            yield from _from(claims, bisect_left(claims, start, key=_START), start + 1)

    def around(self, position: int) -> Iterator[Claim]:
        """Those that begin before this position and end behind it."""
        for key, claims in self._of_length.items():
            first = bisect_right(claims, position - (1 << key), key=_START)
            for claim in _from(claims, first, position):
                if claim.end > position:
                    yield claim

    def within(self, start: int, end: int) -> Iterator[Claim]:
        """Those that begin behind the start and before the end."""
        for claims in self._of_length.values():
            yield from _from(claims, bisect_right(claims, start, key=_START), end)

    def forget(self, position: int) -> None:
        """Forgets such as end before this position."""
        for key, claims in [*self._of_length.items()]:
            del claims[: bisect_right(claims, position - (1 << key), key=_START)]
            if not claims:
                del self._of_length[key]

    def moved(self, count: int) -> None:
        """Tells that so many bytes were cut off the front of the data."""
        for claims in self._of_length.values():
            for claim in claims:
                claim.start, claim.end = claim.start - count, claim.end - count


def _key(claim: Claim) -> int:
    return (claim.end - claim.start).bit_length()


def _from(claims: list[Claim], at: int, end: int) -> Iterator[Claim]:
    """These from a place in the list on, up to one that begins at the end."""
    while at < len(claims) and claims[at].start < end:
        yield claims[at]
        at += 1
