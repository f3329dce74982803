"""What counts as a picture is told by its bytes."""

import pytest

from consentgate.posters.images import image_type
from tests.posters.pictures import AVIF, JPEG, PNG, WEBP


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (JPEG, "image/jpeg"),
        (PNG, "image/png"),
        (WEBP, "image/webp"),
        (AVIF, "image/avif"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", "image/avif"),
    ],
)
def test_the_four_kinds_are_known(body: bytes, expected: str) -> None:
    assert image_type(body) == expected


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xd8",
        b"GIF89a\x01\x00\x01\x00",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<?xml version='1.0'?><svg/>",
        b"<!doctype html><script>alert(1)</script>",
        b"RIFF\0\0\0\0WAVEfmt ",
        b"RIFF\0\0\0\0WEBP<!--",
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom",
        b"\0\0\0\x18ftypheic\0\0\0\0heicmif1",
        b"\0\0\0\x08ftypavif",
        b"\xff\xff\xff\xffftypavif" + b"avif" * 9,
        b"BM\0\0\0\0",
        b"%PDF-1.7",
        b"\x89PNG\n\n",
    ],
)
def test_nothing_else_is_a_picture(body: bytes) -> None:
    assert image_type(body) == ""
