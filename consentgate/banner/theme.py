"""From one accent colour to readable buttons, in light and in dark.

Contrast as WCAG 2.2 defines it. The better of black and white always reaches 4.58:1, so no
accent makes a button unreadable.
"""

from __future__ import annotations

from typing import TypeAlias

Rgb: TypeAlias = tuple[int, int, int]

_BLACK: Rgb = (0, 0, 0)
_WHITE: Rgb = (255, 255, 255)
_DARK_PAGE: Rgb = (18, 18, 18)
_SEEN = 3.0
"""The contrast that a control's edge needs against the page (WCAG 1.4.11)."""


def theme_css(accent: str) -> str:
    """Custom properties for a banner with this accent (``#rgb`` or ``#rrggbb``)."""
    colour = _parse(accent)
    light = _properties(colour, page=_WHITE, ink=_BLACK)
    dark = _properties(_lightened(colour), page=_DARK_PAGE, ink=_WHITE)
    return (
        f":where(:root){{{light}}}\n@media (prefers-color-scheme:dark){{:where(:root){{{dark}}}}}\n"
    )


def contrast(one: Rgb, other: Rgb) -> float:
    """The contrast ratio of two colours, from 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def readable_on(colour: Rgb) -> Rgb:
    """Black or white, whichever can be read better on this colour."""
    return max((_WHITE, _BLACK), key=lambda text: contrast(text, colour))


def _properties(colour: Rgb, *, page: Rgb, ink: Rgb) -> str:
    edge = colour if contrast(colour, page) >= _SEEN else ink
    text = readable_on(colour)
    return f"--cg-accent:{_hex(colour)};--cg-accent-text:{_hex(text)};--cg-edge:{_hex(edge)}"


def _lightened(colour: Rgb) -> Rgb:
    """The same hue, light enough to be seen on a dark page."""
    mixed = colour
    for tenth in range(1, 11):
        if contrast(mixed, _DARK_PAGE) >= 2 * _SEEN:
            break
        red, green, blue = (part + (255 - part) * tenth // 10 for part in colour)
        mixed = (red, green, blue)
    return mixed


def _luminance(colour: Rgb) -> float:
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004  sRGB


def _parse(text: str) -> Rgb:
    digits = text.removeprefix("#")
    if len(digits) == 3:  # noqa: PLR2004  #rgb
        digits = "".join(digit * 2 for digit in digits)
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def _hex(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
