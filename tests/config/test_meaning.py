"""When visitors are asked again, and when not."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentgate.catalogue import load_catalogue
from consentgate.config import differences, load_config
from consentgate.config.meaning import revision_of

FULL: dict[str, Any] = json.loads((Path(__file__).parent / "files" / "full.json").read_text())
BEFORE = load_config(FULL)


def changed(*path: str | int, to: object) -> dict[str, Any]:
    settings: Any = copy.deepcopy(FULL)
    inner = settings
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = to
    result: dict[str, Any] = settings
    return result


CHAT = ("services", "acme-chat")
MEANING = [
    changed("services", "vimeo", to={}),
    changed("services", to={"youtube": FULL["services"]["youtube"]}),
    changed(*CHAT, "category", to="marketing"),
    changed(*CHAT, "purpose", to={"en": "answer your questions and advertise"}),
    changed(*CHAT, "provider", "name", to="Beta Inc."),
    changed(*CHAT, "provider", "country", to="CN"),
    changed(*CHAT, "cookies", 0, "lifetime", to="2 years"),
    changed("services", "youtube", "purpose", to="show films"),
]
NO_MEANING = [
    changed("banner", "theme", "accent", to="#000000"),
    changed("banner", "text", to="Other words."),
    changed("site", "name", to="Another Ltd"),
    changed("policy", "version", to="2027-01-01"),
    changed(*CHAT, "title", to="Acme chat"),
    changed(*CHAT, "purpose", to={"en": "Answer your  questions."}),
    changed(*CHAT, "provider", "address", to="2 Main Street"),
    changed(*CHAT, "placeholder", to={"text": "Words."}),
    changed(*CHAT, "ids", to=["A-1"]),
    changed(*CHAT, "cookies", 0, "purpose", to="keeps the talk"),
    changed("services", to=dict(reversed(FULL["services"].items()))),
    changed("services", "pay", "reason", to="Another reason."),
    changed("languages", to=["de", "en"]),
]


@pytest.mark.parametrize("settings", MEANING, ids=range(len(MEANING)))
def test_another_meaning_asks_again(settings: dict[str, Any]) -> None:
    after = load_config(settings)
    assert after.revision != BEFORE.revision
    assert list(differences(BEFORE.optional, after.optional))


@pytest.mark.parametrize("settings", NO_MEANING, ids=range(len(NO_MEANING)))
def test_the_same_meaning_does_not(settings: dict[str, Any]) -> None:
    after = load_config(settings)
    assert after.revision == BEFORE.revision
    assert list(differences(BEFORE.optional, after.optional)) == []


@pytest.mark.parametrize("settings", MEANING + NO_MEANING, ids=range(len(MEANING + NO_MEANING)))
def test_every_change_is_in_the_digest(settings: dict[str, Any]) -> None:
    assert load_config(settings).digest != BEFORE.digest


def test_the_editors_schema_is_no_setting() -> None:
    assert load_config(changed("$schema", to="elsewhere.json")).digest == BEFORE.digest


def test_a_lifetime_in_other_units_is_the_same() -> None:
    after = load_config(changed(*CHAT, "cookies", 0, "lifetime", to="13 months"))
    assert after.revision == BEFORE.revision
    year = load_config(changed(*CHAT, "cookies", 0, "lifetime", to="1 year"))
    months = load_config(changed(*CHAT, "cookies", 0, "lifetime", to="12 months"))
    assert year.revision == months.revision != BEFORE.revision


def test_digest_and_revision_are_short_and_stable() -> None:
    assert len(BEFORE.revision) == 12
    assert len(BEFORE.digest) == 64
    again = load_config(copy.deepcopy(FULL))
    assert (again.revision, again.digest) == (BEFORE.revision, BEFORE.digest)
    assert int(BEFORE.digest + BEFORE.revision, 16)


@given(st.permutations(list(load_catalogue().services.values())[:12]))
def test_order_never_matters(services: list[Any]) -> None:
    assert revision_of(services) == revision_of(reversed(services))
    assert revision_of(services) != revision_of(services[1:])


def test_the_reasons_name_the_service_and_the_change() -> None:
    after = load_config(changed(*CHAT, "category", to="marketing"))
    assert list(differences(BEFORE.optional, after.optional)) == [
        'services.acme-chat: the category is "marketing", it was "support".'
    ]
