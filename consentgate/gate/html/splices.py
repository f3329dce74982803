"""The changes that are due in the data, and what keeps them apart.

Where two readings see tags that overlap (one stands in what the other takes for an attribute
value), a change in one could end the value that holds it. Then the outer "<" is written as
``&lt;``: it is a tag in no reading any more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import itemgetter

from consentgate.gate.html.buffer import Buffer, stretch

INERT_LESS_THAN = b"&lt;"

Splice = tuple[int, int, bytes]
_PLACE = itemgetter(0, 1)


@dataclass(slots=True)
class Claim:
    """A start tag that some reading saw, or an insertion (``end`` = ``start``)."""

    start: int
    end: int
    edited: bool


class Splices:
    """Replacements by position, and the tags for which they were decided."""

    def __init__(self) -> None:
        self._splices: list[Splice] = []
        self._claims: list[Claim] = []

    def __len__(self) -> int:
        return len(self._splices)

    def since(self, count: int) -> list[Splice]:
        """The changes but for the first so many, in the order in which they were added."""
        return self._splices[count:]

    def add(self, start: int, end: int, replacement: bytes) -> None:
        """Has bytes replaced once they leave; nothing is checked."""
        self._splices.append((start, end, replacement))

    def add_all(self, splices: Iterable[Splice]) -> None:
        """Has bytes replaced in many places."""
        self._splices += splices

    def add_insertion(self, position: int, content: bytes) -> None:
        """Has bytes inserted."""
        if content:
            self.add(position, position, content)

    def claim_of(self, start: int) -> Claim | None:
        """The claim of a start tag that was decided upon already."""
        claims = (claim for claim in self._claims if claim.start == start < claim.end)
        return next(claims, None)

    def claim(self, start: int, end: int, *, edited: bool, behind: int) -> list[int]:
        """Notes a tag; gives the positions of tags that had to be made inert.

        ``behind`` is the position of the reading that is furthest behind: claims that end
        there can meet no other.
        """
        self._claims = [
            claim
            for claim in self._claims
            if claim.end > behind and (claim.start, claim.end) != (start, end)
        ]
        inert = set()
        for claim in self._claims:
            if claim.edited or edited:
                if claim.start < start < claim.end:
                    inert.add(claim.start)
                elif start < claim.start < end:
                    inert.add(start)
        self._claims.append(Claim(start, end, edited))
        for position in inert:
            self.make_inert(position, position + 1)
        return sorted(inert)

    def make_inert(self, start: int, end: int, content: bytes = b"<") -> None:
        """Makes text of a stretch: no "<" in it remains, no other change in it is made."""
        self._splices = [s for s in self._splices if not start <= s[0] < end or s[0] == s[1]]
        self._claims = [c for c in self._claims if not start <= c.start < end]
        self.add(start, end, content.replace(b"<", INERT_LESS_THAN))

    def limit(self, behind: int) -> int:
        """Up to where the data may leave: not into a tag that another reading stands in."""
        return min([behind, *(c.start for c in self._claims if c.end > behind)])

    def leave(self, data: Buffer, limit: int) -> bytes:
        """The data up to ``limit``, with the changes made; what remains counts from there."""
        if not self._splices and not self._claims:
            return stretch(data, 0, limit)
        self._splices.sort(key=_PLACE)
        pieces: list[bytes | memoryview] = []
        position = done = 0
        with memoryview(data) as view:
            for start, end, replacement in self._splices:
                if end > limit:
                    break
                done += 1
                if position <= start:
                    pieces += (view[position:start], replacement)
                    position = end
                elif start == end:
                    pieces.append(replacement)
            pieces.append(view[position:limit])
            out = b"".join(pieces)
            pieces.clear()  # views of the data, which is about to change
        self._splices = [(s - limit, e - limit, b) for s, e, b in self._splices[done:]]
        for claim in self._claims:
            claim.start, claim.end = claim.start - limit, claim.end - limit
        return out
