"""The memory of pages that come again unchanged: what leaves is looked up instead of made.

It answers nothing by itself: the application has made its page, for this very request, and only
the gate's work on equal bytes is spared. The whole body is compared, so no two are mistaken for
each other.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from consentgate.gate.access import Stopped
from consentgate.response.head import Opening

MAX_BYTES = 16 * 1024 * 1024
LARGEST_BODY_BYTES = 512 * 1024
FORGOTTEN_SECONDS = 10 * 60

_PAGES_NOTED = 4096


@dataclass(frozen=True, slots=True)
class Kept:
    """A body of the application and what became of it."""

    body: bytes
    opening: Opening
    pieces: tuple[bytes, ...]
    blocked: Stopped
    document: bool

    @property
    def size(self) -> int:
        """In bytes, the application's and ours."""
        return len(self.body) + sum(map(len, self.pieces))


class Memo:
    """Bodies that came at least twice of late, at most 16 MiB of them with what became of them.

    A body is kept when it comes a second time; of the first, only a number is. So a page that is
    another each time, as many personal ones are, is never kept. What was not asked for in
    the last ten to twenty minutes is forgotten.
    """

    def __init__(
        self, *, max_bytes: int = MAX_BYTES, forgotten_seconds: float = FORGOTTEN_SECONDS
    ) -> None:
        self._half_bytes = max_bytes // 2
        self._forgotten_seconds = forgotten_seconds
        self._turned: float | None = None
        self._young: dict[Hashable, Kept | int] = {}
        self._old: dict[Hashable, Kept | int] = {}
        self._young_bytes = 0

    def tick(self, now: float) -> None:
        """Forget what is due to be forgotten at this Unix time."""
        if self._turned is None:
            self._turned = now
        elif not 0 <= now - self._turned < self._forgotten_seconds:
            self._turned = now
            self._turn()

    def find(self, key: Hashable, body: bytes) -> Kept | None:
        """What became of this very body under this key, if that is remembered."""
        kept = self._young.get(key)
        if kept is None:
            kept = self._old.get(key)
            if isinstance(kept, Kept) and kept.body == body:
                self._store(key, kept)
                return kept
            return None
        return kept if isinstance(kept, Kept) and kept.body == body else None

    def keep(self, key: Hashable, kept: Kept) -> None:
        """Remember what became of a body, if it has come before."""
        if len(kept.body) > LARGEST_BODY_BYTES or kept.size > self._half_bytes:
            return
        mark = hash(kept.body)
        before = self._young.get(key, self._old.get(key))
        self._store(key, kept if before == mark else mark)

    def _store(self, key: Hashable, value: Kept | int) -> None:
        before = self._young.get(key)
        self._young_bytes += _size(value) - _size(before)
        self._young[key] = value
        if self._young_bytes > self._half_bytes or len(self._young) > _PAGES_NOTED:
            del self._young[key]
            self._turn()
            self._young[key], self._young_bytes = value, _size(value)

    def _turn(self) -> None:
        self._old, self._young, self._young_bytes = self._young, {}, 0


def _size(value: Kept | int | None) -> int:
    return value.size if isinstance(value, Kept) else 0
