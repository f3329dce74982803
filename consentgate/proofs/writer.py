"""The one thread of a process that writes to the SQLite file, many callers per commit."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypeAlias, TypeVar

from consentgate.disk import locked
from consentgate.errors import StorageError
from consentgate.forks import unforked
from consentgate.proofs.record import Entry
from consentgate.proofs.spool import Spool

_log = logging.getLogger("consentgate")

Result = TypeVar("Result")
Run: TypeAlias = Callable[[sqlite3.Connection], Result]
"""Statements inside a transaction that somebody else opens and commits."""

_MOST_PER_COMMIT = 256
_BUSY_TIMEOUT_MS = 5000
_SCRUB_TIMEOUT_MS = 200

_INSERT = """
    INSERT INTO proof (leaf, day, commitment, id, subject, salt, body)
    SELECT coalesce(max(leaf) + 1, 0), ?, ?, ?, ?, ?, ? FROM proof WHERE true
    ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class _Job:
    run: Run[object]
    future: Future[Any]
    scrub: bool


def connect(path: Path) -> sqlite3.Connection:
    """Open an existing file of the log, durable and with deleted content overwritten."""
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode=rw",
        uri=True,
        timeout=_BUSY_TIMEOUT_MS / 1000,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    return connection


def insert(connection: sqlite3.Connection, entries: Sequence[Entry]) -> None:
    """Put entries at the end of the log; one that is there already, or was, is left out.

    The leaf is taken here, inside the transaction: contiguous, and in the order of commits.
    """
    for entry in entries:
        record = entry.record
        row = (record.at[:10], entry.commitment, record.id, record.subject, entry.salt)
        connection.execute(_INSERT, (*row, record.to_bytes()))


def store(connection: sqlite3.Connection, entries: Sequence[Entry]) -> None:
    """``insert`` in a transaction of its own."""
    connection.execute("BEGIN IMMEDIATE")
    insert(connection, entries)
    connection.execute("COMMIT")


class Writer:
    """Commits what its callers hand in: whatever waits goes into one transaction.

    The file lock is held for a batch, its checkpoint and the closing of the connection; SQLite's
    own waiting starves, and before 3.51.3 a checkpoint could race with a reset of the WAL.
    A writer belongs to the process that made it: a child has no thread of it.
    """

    def __init__(self, path: Path, lock: Path, spool: Spool) -> None:
        self._path = path
        self._lock = lock
        self._spool = spool
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        self._connection: sqlite3.Connection | None = None
        self._inode = 0
        self._scrub_due = False
        self._thread = threading.Thread(target=self._work, name="consentgate-proofs", daemon=True)
        self._thread.start()

    def submit(self, run: Run[Result], *, scrub: bool = False) -> Future[Result]:
        """Queue statements; the future resolves after their commit, or to a StorageError.

        ``scrub`` empties the write-ahead log afterwards, where old content would linger.
        """
        job = _Job(run, Future(), scrub)
        with self._gate:
            if self._closed:
                raise StorageError("The log of proofs is closed.")
            self._jobs.put(job)
        return job.future

    @property
    def scrub_due(self) -> bool:
        """Whether deleted content is still in the write-ahead log, as far as this writer knows."""
        return self._scrub_due

    def close(self) -> None:
        """Commit what waits, close the file and end the thread. Blocks."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._jobs.put(None)
        self._thread.join()

    def rest(self) -> None:
        """Close the file until there is something to commit. Blocks."""
        with suppress(OSError), unforked():
            if self._connection is not None:
                with locked(self._lock):
                    self._disconnect()

    def _work(self) -> None:
        more = True
        while more:
            jobs, more = self._batch()
            self._serve([job for job in jobs if job.future.set_running_or_notify_cancel()])
        self.rest()

    def _batch(self) -> tuple[list[_Job], bool]:
        """Wait for a job and take what else is there; False after the last one of all."""
        jobs: list[_Job] = []
        with suppress(Empty):
            while len(jobs) < _MOST_PER_COMMIT:
                job = self._jobs.get(block=not jobs)
                if job is None:
                    return jobs, False
                jobs.append(job)
        return jobs, True

    def _serve(self, jobs: list[_Job]) -> None:
        if not jobs:
            return
        try:
            with unforked(), locked(self._lock):
                self._drain()
                while jobs:
                    jobs = self._commit(jobs)
        except Exception as error:  # noqa: BLE001  a dead thread would leave its callers waiting
            self._fail([job for job in jobs if not job.future.done()], error)

    def _drain(self) -> None:
        try:
            self._spool.drain(lambda entries: store(self._connected(), entries))
        except (sqlite3.Error, OSError) as error:
            self._disconnect()
            # No trace: it could show a record.
            _log.error("The spool of consent records could not be drained: %s", error)

    def _commit(self, jobs: list[_Job]) -> list[_Job]:
        """Commit all jobs together; gives back those to try again without a faulty one."""
        faulty: _Job | None = None
        try:
            connection = self._connected()
            connection.execute("BEGIN IMMEDIATE")
            results = []
            for faulty in jobs:
                results.append(faulty.run(connection))  # noqa: PERF401  names the job that raised
            faulty = None
            connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001  see _serve
            self._disconnect()
            failed = [faulty] if faulty else jobs
            self._fail(failed, error)
            return [job for job in jobs if job not in failed]
        if self._scrub_due or any(job.scrub for job in jobs):
            self._scrub(connection)
        for job, result in zip(jobs, results, strict=True):
            job.future.set_result(result)
        return []

    def _scrub(self, connection: sqlite3.Connection) -> None:
        """Empty the write-ahead log; where a reader is in the way, after the next batch."""
        in_the_way = True
        try:
            connection.execute(f"PRAGMA busy_timeout = {_SCRUB_TIMEOUT_MS}")
            row = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            connection.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
            in_the_way = bool(row[0])
        except sqlite3.Error:
            self._disconnect()
        if in_the_way and not self._scrub_due:
            _log.warning("Erased records stay in the write-ahead log until its readers are done.")
        self._scrub_due = in_the_way

    def _fail(self, jobs: Sequence[_Job], error: Exception) -> None:
        for job in jobs:
            failure = StorageError(f"{self._path} could not be written: {error}")
            failure.__cause__ = error
            job.future.set_exception(failure)

    def _connected(self) -> sqlite3.Connection:
        """The connection, anew where the file has been replaced: the old one's is nobody's."""
        inode = self._path.stat().st_ino
        if self._connection is None or inode != self._inode:
            self._disconnect()
            self._connection = connect(self._path)
            self._inode = inode
        return self._connection

    def _disconnect(self) -> None:
        """Close the connection, which rolls back what is open; the lock is held."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()
