"""JSON that remembers where everything stands."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentgate.config.positions import (
    MAX_DEPTH,
    MalformedJsonError,
    Position,
    read_json,
)

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
)
KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


def fault(content: bytes) -> str:
    with pytest.raises(MalformedJsonError) as caught:
        read_json(content)
    return str(caught.value)


@given(VALUES, st.booleans(), st.sampled_from([None, 2]))
def test_good_json_reads_as_the_json_module_reads_it(
    value: object, ascii_: bool, indent: int
) -> None:
    content = json.dumps(value, ensure_ascii=ascii_, indent=indent).encode()
    assert read_json(content).value == json.loads(content)


@given(st.binary(max_size=60) | st.text('{}[]":,\\u0d8e1-.truefalsn \n').map(str.encode))
def test_any_bytes_give_a_value_that_json_agrees_on_or_a_position(content: bytes) -> None:
    try:
        document = read_json(content)
    except MalformedJsonError as error:
        place = (error.problem.line, error.problem.column)
        assert min(place) >= 1
    else:
        expected = json.loads(content.decode("utf-8-sig"))
        # Of a key written twice, json keeps the last and we the first.
        assert document.repeated or document.value == expected


def test_keys_and_values_know_their_line_and_column() -> None:
    document = read_json('{\n  "ä": {"b": [1,\n 22]}\n}'.encode())
    assert document.key_position(("ä",)) == Position(2, 3)
    assert document.value_position(("ä",)) == Position(2, 8)
    assert document.key_position(("ä", "b")) == Position(2, 9)
    assert document.value_position(("ä", "b", 1)) == Position(3, 2)


def test_what_is_absent_stands_where_its_holder_does() -> None:
    document = read_json(b'{"a": {"b": 1}}')
    assert document.value_position(("a", "c", 3)) == Position(1, 7)
    assert document.key_position(("a", "c")) == Position(1, 7)


def test_a_key_written_twice_keeps_its_first_value_and_position() -> None:
    document = read_json(b'{"a": 1,\n"b": {"c": 1}, "a": {"b": 2},\n"a": 3}')
    assert document.value == {"a": 1, "b": {"c": 1}}
    assert [(r.path, r.again, r.first) for r in document.repeated] == [
        (("a",), Position(2, 16), Position(1, 2)),
        (("a",), Position(3, 1), Position(1, 2)),
    ]
    assert document.value_position(("a",)) == Position(1, 7)


def test_a_byte_order_mark_is_skipped_and_not_counted() -> None:
    document = read_json(b'\xef\xbb\xbf{"a": 1}')
    assert document.value_position(("a",)) == Position(1, 7)


def test_windows_line_ends_count_once() -> None:
    assert read_json(b'{\r\n"a":\r\n1}').value_position(("a",)) == Position(3, 1)


@pytest.mark.parametrize(
    ("content", "place", "word"),
    [
        (b"", "1:1", "Expected a value"),
        (b"{}}", "1:3", "end of the file"),
        (b'{"a": 1,}', "1:9", "a comma too many"),
        (b'{"a" 1}', "1:6", 'Expected ":"'),
        (b'{"a": 1 "b": 2}', "1:9", 'comma or "}"'),
        (b"[1 2]", "1:4", 'comma or "]"'),
        (b"[1,]", "1:4", "Expected a value"),
        (b'{"a": "b}', "1:7", "closing double quote"),
        (b'{"a": "b\n"}', "1:7", "closing double quote"),
        (b'{"a": "C:\\windows"}', "1:10", "backslash"),
        (b'{"a": NaN}', "1:7", "Expected a value"),
        (b'{"a": -Infinity}', "1:7", "Expected a value"),
        (b'{"a": 1e999}', "1:7", "too large"),
        (b'{"a": ' + b"9" * 5000 + b"}", "1:7", "too long"),
        (b'{"a": 01}', "1:8", "comma"),
        (b'{"a": "\\ud800"}', "1:7", "half of a character"),
        (b'{\n"a": "\xff"}', "2:7", "not UTF-8"),
        ("{}".encode("utf-16"), "1:1", "not UTF-8"),
        (b"[" * 100_000, f"1:{MAX_DEPTH + 2}", "deep"),
        (b'{"a":' * 100_000, f"1:{5 * (MAX_DEPTH + 1) + 1}", "deep"),
        (b"// no comments\n{}", "1:1", "Expected a value"),
    ],
    ids=range(21),
)
def test_what_is_not_json_is_refused_where_it_stops_being_so(
    content: bytes, place: str, word: str
) -> None:
    message = fault(content)
    assert message.startswith(f"{place}: ")
    assert word in message


def test_a_character_written_as_two_halves_is_whole() -> None:
    assert read_json(b'"\\ud83d\\ude00"').value == "\U0001f600"


def test_numbers_are_finite() -> None:
    value = read_json(b"1.5e3").value
    assert isinstance(value, float)
    assert math.isfinite(value)
