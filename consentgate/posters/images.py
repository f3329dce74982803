"""What a file is by its first bytes: what its server calls it says nothing."""

from __future__ import annotations

_AVIF_BRANDS = frozenset({b"avif", b"avis"})


def image_type(body: bytes) -> str:
    """The media type of a JPEG, PNG, WebP or AVIF picture; empty for anything else.

    No SVG, which is a document and may hold scripts. The signatures are those of the formats'
    specifications, as the MIME Sniffing Standard (section 6.1) lists them.
    """
    if body.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if body[:4] == b"RIFF" and body[8:14] == b"WEBPVP":
        return "image/webp"
    return "image/avif" if _is_avif(body) else ""


def _is_avif(body: bytes) -> bool:
    """Whether it begins with a file type box that names AVIF (ISO/IEC 14496-12, section 4.3)."""
    size = int.from_bytes(body[:4], "big")
    if body[4:8] != b"ftyp" or not 16 <= size <= 256:  # noqa: PLR2004  bytes of such a box
        return False
    brands = {body[8:12], *(body[i : i + 4] for i in range(16, min(size, len(body)), 4))}
    return bool(brands & _AVIF_BRANDS)
