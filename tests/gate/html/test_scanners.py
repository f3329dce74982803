"""The scanner in C gives the same stops as the patterns, whatever the bytes."""

import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consentgate.gate.html import names, scanner
from consentgate.gate.html.stops import Kind, Stop, View
from tests.gate.html.soup import FUNCTIONS, NOT_BUILT, PIECES, disagreement, mutated

PAGES = sorted((Path(__file__).parents[3] / "example_site" / "templates").rglob("*.html"))
soup = st.lists(st.sampled_from(PIECES), max_size=15).map(b"".join)
needs_c = pytest.mark.skipif(scanner.C is None, reason=NOT_BUILT)


def in_c() -> scanner.Engine:
    assert scanner.C is not None
    return scanner.C


@needs_c
@settings(max_examples=300, deadline=None)
@given(soup | st.binary(max_size=60))
def test_both_stop_at_the_same_places_from_any_position(data: bytes) -> None:
    for position in range(-1, len(data) + 2):
        assert not disagreement(scanner.PYTHON, in_c(), data, position)


@needs_c
@settings(max_examples=200, deadline=None)
@given(soup, st.integers(0))
def test_both_stop_at_the_same_places_wherever_the_data_is_cut_off(data: bytes, at: int) -> None:
    cut = bytearray(data[: at % (len(data) + 1)])
    for position in {0, len(cut) // 2}:
        assert not disagreement(scanner.PYTHON, in_c(), cut, position)


@needs_c
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_both_stop_at_the_same_places_of_damaged_pages(path: Path) -> None:
    chance = random.Random(path.name)
    page = path.read_bytes()
    for _ in range(40):
        data = mutated(page, chance)
        for position in (0, chance.randrange(len(data) + 1), chance.randrange(len(data) + 1)):
            assert not disagreement(scanner.PYTHON, in_c(), data, position)


def test_there_are_pages_to_damage() -> None:
    assert len(PAGES) > 10


def near(word: bytes) -> list[bytes]:
    """A word and others that a hasty look would take for it."""
    changed = [
        word[:at] + byte + word[at + 1 :] for at in range(len(word)) for byte in (b"x", b"S", b"-")
    ]
    return [word, word.upper(), word.swapcase(), word[:-1], word + b"x", *changed]


@needs_c
@pytest.mark.parametrize(
    "tag",
    [b"<%b>", b"</%b>", b'<%b src="//e">', b'<%b alt="/a" b>', b"</%b a='>'>", b"<%b/", b"</%b"],
)
def test_both_tell_names_from_those_that_are_nearly_the_same(tag: bytes) -> None:
    for name in {each for known in names.ROLES for each in near(known)}:
        assert not disagreement(scanner.PYTHON, in_c(), b"a" + tag % name + b"<img src=//e>", 0)


@needs_c
@pytest.mark.parametrize(
    "tag",
    [b"<p %b=x>", b"<p a %b>", b'<p class="x %b">', b"<p Id=%b>", b"<p class='%b'", b"<p %b"],
)
def test_both_tell_words_from_those_that_are_nearly_the_same(tag: bytes) -> None:
    words = (*names.SUSPECT_ATTRIBUTES, *names.PLUGIN_WORDS, b"class", b"id")
    for word in {each for known in words for each in near(known)}:
        assert not disagreement(scanner.PYTHON, in_c(), tag % word, 0)


@needs_c
@settings(max_examples=150, deadline=None)
@given(soup, st.integers(1, 9), st.booleans())
def test_pages_come_out_the_same_with_both(
    through: Callable[..., Any], data: bytes, size: int, inserts: bool
) -> None:
    results = []
    for engine in (scanner.PYTHON, in_c()):
        with pytest.MonkeyPatch.context() as patch:
            for function in FUNCTIONS:
                patch.setattr(scanner, function, getattr(engine, function))
            results.append(through(data, park=True, inserts=inserts, size=size))
    assert results[0] == results[1]


def test_a_stop_is_of_the_same_types_whatever_gives_it() -> None:
    stop = scanner.next_stop(View.PAGE, b"text <IMG src=a>", 0)
    assert stop == Stop(Kind.START, 5, 16, b"img")
    assert [type(part) for part in (stop, *stop)] == [Stop, Kind, int, int, bytes]


@needs_c
@pytest.mark.parametrize(
    "arguments",
    [(), (View.PAGE, b""), (View.PAGE, "text", 0), (9, b"", 0), (-1, b"", 0), ("0", b"", 0)],
)
def test_the_scanner_in_c_refuses_what_it_cannot_read(arguments: tuple[Any, ...]) -> None:
    with pytest.raises((TypeError, ValueError)):
        in_c().next_stop(*arguments)


@needs_c
def test_a_buffer_that_was_scanned_can_be_changed_again() -> None:
    data = bytearray(b"<p><img src=//e>")
    in_c().next_stop(View.PAGE, data, 0)
    in_c().next_start_tag_anywhere(data, 0, 100)
    data += b"more"
    assert data.endswith(b"more")


def test_every_role_that_the_scanner_in_c_knows_is_named_alike() -> None:
    source = Path(scanner.__file__).with_name("_scanner.c").read_text("utf-8")
    roles = {"END": "END_TAG"}
    for role in names.Role:
        assert f"{roles.get(str(role.name), role.name)} = {int(role)}" in source
    views = ", ".join(view.name for view in View)
    assert f"enum View {{ {views}, VIEWS }};" in source


def test_the_environment_can_ask_for_the_scanner_in_python() -> None:
    code = "from consentgate.gate.html import scanner; print(scanner.ENGINE)"
    for asked, expected in (("1", "python"), ("", scanner.C.name if scanner.C else "python")):
        environment = os.environ | {"CONSENTGATE_PURE": asked}
        shown = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, check=True
        )
        assert shown.stdout.split() == [expected.encode()]
