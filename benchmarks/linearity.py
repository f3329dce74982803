"""How CPU time grows with hostile pages: 8 MB against 1 MB, on both scanners, in 16 KB pieces."""

from __future__ import annotations

import sys
import time

from given.clock import write_results
from given.gate import embeds
from given.hostile import HOSTILE

from consentgate.gate.html import HtmlGate, scanner

MB = 1_000_000
PIECE_BYTES = 16_384
LIMIT = 10


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
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 3
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
