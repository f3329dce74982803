"""Files that the application hands over unread (ASGI extensions pathsend and zerocopysend)."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from pathlib import Path

import anyio.to_thread
from starlette.types import Message

_CHUNK_BYTES = 65_536


async def file_chunks(message: Message) -> AsyncGenerator[bytes, None]:
    """The bytes that the message stands for, read in threads."""
    if message["type"] == "http.response.pathsend":
        async with await anyio.open_file(Path(message["path"]), "rb") as file:
            while chunk := await file.read(_CHUNK_BYTES):
                yield chunk
        return
    descriptor = message["file"].fileno()
    offset = message.get("offset")
    remaining = message.get("count")
    while remaining is None or remaining > 0:
        size = _CHUNK_BYTES if remaining is None else min(_CHUNK_BYTES, remaining)
        if offset is None:
            chunk = await anyio.to_thread.run_sync(os.read, descriptor, size)
        else:
            chunk = await anyio.to_thread.run_sync(os.pread, descriptor, size, offset)
            offset += len(chunk)
        if not chunk:
            return
        if remaining is not None:
            remaining -= len(chunk)
        yield chunk
