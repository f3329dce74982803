"""What a log of proofs promises, and how one is opened from its URL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Protocol

from consentgate.database import database_path
from consentgate.errors import ConsentGateError
from consentgate.proofs.notice import Notice
from consentgate.proofs.record import Record
from consentgate.proofs.sqlite import SqliteLog


class ProofLog(Protocol):
    """An append-only log of consent records.

    Order is the leaf index, not the clock. Calls may come from any thread, task and process at
    once. Every call that cannot be done raises StorageError, and then nothing is acknowledged;
    what it was asked to write may still turn up, once.
    """

    async def append(self, record: Record) -> None:
        """Add a record; returns when it would outlast a power cut.

        A record whose id is in the log already is not added again. A caller that is cancelled
        does not know whether its record was written.
        """

    async def spool(self, record: Record) -> None:
        """Keep a refusal that ``append`` could not take, until the log can be written again.

        It then enters the log once, before anything newer. Never raises: where even this
        fails, an error without personal data is logged, for the refusal stands all the same.
        """

    async def last(self, subject: str) -> Record | None:
        """The visitor's newest record, one-page grants apart; None where there is none."""

    async def records(self, subject: str) -> tuple[Record, ...]:
        """All records of a visitor, oldest first."""

    async def erase(self, subject: str) -> int:
        """Delete the content of all records of a visitor; gives their number.

        What stays of each is its place, its UTC day and its commitment, which tells nothing
        without the deleted salt. Returns when the content is gone from the log's files; where
        a backup is reading them just then, it is gone after the next write.
        """

    async def purge(self, before: date) -> int:
        """The same for all records of UTC days before this one, when retention ends."""

    async def count_before(self, day: date) -> int:
        """How many records ``purge`` would empty."""

    async def scrub(self) -> bool:
        """Try once more to get deleted content out of the log's files; whether it is gone."""

    async def put_notice(self, notice: Notice) -> str:
        """Store what was shown, once; gives the digest that records name it by."""

    def export(self, day: date) -> Iterator[Mapping[str, object]]:
        """The records of one UTC day in the order of the log, as JSON values. Blocks.

        Three kinds of item: ``{"kind": "notice", "digest", "notice"}``, once and before the
        first record that names it; ``{"kind": "record", "leaf", "commitment", "salt",
        "record"}``; and ``{"kind": "erased" | "purged", "leaf", "commitment"}``.
        """

    async def close(self) -> None:
        """Finish what was begun; afterwards writing raises StorageError. May be called twice."""


def open_log(url: str, *, create: bool = True) -> ProofLog:
    """Open the log at ``sqlite:///relative.db`` or ``sqlite:////absolute/path.db``.

    Makes it where there is none, unless ``create`` is false. Raises ConsentGateError for any
    other URL and StorageError where the file cannot be used.
    """
    path = database_path(url)
    if not path:
        # The URL itself may hold a password.
        scheme = url.partition(":")[0]
        raise ConsentGateError(
            f'No log of proofs can be opened at this "{scheme}" address. Supported are '
            '"sqlite:///consentgate.db" and "sqlite:////absolute/path.db", without parameters.'
        )
    return SqliteLog(path, create=create)
