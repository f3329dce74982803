"""The file of counts: shared by processes, bounded, and never in a request's way."""

from __future__ import annotations

import logging
import multiprocessing
import os
import sqlite3
import stat
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from consentgate.discovery import CountFile, Tally, counts_path
from consentgate.discovery.counts import KEPT_DAYS, MOST_SIGHTINGS, Kind
from consentgate.discovery.tally import MOST_PENDING
from consentgate.errors import StorageError

DAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp()
ONE = Kind("one.test", "img-src")


@pytest.fixture
def file(tmp_path: Path) -> CountFile:
    return CountFile(tmp_path / "counts")


def hosts(file: CountFile) -> list[str]:
    return [sighting.kind.host for sighting in file.sightings()]


def test_counts_add_up_over_days(file: CountFile) -> None:
    file.add({ONE: 2}, DAY)
    file.add({ONE: 3, Kind("one.test", "frame-src"): 1}, DAY + timedelta(days=2))
    first, second = file.sightings()
    assert (second.kind, second.count) == (ONE, 5)
    assert (second.first, second.last) == ("2026-11-21", "2026-11-23")
    assert (first.kind.way, first.count, first.first) == ("frame-src", 1, "2026-11-23")


def test_only_the_sites_own_user_may_read_it(file: CountFile, tmp_path: Path) -> None:
    file.add({ONE: 1}, DAY)
    assert stat.S_IMODE((tmp_path / "counts").stat().st_mode) == 0o600


def test_a_flood_of_names_pushes_out_itself_and_not_what_pages_load(file: CountFile) -> None:
    file.add({ONE: 2}, DAY)
    for wave in range(4):
        flood = {Kind(f"h{number}.wave{wave}.test", "img-src"): 1 for number in range(500)}
        file.add(flood, DAY + timedelta(days=wave))
    assert len(hosts(file)) == MOST_SIGHTINGS
    assert "one.test" in hosts(file)
    assert not any("wave0" in host for host in hosts(file)), "of the rarest the oldest go"


def test_the_file_stays_small_under_a_flood(file: CountFile, tmp_path: Path) -> None:
    for wave in range(10):
        flood = {
            Kind(f"{'x' * 63}.{number}.{'y' * 60}.wave{wave}.test", "script-src-elem"): 1
            for number in range(500)
        }
        file.add(flood, DAY)
    assert (tmp_path / "counts").stat().st_size < 1_000_000


def test_what_was_not_seen_for_long_is_forgotten(file: CountFile) -> None:
    file.add({ONE: 1000}, DAY)
    file.add({Kind("two.test", "img-src"): 1}, DAY + timedelta(days=KEPT_DAYS))
    assert hosts(file) == ["one.test", "two.test"]
    file.add({Kind("two.test", "img-src"): 1}, DAY + timedelta(days=KEPT_DAYS + 1))
    assert hosts(file) == ["two.test"]


def test_a_count_never_outgrows_its_column(file: CountFile) -> None:
    for _ in range(3):
        file.add({ONE: 2**62}, DAY)
    assert file.sightings()[0].count == 2**53


def test_without_a_file_it_says_what_to_do(file: CountFile, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no such file") as caught:
        file.sightings()
    assert str(tmp_path) in str(caught.value)
    assert not (tmp_path / "counts").exists(), "to ask makes no file"


def test_a_file_of_another_kind_is_an_error_and_stays(tmp_path: Path) -> None:
    other = tmp_path / "counts"
    other.write_text("no database" * 500)
    for use in (CountFile(other).sightings, lambda: CountFile(other).add({ONE: 1}, DAY)):
        with pytest.raises(StorageError, match="cannot be used"):
            use()
    assert other.read_text().startswith("no database")


@pytest.mark.parametrize(
    ("database", "expected"),
    [
        ("sqlite:///consentgate.db", "consentgate.db.discovered"),
        ("sqlite:////var/lib/site/proofs.db", "/var/lib/site/proofs.db.discovered"),
        ("postgresql://user:secret@db.test/site", "consentgate.db.discovered"),
    ],
)
def test_it_lies_beside_the_proofs(database: str, expected: str) -> None:
    assert counts_path(database) == Path(expected)


def _count_in_a_process(path: Path, times: int) -> None:
    tally = Tally(CountFile(path), after_seconds=3600)
    for _ in range(times):
        tally.count([ONE], NOW)
        tally.flush()


def test_several_processes_count_in_one_place(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    workers = [
        spawn.Process(target=_count_in_a_process, args=(tmp_path / "counts", 25)) for _ in range(3)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert CountFile(tmp_path / "counts").sightings()[0].count == 75


# --- In memory first


def test_counting_writes_nothing_by_itself_and_then_all_at_once(
    file: CountFile, tmp_path: Path
) -> None:
    tally = Tally(file, after_seconds=3600)
    for _ in range(10):
        tally.count([ONE], NOW)
    assert not (tmp_path / "counts").exists()
    tally.flush()
    assert file.sightings()[0].count == 10
    tally.flush()
    assert file.sightings()[0].count == 10


def test_a_thread_writes_a_little_later(file: CountFile) -> None:
    written = threading.Event()

    class Watched(CountFile):
        def add(self, *arguments: object) -> None:
            super().add(*arguments)
            written.set()

    tally = Tally(Watched(file._path), after_seconds=0.01)
    for _ in range(2):
        written.clear()
        tally.count([ONE], NOW)
        assert written.wait(30)
    assert file.sightings()[0].count == 2


def test_memory_is_bounded_and_what_is_known_goes_on_counting(file: CountFile) -> None:
    tally = Tally(file, after_seconds=3600)
    for number in range(MOST_PENDING + 100):
        tally.count([Kind(f"h{number}.test", "img-src")], NOW)
    tally.count([Kind("h0.test", "img-src")], NOW)
    tally.flush()
    counts = {sighting.kind.host: sighting.count for sighting in file.sightings()}
    assert len(counts) == MOST_PENDING
    assert counts["h0.test"] == 2


def test_a_file_that_cannot_be_written_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tally = Tally(CountFile(tmp_path / "absent" / "counts"), after_seconds=3600)
    with caplog.at_level(logging.WARNING, "consentgate"):
        for _ in range(3):
            tally.count([ONE], NOW)
            tally.flush()
    assert len(caplog.records) == 1
    assert "not counted" in caplog.text


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no processes are forked here")
@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_a_forked_process_leaves_the_parents_counts_to_the_parent(file: CountFile) -> None:
    tally = Tally(file, after_seconds=3600)
    tally.count([ONE], NOW)
    with tally._guard:  # as when another thread is counting at this moment
        child = os.fork()
        if not child:
            tally.count([Kind("child.test", "img-src")], NOW)
            tally.flush()
            os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert hosts(file) == ["child.test"]
    tally.flush()
    assert hosts(file) == ["child.test", ONE.host]


def test_nobody_waits_for_a_file_that_another_process_holds(file: CountFile) -> None:
    file.add({ONE: 1}, DAY)
    with sqlite3.connect(file._path) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        tally = Tally(file, after_seconds=3600)
        tally.count([ONE], NOW)
        holder.rollback()
    holder.close()
    tally.flush()
    assert file.sightings()[0].count == 2
