"""Pictures that were fetched once, kept in a folder: no visitor waits for a provider twice.

A picture is a file named by the hash of its address; an empty file says that there was none. All
workers share the folder, and whatever is in it may be deleted at any time.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from consentgate.catalogue.posters import PosterSource
from consentgate.posters.fetching import Fetch, Fetcher, PosterError
from consentgate.posters.images import image_type

logger = logging.getLogger("consentgate")

KEEP_SECONDS = 30 * 24 * 3600
"""Then a picture is fetched again, for a film may get another one."""

NONE_SECONDS = 3600
"""How long nobody asks again for a picture that was not to be had."""

MOST_BYTES = 200_000_000
MOST_AT_ONCE = 4
_DRAFT = ".draft-"


@dataclass(frozen=True, slots=True)
class Poster:
    """A picture and its media type."""

    body: bytes
    content_type: str


class PosterStore:
    """Gives pictures, and fetches those that it has not.

    ``most_bytes`` is what the folder may hold: above it the oldest go. ``most_at_once`` are the
    fetches of this process at one time; who comes while all are busy gets none for this once.
    """

    def __init__(
        self,
        folder: Path,
        *,
        fetch: Fetch | None = None,
        most_bytes: int = MOST_BYTES,
        most_at_once: int = MOST_AT_ONCE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder
        self._fetch = fetch or Fetcher()
        self._most_bytes = most_bytes
        self._most_at_once = most_at_once
        self._clock = clock
        self._busy: dict[str, asyncio.Future[bytes]] = {}

    async def get(self, source: PosterSource) -> Poster | None:
        """The picture, from the folder or the provider; None where there is none.

        Never raises for what a provider does, and takes no longer than one fetch may.
        """
        name = hashlib.sha256(source.url.encode()).hexdigest()
        kept, fresh = await asyncio.to_thread(self._read, name)
        if fresh:
            return _poster(kept)
        if name in self._busy:  # somebody else's request fetches it already
            return _poster(await asyncio.shield(self._busy[name]))
        if len(self._busy) >= self._most_at_once:
            return _poster(kept)
        return _poster(await self._renewed(name, source))

    async def _renewed(self, name: str, source: PosterSource) -> bytes:
        """The picture from its provider, else what was kept: old is better than none."""
        found = b""
        self._busy[name] = asyncio.get_running_loop().create_future()
        try:
            # Somebody else's fetch may have ended since it was last looked for.
            found, fresh = await asyncio.to_thread(self._read, name)
            if not fresh:
                found = await self._fetched(source) or found
                await asyncio.to_thread(self._write, name, found)
        finally:  # also where the visitor has left, for others may wait
            self._busy.pop(name).set_result(found)
        return found

    async def _fetched(self, source: PosterSource) -> bytes:
        try:
            return await self._fetch(source)
        except PosterError as error:
            logger.info("the poster %s %s", source.url, error)
            return b""

    def _read(self, name: str) -> tuple[bytes, bool]:
        """What is kept, and whether it is fresh; nothing at all is never fresh."""
        path = self._folder / name
        try:
            body, written = path.read_bytes(), path.stat().st_mtime
        except OSError:
            return b"", False
        return body, self._clock() - written < (KEEP_SECONDS if body else NONE_SECONDS)

    def _write(self, name: str, body: bytes) -> None:
        """Keep it under its name in one step; a full disk costs a fetch and no more."""
        draft = self._folder / f"{_DRAFT}{secrets.token_hex(8)}"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as f:
                f.write(body)
            now = self._clock()
            os.utime(draft, (now, now))
            draft.replace(self._folder / name)
            self._make_room()
        except OSError as error:
            logger.warning("the poster could not be kept in %s: %s", self._folder, error)
            with suppress(OSError):
                draft.unlink()

    def _make_room(self) -> None:
        kept = []
        for path in self._folder.iterdir():
            with suppress(OSError):
                facts = path.stat()
                kept.append((facts.st_mtime, facts.st_size, path))
        too_many = sum(size for _, size, _ in kept) - self._most_bytes
        for _, size, path in sorted(kept):
            if too_many <= 0:
                break
            too_many -= size
            with suppress(OSError):
                path.unlink()


def _poster(body: bytes) -> Poster | None:
    content_type = image_type(body)
    return Poster(body, content_type) if content_type else None
