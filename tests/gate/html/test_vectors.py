"""The published tokenizer tests, as far as they show start tags."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from consentgate.gate.html import HtmlGate
from consentgate.gate.html.stops import Stop
from tests.gate.html.conftest import Looker, Result

VECTORS = Path(__file__).parents[4] / "shared" / "vectors" / "html5lib-tokenizer"

# How a page gets the tokenizer into a state.
ENTRY = {
    "Data state": "",
    "RCDATA state": "textarea",
    "RAWTEXT state": "style",
    "Script data state": "script",
    "PLAINTEXT state": "plaintext",
    "CDATA section state": "svg><![CDATA[",
}
RAW = {"textarea", "title", "style", "xmp", "script", "plaintext"}


def cases() -> Iterator[Any]:
    if not VECTORS.is_dir():
        reason = f"the tokenizer tests are not at {VECTORS}"
        yield pytest.param("", "", [], [], marks=pytest.mark.skip(reason=reason))
        return
    for path in sorted(VECTORS.glob("*.test")):
        for number, test in enumerate(json.loads(path.read_text("utf-8")).get("tests", [])):
            for state in test.get("initialStates", ["Data state"]):
                name = f"{path.stem}-{number}-{state.split()[0]}"
                yield pytest.param(*prepared(test, state), id=name)


def prepared(test: dict[str, Any], state: str) -> tuple[str, str, list[tuple[str, Any]], list[str]]:
    if test.get("doubleEscaped"):
        test = json.loads(json.dumps(test).replace(r"\\u", r"\u"))
    entry = test.get("lastStartTag", ENTRY[state]) if ENTRY[state] else ""
    assert not entry or entry in RAW or state == "CDATA section state"
    tags = [(token[1], token[2]) for token in test["output"] if token[0] == "StartTag"]
    ends = [token[1] for token in test["output"] if token[0] == "EndTag"]
    return entry, test["input"], tags, ends


def encoded(text: str) -> bytes:
    # The input stream's newlines are normalised before the tokenizer.
    return text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "surrogatepass")


def shown(text: str) -> str:
    raw = text.encode("utf-8", "surrogateescape")
    return raw.decode("utf-8", "surrogatepass").replace("\0", "\ufffd")


class Ends(HtmlGate):
    """Notes the end tags that are read, of which nobody is asked."""

    def __init__(self, decide: Any) -> None:
        super().__init__(decide, every_tag=True)
        self.ends: list[str] = []

    def _take_end(self, reading: Any, stop: Stop) -> None:
        self.ends.append(shown(stop.name.decode("utf-8", "surrogateescape")))
        super()._take_end(reading, stop)


CASES = list(cases())


@pytest.mark.parametrize(("entry", "source", "expected", "ends"), CASES)
def test_tags_are_those_of_the_tokenizer(
    entry: str, source: str, expected: list[tuple[str, Any]], ends: list[str]
) -> None:
    cdata = entry.endswith("[CDATA[")
    prefix = f"<{entry}{'' if cdata else '>'}".encode() if entry else b""
    page = prefix + encoded(source)
    for size in (len(page) or 1, 1):
        result = Result()
        gate = Ends(Looker(result))
        pieces = [gate.feed(page[at : at + size]) for at in range(0, len(page), size)]
        assert b"".join([*pieces, gate.close()]) == page
        found = []
        for tag in result.tags[1:] if entry else result.tags:
            first: dict[str, str] = {}
            for attribute in tag.attributes:
                first.setdefault(shown(attribute.name), shown(attribute.value))
            found.append((shown(tag.name), first))
        assert found == expected
        assert gate.ends == ends


def test_the_published_tests_are_many() -> None:
    if not VECTORS.is_dir():
        pytest.skip(f"the tokenizer tests are not at {VECTORS}")
    assert len(CASES) > 6_500
