"""The JSON Schema that an editor completes and explains the file with."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from consentgate.catalogue import load_catalogue
from consentgate.config import json_schema
from consentgate.config.fields import SHIPPED_LANGUAGES

SCHEMA = json_schema(load_catalogue().services)
LOCALES = Path(__file__).parents[2] / "consentgate" / "banner" / "locales"


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    for option in schema.get("anyOf", ()):
        if "$ref" in option:
            return resolved(option)
    if "$ref" in schema:
        definition: dict[str, Any] = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]
        return definition
    return schema


def unknown_keys(value: object, schema: dict[str, Any], path: str = "") -> Iterator[str]:
    schema = resolved(schema)
    if isinstance(value, list):
        for member in value:
            yield from unknown_keys(member, schema["items"], f"{path}[]")
    if isinstance(value, dict) and ("properties" in schema or "additionalProperties" in schema):
        for key, member in value.items():
            inner = schema.get("properties", {}).get(key) or schema.get("additionalProperties")
            if inner:
                yield from unknown_keys(member, inner, f"{path}.{key}")
            else:
                yield f"{path}.{key}"


def test_every_key_is_described() -> None:
    groups = [SCHEMA, *SCHEMA["$defs"].values()]
    assert len(groups) > 15
    for group in groups:
        for name, key in group["properties"].items():
            assert key.get("description"), f"{group['title']}: {name}"
        assert group["additionalProperties"] is False


def test_it_knows_every_key_of_the_full_file(full: dict[str, object]) -> None:
    assert list(unknown_keys(full, SCHEMA)) == []
    assert list(unknown_keys({"site": {"nam": 1}}, SCHEMA)) == [".site.nam"]


def test_it_completes_the_services_of_the_catalogue_and_allows_others() -> None:
    services = SCHEMA["properties"]["services"]
    ids = services["propertyNames"]["anyOf"][0]["enum"]
    assert {"google-analytics", "youtube", "facebook"} < set(ids)
    assert services["properties"].keys() == set(ids) == load_catalogue().services.keys()
    assert "YouTube" in services["properties"]["youtube"]["description"]
    assert "pattern" in services["propertyNames"]["anyOf"][1]


def test_it_names_the_bounds() -> None:
    bits = SCHEMA["$defs"]["KeepBits"]["properties"]
    assert (bits["v4"]["maximum"], bits["v6"]["maximum"]) == (24, 48)
    assert SCHEMA["$defs"]["BannerSettings"]["properties"]["position"]["enum"] == ["bottom", "top"]


def test_it_is_json() -> None:
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


def test_the_languages_are_those_that_the_banner_ships() -> None:
    shipped = {path.stem for path in LOCALES.glob("*.json")}
    assert shipped == set(SHIPPED_LANGUAGES)
