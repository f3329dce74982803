"""The bytes that the gate holds, copied as seldom as can be: they may be many.

What came in one piece stays as it came. Only what is held until more comes is copied together.
"""

from __future__ import annotations

Held = bytes | bytearray
Buffer = Held | memoryview
"""What is read: all that is held, or the front of it."""


def with_more(data: Held, chunk: bytes) -> Held:
    """The data with a piece behind it; what was held already is changed in its place."""
    if not data:
        return chunk
    held = bytearray(data) if isinstance(data, bytes) else data
    held += chunk
    return held


def without_first(data: Held, count: int) -> Held:
    """The data without so many bytes of its front; what is held is changed in its place."""
    if isinstance(data, bytes):
        return data[count:]
    del data[:count]
    return data


def stretch(data: Buffer, start: int, end: int) -> bytes:
    """A part of the data."""
    return data[start:end] if isinstance(data, bytes) else bytes(memoryview(data)[start:end])
