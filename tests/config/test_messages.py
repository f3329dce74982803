"""What a marketer reads when the file is wrong: golden messages."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from consentgate.config import load_config
from consentgate.errors import ConfigError


@pytest.mark.parametrize("name", ["wrong", "comma", "many", "signals"])
def test_every_fault_is_told_at_once_and_by_position(
    name: str, files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(files / f"{name}.json", tmp_path / "consentgate.json")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        load_config("consentgate.json")
    assert f"{caught.value}\n" == (files / f"{name}.txt").read_text(encoding="utf-8")


def test_problems_carry_their_position_as_numbers(files: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(files / "wrong.json")
    first = caught.value.problems[0]
    assert (first.line, first.column, first.key) == (3, 37, "site.privacy")
    assert caught.value.source == str(files / "wrong.json")


def test_a_dict_has_no_positions() -> None:
    with pytest.raises(ConfigError) as caught:
        load_config({"site": {"nam": "x"}})
    assert str(caught.value) == '<dict>: site.nam: unknown setting. Did you mean "name"?'
    assert (caught.value.problems[0].line, caught.value.problems[0].column) == (0, 0)


def test_a_fault_does_not_bring_another_that_follows_from_it(
    faults: Callable[..., list[str]],
) -> None:
    told = faults(site={"name": 5}, services={"acme": {"title": "A", "match": 5}})
    assert [line.partition(":")[0] for line in told] == [
        "site.name",
        "services.acme.match",
        "services.acme.category",
        "services.acme.provider",
    ]


def test_a_message_stays_on_its_line(faults: Callable[..., list[str]]) -> None:
    key = "a\nb\x1b[31m"
    (told,) = faults(banner={key: 1, "position": "bottom"})
    assert told.startswith(r'banner."a\nb\u001b[31m": unknown setting')
    (told,) = faults(banner={"position": "\u202e" + "x" * 500})
    assert told.isprintable()
    assert len(told) < 200


def test_a_missing_file_is_told_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "consentgate.json"
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert str(caught.value) == f"{path}: cannot be read: No such file or directory."
