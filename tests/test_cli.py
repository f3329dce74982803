"""The command line: what is printed, and with which status it ends."""

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from consentgate import cli
from consentgate.catalogue import load_catalogue
from consentgate.config import json_schema
from consentgate.discovery import CountFile
from consentgate.discovery.counts import Kind
from consentgate.errors import StorageError
from consentgate.model import Keep
from consentgate.proofs import Answer, Method, Record, open_log, record_of

FILES = Path(__file__).parent / "config" / "files"
TODAY = date(2026, 11, 21)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CONSENTGATE_DATABASE", raising=False)
    return tmp_path


def put(name: str, folder: Path, target: str = "consentgate.json") -> None:
    shutil.copy(FILES / name, folder / target)


def test_check_tells_every_fault_and_fails(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put("wrong.json", folder)
    assert cli.main(["check"]) == 1
    printed = capsys.readouterr()
    assert printed.err == (FILES / "wrong.txt").read_text(encoding="utf-8")
    assert printed.out == ""


def test_check_sums_a_good_file_up_and_says_what_signals_do(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put("full.json", folder, "other.json")
    assert cli.main(["check", "other.json"], today=TODAY) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith(
        "other.json: good. 2 optional services in 2 categories, 1 necessary; revision "
    )
    assert printed.out.splitlines()[1:] == [
        (
            "Global Privacy Control refuses marketing, social, support,"
            " and /.well-known/gpc.json says so since 2026-11-21."
        ),
        "Do Not Track is ignored.",
        (
            "Do not sell or share: one button refuses marketing, social, support;"
            " the banner links to it."
        ),
        (
            "Google's tags are told what was agreed to:"
            " marketing for ad_storage, ad_user_data, ad_personalization;"
            " analytics for analytics_storage;"
            " necessary for functionality_storage, security_storage;"
            " functional for personalization_storage."
        ),
        "One consent for all hosts of example.com.",
    ]
    assert printed.err == ""


def test_check_says_too_what_is_switched_off(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    signals = {"gpc": "ignore", "dnt": "refuse-marketing", "google_consent_mode": False}
    (folder / "consentgate.json").write_text(json.dumps({"signals": signals}), "utf-8")
    assert cli.main(["check"]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "Global Privacy Control is ignored, and /.well-known/gpc.json is left to the application.",
        "Do Not Track refuses marketing, social.",
        "Do not sell or share: one button refuses marketing, social; the banner has no link to it.",
        "Google's tags are not told what was agreed to.",
        "Each host asks for itself.",
    ]


def test_check_judges_the_last_review_by_the_given_day(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put("full.json", folder)
    assert cli.main(["check"], today=date(2027, 12, 1)) == 0
    assert capsys.readouterr().out.splitlines()[1] == (
        "consentgate.json: warning: policy.history[1].date:"
        " the last review, of 2026-11-21, is over 12 months old."
    )


def test_check_without_a_file_fails_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check"]) == 1
    assert capsys.readouterr().err == (
        "consentgate.json: cannot be read: No such file or directory.\n"
    )


def test_check_against_an_older_file_tells_whether_visitors_are_asked_again(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put("smallest.json", folder)
    settings = json.loads((folder / "consentgate.json").read_text(encoding="utf-8"))
    old = folder / "old.json"
    old.write_text(json.dumps(settings | {"banner": {"position": "top"}}), encoding="utf-8")
    assert cli.main(["check", "--against", "old.json"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "Visitors are not asked again."
    del settings["services"]["youtube"]
    old.write_text(json.dumps(settings), encoding="utf-8")
    assert cli.main(["check", "--against", "old.json"]) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "Visitors are asked again:",
        "services.youtube: added.",
    ]


def test_schema_prints_the_schema_or_writes_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["schema"]) == 0
    printed = capsys.readouterr().out
    assert json.loads(printed) == json_schema(load_catalogue().services)
    assert cli.main(["schema", "--out", "consentgate.schema.json"]) == 0
    written = (folder / "consentgate.schema.json").read_text(encoding="utf-8")
    assert written == printed
    assert capsys.readouterr().out == ""


def test_a_place_that_cannot_be_written_fails_in_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["schema", "--out", "absent/schema.json"]) == 1
    assert capsys.readouterr().err == "absent/schema.json: No such file or directory\n"


class FakeLog:
    """A log of three items, or one that breaks behind the first."""

    def __init__(self, *, broken: bool = False) -> None:
        self.broken = broken
        self.closed = False
        self.asked: list[object] = []

    def open(self, url: str, *, create: bool = True) -> "FakeLog":
        self.asked += [url, create]
        return self

    def export(self, day: date) -> Iterator[dict[str, object]]:
        self.asked.append(day)
        yield {"kind": "notice", "notice": "ä"}
        if self.broken:
            raise StorageError("the log cannot be read")
        yield {"kind": "record", "leaf": 0}
        yield {"kind": "record", "leaf": 1}

    async def close(self) -> None:
        self.closed = True


def export(*more: str) -> int:
    return cli.main(["proofs", "export", "--day", "2026-11-21", *more])


def test_export_writes_a_days_items_as_one_json_list(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    log = FakeLog()
    monkeypatch.setattr(cli, "open_log", log.open)
    assert export() == 0
    items = json.loads(capsys.readouterr().out)
    assert [item["kind"] for item in items] == ["notice", "record", "record"]
    assert log.asked == ["sqlite:///consentgate.db", False, TODAY]
    assert log.closed
    assert export("--out", "day.json") == 0
    assert json.loads((folder / "day.json").read_text(encoding="utf-8")) == items


def test_export_asks_the_database_of_the_environment_unless_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = FakeLog()
    monkeypatch.setattr(cli, "open_log", log.open)
    monkeypatch.setenv("CONSENTGATE_DATABASE", "sqlite:////somewhere/proofs.db")
    assert export() == export("--database", "sqlite:///here.db") == 0
    assert log.asked[::3] == ["sqlite:////somewhere/proofs.db", "sqlite:///here.db"]


def test_export_from_a_broken_log_fails_and_closes_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    log = FakeLog(broken=True)
    monkeypatch.setattr(cli, "open_log", log.open)
    assert export() == 1
    assert capsys.readouterr().err == "the log cannot be read\n"
    assert log.closed


def test_export_makes_no_database_where_there_is_none(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export() == 1
    assert "consentgate.db" in capsys.readouterr().err
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", ""])
def test_export_wants_a_day(day: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["proofs", "export", "--day", day])
    assert ended.value.code == 2
    assert "is not a day like 2026-11-21" in capsys.readouterr().err


def refusal(at: datetime) -> Record:
    return record_of(
        previous=None,
        choices={"youtube": Answer.REFUSED},
        subject=None,
        scope=Keep.LASTING,
        method=Method(control="reject-all", layer="first", script=False),
        notice="0" * 64,
        lang="en",
        gpc=False,
        ua="",
        site="example.com",
        valid_seconds=60,
        clock=at.timestamp,
    )


def write(folder: Path, *records: Record) -> None:
    async def append() -> None:
        log = open_log(f"sqlite:///{folder}/proofs.db")
        for record in records:
            await log.append(record)
        await log.close()

    asyncio.run(append())


def test_export_reads_the_log_that_decisions_are_written_to(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written = datetime(2026, 11, 21, 12, tzinfo=UTC)
    record = refusal(written)
    write(folder, record)
    assert export("--database", "sqlite:///proofs.db") == 0
    items = json.loads(capsys.readouterr().out)
    assert [item["record"] for item in items if item["kind"] == "record"] == [record.to_dict()]
    assert (
        cli.main(["proofs", "export", "--day", "2026-11-22", "--database", "sqlite:///proofs.db"])
        == 0
    )
    assert json.loads(capsys.readouterr().out) == []


def kinds_of(capsys: pytest.CaptureFixture[str], *days: str) -> list[list[str]]:
    """What an export finds of these days."""
    capsys.readouterr()
    found = []
    for day in days:
        cli.main(["proofs", "export", "--day", day, "--database", "sqlite:///proofs.db"])
        found.append([item["kind"] for item in json.loads(capsys.readouterr().out)])
    return found


@pytest.mark.parametrize(
    ("retention", "last_purged", "first_kept"),
    [
        ("36 months", "2023-11-20", "2023-11-21"),
        ("26 months", "2024-09-19", "2024-09-20"),
        ("3 years", "2023-11-20", "2023-11-21"),
        ("400 days", "2025-10-16", "2025-10-17"),
    ],
)
def test_purge_empties_what_is_older_than_the_configuration_keeps_it(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    retention: str,
    last_purged: str,
    first_kept: str,
) -> None:
    put("smallest.json", folder)
    file = folder / "consentgate.json"
    settings = json.loads(file.read_text(encoding="utf-8"))
    settings["policy"]["ask_again_after"] = "6 months"
    settings["proofs"] = {"retention": retention}
    file.write_text(json.dumps(settings), encoding="utf-8")
    old, late, new = (
        datetime.fromisoformat(f"{day}T23:59:59+00:00")
        for day in (last_purged, first_kept, "2026-11-21")
    )
    write(folder, refusal(old), refusal(old), refusal(late), refusal(new))
    purge = ["proofs", "purge", "--database", "sqlite:///proofs.db"]
    assert cli.main([*purge, "--dry-run"], today=TODAY) == 0
    assert capsys.readouterr().out == (
        f"2 proofs from before {first_kept} would be purged: proofs are kept for {retention}.\n"
    )
    days = last_purged, first_kept, "2026-11-21"
    assert kinds_of(capsys, *days) == [["record", "record"], ["record"], ["record"]]
    assert cli.main(purge, today=TODAY) == 0
    told = f"proofs from before {first_kept} purged: proofs are kept for {retention}.\n"
    assert capsys.readouterr().out == f"2 {told}"
    assert kinds_of(capsys, *days) == [["purged", "purged"], ["record"], ["record"]]
    assert cli.main(purge, today=TODAY) == 0
    assert capsys.readouterr().out == f"0 {told}"


def test_purge_needs_a_good_configuration_and_a_log(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(folder, refusal(datetime(1999, 1, 1, tzinfo=UTC)))
    assert cli.main(["proofs", "purge", "--database", "sqlite:///proofs.db"]) == 1
    assert "consentgate.json" in capsys.readouterr().err
    assert kinds_of(capsys, "1999-01-01") == [["record"]]
    put("smallest.json", folder, "other.json")
    assert cli.main(["proofs", "purge", "other.json", "--database", "sqlite:///none.db"]) == 1
    assert "none.db" in capsys.readouterr().err
    assert not (folder / "none.db").exists()
    assert cli.main(["proofs", "purge", "other.json", "--database", "sqlite:///proofs.db"]) == 0
    assert kinds_of(capsys, "1999-01-01") == [["purged"]]


@contextmanager
def read(path: Path) -> Iterator[sqlite3.Connection]:
    """The database with a transaction of another program open that reads it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM proof").fetchone()
        yield reader


def holding(folder: Path, trace: str) -> set[str]:
    """The files of the log that hold some bytes."""
    files = folder.glob("proofs.db*")
    return {file.name for file in files if trace.encode() in file.read_bytes()}


PURGE = ["proofs", "purge", "--database", "sqlite:///proofs.db"]


def test_a_purge_waits_until_nobody_reads_what_it_deletes(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put("smallest.json", folder)
    old = refusal(datetime(2019, 1, 1, tzinfo=UTC))
    write(folder, old)
    with read(folder / "proofs.db") as reader:
        waited = []

        async def wait(seconds: float) -> None:
            waited.append(holding(folder, old.id))
            if len(waited) == 2:
                reader.execute("ROLLBACK")

        monkeypatch.setattr(cli.asyncio, "sleep", wait)
        assert cli.main(PURGE, today=TODAY) == 0
        assert all(waited)
        assert len(waited) == 2
        assert holding(folder, old.id) == set()
    assert capsys.readouterr().out.startswith("1 proof from before 2023-11-21 purged")


def test_a_purge_that_cannot_empty_the_files_says_so_and_fails(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "SCRUB_TRIES", 2)
    monkeypatch.setattr(cli, "SCRUB_PAUSE_SECONDS", 0)
    put("smallest.json", folder)
    old = refusal(datetime(2019, 1, 1, tzinfo=UTC))
    write(folder, old)
    with read(folder / "proofs.db"):
        assert cli.main(PURGE, today=TODAY) == 1
        assert holding(folder, old.id)
    printed = capsys.readouterr()
    assert printed.out.startswith("1 proof from before 2023-11-21 purged")
    assert "-wal" in printed.err
    assert cli.main(PURGE, today=TODAY) == 0
    assert holding(folder, old.id) == set()
    assert capsys.readouterr().out.startswith("0 proofs")


# --- What was stopped and nobody declared


LISTED = """
www.google.com: Google reCAPTCHA (Google Ireland Limited)
  stopped 2026-11-21: img-src 3
  "recaptcha": {}

widgets.strange.example: nobody we know
  stopped 2026-11-21: img-src 2
  "widgets-strange-example": {"title": "widgets.strange.example", "category": "functional", \
"provider": {"name": "strange.example"}, "match": {"hosts": ["widgets.strange.example"]}}
  Write who runs it and what you use it for before you publish this.
"""


def stopped(folder: Path, **counts: int) -> None:
    hosts = {"known": ("www.google.com", "recaptcha"), "strange": ("widgets.strange.example", "")}
    kinds = {Kind(hosts[name][0], "img-src", hosts[name][1]): n for name, n in counts.items()}
    CountFile(folder / "consentgate.db.discovered").add(kinds, TODAY)


def test_discovered_lists_who_it_is_how_often_and_what_to_add(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put("smallest.json", folder)
    stopped(folder, known=3, strange=2)
    assert cli.main(["discovered"]) == 0
    first, *rest = capsys.readouterr().out.splitlines()
    assert first.startswith("2 third parties stopped that consentgate.json does not declare.")
    assert rest == LISTED.splitlines()


def test_what_discovered_proposes_makes_check_pass_and_the_list_empty(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put("smallest.json", folder)
    stopped(folder, known=3, strange=2)
    assert cli.main(["discovered"]) == 0
    proposed = [x.strip() for x in capsys.readouterr().out.splitlines() if x.startswith('  "')]
    file = folder / "consentgate.json"
    text = file.read_text(encoding="utf-8")
    pasted = text.replace('"services": {', '"services": {' + ",".join(proposed) + ",")
    file.write_text(pasted, encoding="utf-8")
    assert cli.main(["check"], today=TODAY) == 0
    assert "5 optional services" in capsys.readouterr().out
    assert cli.main(["discovered"]) == 0
    assert (
        capsys.readouterr().out == "Nothing was stopped that consentgate.json does not declare.\n"
    )


def test_discovered_for_machines_is_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put("smallest.json", folder)
    stopped(folder, known=3)
    assert cli.main(["discovered", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [
        {
            "host": "www.google.com",
            "who": "Google reCAPTCHA (Google Ireland Limited)",
            "count": 3,
            "first": "2026-11-21",
            "last": "2026-11-21",
            "ways": {"img-src": 3},
            "id": "recaptcha",
            "entry": {},
        }
    ]
    assert cli.main(["discovered", "--json", "--database", "sqlite:///consentgate.db"]) == 0


def test_discovered_without_counts_says_why(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put("smallest.json", folder)
    assert cli.main(["discovered", "--database", "sqlite:///other.db"]) == 1
    told = capsys.readouterr().err
    assert "other.db.discovered" in told
    assert "--database" in told
    assert len(told.splitlines()) == 1


def test_discovered_without_a_configuration_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["discovered"]) == 1
    assert capsys.readouterr().err.startswith("consentgate.json: cannot be read")


# --- The size of the header


def test_check_warns_where_the_policy_outgrows_a_proxys_buffer(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put("smallest.json", folder)
    settings = json.loads((folder / "consentgate.json").read_text(encoding="utf-8"))
    settings["services"] |= {
        f"own-{number}": {
            "title": f"Own {number}",
            "category": "marketing",
            "provider": {"name": "Own"},
            "match": {"hosts": [f"*.own-service-number-{number}.example"]},
        }
        for number in range(100)
    }
    (folder / "consentgate.json").write_text(json.dumps(settings), encoding="utf-8")
    assert cli.main(["check"], today=TODAY) == 0
    (warning,) = [x for x in capsys.readouterr().out.splitlines() if "warning" in x]
    assert "proxy_buffer_size 16k;" in warning
    assert "502" in warning
