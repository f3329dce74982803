"""The memory of pages that come again: what leaves is looked up or done again instead of made.

It answers nothing by itself: the application has made its page, for this very request, and only
the gate's work is spared. Of an unchanged page the whole body is compared, so no two are mistaken
for each other; of another one with the same tags, what stands at each of them.
"""

from __future__ import annotations

import sys
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

from consentgate.gate.access import Stopped
from consentgate.gate.html import Trail
from consentgate.response.head import Opening
from consentgate.response.nonces import Exchange, Gapped, is_filled

MAX_BYTES = 16 * 1024 * 1024
LARGEST_BODY_BYTES = 512 * 1024
LARGEST_TRAIL_BYTES = 64 * 1024
FORGOTTEN_SECONDS = 10 * 60

_PAGES_NOTED = 4096
_LARGEST_KEY_BYTES = 4 * 1024
_HASHED_OF = 16
_MOST_FAILURES = 6


@dataclass(frozen=True, slots=True)
class Kept:
    """A body of the application and what became of it, with gaps for the nonce."""

    body: Gapped
    opening: Opening
    pieces: tuple[Gapped, ...]
    blocked: Stopped

    @property
    def size(self) -> int:
        """In bytes, the application's and ours."""
        return sum(sum(map(len, text)) for text in (self.body, *self.pieces))


@dataclass(slots=True)
class Trodden:
    """The trail of a page, and what else holds for all that go along it.

    ``opening`` holds where a body begins as ``first``; ``blocked`` is what was stopped on the
    last of them, by these ``notes``. ``size`` is in bytes. ``uses`` counts how often it was of
    use.
    """

    trail: Trail
    opening: Opening
    first: bytes
    blocked: Stopped
    size: int
    notes: Sequence[object] = ()
    uses: int = 0


@dataclass(frozen=True, slots=True)
class _Noted:
    """What is known of a page: the number of its last body, and what there is to find.

    ``key_bytes`` is what its key takes, with the whole address in it.
    After so many ``failures`` of its trails so many pages more are awaited (``waits``) before one
    is recorded anew.
    """

    key_bytes: int = 0
    mark: int = 0
    kept: Kept | None = None
    trodden: Trodden | None = None
    failures: int = 0
    waits: int = 0

    @property
    def size(self) -> int:
        kept, trodden = self.kept, self.trodden
        size = self.key_bytes + (kept.size if kept else 0)
        return size + (trodden.size if trodden else 0)


_UNKNOWN = _Noted()


class Memo:
    """Pages that came at least twice of late, at most 16 MiB of them with what became of them.

    A body is kept when it comes a second time, a trail when another body comes: of the first,
    only a number is. What was not asked for in the last ten to twenty minutes is forgotten. The
    addresses count too, because anybody can ask for any number of them; under very long ones
    nothing is remembered.
    """

    def __init__(
        self, *, max_bytes: int = MAX_BYTES, forgotten_seconds: float = FORGOTTEN_SECONDS
    ) -> None:
        self._half_bytes = max_bytes // 2
        self._forgotten_seconds = forgotten_seconds
        self._turned: float | None = None
        self._young: dict[Hashable, _Noted] = {}
        self._old: dict[Hashable, _Noted] = {}
        self._young_bytes = 0

    def tick(self, now: float) -> None:
        """Forget what is due to be forgotten at this Unix time."""
        if self._turned is None:
            self._turned = now
        elif not 0 <= now - self._turned < self._forgotten_seconds:
            self._turned = now
            self._turn()

    def find(self, key: Hashable, body: bytes, exchange: Exchange | None = None) -> Kept | None:
        """What became of this very body under this key, if that is remembered."""
        young = self._young.get(key)  # a key takes its time: it is asked for once
        noted = young or self._old.get(key)
        if noted is None or noted.kept is None or not is_filled(body, noted.kept.body, exchange):
            return None
        if young is None:
            self._store(key, noted)
        return noted.kept

    def trodden(self, key: Hashable) -> Trodden | None:
        """The trail of the page under this key, if one is remembered."""
        return self._noted(key).trodden

    def along(self, key: Hashable, body: bytes, kept: Kept | None) -> None:
        """Note that a body went along the trail; remember what became of it if it stays the same.

        ``kept`` is None for one that is never remembered so.
        """
        noted = self._noted(key)
        trodden = noted.trodden
        assert trodden is not None  # noqa: S101  it was found here
        if key not in self._young:
            self._store(key, noted)
        # A hash takes as long as a good part of the scan: of so many bodies two in a row have one.
        if kept and trodden.uses % _HASHED_OF <= 1 and self.came_before(key, body):
            self.keep(key, kept)
            trodden.uses = _HASHED_OF  # so that the next two that differ have one, too
        else:
            trodden.uses += 1

    def astray(self, key: Hashable) -> None:
        """Forget the trail of a page that went another way."""
        noted = self._noted(key)
        useful = noted.trodden is not None and noted.trodden.uses > 0
        self._store(key, self._failed(replace(noted, failures=0) if useful else noted))

    def wants_trail(self, key: Hashable, body: bytes) -> bool:
        """Whether this page should be recorded: it came before, with another body."""
        noted = self._noted(key)
        if noted.waits:
            self._store(key, replace(noted, waits=noted.waits - 1))
        elif noted is not _UNKNOWN and len(body) <= LARGEST_BODY_BYTES:
            return noted.mark != hash(body)
        return False

    def came_before(self, key: Hashable, body: bytes) -> bool:
        """Whether this body was the last to come under this key; else that is noted of it."""
        if len(body) > min(LARGEST_BODY_BYTES, self._half_bytes):
            return False
        noted, mark = self._noted(key), hash(body)
        if noted.mark == mark and noted is not _UNKNOWN:
            return True
        self._store(key, replace(noted, mark=mark, kept=None))
        return False

    def keep(self, key: Hashable, kept: Kept) -> None:
        """Remember what became of a body that came before."""
        told = replace(self._noted(key), kept=kept)
        if told.size <= self._half_bytes:
            self._store(key, told)

    def keep_trail(self, key: Hashable, trodden: Trodden | None) -> None:
        """Remember the trail that was recorded, None where there is no use in it."""
        noted = self._noted(key)
        told = replace(noted, trodden=trodden)
        fits = trodden is not None and told.size <= self._half_bytes
        self._store(key, told if fits else self._failed(noted))

    def _noted(self, key: Hashable) -> _Noted:
        return self._young.get(key) or self._old.get(key) or _UNKNOWN

    @staticmethod
    def _failed(noted: _Noted) -> _Noted:
        failures = min(noted.failures + 1, _MOST_FAILURES)
        return replace(noted, trodden=None, failures=failures, waits=2**failures - 1)

    def _store(self, key: Hashable, noted: _Noted) -> None:
        if not noted.key_bytes:
            noted = replace(noted, key_bytes=_bytes_of(key))
        if noted.key_bytes > _LARGEST_KEY_BYTES:
            return
        before = self._young.get(key, _UNKNOWN)
        self._young_bytes += noted.size - before.size
        self._young[key] = noted
        if self._young_bytes > self._half_bytes or len(self._young) > _PAGES_NOTED:
            del self._young[key]
            self._turn()
            self._young[key], self._young_bytes = noted, noted.size

    def _turn(self) -> None:
        self._old, self._young, self._young_bytes = self._young, {}, 0


def _bytes_of(key: object) -> int:
    """What the strings of a key take, and what holds them together."""
    inner = sum(map(_bytes_of, key)) if isinstance(key, tuple) else 0
    return sys.getsizeof(key) + inner
