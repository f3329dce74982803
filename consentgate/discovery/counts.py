"""How often each undeclared third party was stopped, in one small file for all processes.

It lies beside the proofs and not among them: these lines come from anybody on the network and may
be lost, while proofs are durable and only grow. Nobody who sends reports can hold up a proof.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from consentgate.database import beside
from consentgate.errors import StorageError
from consentgate.forks import unforked

MOST_SIGHTINGS = 1000
KEPT_DAYS = 90

_BUSY_SECONDS = 5.0
_TABLE = """
    CREATE TABLE IF NOT EXISTS sighting (
        host TEXT NOT NULL, way TEXT NOT NULL, service TEXT NOT NULL,
        count INTEGER NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL,
        PRIMARY KEY (host, way, service)
    ) WITHOUT ROWID
"""
# The most is 2**53, which JSON can still hold exactly.
_ADD = """
    INSERT INTO sighting VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (host, way, service) DO UPDATE SET
        count = min(count + excluded.count, 9007199254740992),
        first = min(first, excluded.first), last = max(last, excluded.last)
"""
_FORGET = "DELETE FROM sighting WHERE last < ?"
_PRUNE = """
    DELETE FROM sighting WHERE (host, way, service) IN (
        SELECT host, way, service FROM sighting ORDER BY count DESC, last DESC, host
        LIMIT -1 OFFSET ?
    )
"""
_ALL = "SELECT host, way, service, count, first, last FROM sighting ORDER BY host, way, service"


class Kind(NamedTuple):
    """What is counted: a host, the directive that stopped it or ``markup``, a catalogue id."""

    host: str
    way: str
    service: str = ""


@dataclass(frozen=True, slots=True)
class Sighting:
    """How often, and on which days (UTC, ISO 8601) first and last, one kind was stopped."""

    kind: Kind
    count: int
    first: str
    last: str


def counts_path(database: str) -> Path:
    """Where the counts lie: beside the file of proofs."""
    return beside(database, "{database}.discovered")


class CountFile:
    """The counts of all processes of one machine.

    At most 1,000 lines: what was not seen for 90 days goes, then the rarest, of these the oldest.
    A flood of made-up names pushes out one another, and not what pages really load.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path).absolute()

    def add(self, counts: Mapping[Kind, int], day: date) -> None:
        """Add to the counts, and forget what is too old or too much. Blocks.

        Makes the file where there is none; raises StorageError where it cannot be written.
        """
        today = day.isoformat()
        rows = [(k.host, k.way, k.service, n, today, today) for k, n in counts.items()]
        with self._open("rwc") as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(_TABLE)
            connection.executemany(_ADD, rows)
            connection.execute(_FORGET, ((day - timedelta(days=KEPT_DAYS)).isoformat(),))
            connection.execute(_PRUNE, (MOST_SIGHTINGS,))

    def sightings(self) -> tuple[Sighting, ...]:
        """Everything counted, by host; raises StorageError, also where there is no file."""
        if not self._path.exists():
            raise StorageError(
                f"Nothing has been counted at {self._path}: there is no such file. The running"
                " site makes it when it stops a third party that nobody declared. Is --database"
                " the one of the site?"
            )
        with self._open("ro") as connection:
            rows = connection.execute(_ALL).fetchall()
        return tuple(Sighting(Kind(*row[:3]), *row[3:]) for row in rows)

    @contextmanager
    def _open(self, mode: str) -> Iterator[sqlite3.Connection]:
        try:
            if mode == "rwc":
                os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            address = f"{self._path.as_uri()}?mode={mode}"
            with (
                unforked(),
                closing(
                    sqlite3.connect(address, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)
                ) as connection,
            ):
                yield connection
        except (sqlite3.Error, OSError) as error:
            raise StorageError(f"{self._path} cannot be used for counting: {error}") from error
