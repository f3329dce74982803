"""The ways in which a page can be read, side by side.

Almost everywhere there is one, and it reads as far as the page has come. Where there are several
they go from boundary to boundary, a boundary being behind each ">": there those that go on alike
become one, and there it is seen whether they are too many. The boundaries hang on the page alone,
so what comes of the readings does not hang on the pieces in which the page came. Text between a
boundary and the next "<" ends no tag, and is read at once where no code is awaited. In doubt,
where none become one, boundaries are as far apart as may be.
"""

from __future__ import annotations

from consentgate.gate.html.buffer import Held
from consentgate.gate.html.doubt import Doubt
from consentgate.gate.html.preload import taken_up
from consentgate.gate.html.reading import Reading
from consentgate.gate.html.tokenizer import Mode

MAX_READINGS = 8
STRIDE_BYTES = 1024
"""How far the next boundary is at most."""


class Readings:
    """The readings of one page. The first one is followed for the insertions."""

    def __init__(self) -> None:
        self.all = [Reading()]
        self.are_lost = False
        """Whether they can be followed no further: the next boundary is the last of them."""
        self._boundary = 0  # the last one, where there are several

    @property
    def first(self) -> Reading:
        """The one that knows where head and body are."""
        return self.all[0]

    @property
    def alone(self) -> bool:
        """Whether the page is read in one way here."""
        return len(self.all) == 1

    @property
    def in_doubt(self) -> bool:
        """Whether the ways to read it are given up."""
        return isinstance(self.all[-1], Doubt)

    @property
    def behind(self) -> int:
        """How far all of them have got, or hold what they await the end of."""
        return min([reading.hold for reading in self.all])

    @property
    def undecided(self) -> int:
        """From where on one of them has not decided yet, as of the last boundary.

        Where a script or tag began that was open there. How far one got in raw text is no matter.
        """
        if self.alone:
            return self.behind
        begun = (r.hold for r in self.all if r.scripts or r.mode is Mode.MARKUP)
        return min([self._boundary, *begun])

    def next_boundary(self, data: Held, *, final: bool) -> int | None:
        """The next boundary in the data; None where it has not come yet."""
        limit = self._boundary + STRIDE_BYTES
        if not self.in_doubt and (found := data.find(b">", self._begin, limit) + 1):
            return found
        if limit <= len(data):
            return limit
        return len(data) if final else None

    @property
    def lets_text_pass(self) -> bool:
        """Whether text changes nothing, as the end of what is looked at of code would."""
        return not self.in_doubt and not any(reading.scripts for reading in self.all)

    def text_end(self, data: Held) -> int:
        """Where the text that follows the boundary ends, as far as it has come."""
        found = data.find(b"<", self._begin)
        return found if found >= 0 else len(data)

    def wake(self) -> None:
        """Tells that more can be read."""
        for reading in self.all:
            reading.blocked = False

    def next(self) -> Reading | None:
        """One that can go on."""
        for reading in self.all:
            if not reading.blocked:
                return reading
        return None

    def follow(self, others: list[Reading]) -> None:
        """Takes others, that begin where one of these is."""
        if others and not self.in_doubt:
            self._part()
            self.all += others

    def agree(self, boundary: int) -> None:
        """Tells that all are at a boundary: of those that go on alike one remains, the first."""
        self._boundary = boundary
        if not self.in_doubt:
            self.all = _united(self.all)
            self.are_lost = self.are_lost or len(self.all) > MAX_READINGS

    def doubt_from(self, position: int) -> None:
        """Gives up the others: from there on any tag is one that looks like one."""
        known = [reading.position for reading in self.all if isinstance(reading, Doubt)]
        self._part()
        self.all = [self.first, Doubt(position=min([position, *known]))]

    def moved(self, count: int) -> None:
        """Tells that so many bytes were cut off the front of the data."""
        self._boundary -= count
        for reading in self.all:
            reading.moved(count)

    def _part(self) -> None:
        """Has the boundaries begin where the only reading is."""
        if self.alone:
            self._boundary = self.first.position

    @property
    def _begin(self) -> int:
        return max(self._boundary, 0)  # text behind it may have left


def _united(readings: list[Reading]) -> list[Reading]:
    """These without those that go on like one before them."""
    if len({(reading.position, reading.mode) for reading in readings}) == len(readings):
        return readings
    united: list[Reading] = []
    for reading in taken_up(readings):
        like = next((other for other in united if reading.key == other.key), None)
        if like is None:
            united.append(reading)
        else:
            like.preload |= reading.preload
    return united
