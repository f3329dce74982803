import asyncio
import logging
import sqlite3
from contextlib import closing

import pytest

from consentgate.errors import StorageError
from consentgate.proofs.record import Entry
from consentgate.proofs.spool import Spool
from consentgate.proofs.sqlite import SqliteLog
from tests.proofs.samples import make_record, rows


@pytest.fixture
def path(tmp_path):
    return tmp_path / "log.db"


def spool_file(path):
    return path.with_name("log.db.spool")


def ids(path):
    return [row for (row,) in rows(path, "id")]


def test_a_spooled_record_enters_the_log_before_the_next_one(path):
    refusal, later = make_record(subject=None), make_record()

    async def work():
        log = SqliteLog(path)
        await log.spool(refusal)
        assert refusal.id.encode() in spool_file(path).read_bytes()
        await log.append(later)
        await log.close()

    asyncio.run(work())
    assert ids(path) == [refusal.id, later.id]
    assert spool_file(path).read_bytes() == b""


def test_a_spooled_record_enters_the_log_at_the_next_start(path):
    refusal = make_record(subject=None)

    async def work():
        log = SqliteLog(path)
        await log.spool(refusal)
        await log.close()

    asyncio.run(work())
    SqliteLog(path)
    SqliteLog(path)
    assert ids(path) == [refusal.id]


def test_a_crash_between_commit_and_emptying_adds_nothing_twice(path):
    refusal = make_record()

    async def work():
        log = SqliteLog(path)
        await log.spool(refusal)
        spooled = spool_file(path).read_bytes()
        await log.append(make_record())
        spool_file(path).write_bytes(spooled)
        await log.append(make_record())
        # Not even after the record was erased does it come back.
        assert await log.erase(refusal.subject) == 1
        spool_file(path).write_bytes(spooled)
        await log.append(make_record())
        records = await log.records(refusal.subject)
        await log.close()
        return records

    assert asyncio.run(work()) == ()
    assert rows(path) == [(leaf,) for leaf in range(4)]


def test_a_torn_line_spoils_no_other_and_shows_no_content(path, caplog):
    spool = Spool(spool_file(path))
    whole, torn, after = (Entry(make_record(), bytes(16)) for _ in range(3))
    spool.add(whole)
    spool.add(torn)
    content = spool_file(path).read_bytes()
    spool_file(path).write_bytes(content[:-40])
    spool.add(after)
    taken = []
    with caplog.at_level(logging.ERROR, "consentgate"):
        spool.drain(taken.extend)
    assert taken == [whole, after]
    assert "unreadable" in caplog.text
    assert torn.record.id not in caplog.text


def test_what_cannot_be_stored_stays_in_the_spool(path):
    spool = Spool(spool_file(path))
    entry = Entry(make_record(), bytes(16))
    spool.add(entry)

    def full(entries):
        raise sqlite3.OperationalError("database or disk is full")

    with pytest.raises(sqlite3.OperationalError):
        spool.drain(full)
    taken = []
    spool.drain(taken.extend)
    assert taken == [entry]


def test_a_spool_that_fails_too_is_reported_without_personal_data(path, caplog):
    record = make_record(site="private.example")

    async def work():
        log = SqliteLog(path)
        spool_file(path).mkdir()
        await log.spool(record)
        await log.close()

    asyncio.run(work())
    (message,) = [entry for entry in caplog.records if entry.levelno == logging.ERROR]
    assert "neither logged nor spooled" in message.getMessage()
    assert not [t for t in (record.id, record.subject, "private.example") if t in caplog.text]


def test_while_another_program_holds_the_file_grants_fail_and_refusals_wait(path, monkeypatch):
    monkeypatch.setattr("consentgate.proofs.writer._BUSY_TIMEOUT_MS", 10)
    grant, refusal = make_record(), make_record(subject=None)

    async def work():
        log = SqliteLog(path)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StorageError, match="locked"):
                await log.append(grant)
            await log.spool(refusal)
        await log.append(make_record(subject="later"))
        await log.close()

    asyncio.run(work())
    assert ids(path)[0] == refusal.id
    assert grant.id not in ids(path)
    assert len(ids(path)) == 2
