"""Where a refusal waits when the log cannot be written: one JSON line each, beside the log."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from consentgate.disk import exclusive, sync_folder
from consentgate.proofs.record import Entry, Record, canonical_json

_log = logging.getLogger("consentgate")


class Spool:
    """A file of entries, shared by all processes of the machine.

    An entry keeps its salt here, so that the log, which holds each commitment once, takes it in
    once, however often a crash makes it be offered.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, entry: Entry) -> None:
        """Append an entry; returns when it is on the disk. Raises OSError."""
        line = canonical_json({"record": entry.record.to_dict(), "salt": entry.salt.hex()})
        with self._opened() as descriptor:
            size = os.fstat(descriptor).st_size
            # A crash may have left half a line; what follows must not be joined to it.
            torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            _write_all(descriptor, (b"\n" if torn else b"") + line + b"\n")
            os.fsync(descriptor)
        sync_folder(self._path.parent)

    def drain(self, store: Callable[[Sequence[Entry]], None]) -> None:
        """Hand over all entries and forget them once ``store`` has made them durable.

        What ``store`` raises passes, and the entries stay.
        """
        if not self._holds_any():
            return
        with self._opened() as descriptor:
            with os.fdopen(os.dup(descriptor), "rb") as stream:
                stream.seek(0)
                entries = tuple(_read(stream))
            store(entries)
            os.ftruncate(descriptor, 0)
            os.fsync(descriptor)

    def _holds_any(self) -> bool:
        try:
            return self._path.stat().st_size > 0
        except FileNotFoundError:
            return False

    @contextmanager
    def _opened(self) -> Iterator[int]:
        descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            with exclusive(descriptor):
                yield descriptor
        finally:
            os.close(descriptor)


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _read(lines: Iterator[bytes]) -> Iterator[Entry]:
    """The whole entries; a line that a crash tore was never acknowledged."""
    for line in lines:
        if not line.strip():
            continue
        try:
            plain = json.loads(line)
            record = Record.from_bytes(canonical_json(plain["record"]))
            yield Entry(record, bytes.fromhex(plain["salt"]))
        except (ValueError, KeyError, TypeError):
            _log.error("Dropped an unreadable line of the spool of consent records.")
