"""The changes that are due in the data, and what keeps them apart.

Where two readings see tags that overlap (one stands in what the other takes for an attribute
value), a change in one could end the value that holds it. Then the outer "<" is written as
``&lt;``: it is a tag in no reading any more.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter

from consentgate.gate.html.buffer import Buffer, stretch
from consentgate.gate.html.claims import Claim, Claims

INERT_LESS_THAN = b"&lt;"

Splice = tuple[int, int, bytes]
_PLACE = itemgetter(0, 1)


class Splices:
    """Replacements by position, and the tags for which they were decided.

    Of replacements that begin in one place the shortest is made, of those for one stretch the
    newest: what a script's code says comes after what its tag says.
    """

    def __init__(self) -> None:
        self._splices: list[Splice] = []
        self._claims = Claims()

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

    def make_inert(self, position: int) -> None:
        """Has a "<" begin no tag."""
        self.add(position, position + 1, INERT_LESS_THAN)

    def make_text(self, start: int, end: int, content: bytes) -> None:
        """Makes text of a stretch: no "<" in it remains, no other change in it is made."""
        self._splices = [s for s in self._splices if not start <= s[0] < end or s[0] == s[1]]
        for claim in (*self._claims.at(start), *self._claims.within(start, end)):
            self._claims.remove(claim)
        self.add(start, end, content.replace(b"<", INERT_LESS_THAN))

    def is_claimed(self, start: int) -> bool:
        """Whether a start tag here was decided upon already."""
        return any(start < claim.end for claim in self._claims.at(start))

    def claim_edits(self, position: int) -> None:
        """Has all changes from here on claimed, those too that were made in the only reading."""
        for start, end, replacement in self._splices:
            is_tag = start >= position and replacement not in (b"", INERT_LESS_THAN)
            if is_tag and all(claim.end != end for claim in self._claims.at(start)):
                self._claims.add(Claim(start, end, edited=True))

    def forget(self, behind: int) -> None:
        """Forgets the claims that end where the reading is that is furthest behind."""
        self._claims.forget(behind)

    def claim(self, start: int, end: int, *, edited: bool) -> list[int]:
        """Notes a tag; gives the positions of tags that had to be made inert."""
        claims = self._claims
        known = next((claim for claim in claims.at(start) if claim.end == end), None)
        if known and known.edited == edited:
            return []
        outer = [claim for claim in claims.around(start) if claim.edited or edited]
        for claim in outer:
            claims.remove(claim)
        inert = {claim.start for claim in outer}
        if any(claim.edited or edited for claim in claims.within(start, end)):
            inert.add(start)
        if known:
            claims.remove(known)
        if start not in inert:
            claims.add(Claim(start, end, edited))
        for position in inert:
            self.make_inert(position)
        return sorted(inert)

    def limit(self, behind: int) -> int:
        """Up to where the data may leave: not into a tag that another reading stands in."""
        return min([behind, *(claim.start for claim in self._claims.around(behind))])

    def leave(self, data: Buffer, limit: int) -> bytes:
        """The data up to ``limit``, with the changes made; what remains counts from there."""
        if not self._splices and not self._claims:
            return stretch(data, 0, limit)
        self._splices.sort(key=_PLACE)
        pieces: list[bytes | memoryview] = []
        begun = position = done = 0
        with memoryview(data) as view:
            for start, end, replacement in self._splices:
                if end > limit and start >= position:  # one that begins within another is not made
                    break
                done += 1
                if position <= start:
                    pieces += (view[position:start], replacement)
                    begun, position = start, end
                elif start == end:
                    pieces.append(replacement)
                elif (start, end) == (begun, position):
                    pieces[-1] = replacement
            pieces.append(view[position:limit])
            out = b"".join(pieces)
            pieces.clear()  # views of the data, which is about to change
        self._splices = [(s - limit, e - limit, b) for s, e, b in self._splices[done:]]
        self._claims.moved(limit)
        return out
