"""The service files themselves: what a contributor who adds or edits one must keep to."""

import json
import re
from itertools import chain
from pathlib import Path

import pytest

import consentgate.catalogue
from consentgate.config.fields import SHIPPED_LANGUAGES

ROOT = Path(consentgate.catalogue.__file__).parent
FILES = sorted((ROOT / "services").glob("*.json"))
DATA = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in FILES}
PROVIDERS = json.loads((ROOT / "data" / "providers.json").read_text(encoding="utf-8"))
FAMILIES = json.loads((ROOT / "data" / "families.json").read_text(encoding="utf-8"))
LANGUAGES = SHIPPED_LANGUAGES
TEXTS = {
    language: json.loads((ROOT / "data" / f"texts.{language}.json").read_text(encoding="utf-8"))
    for language in LANGUAGES
}

KEYS = [
    "id",
    "family",
    "title",
    "category",
    "kind",
    "provider",
    "privacy_url",
    "legacy",
    "note",
    "match",
    "cookies",
]
MATCH_KEYS = ["hosts", "older_hosts", "shared_hosts", "paths", "inline", "markup", "sockets"]
COOKIE_KEYS = ["name", "lifetime", "party", "storage", "purpose"]
CATEGORIES = {"necessary", "functional", "analytics", "marketing", "social", "consent"}
KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LABELS = r"[a-z0-9-]+(\.[a-z0-9-]+)*"
HOST = re.compile(rf"(\*\.)?{LABELS}")
_UNIT = "second|minute|hour|day|week|month|year"
LIFETIME = re.compile(rf"session|persistent|1 ({_UNIT})|([2-9]|[1-9]\d+) ({_UNIT})s")

each_service = pytest.mark.parametrize("name", sorted(DATA))


def test_there_are_119_services() -> None:
    assert len(FILES) == 119


@each_service
def test_a_file_has_exactly_the_expected_keys_in_order(name: str) -> None:
    entry = DATA[name]
    assert list(entry) == KEYS
    keys = [key for key in MATCH_KEYS if key != "older_hosts" or key in entry["match"]]
    assert list(entry["match"]) == keys
    assert all(list(cookie) == COOKIE_KEYS for cookie in entry["cookies"])


@each_service
def test_the_id_is_kebab_case_and_names_the_file(name: str) -> None:
    assert DATA[name]["id"] == name
    assert KEBAB.fullmatch(name)


@each_service
def test_every_reference_leads_somewhere(name: str) -> None:
    entry = DATA[name]
    assert entry["category"] in CATEGORIES
    assert entry["provider"] in PROVIDERS
    assert entry["family"] == "" or entry["family"] in FAMILIES
    assert entry["privacy_url"].startswith("https://")
    for texts in TEXTS.values():
        assert entry["kind"] in texts["purposes"]
        assert all(cookie["purpose"] in texts["cookies"] for cookie in entry["cookies"])


@each_service
def test_hosts_are_well_formed_and_stand_in_one_list_only(name: str) -> None:
    match = DATA[name]["match"]
    assert not set(match["hosts"]) & set(match["shared_hosts"])
    hosts = match["hosts"] + match.get("older_hosts", []) + match["shared_hosts"]
    assert len(hosts) == len(set(hosts))
    assert all(HOST.fullmatch(host) for host in hosts)


@each_service
def test_a_shared_host_comes_with_paths(name: str) -> None:
    match = DATA[name]["match"]
    assert match["paths"] or not match["shared_hosts"]
    assert all(path.startswith("/") for path in match["paths"])


@each_service
def test_cookies_are_told_once_in_words_that_can_be_translated(name: str) -> None:
    cookies = DATA[name]["cookies"]
    keys = [(cookie["name"], cookie["party"], cookie["storage"]) for cookie in cookies]
    assert len(keys) == len(set(keys))
    for cookie in cookies:
        assert cookie["party"] in {"first", "third"}
        assert cookie["storage"] in {"cookie", "localStorage"}
        assert LIFETIME.fullmatch(cookie["lifetime"]), cookie


def test_every_provider_text_and_family_is_used() -> None:
    heads = [*DATA.values(), *FAMILIES.values()]
    cookies = chain.from_iterable(entry["cookies"] for entry in DATA.values())
    assert {head["provider"] for head in heads} == set(PROVIDERS)
    assert {head["kind"] for head in heads} == set(TEXTS["en"]["purposes"])
    assert {cookie["purpose"] for cookie in cookies} == set(TEXTS["en"]["cookies"])
    assert {entry["family"] for entry in DATA.values()} - {""} == set(FAMILIES)


def test_a_provider_with_an_address_names_its_country() -> None:
    for provider in PROVIDERS.values():
        assert list(provider) == ["company", "name", "address", "country"]
        assert provider["name"]
        assert provider["country"] or not provider["address"]
        assert re.fullmatch(r"[A-Z]{2}|", provider["country"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_says_the_same_things_with_the_same_blanks(language: str) -> None:
    english, texts = TEXTS["en"], TEXTS[language]
    assert list(texts) == list(english)
    for section, sentences in texts.items():
        assert list(sentences) == list(english[section])
        for key, sentence in sentences.items():
            blanks = sorted(re.findall(r"\{\w+\}", sentence))
            assert blanks == sorted(re.findall(r"\{\w+\}", english[section][key]))
            assert sentence.strip() == sentence != ""


def test_the_licences_of_the_open_data_come_with_it() -> None:
    apache = (ROOT / "data" / "LICENSE-Apache-2.0.txt").read_text(encoding="utf-8")
    mit = (ROOT / "data" / "LICENSE-third-party-web.txt").read_text(encoding="utf-8")
    assert "END OF TERMS AND CONDITIONS" in apache
    assert "Copyright (c) 2019 Patrick Hulce" in mit
    notice = (ROOT.parent.parent / "NOTICE").read_text(encoding="utf-8")
    for name in ("LICENSE-Apache-2.0.txt", "LICENSE-third-party-web.txt", "0ee5a17", "0.30.0"):
        assert name in notice
