"""Pictures on the disk: fetched once, kept within bounds, and never waited for twice."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from consentgate.catalogue.posters import PosterSource
from consentgate.posters import store
from consentgate.posters.fetching import PosterError
from consentgate.posters.store import Poster, PosterStore
from tests.posters.pictures import JPEG, PNG

SOURCE = PosterSource("https://i.ytimg.com/vi/a/hqdefault.jpg", frozenset({"i.ytimg.com"}))
OTHER = PosterSource("https://i.ytimg.com/vi/b/hqdefault.jpg", frozenset({"i.ytimg.com"}))


class Fetches:
    """Gives a picture, or nothing, and counts."""

    def __init__(self, body: bytes | None = JPEG, gate: asyncio.Event | None = None) -> None:
        self.body, self.gate, self.asked = body, gate, 0
        self.begun = asyncio.Event()

    async def __call__(self, source: PosterSource) -> bytes:
        self.asked += 1
        self.begun.set()
        if self.gate:
            await self.gate.wait()
        if self.body is None:
            raise PosterError("is not to be had")
        return self.body


class Clock:
    now = 1_000_000_000.0

    def __call__(self) -> float:
        return self.now


def get(kept: PosterStore, source: PosterSource = SOURCE) -> Poster | None:
    return asyncio.run(kept.get(source))


def test_a_picture_is_fetched_once_and_outlives_the_process(tmp_path: Path) -> None:
    fetch = Fetches()
    first = get(PosterStore(tmp_path / "posters", fetch=fetch))
    again = get(PosterStore(tmp_path / "posters", fetch=fetch))
    assert first == again == Poster(JPEG, "image/jpeg")
    assert fetch.asked == 1


def test_the_files_are_the_sites_own_business(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "posters"
    get(PosterStore(folder, fetch=Fetches()))
    (file,) = folder.iterdir()
    assert folder.stat().st_mode & 0o077 == 0
    assert file.stat().st_mode & 0o077 == 0
    assert "ytimg" not in file.name


def test_who_had_none_is_left_alone_for_a_while(tmp_path: Path) -> None:
    clock, fetch = Clock(), Fetches(None)
    kept = PosterStore(tmp_path, fetch=fetch, clock=clock)
    assert get(kept) is get(kept) is None
    assert fetch.asked == 1
    clock.now += store.NONE_SECONDS + 1
    fetch.body = PNG
    assert get(kept) == Poster(PNG, "image/png")


def test_a_picture_is_fetched_again_when_it_has_become_old(tmp_path: Path) -> None:
    clock, fetch = Clock(), Fetches()
    kept = PosterStore(tmp_path, fetch=fetch, clock=clock)
    get(kept)
    clock.now += store.KEEP_SECONDS - 1
    get(kept)
    assert fetch.asked == 1
    clock.now += 2
    fetch.body = PNG
    assert get(kept) == Poster(PNG, "image/png")


def test_an_old_picture_is_better_than_none(tmp_path: Path) -> None:
    clock, fetch = Clock(), Fetches()
    kept = PosterStore(tmp_path, fetch=fetch, clock=clock)
    get(kept)
    clock.now += store.KEEP_SECONDS + 1
    fetch.body = None
    assert get(kept) == Poster(JPEG, "image/jpeg")
    get(kept)
    assert fetch.asked == 2


def test_many_visitors_at_once_make_one_fetch(tmp_path: Path) -> None:
    async def many() -> list[Poster | None]:
        gate = asyncio.Event()
        fetch = Fetches(gate=gate)
        kept = PosterStore(tmp_path, fetch=fetch)
        waiting = [asyncio.create_task(kept.get(SOURCE)) for _ in range(20)]
        await fetch.begun.wait()
        gate.set()
        got = await asyncio.gather(*waiting)
        assert fetch.asked == 1
        return got

    assert asyncio.run(many()) == [Poster(JPEG, "image/jpeg")] * 20


class Late(PosterStore):
    """Looked before somebody else's fetch ended, and gets to know it afterwards."""

    looked = False

    def _read(self, name: str) -> tuple[bytes, bool]:
        before, self.looked = self.looked, True
        return super()._read(name) if before else (b"", False)


def test_who_looked_too_early_makes_no_second_fetch(tmp_path: Path) -> None:
    fetch = Fetches()
    get(PosterStore(tmp_path, fetch=fetch))
    assert get(Late(tmp_path, fetch=fetch)) == Poster(JPEG, "image/jpeg")
    assert fetch.asked == 1


def test_no_more_fetches_at_once_than_are_good(tmp_path: Path) -> None:
    async def test() -> None:
        gate = asyncio.Event()
        fetch = Fetches(gate=gate)
        kept = PosterStore(tmp_path, fetch=fetch, most_at_once=1)
        first = asyncio.create_task(kept.get(SOURCE))
        await fetch.begun.wait()
        assert await kept.get(OTHER) is None
        assert fetch.asked == 1
        gate.set()
        assert await first
        assert await kept.get(OTHER), "the next visitor gets it"

    asyncio.run(test())


def test_a_visitor_who_leaves_does_not_leave_a_lock(tmp_path: Path) -> None:
    async def test() -> None:
        fetch = Fetches(gate=asyncio.Event())
        kept = PosterStore(tmp_path, fetch=fetch)
        leaving = asyncio.create_task(kept.get(SOURCE))
        await fetch.begun.wait()
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        fetch.gate = None
        assert await kept.get(SOURCE)

    asyncio.run(test())


def test_the_oldest_go_when_the_folder_is_full(tmp_path: Path) -> None:
    clock, fetch = Clock(), Fetches(JPEG + bytes(100))
    kept = PosterStore(tmp_path, fetch=fetch, clock=clock, most_bytes=2 * len(fetch.body) + 1)
    for name in ("a", "b", "c"):
        clock.now += 1
        get(kept, PosterSource(f"https://i.ytimg.com/{name}", frozenset({"i.ytimg.com"})))
    assert len(list(tmp_path.iterdir())) == 2
    get(kept, PosterSource("https://i.ytimg.com/c", frozenset({"i.ytimg.com"})))
    assert fetch.asked == 3, "the newest is kept"


def test_what_somebody_put_in_the_folder_is_no_picture(tmp_path: Path) -> None:
    kept = PosterStore(tmp_path, fetch=Fetches(None))
    get(kept)
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"<svg/>")
    assert get(kept) is None


def test_a_folder_that_cannot_be_used_costs_a_fetch_and_no_more(tmp_path: Path, caplog) -> None:
    (tmp_path / "file").write_bytes(b"")
    kept = PosterStore(tmp_path / "file" / "posters", fetch=Fetches())
    assert get(kept) == Poster(JPEG, "image/jpeg")
    assert "could not be kept" in caplog.text
