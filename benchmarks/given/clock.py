"""Contenders in turn, on process CPU time: whatever slows the machine slows all of them."""

from __future__ import annotations

import gc
import json
import platform
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

RESULTS = Path(__file__).parent.parent / "results"


@dataclass(frozen=True, slots=True)
class Measured:
    """CPU time of one call in microseconds: the best, the middle one, and how much it varied.

    ``noise`` is half the distance between the quartiles, as a part of the middle one. ``turns``
    are all of them, in the order of the rounds.
    """

    best: float
    median: float
    noise: float
    turns: tuple[float, ...]

    def beyond(self, other: Measured) -> float:
        """How much more it took than another in the same round, in the middle of all rounds."""
        return statistics.median(a - b for a, b in zip(self.turns, other.turns, strict=True))


def measured(nanoseconds: Sequence[float]) -> Measured:
    low, median, high = statistics.quantiles(nanoseconds, n=4)
    turns = tuple(time / 1000 for time in nanoseconds)
    return Measured(min(turns), median / 1000, (high - low) / 2 / median, turns)


def alternate(
    calls: Mapping[str, Callable[[], object]],
    *,
    rounds: int,
    prepare: Callable[[], object] = int,
    times_per_call: int = 1,
) -> dict[str, Measured]:
    """Measures each call once per round, in turn; ``prepare`` is called before each round.

    In each round the order is another one: whoever comes behind a contender that leaves the
    caches to nobody would look slower than it is. What a call does ``times_per_call`` times is
    given for one time.
    """
    gc.collect()
    gc.freeze()  # what all of them loaded is not looked through in the turn of one
    times: dict[str, list[float]] = {name: [] for name in calls}
    order, chance = list(calls.items()), random.Random("order")
    for number in range(rounds + 1):
        prepare()
        chance.shuffle(order)
        for name, call in order:
            start = time.process_time_ns()
            call()
            spent = time.process_time_ns() - start
            if number:  # the first round warms up
                times[name].append(spent / times_per_call)
    return {name: measured(values) for name, values in times.items()}


def write_results(name: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Writes what was measured, and where, beside the benchmarks."""
    RESULTS.mkdir(exist_ok=True)
    machine = f"{platform.machine()}, Python {platform.python_version()}"
    text = json.dumps({"machine": machine, "rows": rows}, indent=1)
    (RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")
