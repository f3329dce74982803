import asyncio
import sqlite3
from contextlib import closing

import pytest

from consentgate.errors import ConsentGateError, StorageError
from consentgate.proofs import open_log
from consentgate.proofs.schema import STEPS
from consentgate.proofs.sqlite import SqliteLog
from tests.proofs.samples import make_record, rows


def run(path, statement):
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(statement).fetchall()


def filled(path):
    async def fill():
        log = SqliteLog(path)
        await log.append(make_record(subject="s"))
        await log.append(make_record())
        await log.close()

    asyncio.run(fill())
    return path


def test_opening_again_changes_nothing(tmp_path):
    path = filled(tmp_path / "log.db")
    before = run(path, "SELECT * FROM proof")
    SqliteLog(path)
    assert run(path, "SELECT * FROM proof") == before
    assert run(path, "PRAGMA user_version") == [(len(STEPS),)]
    assert run(path, "PRAGMA journal_mode") == [("wal",)]


def test_a_file_of_a_newer_version_is_refused_and_left_alone(tmp_path):
    path = filled(tmp_path / "log.db")
    run(path, f"PRAGMA user_version = {len(STEPS) + 1}")
    with pytest.raises(StorageError, match="newer version of consentgate"):
        SqliteLog(path)
    assert len(rows(path)) == 2


def test_another_programs_file_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "app.db"
    run(path, "CREATE TABLE users (name TEXT)")
    with pytest.raises(StorageError, match="another program"):
        SqliteLog(path)
    assert run(path, "SELECT name FROM sqlite_master") == [("users",)]


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_bytes(b"dear diary " * 1000)
    with pytest.raises(StorageError, match=r"notes\.txt"):
        SqliteLog(path)
    assert path.read_bytes() == b"dear diary " * 1000


@pytest.mark.parametrize("place", [".", "no/such/folder/log.db"])
def test_a_place_that_takes_no_file_is_refused(tmp_path, place):
    with pytest.raises(StorageError):
        SqliteLog(tmp_path / place)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM proof WHERE leaf = 0",
        "UPDATE proof SET body = x'00' WHERE leaf = 0",
        "UPDATE proof SET leaf = 7 WHERE leaf = 0",
        "UPDATE proof SET subject = 'other' WHERE leaf = 0",
        "UPDATE proof SET removed = 'erased' WHERE leaf = 0",
        "UPDATE proof SET removed = 'erased', id = NULL, salt = NULL, body = NULL WHERE leaf = 0",
    ],
)
def test_a_slip_of_the_hand_cannot_change_a_record(tmp_path, statement):
    path = filled(tmp_path / "log.db")
    before = run(path, "SELECT * FROM proof")
    with pytest.raises(sqlite3.IntegrityError):
        run(path, statement)
    assert run(path, "SELECT * FROM proof") == before


def test_a_url_names_a_relative_or_an_absolute_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    open_log("sqlite:///here.db")
    assert (tmp_path / "here.db").exists()
    open_log(f"sqlite:///{tmp_path}/odd %20#name.db")
    assert (tmp_path / "odd %20#name.db").exists()


def test_a_file_is_not_made_where_none_is_wanted(tmp_path):
    with pytest.raises(StorageError, match="no log of proofs"):
        open_log(f"sqlite:///{tmp_path}/missing.db", create=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:hunter2@db/consent", "sqlite://", "sqlite:///", "sqlite:///:memory:",
        "sqlite:///a.db?mode=ro", "consentgate.db", "", "mysql://x",
    ],
)  # fmt: skip
def test_another_url_is_refused_with_what_is_supported(url):
    with pytest.raises(ConsentGateError, match=r"sqlite:///consentgate\.db") as caught:
        open_log(url)
    assert "hunter2" not in str(caught.value)


def test_the_files_are_for_their_owner_only(tmp_path):
    async def modes():
        log = SqliteLog(tmp_path / "log.db")
        await log.append(make_record())
        await log.spool(make_record())
        found = {p.name: p.stat().st_mode & 0o777 for p in tmp_path.iterdir()}
        await log.close()
        return found

    modes = asyncio.run(modes())
    assert modes.pop("log.db-lock") == 0o644
    assert modes.keys() >= {"log.db", "log.db-wal", "log.db.spool"}
    assert set(modes.values()) == {0o600}
