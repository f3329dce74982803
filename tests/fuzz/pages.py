"""Mutates the pages of the example site and compares what the two scanners make of them.

And what is made of them along the trail of an undamaged page with what the gate makes of them.

Arguments: seconds, seed, and the file of the scanner in C (empty: the installed one).
"""

import asyncio
import ctypes
import random
import sys
import time
from functools import partial
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from itertools import pairwise
from typing import Any

import httpx

from consentgate.gate.html import HtmlGate, Tag, scanner
from consentgate.gate.html.names import GATED
from consentgate.gate.html.scanner import Engine
from example_site.site import create_app
from tests.gate.html import along
from tests.gate.html.conftest import Marks, Parker, Result
from tests.gate.html.soup import FUNCTIONS, PIECES, disagreement, mutated

PATHS = ("/", "/courses", "/jobs", "/blog", "/about", "/contact", "/privacy", "/imprint", "/de")
REPORT_SECONDS = 30


class ParkerOfGated(Parker):
    """Is blind to other tags: of these, a page in pieces may ask for more than a whole one."""

    def tag(self, tag: Tag) -> bytes | None:
        return super().tag(tag) if tag.name.encode("utf-8", "surrogateescape") in GATED else None


def real_pages() -> list[bytes]:
    """The pages of the bare example site."""
    return asyncio.run(_fetched())


async def _fetched() -> list[bytes]:
    transport = httpx.ASGITransport(create_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://site.example") as client:
        pages = [(await client.get(path)).content for path in PATHS]
    assert all(b"<html" in page for page in pages), "a page of the example site is missing"
    return pages


def engine_in(path: str) -> Engine:
    """The scanner in C from a file, or the installed one."""
    if path:
        name = "consentgate.gate.html._scanner"
        spec = spec_from_file_location(name, path, loader=ExtensionFileLoader(name, path))
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        return Engine("c", *(getattr(module, function) for function in FUNCTIONS))
    assert scanner.C is not None, "the scanner in C is not built"
    return scanner.C


def exactly_allocated(engine: Engine) -> Engine:
    """The same scanner, given memory without a byte to spare, so that none is read beyond."""

    def copied(data: bytes | bytearray) -> Any:
        return (ctypes.c_char * len(data)).from_buffer_copy(data)

    def next_stop(view: Any, data: bytes | bytearray, position: int) -> Any:
        return engine.next_stop(view, copied(data), position)

    def unsettled(data: bytes | bytearray, position: int, settled: Any, met: Any) -> Any:
        return engine.next_unsettled(copied(data), position, settled, met)

    def anywhere(data: bytes | bytearray, position: int, cap: int) -> Any:
        return engine.next_start_tag_anywhere(copied(data), position, cap)

    def attributes(raw: bytes, position: int) -> Any:
        return engine.attributes_of(copied(raw), position)

    return Engine(engine.name, next_stop, unsettled, anywhere, attributes)


def read_by(engine: Engine) -> None:
    """Has every page read by this scanner from now on."""
    for function in FUNCTIONS:
        setattr(scanner, function, getattr(engine, function))


def gated(engine: Engine, data: bytes, cuts: list[int]) -> Result:
    """A page through the gate in pieces, its third parties parked, read by one scanner."""
    read_by(engine)
    result = Result()
    gate = HtmlGate(ParkerOfGated(result), Marks())
    edges = [0, *sorted(cuts), len(data)]
    pieces = [gate.feed(data[a:b]) for a, b in pairwise(edges)]
    result.out = b"".join([*pieces, gate.close()])
    result.kind, result.lang = gate.kind, gate.lang
    return result


def damaged(pages: list[bytes], chance: random.Random) -> bytes:
    """A stretch of a page, of several, or of nothing but pieces, mutated."""
    if chance.random() < 0.2:
        return mutated(b"".join(chance.choices(PIECES, k=chance.randint(1, 40))), chance)
    data = b""
    for page in chance.choices(pages, k=chance.choice((1, 1, 2))):
        start = chance.randrange(len(page))
        data += page[start : start + chance.choice((100, 1000, 5000))]
    return mutated(data, chance)


def fault(engine: Engine, data: bytes, chance: random.Random) -> str:
    """What the scanners disagree about on one page, or the empty string."""
    exact = exactly_allocated(engine)
    for position in (0, *(chance.randrange(len(data) + 1) for _ in range(6))):
        if found := disagreement(scanner.PYTHON, exact, data, position):
            return found
    cuts = [chance.randrange(len(data) + 1) for _ in range(chance.choice((0, 1, 5)))]
    one, other = (gated(each, data, cuts) for each in (scanner.PYTHON, engine))
    whole = gated(engine, data, [])
    if one != other:
        return f"gated with cuts {cuts}: {data!r}\n{one}\n{other}"
    # Tags of different readings may be asked for in another order.
    same = (whole.out, whole.kind, whole.lang) == (other.out, other.kind, other.lang)
    return "" if same else f"in pieces {cuts} otherwise than whole: {data!r}"


def led_astray(engine: Engine, page: bytes, chance: random.Random) -> str:
    """Where a page's trail leads another one, damaged, elsewhere than the gate does; or nothing."""
    read_by(engine)
    trail, damage = along.recorded(page)[1], mutated(page, chance)
    found = along.along(trail, damage) if trail else None
    if found is None or found == along.gated(damage):
        return ""
    return f"along the trail of {page!r}: {damage!r}\n{found}\n{along.gated(damage)}"


def run(seconds: float, seed: int, path: str) -> int:
    """Goes on until the time is up or a fault is found; gives the exit status."""
    say = partial(print, flush=True)
    engine, pages, chance = engine_in(path), real_pages(), random.Random(seed)
    kind = "with AddressSanitizer" if path else "as installed"
    say(f"seed {seed}, {len(pages)} pages, the scanner in C {kind}, {seconds:.0f} s")
    begun = said = time.monotonic()
    count = size = 0
    while (now := time.monotonic()) < begun + seconds:
        data = damaged(pages, chance)
        chosen = chance.choice((engine, scanner.PYTHON))
        whole = chance.choice((data, chance.choice(pages)))
        if found := fault(engine, data, chance) or led_astray(chosen, whole, chance):
            say(found)
            return 1
        count, size = count + 1, size + len(data)
        if now > said + REPORT_SECONDS:
            said = now
            say(f"{now - begun:.0f} s: {count} pages, {size / 1e6:.1f} MB")
    say(f"no difference and no crash in {count} pages, {size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(run(float(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
