"""From a file or a dict to a configuration."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from consentgate.config import Config, FirstPartyCookie, load_config
from consentgate.errors import ConfigError
from consentgate.model import Party, Storage

FULL = json.loads((Path(__file__).parent / "files" / "full.json").read_text(encoding="utf-8"))

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The path of every value inside a value, itself included."""
    inside: list[tuple[str | int, ...]] = [path]
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, member in pairs:
            inside += places(member, (*path, key))
    return inside


def with_value(value: object, path: tuple[str | int, ...], new: object) -> object:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)  # type: ignore[call-overload]
    copy[path[0]] = with_value(copy[path[0]], path[1:], new)  # type: ignore[index]
    return copy


def test_the_smallest_file_is_enough(files: Path) -> None:
    config = load_config(files / "smallest.json")
    assert config.source == str(files / "smallest.json")
    assert [s.id for s in config.services] == ["google-analytics", "youtube", "facebook"]
    assert [s.id for s in config.optional] == ["facebook", "google-analytics", "youtube"]
    assert config.services[0].ids == ("G-ABC123",)
    assert config.necessary == frozenset()
    assert config.policy.ask_again_after_seconds == 6 * 2_629_800
    assert config.warnings == ()


def test_the_full_file_is_read_to_the_last_setting(files: Path) -> None:
    config = load_config(files / "full.json")
    assert config.languages == ("en", "de")
    assert config.site.own_hosts == ("cdn.example.net", "*.static.example.org")
    assert config.site.authority is not None
    assert config.site.authority.name == "Example Authority"
    assert config.site.https is True
    assert config.policy.history[1].changes == {"en": "Chat added.", "de": "Chat dazu."}
    assert config.banner.theme.accent == "#1d4f91"
    assert config.ip.keep_bits.v4 == 16
    assert config.proofs.retention_seconds == 36 * 2_629_800
    assert config.exempt_paths == ("/docs", "/redoc", "/admin")
    assert config.necessary == {"pay"}
    assert [s.id for s in config.in_category("support")] == ["acme-chat"]
    assert config.first_party_cookies == (
        FirstPartyCookie("session", "necessary", {}, "session"),
        FirstPartyCookie("draft_*", "support", {"": "remembers what you wrote"}, "30 days"),
    )


def test_categories_are_the_built_in_ones_and_then_ones_own(files: Path) -> None:
    categories = load_config(files / "full.json").categories
    built_in = ["necessary", "functional", "analytics", "marketing", "social"]
    assert [c.id for c in categories] == [*built_in, "support"]
    assert categories[0].title == {}
    assert categories[2].title == {"en": "Counting"}
    assert categories[5].description == {"": "Answers while you read."}


def test_a_service_of_ones_own_is_all_that_the_file_says(files: Path) -> None:
    service = next(s for s in load_config(files / "full.json").services if s.id == "acme-chat")
    assert (service.title, service.category) == ("Acme Chat", "support")
    assert service.provider.country == "US"
    assert service.purpose == {"en": "answer your questions"}
    assert service.matches[0].hosts == ("*.acme.example",)
    assert service.matches[0].inline == ("acme('boot'",)
    assert [(c.name, c.party, c.storage) for c in service.cookies] == [
        ("acme_*", Party.THIRD, Storage.COOKIE),
        ("acme-draft", Party.FIRST, Storage.LOCAL_STORAGE),
    ]
    assert service.lifetime_limit == "session"


def test_a_dict_gives_the_same_as_its_file(files: Path) -> None:
    of_file, of_dict = load_config(files / "full.json"), load_config(MappingProxyType(FULL))
    assert of_dict.source == "<dict>"
    assert of_dict.digest == of_file.digest
    assert of_dict.services == of_file.services


def test_a_loaded_configuration_is_handed_back(files: Path) -> None:
    config = load_config(files / "smallest.json")
    assert load_config(config) is config


@pytest.mark.parametrize(
    "settings_",
    [
        {"site": object()},
        {"site": {"name": float("nan")}},
        {"site": {1, 2}},
        {(1, 2): 3},
        {"site": {"name": "\ud800"}},
        {"format": 10**5000},
    ],
    ids=range(6),
)
def test_a_dict_that_is_no_json_is_refused(settings_: Mapping[str, object]) -> None:
    with pytest.raises(ConfigError):
        load_config(settings_)


def test_a_dict_that_holds_itself_is_refused() -> None:
    settings_: dict[str, object] = {}
    settings_["site"] = settings_
    with pytest.raises(ConfigError):
        load_config(settings_)


def loaded(path: Path, content: bytes) -> Config | ConfigError:
    path.write_bytes(content)
    try:
        return load_config(path)
    except ConfigError as error:
        return error


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@example(b'\xef\xbb\xbf{"site": {}}')
@example('{"site": {}}'.encode("utf-16"))
@example(b'{"services": {"\\u0000": {}, "\\ud800": {}}}')
@example(b'{"format": 1' + b"0" * 9999 + b"}")
@example(b'{"format": NaN}')
@example(b"[" * 9999)
@example(b'{"site":' * 9999)
@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_content_gives_a_configuration_or_its_faults(tmp_path: Path, content: bytes) -> None:
    outcome = loaded(tmp_path / "consentgate.json", content)
    if isinstance(outcome, ConfigError):
        places = [(problem.line, problem.column) for problem in outcome.problems]
        assert places
        assert places == sorted(places)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from(places(FULL)), JSON)
def test_any_value_in_any_place_gives_a_configuration_or_faults_with_places(
    tmp_path: Path, place: tuple[str | int, ...], value: object
) -> None:
    content = json.dumps(with_value(FULL, place, value), indent=1).encode()
    outcome = loaded(tmp_path / "consentgate.json", content)
    if isinstance(outcome, ConfigError):
        assert all(p.line >= 1 and p.column >= 1 for p in outcome.problems)
        assert all("\n" not in str(p) for p in outcome.problems)
