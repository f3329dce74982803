"""The reference tells the truth: every key, its default, and examples that load."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from consentgate.catalogue import load_catalogue
from consentgate.config import json_schema, load_config

FILES = Path(__file__).parent / "files"
REFERENCE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```json\n(.*?)^```", REFERENCE, re.MULTILINE | re.DOTALL)
ROWS = dict(re.findall(r"^\| `([^`]+)` \| [^|]+ \| ([^|]+) \| [^|]+ \|$", REFERENCE, re.MULTILINE))
SCHEMA = json_schema(load_catalogue().services)


def group_of(schema: dict[str, Any]) -> dict[str, Any] | None:
    """The group of settings that a schema points to, if it is one."""
    for option in (schema, *schema.get("anyOf", ())):
        if "$ref" in option:
            group: dict[str, Any] = SCHEMA["$defs"][option["$ref"].rpartition("/")[2]]
            return group
    return None


def settings_in(group: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Each key of the file as the reference writes it, and its default."""
    for key, schema in group["properties"].items():
        name = prefix + key
        several = "<name>" if key == "first_party_cookies" else "<id>"
        if inner := group_of(schema):
            yield from settings_in(inner, f"{name}.")
        elif inner := group_of(schema.get("items", {})):
            yield from settings_in(inner, f"{name}[].")
        elif inner := group_of(schema.get("additionalProperties") or {}):
            yield from settings_in(inner, f"{name}.{several}.")
        elif key in group.get("required", ()):
            yield name, "needed"
        else:
            default = schema.get("default")
            yield name, "none" if default in (None, "", [], {}) else f"`{json.dumps(default)}`"


def test_every_key_is_explained_with_its_default() -> None:
    settings = dict(settings_in(SCHEMA))
    assert len(settings) > 50
    assert settings == ROWS


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_every_example_loads(example: str, tmp_path: Path) -> None:
    path = tmp_path / "consentgate.json"
    path.write_text(example, encoding="utf-8")
    assert load_config(path).services


def test_the_examples_are_the_tested_files() -> None:
    assert len(EXAMPLES) == 3
    for name in ("smallest.json", "full.json"):
        assert (FILES / name).read_text(encoding="utf-8") in EXAMPLES
    assert (FILES / "wrong.txt").read_text(encoding="utf-8") in REFERENCE
