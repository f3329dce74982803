"""Counting off the request path: in memory first, and together into the file a little later."""

from __future__ import annotations

import logging
import os
import threading
import weakref
from collections import deque
from collections.abc import Iterable
from datetime import date, timedelta

from consentgate.discovery.counts import CountFile, Kind
from consentgate.errors import StorageError

logger = logging.getLogger("consentgate")

FLUSH_SECONDS = 10.0
MOST_PENDING = 500
MOST_SEEN = 1000

_DAY_SECONDS = 24 * 60 * 60
_EPOCH = date(1970, 1, 1)


class Tally:
    """Counts for one process, written by a thread of its own ``after_seconds`` the first of them.

    At most 500 kinds wait; further new ones are dropped. What waits when a process is killed is
    lost, and so is what cannot be written: a warning says so once.
    """

    def __init__(self, file: CountFile, *, after_seconds: float = FLUSH_SECONDS) -> None:
        self._file = file
        self._after_seconds = after_seconds
        self._counted = 0.0
        self._warned = False
        self._begin()
        _TALLIES.add(self)

    def _begin(self) -> None:
        self._guard = threading.Lock()
        self._seen: deque[Iterable[Kind]] = deque()
        self._pending: dict[Kind, int] = {}
        self._timer: threading.Timer | None = None

    def count(self, kinds: Iterable[Kind], now: float) -> None:
        """Add one to each at this Unix time; never blocks for the file."""
        self._counted = now
        self._seen.append(kinds)  # needs no lock, for every page comes by here
        if self._timer is None or len(self._seen) > MOST_SEEN:
            self._attend()

    def _attend(self) -> None:
        """Add up what was seen, and see to it that it is written."""
        with self._guard:
            self._add_up()
            if self._timer is None:
                self._timer = threading.Timer(self._after_seconds, self.flush)
                self._timer.name = "consentgate-discovered"
                self._timer.daemon = True
                self._timer.start()

    def _add_up(self) -> None:
        pending, seen = self._pending, self._seen
        while seen:
            for kind in seen.popleft():
                count = pending.get(kind, 0)
                if count or len(pending) < MOST_PENDING:
                    pending[kind] = count + 1

    def flush(self) -> None:
        """Write down what waits. Blocks; for the timer's thread, and for the end."""
        with self._guard:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = None  # before it is added up: who comes later starts another
            self._add_up()
            counts, self._pending = self._pending, {}
        if not counts:
            return
        try:
            day = _EPOCH + timedelta(days=self._counted // _DAY_SECONDS)
            self._file.add(counts, day)
        except StorageError as error:
            if not self._warned:
                self._warned = True
                logger.warning("undeclared third parties are not counted: %s", error)


_TALLIES: weakref.WeakSet[Tally] = weakref.WeakSet()


def _begin_in_child() -> None:
    """What waits is the parent's to write, its timer is not here, and its lock may be taken."""
    for tally in _TALLIES:
        tally._begin()  # noqa: SLF001  it is this module's own


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_in_child)
