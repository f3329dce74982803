"""The published tokenizer tests, as far as they show start tags."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

VECTORS = Path(__file__).parents[4] / "shared" / "vectors" / "html5lib-tokenizer"

# How a page gets the tokenizer into a state.
ENTRY = {
    "Data state": "",
    "RCDATA state": "textarea",
    "RAWTEXT state": "style",
    "Script data state": "script",
    "PLAINTEXT state": "plaintext",
}
RAW = {"textarea", "title", "style", "xmp", "script", "plaintext"}
SKIPPED_STATES = {"CDATA section state": "entered in foreign content alone; see test_foreign.py"}


def cases() -> Iterator[Any]:
    if not VECTORS.is_dir():
        reason = f"the tokenizer tests are not at {VECTORS}"
        yield pytest.param("", "", [], marks=pytest.mark.skip(reason=reason))
        return
    for path in sorted(VECTORS.glob("*.test")):
        for number, test in enumerate(json.loads(path.read_text("utf-8")).get("tests", [])):
            for state in test.get("initialStates", ["Data state"]):
                if state not in SKIPPED_STATES:
                    name = f"{path.stem}-{number}-{state.split()[0]}"
                    yield pytest.param(*prepared(test, state), id=name)


def prepared(test: dict[str, Any], state: str) -> tuple[str, str, list[tuple[str, Any]]]:
    if test.get("doubleEscaped"):
        test = json.loads(json.dumps(test).replace(r"\\u", r"\u"))
    entry = test.get("lastStartTag", ENTRY[state]) if ENTRY[state] else ""
    assert not entry or entry in RAW
    tags = [(token[1], token[2]) for token in test["output"] if token[0] == "StartTag"]
    return entry, test["input"], tags


def encoded(text: str) -> bytes:
    # The input stream's newlines are normalised before the tokenizer.
    return text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "surrogatepass")


def shown(text: str) -> str:
    raw = text.encode("utf-8", "surrogateescape")
    return raw.decode("utf-8", "surrogatepass").replace("\0", "\ufffd")


@pytest.mark.parametrize(("entry", "source", "expected"), list(cases()))
def test_start_tags_are_those_of_the_tokenizer(
    through: Callable[..., Any], entry: str, source: str, expected: list[tuple[str, Any]]
) -> None:
    prefix = f"<{entry}>".encode() if entry else b""
    for size in (0, 1):
        result = through(prefix + encoded(source), every_tag=True, size=size)
        tags = result.tags[1:] if entry else result.tags
        found = []
        for tag in tags:
            first: dict[str, str] = {}
            for attribute in tag.attributes:
                first.setdefault(shown(attribute.name), shown(attribute.value))
            found.append((shown(tag.name), first))
        assert found == expected
        assert result.out == prefix + encoded(source)


def test_the_published_tests_are_many() -> None:
    if not VECTORS.is_dir():
        pytest.skip(f"the tokenizer tests are not at {VECTORS}")
    assert len(list(cases())) > 6_500
