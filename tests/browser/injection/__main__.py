"""Try every way in every engine that is installed; with ``--write`` renew the document's table."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.browser.engines import ENGINES, find_engine
from tests.browser.injection.known import measure_all
from tests.browser.injection.measuring import Setting
from tests.browser.injection.table import cells, write


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.injection", description=__doc__)
    parser.add_argument("--write", action="store_true", help="renew the table in the document")
    parser.add_argument("engines", nargs="*", default=ENGINES, help="which; all if none is named")
    chosen = parser.parse_args()
    columns, versions = {}, {}
    for engine_id in chosen.engines:
        if (engine := find_engine(engine_id)) is None:
            sys.stdout.write(f"{engine_id}: not installed\n")
            continue
        with TemporaryDirectory() as folder:
            measured = measure_all(engine, Path(folder))
        columns[engine_id] = cells(measured)
        versions[engine_id] = measured[Setting.BARE].version
        for setting, found in measured.items():
            sys.stdout.write(f"{engine_id} {setting}: {len(found.reached)} ways reach somebody\n")
    if chosen.write:
        write(columns, versions)


if __name__ == "__main__":
    main()
