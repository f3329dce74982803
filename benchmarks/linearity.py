"""How CPU time grows with hostile pages: 8 MB against 1 MB, on both scanners, in 16 KB pieces.

Freed memory stays with the process. Otherwise the C library gives it back from some MB on, and
what the kernel takes to clear it for each page anew is most of the time of the cheapest pages,
at 8 MB and not at 1. ``--fresh-memory`` counts that too.
"""

from __future__ import annotations

import os
import sys
import time

from given.clock import write_results
from given.gate import embeds
from given.hostile import HOSTILE

from consentgate.gate.html import HtmlGate, scanner

MB = 1_000_000
PIECE_BYTES = 16_384
LIMIT = 10
KEPT_BYTES = str(1 << 30)
KEEPS_MEMORY = {"MALLOC_TRIM_THRESHOLD_": KEPT_BYTES, "MALLOC_MMAP_THRESHOLD_": KEPT_BYTES}


def seconds(page: bytes, repeats: int) -> float:
    """CPU time of the page through the gate, the best of so many times."""
    best = float("inf")
    for _ in range(repeats):
        gate = HtmlGate(embeds())
        start = time.process_time()
        for at in range(0, len(page), PIECE_BYTES):
            gate.feed(page[at : at + PIECE_BYTES])
        gate.close()
        best = min(best, time.process_time() - start)
    return best


def main() -> None:
    asked = [argument for argument in sys.argv[1:] if argument != "--fresh-memory"]
    if "--fresh-memory" not in sys.argv and not KEEPS_MEMORY.items() <= os.environ.items():
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | KEEPS_MEMORY)
    repeats = int(asked[0]) if asked else 3
    rows = []
    print(f"{'page':<26} {'scanner':<8} {'1 MB, ms':>9} {'8 MB, ms':>9}  ratio")
    for name, page in HOSTILE.items():
        for engine in filter(None, (scanner.C, scanner.PYTHON)):
            scanner.next_stop = engine.next_stop
            scanner.next_start_tag_anywhere = engine.next_start_tag_anywhere
            scanner.attributes_of = engine.attributes_of
            little, much = seconds(page(MB), repeats + 2), seconds(page(8 * MB), repeats)
            ratio = much / little
            print(
                f"{name:<26} {engine.name:<8} {little * 1000:>9,.1f} {much * 1000:>9,.1f}"
                f"  {ratio:.1f}{f'  over {LIMIT}' * (ratio >= LIMIT)}"
            )
            rows.append(
                {
                    "page": name,
                    "scanner": engine.name,
                    "ms_at_1_mb": round(little * 1000, 2),
                    "ms_at_8_mb": round(much * 1000, 2),
                    "ratio": round(ratio, 2),
                }
            )
    write_results("linearity", rows)


if __name__ == "__main__":
    main()
