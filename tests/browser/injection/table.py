"""The table of ``docs/enforcement.md``: every way, in every engine, in both variants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from tests.browser.injection.measuring import GROUPS, WAYS, Measured, Setting

DOCUMENT = Path(__file__).parents[3] / "docs" / "enforcement.md"
BEGIN, END = "<!-- every way: begin -->\n", "<!-- every way: end -->\n"
TITLES: Mapping[str, str] = {"chromium": "Chromium", "firefox": "Firefox", "webkit": "WebKitGTK"}
NOT_RUN = "?"
STOPPED, PASSES, NOTHING = "stopped", "**passes**", "·"
GATED = (Setting.PERSONAL, Setting.SHARED)

Cells: TypeAlias = Mapping[str, Mapping[str, str]]
"""By engine and by the title of a way: what the table says."""


def cells(measured: Mapping[Setting, Measured]) -> dict[str, str]:
    """One engine's column, by the titles of the ways."""
    return {way.title: _cell(way.id, measured) for way in WAYS.values()}


def _cell(way: str, measured: Mapping[Setting, Measured]) -> str:
    if way not in measured[Setting.BARE].reached:
        return NOTHING
    verdicts = [PASSES if way in measured[setting].reached else STOPPED for setting in GATED]
    return verdicts[0] if len(set(verdicts)) == 1 else " / ".join(verdicts)


def rendered(columns: Cells) -> str:
    """The tables, one for each group of ways."""
    return "\n".join(line for group in _groups(columns) for line in group)


def _groups(columns: Cells) -> Iterator[Iterable[str]]:
    for group in GROUPS:
        rows = (_row(way.title, columns) for way in group.ways)
        yield (_line(group.title, *TITLES.values()), "|---|" + "---|" * len(TITLES), *rows, "")


def _row(title: str, columns: Cells) -> str:
    return _line(title, *(columns.get(engine, {}).get(title, NOT_RUN) for engine in TITLES))


def _line(*parts: str) -> str:
    return f"| {' | '.join(parts)} |"


def committed(document: Path = DOCUMENT) -> Cells:
    """What the document says."""
    table = document.read_text("utf-8").partition(BEGIN)[2].partition(END)[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if " | " in line]
    return {
        engine: {row[0]: row[number] for row in rows if row[number] not in TITLES.values()}
        for number, engine in enumerate(TITLES, 1)
    }


def write(columns: Cells, versions: Mapping[str, str], document: Path = DOCUMENT) -> None:
    """Put these columns into the document; a column that was not measured stays as it is."""
    text = document.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    known = {**committed(document), **columns}
    measured_in = ", ".join(f"{TITLES[engine]} {versions[engine]}" for engine in versions)
    table = f"Last written with {measured_in}.\n\n{rendered(known)}"
    document.write_text(f"{before}{BEGIN}{table}{END}{after}", "utf-8")
