"""What a browser runs as a script, whatever stands around its type, is a script to the gate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from consentgate.gate.html import read_tag
from consentgate.gate.scripts import is_code
from tests.browser.chromium import FLAGS

CHARACTERS = [chr(code) for code in range(0x3101)] + ["\ufeff"]
LANGUAGES = [f"javascript1.{number}" for number in range(10)]
LANGUAGES += ["javascript", "jscript", "livescript", "ecmascript", "x-javascript", "x-ecmascript"]
LANGUAGES += ["vbscript", "javascript;version=1.7", "module", "text/javascript"]
TYPES = [
    "",
    " ",
    "\u3000",
    "javascript",
    "text/javascript;charset=utf-8",
    "text/typescript",
    "json",
]
TYPES += [f"{kind}/{language}" for language in LANGUAGES for kind in ("text", "application")]
RUN = """async ([name, values]) => {
  self.ran = []
  for (const [number, value] of values.entries()) {
    const script = document.createElement("script")
    script.setAttribute(name, value)
    script.text = `self.ran.push(${number})`
    document.head.append(script)
    script.remove()
  }
  await new Promise(done => setTimeout(done, 300))
  return self.ran.map(number => values[number])
}"""


@pytest.fixture(scope="module")
def run(playwright: Playwright, _executable: Path) -> Iterator[Callable[..., list[str]]]:
    """Those of these values of an attribute with which a script runs."""
    browser = playwright.chromium.launch(executable_path=_executable, args=FLAGS)
    tab = browser.new_page()
    yield lambda name, values: tab.evaluate(RUN, [name, values])
    browser.close()


@pytest.mark.parametrize(
    ("name", "value"),
    [("type", "text/javascript"), ("type", "module"), ("language", "javascript")],
)
def test_no_character_around_a_type_hides_a_script_that_runs(
    run: Callable[..., list[str]], name: str, value: str
) -> None:
    around = [each for c in CHARACTERS for each in (c + value, value + c)]
    ran = run(name, [value, *around])
    assert ran.count(value) == 1
    if value == "text/javascript":
        assert {"\x0b" + value, value + "\u3000"} <= set(ran), "the browser strips more than ASCII"
    assert [each for each in ran if not is_code(tag_with(name, each))] == []


@pytest.mark.parametrize(("name", "values"), [("type", TYPES), ("language", LANGUAGES)])
def test_every_type_that_runs_is_a_script(
    run: Callable[..., list[str]], name: str, values: list[str]
) -> None:
    ran = run(name, values + [each.upper() for each in values])
    assert 5 < len(ran) < 2 * len(values)
    assert [each for each in ran if not is_code(tag_with(name, each))] == []


def tag_with(name: str, value: str):
    return read_tag(f'<script {name}="{escape(value)}">'.encode())
