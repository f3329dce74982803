"""The log of proofs in one SQLite file: durable, for all processes of one machine."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from consentgate.disk import locked, sync_folder
from consentgate.errors import StorageError
from consentgate.forks import tell_of_forks, unforked
from consentgate.model import Keep
from consentgate.proofs.notice import Notice
from consentgate.proofs.record import Entry, Record, random_salt
from consentgate.proofs.schema import migrate
from consentgate.proofs.spool import Spool
from consentgate.proofs.writer import Result, Run, Writer, connect, insert, store

_log = logging.getLogger("consentgate")

_EMPTY_ROWS = "UPDATE proof SET id = NULL, subject = NULL, salt = NULL, body = NULL, removed = "
_ERASE = _EMPTY_ROWS + "'erased' WHERE subject = ? AND removed IS NULL"
_PURGE = _EMPTY_ROWS + "'purged' WHERE day < ? AND removed IS NULL"
_COUNT_BEFORE = "SELECT count(*) FROM proof WHERE day < ? AND removed IS NULL"
_OF_SUBJECT = "SELECT body FROM proof WHERE subject = ? AND removed IS NULL ORDER BY leaf"
_OF_DAY = """
    SELECT leaf, commitment, salt, body, removed FROM proof
    WHERE day = ? AND leaf > ? ORDER BY leaf LIMIT 500
"""


class SqliteLog:
    """The ProofLog of one machine; see there for what each call promises.

    Beside the database stand ``-wal`` and ``-shm`` (SQLite's), ``-lock`` and ``.spool`` (ours).
    Any number of processes and threads may use the same path, and a log may be carried over a
    fork. Not for network file systems. On Windows, where there is no file lock, one process.

    Opening makes the file (mode 0600) and its tables, and takes in what the spool holds. Raises
    StorageError where it cannot; with ``create=False`` also where there is no file.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        create: bool = True,
        new_salt: Callable[[], bytes] = random_salt,
    ) -> None:
        self._path = Path(path).absolute()
        self._lock = self._path.with_name(f"{self._path.name}-lock")
        self._spool = Spool(self._path.with_name(f"{self._path.name}.spool"))
        self._new_salt = new_salt
        self._guard = threading.Lock()
        self._writer: Writer | None = None
        self._closed = False
        tell_of_forks(self)
        if not create and not self._path.exists():
            raise StorageError(f"There is no log of proofs at {self._path}.")
        self._prepare()

    async def append(self, record: Record) -> None:
        """Add a record; see ProofLog."""
        entry = Entry(record, self._new_salt())
        await self._write(lambda connection: insert(connection, [entry]))

    async def spool(self, record: Record) -> None:
        """Keep a record beside the log for later; see ProofLog."""
        entry = Entry(record, self._new_salt())
        try:
            await asyncio.to_thread(self._spool.add, entry)
        except OSError as error:
            # No trace: it could show the record.
            _log.error("A consent record could be neither logged nor spooled: %s", error)

    async def last(self, subject: str) -> Record | None:
        """The visitor's record in force; see ProofLog."""
        lasting = (one for one in reversed(await self.records(subject)) if one.scope != Keep.ONCE)
        return next(lasting, None)

    async def records(self, subject: str) -> tuple[Record, ...]:
        """All records of a visitor; see ProofLog."""
        return await asyncio.to_thread(self._records, subject)

    async def erase(self, subject: str) -> int:
        """Empty all records of a visitor; see ProofLog."""
        return await self._write(
            lambda connection: connection.execute(_ERASE, (subject,)).rowcount, scrub=True
        )

    async def purge(self, before: date) -> int:
        """Empty all records of earlier days; see ProofLog."""
        return await self._write(
            lambda connection: connection.execute(_PURGE, (before.isoformat(),)).rowcount,
            scrub=True,
        )

    async def count_before(self, day: date) -> int:
        """How many records of earlier days have content; see ProofLog."""
        return await asyncio.to_thread(self._count_before, day)

    async def scrub(self) -> bool:
        """Empty the write-ahead log; see ProofLog."""
        writer = self._current_writer()
        await asyncio.wrap_future(writer.submit(lambda _: None, scrub=True))
        return not writer.scrub_due

    async def put_notice(self, notice: Notice) -> str:
        """Store what was shown; see ProofLog."""
        digest, body = notice.digest, notice.to_bytes()
        await self._write(
            lambda connection: connection.execute(
                "INSERT INTO notice VALUES (?, ?) ON CONFLICT DO NOTHING", (digest, body)
            )
        )
        return digest

    def export(self, day: date) -> Iterator[Mapping[str, object]]:
        """The records of a UTC day; see ProofLog."""
        told: set[str] = set()
        leaf: int | None = -1
        while leaf is not None:
            leaf, items = self._slice(day, leaf, told)
            yield from items

    async def close(self) -> None:
        """Commit what waits and close the file; see ProofLog."""
        with self._guard:
            self._closed = True
            writer = self._writer
        if writer is not None:
            await asyncio.to_thread(writer.close)

    def before_fork(self) -> None:
        """Close the file; see Forked."""
        if self._writer is not None:
            self._writer.rest()

    def after_fork(self) -> None:
        """Leave the writer to the parent, in the child; see Forked."""
        self._guard = threading.Lock()
        self._writer = None

    async def _write(self, run: Run[Result], *, scrub: bool = False) -> Result:
        return await asyncio.wrap_future(self._current_writer().submit(run, scrub=scrub))

    def _current_writer(self) -> Writer:
        with self._guard:
            if self._closed:
                raise StorageError("The log of proofs is closed.")
            if self._writer is None:
                self._writer = Writer(self._path, self._lock, self._spool)
            return self._writer

    def _slice(
        self, day: date, leaf: int, told: set[str]
    ) -> tuple[int | None, list[Mapping[str, object]]]:
        """Some of a day behind a leaf, and the last leaf of these; None where there are no more.

        A reader that stays in the file keeps its log from being emptied, and forks waiting.
        """
        with self._reading() as connection:
            rows = connection.execute(_OF_DAY, (day.isoformat(), leaf)).fetchall()
            items = [item for row in rows for item in _items(connection, row, told)]
        return (rows[-1][0] if rows else None), items

    def _records(self, subject: str) -> tuple[Record, ...]:
        with self._reading() as connection:
            rows = connection.execute(_OF_SUBJECT, (subject,)).fetchall()
        return tuple(Record.from_bytes(body) for (body,) in rows)

    def _count_before(self, day: date) -> int:
        with self._reading() as connection:
            return int(connection.execute(_COUNT_BEFORE, (day.isoformat(),)).fetchone()[0])

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """A connection to read with. It never checkpoints, except on closing, under the lock."""
        try:
            with unforked():
                connection = connect(self._path)
                try:
                    connection.execute("PRAGMA wal_autocheckpoint = 0")
                    connection.execute("PRAGMA query_only = ON")
                    yield connection
                finally:
                    with locked(self._lock):
                        connection.close()
        except (sqlite3.Error, OSError) as error:
            raise StorageError(f"{self._path} could not be read: {error}") from error

    def _prepare(self) -> None:
        try:
            with unforked(), locked(self._lock):
                os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
                sync_folder(self._path.parent)
                connection = connect(self._path)
                try:
                    self._set_up(connection)
                finally:
                    connection.close()
        except (sqlite3.Error, OSError) as error:
            raise StorageError(f"{self._path} cannot be used as a log: {error}") from error

    def _set_up(self, connection: sqlite3.Connection) -> None:
        migrate(connection, str(self._path))
        if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
            raise StorageError(f"{self._path}: SQLite cannot use a write-ahead log there.")
        try:
            self._spool.drain(lambda entries: store(connection, entries))
        except (sqlite3.Error, OSError) as error:
            _log.warning("The spool of consent records has to wait: %s", error)


def _items(
    connection: sqlite3.Connection,
    row: tuple[int, bytes, bytes, bytes, str | None],
    told: set[str],
) -> Iterator[Mapping[str, object]]:
    """What an export says of one row; adds to the digests of the notices that it told."""
    leaf, commitment, salt, body, removed = row
    place: dict[str, object] = {"leaf": leaf, "commitment": commitment.hex()}
    if removed:
        yield {"kind": removed, **place}
        return
    record = json.loads(body)
    if record["notice"] not in told:
        told.add(record["notice"])
        yield from _notice(connection, record["notice"])
    yield {"kind": "record", **place, "salt": salt.hex(), "record": record}


def _notice(connection: sqlite3.Connection, digest: str) -> Iterator[Mapping[str, object]]:
    found = connection.execute("SELECT body FROM notice WHERE digest = ?", (digest,)).fetchone()
    if found is not None:
        yield {"kind": "notice", "digest": digest, "notice": json.loads(found[0])}
