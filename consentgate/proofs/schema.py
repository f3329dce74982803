"""The tables of the log, as numbered steps from one version to the next.

A step that has been released is never edited: a change of the tables is a new step.
"""

from __future__ import annotations

import sqlite3

from consentgate.errors import StorageError

APPLICATION_ID = 0x63675031
"""Marks a SQLite file as a log of proofs, so that no other program's file is written to."""

STEPS: tuple[tuple[str, ...], ...] = (
    # 1: records and notices.
    # ``leaf`` is the place in the log: contiguous from 0, never given twice, so no row may go.
    # Erasing empties a row and says why; ``day`` (UTC) and ``commitment`` stay.
    (
        """
        CREATE TABLE proof (
          leaf INTEGER PRIMARY KEY,
          day TEXT NOT NULL,
          commitment BLOB NOT NULL UNIQUE CHECK (length(commitment) = 32),
          id TEXT UNIQUE,
          subject TEXT,
          salt BLOB,
          body BLOB,
          removed TEXT CHECK (removed IN ('erased', 'purged')),
          CHECK ((removed IS NULL) = (body IS NOT NULL)),
          CHECK ((body IS NULL) = (salt IS NULL) AND (body IS NULL) = (id IS NULL)),
          CHECK (removed IS NULL OR subject IS NULL)
        )
        """,
        "CREATE INDEX proof_subject ON proof (subject) WHERE subject IS NOT NULL",
        "CREATE INDEX proof_day ON proof (day)",
        """
        CREATE TRIGGER proof_keeps_its_rows BEFORE DELETE ON proof
        BEGIN SELECT RAISE(ABORT, 'a row of the log may be emptied, never deleted'); END
        """,
        """
        CREATE TRIGGER proof_keeps_its_records BEFORE UPDATE ON proof
        WHEN NEW.removed IS NULL OR OLD.removed IS NOT NULL OR NEW.leaf <> OLD.leaf
          OR NEW.day <> OLD.day OR NEW.commitment <> OLD.commitment
        BEGIN SELECT RAISE(ABORT, 'a record of the log may be emptied, never changed'); END
        """,
        """
        CREATE TABLE notice (
          digest TEXT PRIMARY KEY CHECK (length(digest) = 64),
          body BLOB NOT NULL
        )
        """,
    ),
)


def migrate(connection: sqlite3.Connection, name: str) -> None:
    """Bring the tables to this version's state, each step in a transaction of its own.

    The caller holds the file lock. Raises StorageError where the file was written by a newer
    version, or belongs to another program; ``name`` names it in the message.
    """
    version = _number(connection, "PRAGMA user_version")
    _refuse_foreign(connection, name, version)
    for number, statements in enumerate(STEPS[version:], start=version + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in statements:
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {number}")
            connection.execute("COMMIT")
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _refuse_foreign(connection: sqlite3.Connection, name: str, version: int) -> None:
    owner = _number(connection, "PRAGMA application_id")
    empty = not _number(connection, "SELECT count(*) FROM sqlite_master")
    if owner != APPLICATION_ID and not (empty and owner == version == 0):
        raise StorageError(f"{name} is another program's database. Give the log a file of its own.")
    if version > len(STEPS):
        raise StorageError(
            f"{name} was written by a newer version of consentgate (tables {version}; this one "
            f"knows {len(STEPS)}). Upgrade consentgate, or restore an older copy of the file."
        )


def _number(connection: sqlite3.Connection, query: str) -> int:
    return int(connection.execute(query).fetchone()[0])
