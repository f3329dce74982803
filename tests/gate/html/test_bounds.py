"""What a page can cost: memory that does not grow with it, work that grows no faster than it."""

import tracemalloc
from collections.abc import Callable
from itertools import islice, repeat
from typing import Any

import pytest

from benchmarks.given.hostile import HOSTILE as GROWING
from consentgate.gate.html import HtmlGate, scanner
from consentgate.gate.html.stops import Kind, Stop
from tests.fuzz.stream import PIECE, Forgetful

MB = 1_000_000
KIB_64 = 1 << 16
PIECE_BYTES = 16_384

HOSTILE: dict[str, Callable[[int], bytes]] = {
    **GROWING,
    "large class": lambda size: b'<p class="' + b"x " * (size // 2) + b'">',
    "comments": lambda size: b"<!---->" * (size // 7),
    "drawings": lambda size: b"<svg><g>" * (size // 8),
    "noscripts": lambda size: b"<noscript><!--</noscript>" * (size // 25),
    "doubt": lambda size: b"<frameset><style><svg><script></p>" + b"<table" * (size // 6),
}


def test_memory_stays_flat_while_a_large_page_streams() -> None:
    gate = HtmlGate(Forgetful())
    pieces = repeat(PIECE, 64 * MB // len(PIECE))
    sent = received = 0
    tracemalloc.start()
    try:
        for piece in islice(pieces, 50):
            received += len(gate.feed(piece))
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        for piece in pieces:
            sent += len(piece)
            received += len(gate.feed(piece))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert received > sent > 60 * MB
    assert peak - before < 2 * MB


def test_memory_stays_flat_behind_a_tag_that_is_no_tag() -> None:
    gate = HtmlGate(Forgetful())
    gate.feed(b"<!-- ")
    held = [len(gate._data) for _ in range(100) if gate.feed(b"x - < >" * 2000) is not None]
    assert max(held) < KIB_64


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], int]:
    """Sends a page through the gate in pieces; gives how many bytes the scanner looked at."""
    looked_at = 0

    def counted(scan: Callable[..., Stop], at: int) -> Callable[..., Stop]:
        def scan_and_count(*arguments: Any) -> Stop:
            nonlocal looked_at
            data, position = arguments[at : at + 2]
            stop = scan(*arguments)
            cut = stop.kind in {Kind.CUT_OFF, Kind.NOTHING} and scan is not anywhere
            looked_at += (len(data) if cut else stop.end) - position + 1
            return stop

        return scan_and_count

    anywhere = scanner.next_start_tag_anywhere
    monkeypatch.setattr(scanner, "next_stop", counted(scanner.next_stop, 1))
    monkeypatch.setattr(scanner, "next_start_tag_anywhere", counted(anywhere, 0))

    def measure(page: bytes) -> int:
        nonlocal looked_at
        looked_at = 0
        gate = HtmlGate(Forgetful())
        pieces = [page[at : at + PIECE_BYTES] for at in range(0, len(page), PIECE_BYTES)]
        out = b"".join([*map(gate.feed, pieces), gate.close()])
        assert len(out) >= len(page)
        return looked_at

    return measure


@pytest.mark.parametrize("name", HOSTILE)
def test_work_grows_no_faster_than_a_hostile_page(work: Callable[[bytes], int], name: str) -> None:
    little, much = (work(HOSTILE[name](size)) for size in (KIB_64, 8 * KIB_64))
    assert much < 10 * max(little, KIB_64 // 8)
