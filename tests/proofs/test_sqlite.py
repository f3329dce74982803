import asyncio
import hashlib
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consentgate.disk import locked
from consentgate.errors import StorageError
from consentgate.model import Keep
from consentgate.proofs import Answer, random_id
from consentgate.proofs import writer as writer_module
from consentgate.proofs.record import canonical_json
from consentgate.proofs.sqlite import SqliteLog
from consentgate.proofs.writer import Writer
from tests.proofs.samples import DAY_START, NOON, NOTICE, make_record, rows

DAY = date(2026, 11, 21)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "log.db"


def using(path, work):
    """What the coroutine function gives for an open log, which is closed afterwards."""

    async def run():
        log = SqliteLog(path)
        try:
            return await work(log)
        finally:
            await log.close()

    return asyncio.run(run())


def test_an_appended_record_is_read_back(path):
    record = make_record(ua="Ünïcode/Linux")

    async def work(log):
        await log.append(record)
        return await log.last(record.subject), await log.records(record.subject)

    assert using(path, work) == (record, (record,))


def test_records_come_in_the_order_of_the_log_whatever_the_clock_said(path):
    subject = random_id()
    records = [make_record(subject=subject, at=NOON - 1000 * i) for i in range(3)]

    async def work(log):
        for record in records:
            await log.append(record)
        await log.append(make_record())
        return await log.records(subject), await log.last(subject)

    assert using(path, work) == (tuple(records), records[-1])


def test_the_record_in_force_is_not_a_grant_for_one_page(path):
    lasting = make_record()
    once = make_record(subject=lasting.subject, scope=Keep.ONCE)

    async def work(log):
        await log.append(lasting)
        await log.append(once)
        return await log.last(lasting.subject), await log.last(random_id())

    assert using(path, work) == (lasting, None)


def test_a_refusal_without_a_subject_is_kept(path):
    record = make_record(subject=None, choices={"youtube": Answer.REFUSED})
    using(path, lambda log: log.append(record))
    assert [item["record"]["id"] for item in exported(path) if item["kind"] == "record"] == [
        record.id
    ]


def test_a_record_that_is_offered_twice_is_kept_once(path):
    record = make_record()

    async def work(log):
        await log.append(record)
        await log.append(record)
        await log.append(make_record())

    using(path, work)
    assert rows(path) == [(0,), (1,)]


def test_leaves_are_contiguous_under_many_threads(path):
    logs = [SqliteLog(path) for _ in range(3)]

    def append(number):
        asyncio.run(logs[number % 3].append(make_record()))

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(append, range(150)))
    for log in logs:
        asyncio.run(log.close())
    assert rows(path) == [(leaf,) for leaf in range(150)]


def test_what_waits_together_is_committed_together(path, monkeypatch):
    sizes = []
    commit = Writer._commit
    monkeypatch.setattr(
        Writer, "_commit", lambda self, jobs: sizes.append(len(jobs)) or commit(self, jobs)
    )

    async def work(log):
        with locked(path.with_name("log.db-lock")):
            tasks = [asyncio.create_task(log.append(make_record())) for _ in range(100)]
            await asyncio.sleep(0)  # each task runs once, and so has queued its record
        await asyncio.gather(*tasks)

    using(path, work)
    assert sum(sizes) == 100
    assert len(sizes) <= 3


def test_a_faulty_job_fails_alone(path):
    def broken(connection):
        connection.execute("INSERT INTO nowhere VALUES (1)")

    async def work(log):
        with locked(path.with_name("log.db-lock")):
            first = asyncio.create_task(log.append(make_record()))
            await asyncio.sleep(0)
            bad = asyncio.create_task(log._write(broken))
            last = asyncio.create_task(log.append(make_record()))
            await asyncio.sleep(0)
        return await asyncio.gather(first, bad, last, return_exceptions=True)

    first, bad, last = using(path, work)
    assert (first, last) == (None, None)
    assert isinstance(bad, StorageError)
    assert len(rows(path)) == 2


def test_a_cancelled_caller_harms_nobody(path):
    async def work(log):
        with locked(path.with_name("log.db-lock")):
            tasks = [asyncio.create_task(log.append(make_record())) for _ in range(5)]
            await asyncio.sleep(0)
            tasks[2].cancel()
            tasks[4].cancel()
            await asyncio.sleep(0)
        return await asyncio.gather(*tasks, return_exceptions=True)

    done = using(path, work)
    assert [type(one) for one in done if one is not None] == [asyncio.CancelledError] * 2
    assert len(rows(path)) in {3, 4}


def exported(path, day=DAY):
    async def work(log):
        return list(log.export(day))

    return using(path, work)


def test_an_export_holds_a_day_of_utc_with_each_notice_once(path):
    inside = [make_record(at=NOON), make_record(at=DAY_START + 86_400)]
    outside = [make_record(at=DAY_START + 86_399.999), make_record(at=DAY_START + 2 * 86_400)]
    other = make_record(notice="f" * 64)

    async def work(log):
        assert await log.put_notice(NOTICE) == NOTICE.digest
        await log.put_notice(NOTICE)
        for record in (outside[0], inside[0], outside[1], inside[1], other):
            await log.append(record)

    using(path, work)
    items = exported(path)
    assert [item["kind"] for item in items] == ["notice", "record", "record", "record"]
    assert items[0] == {"kind": "notice", "digest": NOTICE.digest, "notice": items[0]["notice"]}
    assert canonical_json(items[0]["notice"]) == NOTICE.to_bytes()
    assert [item["record"] for item in items[1:]] == [
        record.to_dict() for record in (*inside, other)
    ]
    assert [item["leaf"] for item in items[1:]] == [1, 3, 4]


def test_an_exported_record_proves_its_commitment(path):
    using(path, lambda log: log.append(make_record()))
    (item,) = exported(path)
    opened = bytes.fromhex(item["salt"]) + canonical_json(item["record"])
    assert hashlib.sha256(opened).hexdigest() == item["commitment"]


def test_an_export_of_many_records_is_whole(path):
    async def work(log):
        await asyncio.gather(*(log.append(make_record()) for _ in range(1203)))

    using(path, work)
    assert [item["leaf"] for item in exported(path)] == list(range(1203))


def test_an_unfinished_export_does_not_hold_up_an_erasure(path):
    async def work(log):
        records = [make_record() for _ in range(3)]
        for record in records:
            await log.append(record)
        export = log.export(DAY)
        next(export)
        erased = await log.erase(records[2].subject)
        size = path.with_name("log.db-wal").stat().st_size
        export.close()
        return erased, size

    assert using(path, work) == (1, 0)


def everything_in(folder):
    return {entry.name: entry.read_bytes() for entry in folder.iterdir()}


@pytest.mark.parametrize("services", [2, 400])
def test_erased_bytes_are_gone_from_every_file(path, services):
    choices = {f"service-{i}": Answer.GIVEN for i in range(services)}
    subject = random_id()
    mine = [
        make_record(subject=subject, site="unmistakable.example", choices=choices) for _ in range(3)
    ]
    spooled = make_record(subject=subject, site="unmistakable.example")

    async def work(log):
        for record in mine:
            await log.append(record)
            await log.append(make_record(choices=choices))
        await log.spool(spooled)
        salts = [salt for (salt,) in rows(path, "salt")[::2]]
        before = b"".join(everything_in(path.parent).values())
        assert await log.erase(subject) == 4
        return salts, before, everything_in(path.parent)

    salts, before, after = using(path, work)
    traces = [b"unmistakable", subject.encode(), *salts, *(r.id.encode() for r in mine)]
    assert all(trace in before for trace in traces)
    for name, content in after.items():
        assert not [trace for trace in traces if trace in content], name


def test_an_erased_record_leaves_its_place_and_commitment(path):
    record = make_record()

    async def work(log):
        for one in (make_record(), record, make_record()):
            await log.append(one)
        before = rows(path, "leaf, commitment")
        assert await log.erase(record.subject) == 1
        assert await log.erase(record.subject) == 0
        assert rows(path, "leaf, commitment") == before
        assert await log.records(record.subject) == ()
        await log.append(make_record())
        return before[1][1].hex()

    commitment = using(path, work)
    assert rows(path) == [(0,), (1,), (2,), (3,)]
    assert exported(path)[1] == {"kind": "erased", "leaf": 1, "commitment": commitment}


def test_a_purge_empties_the_days_before(path):
    old = make_record(at=DAY_START)
    kept = make_record(at=NOON)

    async def work(log):
        await log.append(old)
        await log.append(kept)
        return await log.purge(DAY), await log.purge(DAY), await log.records(kept.subject)

    assert using(path, work) == (1, 0, (kept,))
    assert [item["kind"] for item in exported(path, date(2026, 11, 20))] == ["purged"]


def test_a_reader_in_the_way_delays_the_scrubbing_to_the_next_write(path, caplog):
    record = make_record(site="unmistakable.example")

    async def work(log):
        await log.append(record)
        with closing(sqlite3.connect(path, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT * FROM proof").fetchall()
            assert await log.erase(record.subject) == 1
        assert "write-ahead log" in caplog.text
        await log.append(make_record())
        return b"".join(everything_in(path.parent).values())

    assert b"unmistakable" not in using(path, work)


def test_a_closed_log_refuses_to_write(path):
    async def work(log):
        await log.append(make_record())
        await log.close()
        await log.close()
        with pytest.raises(StorageError, match="closed"):
            await log.append(make_record())

    using(path, work)
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["log.db", "log.db-lock"]


def test_closing_commits_what_waits(path):
    async def work(log):
        with locked(path.with_name("log.db-lock")):
            tasks = [asyncio.create_task(log.append(make_record())) for _ in range(20)]
            await asyncio.sleep(0)
        await log.close()
        await asyncio.gather(*tasks)

    using(path, work)
    assert len(rows(path)) == 20


def test_a_deleted_database_is_an_error_and_not_a_silent_loss(path):
    async def work(log):
        await log.append(make_record())
        for entry in path.parent.glob("log.db*"):
            entry.unlink()
        with pytest.raises(StorageError):
            await log.append(make_record())
        with pytest.raises(StorageError):
            await log.records("s")

    using(path, work)


def test_a_database_put_back_from_a_backup_is_the_one_written_to(path):
    backup = path.with_name("backup.db")
    using(path, lambda log: log.append(make_record()))
    backup.write_bytes(path.read_bytes())
    record = make_record()

    async def work(log):
        await log.append(make_record())
        await log.append(make_record())
        for entry in path.parent.glob("log.db*"):
            entry.unlink()
        backup.rename(path)
        await log.append(record)
        return await log.last(record.subject)

    assert using(path, work) == record
    assert rows(path) == [(0,), (1,)]


class FaultyConnection(sqlite3.Connection):
    """Raises on the n-th statement, counted over all connections."""

    countdown = 0

    def execute(self, *arguments):
        FaultyConnection.countdown -= 1
        if FaultyConnection.countdown == 0:
            raise sqlite3.OperationalError("disk I/O error")
        return super().execute(*arguments)


@pytest.mark.parametrize("nth", range(1, 9))
def test_whichever_statement_fails_an_acknowledged_record_is_there(path, monkeypatch, nth):
    plain = sqlite3.connect
    records = [make_record() for _ in range(3)]
    acknowledged, failures = [], []

    async def work(log):
        monkeypatch.setattr(
            writer_module.sqlite3,
            "connect",
            lambda *args, **more: plain(*args, factory=FaultyConnection, **more),
        )
        FaultyConnection.countdown = nth
        for record in records:
            try:
                await log.append(record)
                acknowledged.append(record.id)
            except StorageError as error:
                failures.append(str(error))

    try:
        using(path, work)
    finally:
        monkeypatch.undo()
    assert failures == [f"{path} could not be written: disk I/O error"]
    assert len(acknowledged) == 2
    assert [row for (row,) in rows(path, "id")] == acknowledged
    assert rows(path) == [(0,), (1,)]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "erase a", "erase b", "spool a", "again"]), max_size=12))
def test_the_log_behaves_like_a_list(tmp_path_factory, steps):
    """Against a model in memory: what each subject has, and how long the log is."""
    path = tmp_path_factory.mktemp("log") / "log.db"
    model, length, spooled = {"a": [], "b": []}, 0, []

    async def work(log):
        nonlocal length
        last = None
        for step in steps:
            word, _, subject = step.rpartition(" ")
            record = make_record(subject=subject)
            if word == "spool":
                await log.spool(record)
                spooled.append(record)
                continue
            for one in spooled:
                model[one.subject].append(one)
                length += 1
            spooled.clear()
            if word == "erase":
                assert await log.erase(subject) == len(model[subject])
                model[subject] = []
                last = None
            elif step == "again":
                await log.append(last or replace(record, subject=None))
                length += last is None
            else:
                await log.append(record)
                model[subject].append(record)
                length += 1
                last = record
        return {name: list(await log.records(name)) for name in model}

    assert using(path, work) == model
    assert rows(path) == [(leaf,) for leaf in range(length)]
