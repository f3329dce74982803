"""The smallest pictures of each kind, and a real one to look at."""

from __future__ import annotations

import struct
import zlib


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def drawn(width: int, height: int) -> bytes:
    """A PNG of coloured stripes: light and dark, so that words on it would be hard to read."""
    stripes = (b"\xff\xee\x66", b"\x20\x30\x60", b"\xe0\x50\x40", b"\xff\xff\xff", b"\x00\x00\x00")
    rows = b"".join(
        b"\0" + b"".join(stripes[(x // 24 + y // 24) % len(stripes)] for x in range(width))
        for y in range(height)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(rows))
        + _chunk(b"IEND", b"")
    )


PNG = drawn(2, 2)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(40)
WEBP = b"RIFF\x1a\0\0\0WEBPVP8L" + bytes(12)
AVIF = b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf"
