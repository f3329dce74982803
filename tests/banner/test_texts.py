"""The languages: complete, alike, and well chosen."""

import re
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentgate.banner.texts import negotiate, shipped_locales

ENGLISH = shipped_locales()["en"]
TAGS = ("en", "de", "sv")
WRITTEN_TWICE = ("en", "zh-Hans", "zh-Hant", "pt", "pt-BR", "nb", "he")
COUNTED = re.compile(
    r"lifetime\.(second|minute|hour|day|week|month|year)\.(zero|one|two|few|many|other)"
)


def gaps(sentence):
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def test_english_german_and_swedish_are_shipped():
    assert set(TAGS) <= set(shipped_locales())


@pytest.mark.parametrize("tag", shipped_locales())
def test_a_language_has_every_key_in_the_same_order(tag):
    keys = shipped_locales()[tag].sentences
    assert [key for key in keys if not COUNTED.fullmatch(key)] == list(ENGLISH.sentences)


@pytest.mark.parametrize("tag", shipped_locales())
def test_a_sentence_has_the_same_gaps_in_every_language(tag):
    for key, sentence in shipped_locales()[tag].sentences.items():
        assert sentence.strip(), key
        expected = {"n"} if COUNTED.fullmatch(key) else gaps(ENGLISH.sentences[key])
        assert gaps(sentence) == expected or (COUNTED.fullmatch(key) and not gaps(sentence)), key


@pytest.mark.parametrize("tag", shipped_locales())
@pytest.mark.parametrize("unit", ["second", "minute", "hour", "day", "week", "month", "year"])
def test_every_language_counts_every_unit_in_its_own_words(tag, unit):
    for number in (1, 2, 3, 5, 11, 13, 30, 100):
        prose = f"{number} {unit}s"
        words = shipped_locales()[tag].lifetime(prose)
        assert "duration" not in words
        assert words != prose or tag == "en" or (tag, unit) == ("fr", "minute")


@pytest.mark.parametrize("tag", shipped_locales())
def test_a_language_is_written_left_to_right_or_right_to_left(tag):
    assert shipped_locales()[tag].dir in {"ltr", "rtl"}


@pytest.mark.parametrize(
    ("page", "accept", "spoken"),
    [
        ("de", "sv", "de"),
        ("de-AT", "", "de"),
        ("DE_ch", "", "de"),
        ("fr", "sv", "sv"),
        ("", "fr, sv;q=0.5, de;q=0.7", "de"),
        ("", "sv-FI", "sv"),
        ("", "de;q=0, sv;q=0.1", "sv"),
        ("", "de;q=nonsense, sv", "sv"),
        ("", "*", "en"),
        ("", "", "en"),
        ("-", ",,;q=1", "en"),
    ],
)
def test_the_page_speaks_before_the_visitor_and_the_visitor_before_the_default(
    page, accept, spoken
):
    assert negotiate(TAGS, page, accept) == spoken


@pytest.mark.parametrize(
    ("page", "spoken"),
    [
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh-TW", "zh-Hant"),
        ("zh_HK", "zh-Hant"),
        ("zh-Hant-TW", "zh-Hant"),
        ("zh-Hans-TW", "zh-Hans"),
        ("pt-BR", "pt-BR"),
        ("pt-PT", "pt"),
        ("pt-AO", "pt"),
        ("no", "nb"),
        ("nn-NO", "nb"),
        ("iw", "he"),
        ("en-US", "en"),
        ("xx", "en"),
    ],
)
def test_a_tag_finds_the_language_that_is_written_alike(page, spoken):
    assert negotiate(WRITTEN_TWICE, page, "") == spoken


@given(st.text(max_size=40), st.text(max_size=60))
def test_any_input_ends_in_a_language_that_is_spoken(page, accept):
    assert negotiate(TAGS, page, accept) in TAGS


@pytest.mark.parametrize(
    ("prose", "german"),
    [
        ("1 year", "1 Jahr"),
        ("13 months", "13 Monate"),
        ("24 hours", "24 Stunden"),
        ("session", "bis der Browser geschlossen wird"),
        ("13 months EEA/UK", "13 months EEA/UK"),
    ],
)
def test_a_lifetime_is_translated_where_it_is_a_plain_one(prose, german):
    assert shipped_locales()["de"].lifetime(prose) == german


def test_a_text_is_picked_in_the_nearest_language():
    german = shipped_locales()["de"]
    assert german.pick({"en": "two", "de": "zwei"}) == "zwei"
    assert german.pick({"": "2", "en": "two"}) == "2"
    assert german.pick({"en": "two", "sv": "två"}) == "two"
    assert german.pick({"sv": "två"}) == "två"
    assert german.pick({}) == ""


def test_phrases_are_listed_as_people_list_them():
    assert ENGLISH.listed(["a"]) == "a"
    assert ENGLISH.listed(["a", "b", "c"]) == "a, b and c"


def test_the_docs_tell_of_every_language_who_has_read_it():
    page = (Path(__file__).parents[2] / "docs" / "languages.md").read_text(encoding="utf-8")
    table = page.partition("| read by | languages |")[2].partition("\n## ")[0]
    told = re.findall(r"`([A-Za-z-]+)`", table)
    assert sorted(told) == sorted(shipped_locales())
    assert f"speak {len(told)} languages" in page


def test_what_is_put_into_a_right_to_left_sentence_keeps_its_order():
    arabic = shipped_locales()["ar"]
    assert "\N{FIRST STRONG ISOLATE}_ga\N{POP DIRECTIONAL ISOLATE}" in arabic.listed(
        ["_ga", "_gid"]
    )
    version = arabic("declaration.version", version="2026-11-21")
    assert "\N{FIRST STRONG ISOLATE}2026-11-21\N{POP DIRECTIONAL ISOLATE}" in version
    assert ENGLISH("declaration.version", version="2026-11-21") == "Version 2026-11-21"


def test_a_country_has_its_name_in_every_language():
    assert [shipped_locales()[tag].country("IE") for tag in ("en", "de", "ja")] == [
        "Ireland", "Irland", "アイルランド",
    ]  # fmt: skip
    assert ENGLISH.country("QQ") == "QQ"
