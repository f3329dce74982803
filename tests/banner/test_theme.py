"""No accent makes a button unreadable."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from consentgate.banner.theme import contrast, theme_css

AA_TEXT, AA_EDGE = 4.5, 3.0
COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


def parts(colour):
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


@given(COLOURS)
@example("#ffff00")
@example("#777777")
@example("#000000")
@example("#1d4f91")
def test_every_accent_gives_readable_buttons_in_light_and_dark(accent):
    schemes = re.findall(
        r"--cg-accent:(.*?);--cg-accent-text:(.*?);--cg-edge:(.*?)}", theme_css(accent)
    )
    assert len(schemes) == 2
    for (colour, text, edge), page in zip(schemes, ("#ffffff", "#121212"), strict=True):
        assert contrast(parts(colour), parts(text)) >= AA_TEXT
        assert contrast(parts(edge), parts(page)) >= AA_EDGE


def test_black_and_white_have_the_greatest_contrast():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)


def test_an_accent_is_used_as_it_was_given():
    assert "--cg-accent:#1d4f91;--cg-accent-text:#ffffff" in theme_css("#1D4F91")


def test_three_digits_mean_six():
    assert theme_css("#18f") == theme_css("#1188ff")
