"""The ``consentgate`` command: check a configuration, tell what it lacks, see to the proofs."""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TextIO

from consentgate.catalogue import load_catalogue
from consentgate.config import (
    Config,
    differences,
    json_schema,
    load_config,
    signals_overview,
)
from consentgate.database import DEFAULT_DATABASE
from consentgate.discovery import (
    CountFile,
    counts_path,
    finds,
    listed,
    listed_for_machines,
)
from consentgate.errors import ConsentGateError, StorageError
from consentgate.policy_size import size_warning
from consentgate.proofs import ProofLog, open_log

DEFAULT_FILE = "consentgate.json"

SCRUB_TRIES = 20
SCRUB_PAUSE_SECONDS = 0.5


def main(arguments: Sequence[str] | None = None, *, today: date | None = None) -> int:
    """Run one command; gives the exit status: 0 done, 1 something is wrong, 2 wrongly called.

    ``today`` is the day (UTC) by which ``check`` judges the age of the last review, and ``purge``
    that of proofs.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A value from the file may hold characters that the terminal cannot show.
            stream.reconfigure(errors="backslashreplace")
    chosen = _parser().parse_args(arguments)
    try:
        match chosen.command:
            case "check":
                _check(chosen.file, chosen.against, today)
            case "schema":
                _schema(chosen.out)
            case "discovered":
                _discovered(chosen.file, chosen.database, machines=chosen.json)
            case "export":
                _export(chosen.day, chosen.database, chosen.out)
            case "purge":
                until = today or datetime.now(UTC).date()
                _purge(chosen.file, chosen.database, until, dry_run=chosen.dry_run)
    except ConsentGateError as error:
        print(error, file=sys.stderr)  # noqa: T201  a command speaks by printing
        return 1
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="consentgate", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    check = commands.add_parser("check", help="tell every fault of a configuration file")
    check.add_argument("file", nargs="?", default=DEFAULT_FILE, metavar="FILE")
    check.add_argument(
        "--against",
        metavar="OLD",
        help="tell whether visitors who agreed under OLD are asked again",
    )
    schema = commands.add_parser("schema", help="write the JSON Schema that editors complete by")
    schema.add_argument("--out", type=Path, metavar="FILE", help="default: standard output")
    discovered = commands.add_parser(
        "discovered", help="list the third parties that were stopped and nobody declared"
    )
    discovered.add_argument("file", nargs="?", default=DEFAULT_FILE, metavar="FILE")
    discovered.add_argument("--json", action="store_true", help="for machines")
    _add_database(discovered)
    proofs = commands.add_parser("proofs", help="work with the proofs of consent")
    actions = proofs.add_subparsers(dest="command", required=True, metavar="ACTION")
    export = actions.add_parser("export", help="write the proofs of one day (UTC) as JSON")
    export.add_argument("--day", type=_day, required=True, metavar="YYYY-MM-DD")
    _add_database(export)
    export.add_argument("--out", type=Path, metavar="FILE", help="default: standard output")
    purge = actions.add_parser(
        "purge", help="delete the content of proofs that proofs.retention no longer keeps"
    )
    purge.add_argument("file", nargs="?", default=DEFAULT_FILE, metavar="FILE")
    purge.add_argument("--dry-run", action="store_true", help="only tell how many there are")
    _add_database(purge)
    return parser


def _add_database(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--database",
        default=os.environ.get("CONSENTGATE_DATABASE") or DEFAULT_DATABASE,
        metavar="URL",
        help=f"default: CONSENTGATE_DATABASE, else {DEFAULT_DATABASE}",
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f'"{text}" is not a day like 2026-11-21') from None


def _check(file: str, against: str | None, today: date | None) -> None:
    config = load_config(file, today=today)
    print(_summary(config))  # noqa: T201
    for warning in (*config.warnings, size_warning(config)):
        if warning:
            print(f"{config.source}: warning: {warning}")  # noqa: T201
    print("\n".join(signals_overview(config)))  # noqa: T201
    if against is not None:
        reasons = tuple(differences(load_config(against).optional, config.optional))
        said = "Visitors are asked again:" if reasons else "Visitors are not asked again."
        print("\n".join((said, *reasons)))  # noqa: T201


def _summary(config: Config) -> str:
    optional, categories = len(config.optional), len({s.category for s in config.optional})
    return (
        f"{config.source}: good. {_counted(optional, 'optional service')} in"
        f" {_counted(categories, 'category', 'categories')},"
        f" {len(config.necessary)} necessary; revision {config.revision}."
    )


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _schema(out: Path | None) -> None:
    schema = json_schema(load_catalogue().services)
    with _opened(out) as stream:
        json.dump(schema, stream, ensure_ascii=False, indent=2)
        stream.write("\n")


def _discovered(file: str, database: str, *, machines: bool) -> None:
    config = load_config(file)
    found = finds(CountFile(counts_path(database)).sightings(), config)
    if machines:
        print(json.dumps(listed_for_machines(found), indent=2))  # noqa: T201
        return
    parties = _counted(len(found), "third party", "third parties")
    told = (
        f"{parties} stopped that {config.source} does not declare."
        ' To ask visitors, add under "services":'
        if found
        else f"Nothing was stopped that {config.source} does not declare."
    )
    print("\n".join((told, *listed(found))))  # noqa: T201


def _export(day: date, database: str, out: Path | None) -> None:
    log = open_log(database, create=False)
    try:
        with _opened(out) as stream:
            _write_items(log.export(day), stream)
    finally:
        asyncio.run(log.close())


def _purge(file: str, database: str, today: date, *, dry_run: bool) -> None:
    kept = load_config(file).proofs
    first = kept.first_day(today)

    async def purged() -> tuple[int, bool]:
        log = open_log(database, create=False)
        try:
            if dry_run:
                return await log.count_before(first), True
            return await log.purge(first), await _is_scrubbed(log)
        finally:
            await log.close()

    count, is_gone = asyncio.run(purged())
    done = "would be purged" if dry_run else "purged"
    proofs = f"{_counted(count, 'proof')} from before {first}"
    print(f"{proofs} {done}: proofs are kept for {kept.retention}.")  # noqa: T201
    if not is_gone:
        raise StorageError(
            "Content of purged proofs is still in the database's -wal file, because somebody has"
            " been reading the database all the time. Purge again when that is over."
        )


async def _is_scrubbed(log: ProofLog) -> bool:
    """Whether deleted content has left the files; readers are waited for, some seconds."""
    for _ in range(SCRUB_TRIES):
        if await log.scrub():
            return True
        await asyncio.sleep(SCRUB_PAUSE_SECONDS)
    return False


def _write_items(items: Iterable[Mapping[str, object]], stream: TextIO) -> None:
    """Write a JSON list one item at a time, because a day may not fit into memory."""
    stream.write("[")
    for index, item in enumerate(items):
        stream.write(",\n" if index else "\n")
        json.dump(item, stream, ensure_ascii=True, sort_keys=True)
    stream.write("\n]\n")


@contextmanager
def _opened(out: Path | None) -> Iterator[TextIO]:
    if out is None:
        yield sys.stdout
    else:
        with out.open("w", encoding="utf-8") as stream:
            yield stream
