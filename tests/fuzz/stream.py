"""Streams a large page through the gate and says how much memory that took.

Argument: the number of bytes. The exit status is 1 where the memory grew by 2 MB or more.
"""

import resource
import sys
import time
from itertools import cycle, islice

from consentgate.gate.html import HtmlGate, scanner
from tests.gate.html.conftest import Parker, Result

ALLOWED_BYTES = 2_000_000
LINE = b'<p>A line of <b>text</b> and <a href="/x">more</a>.</p><img src="/own.png"><br>\n'
PIECE = LINE * 200 + b"<img src=//e/1>"


class Forgetful(Parker):
    """Decides as ``Parker`` does and keeps no tag."""

    def __init__(self) -> None:
        super().__init__(Result())

    def tag(self, tag):
        edit = super().tag(tag)
        self.result.tags.clear()
        return edit


def peak() -> int:
    """The most memory that this process has held, in bytes (Linux counts in KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main(size: int) -> int:
    gate, out = HtmlGate(Forgetful()), 0
    pieces = islice(cycle([PIECE]), size // len(PIECE))
    for piece in islice(pieces, 100):
        out += len(gate.feed(piece))
    before, begun = peak(), time.process_time()
    for piece in pieces:
        out += len(gate.feed(piece))
    out += len(gate.close())
    grown, seconds = peak() - before, time.process_time() - begun
    print(
        f"{size / 1e6:.0f} MB streamed, {out / 1e6:.0f} MB out, {grown / 1e6:.2f} MB more memory,"
        f" {size / 1e6 / seconds:.0f} MB/s, scanner: {scanner.ENGINE}",
        flush=True,
    )
    return 0 if grown < ALLOWED_BYTES else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
