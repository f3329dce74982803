"""The HTML gate alone: MB/s and CPU time per page, on both scanners, beside other rewriters.

All contenders take turns of 1 MB on the same pages in the same run. Each page with gated tags is
measured twice: where the addresses of its frames and pixels are new each time, as on a site of
many pages, and where it is the same each time, and what was decided is remembered.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import count

from given.clock import Measured, alternate, write_results
from given.gate import gated, using
from given.pages import FRESH, page
from given.peers import peers

from consentgate.gate.html import scanner

SIZES = (10_000, 100_000, 1_000_000)
CASES = ((20, True), (20, False), (0, False))
TURN_BYTES = 1_000_000
BASE = "python-lolhtml"


def contenders() -> dict[str, Callable[[bytes], bytes]]:
    """The gate on each scanner that there is, then the others."""
    engines = {"gate, C": scanner.C, "gate, Python": scanner.PYTHON}
    ours = {name: using(engine, gated) for name, engine in engines.items() if engine}
    return ours | peers()


def one_page(size: int, tags: int, rounds: int, *, fresh: bool = True) -> dict[str, Measured]:
    """Each contender on a page of this size with so many gated tags, ``fresh`` or known."""
    template, numbers = page(size, tags), count(10_000_000_000)
    turn = max(1, TURN_BYTES // size)
    pages: list[bytes] = []

    def prepare() -> None:
        if fresh or not pages:
            pages[:] = [template.replace(FRESH, b"%d" % next(numbers)) for _ in range(turn)]

    def call(contender: Callable[[bytes], bytes]) -> Callable[[], None]:
        def all_pages() -> None:
            for each in pages:
                contender(each)

        return all_pages

    calls = {name: call(contender) for name, contender in contenders().items()}
    return alternate(calls, rounds=rounds, prepare=prepare, times_per_call=turn)


def main() -> None:
    rows = []
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 25
    heading = f"{'page':>9} {'gated':>8}  {'contender':<16} {'µs/page':>9} {'MB/s':>7} {'noise':>6}"
    print(f"{heading}  ratio to {BASE}")
    for size in SIZES:
        for tags, fresh in CASES:
            times = one_page(size, tags, rounds, fresh=fresh)
            kind = f"{tags} {'new' if fresh else 'known'}" if tags else "0"
            base = times.get(BASE)
            for name, time in times.items():
                speed = size / time.best
                ratio = base.best / time.best if base else 0.0
                print(
                    f"{size:>9,} {kind:>8}  {name:<16} {time.best:>9,.0f} {speed:>7,.0f}"
                    f" {time.noise:>6.0%}  {ratio:.2f}"
                )
                rows.append(
                    {
                        "bytes": size,
                        "gated": tags,
                        "new_addresses": fresh,
                        "contender": name,
                        "best_us": round(time.best, 1),
                        "median_us": round(time.median, 1),
                        "noise": round(time.noise, 3),
                        "mb_per_s": round(speed, 1),
                    }
                )
    write_results("html_gate", rows)


if __name__ == "__main__":
    main()
