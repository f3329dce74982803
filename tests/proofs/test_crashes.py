"""Several processes, killed, forked and starved. Whatever was acknowledged has to be there.

A kill shows that no acknowledgement runs ahead of its commit; it cannot show what survives a
power cut, for the operating system keeps what was written. That rests on ``synchronous = FULL``,
asserted below.
"""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from consentgate.proofs.sqlite import SqliteLog
from consentgate.proofs.writer import connect
from tests.proofs.samples import rows

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs signals and fork")


def start(work, path):
    return subprocess.Popen(
        [sys.executable, "-m", "tests.proofs.crash_workers", work, str(path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def finished(process):
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    return output.splitlines()


def assert_sound(path, acknowledged):
    SqliteLog(path)
    kept = [row for (row,) in rows(path, "id")]
    assert set(acknowledged) <= set(kept)
    assert rows(path) == [(leaf,) for leaf in range(len(kept))]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    return kept


def test_a_killed_writer_loses_nothing_acknowledged(tmp_path):
    path = tmp_path / "log.db"
    acknowledged = []
    for _ in range(4):
        writers = [start("append_for_ever", path) for _ in range(2)]
        for writer in writers:
            lines = [writer.stdout.readline() for _ in range(30)]
            writer.kill()
            rest = writer.communicate()[0].splitlines(keepends=True)
            acknowledged += [line[:-1] for line in lines + rest if line.endswith("\n")]
        assert_sound(path, acknowledged)
    assert len(acknowledged) >= 240


def test_processes_take_turns_and_leave_no_gap(tmp_path):
    path = tmp_path / "log.db"
    writers = [start("append_some", path) for _ in range(3)]
    acknowledged = [line for writer in writers for line in finished(writer)]
    assert len(acknowledged) == 120
    assert sorted(assert_sound(path, acknowledged)) == sorted(acknowledged)


def test_a_full_disk_refuses_and_recovers(tmp_path):
    path = tmp_path / "log.db"
    lines = [line.split() for line in finished(start("fill_the_disk", path))]
    refused = [name for word, name in lines if word == "refused"]
    acknowledged = [name for word, name in lines if word == "acknowledged"]
    assert len(refused) == 1
    assert len(acknowledged) > 3
    assert assert_sound(path, acknowledged) == acknowledged


def test_a_log_survives_a_fork(tmp_path):
    path = tmp_path / "log.db"
    acknowledged = finished(start("fork", path))
    assert len(acknowledged) == 50
    assert sorted(assert_sound(path, acknowledged)) == sorted(acknowledged)


@pytest.mark.parametrize("work", ["outlive_a_parent", "fork_at_work", "fork_as_a_writer_begins"])
def test_a_fork_at_any_moment_loses_nothing_acknowledged_and_hangs_nobody(tmp_path, work):
    path = tmp_path / "log.db"
    acknowledged = finished(start(work, path))
    assert sorted(assert_sound(path, acknowledged)) == sorted(acknowledged)
    assert acknowledged


def test_every_connection_is_durable_and_overwrites_what_it_deletes(tmp_path):
    path = tmp_path / "log.db"
    SqliteLog(path)
    with closing(connect(path)) as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert connection.execute("PRAGMA secure_delete").fetchone() == (1,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
