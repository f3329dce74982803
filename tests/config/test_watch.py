"""A file that is edited while the site runs."""

import os
from pathlib import Path

import pytest

from consentgate.config import ConfigWatcher, load_config
from consentgate.errors import ConfigError

GOOD = '{"site": {"name": "%s"}}'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "consentgate.json"
    write(path, GOOD % "Before", 1)
    return path


def write(path: Path, content: str, second: int) -> None:
    path.write_text(content, encoding="utf-8")
    os.utime(path, (second, second))


def fail(error: ConfigError) -> None:
    raise error


def test_nothing_new_is_nothing(path: Path) -> None:
    watcher = ConfigWatcher(path, on_error=fail)
    assert watcher.check(0) is None
    assert watcher.check(100) is None


def test_a_good_change_is_told_once(path: Path) -> None:
    watcher = ConfigWatcher(path, on_error=fail)
    write(path, GOOD % "After", 2)
    changed = watcher.check(0)
    assert changed is not None
    assert changed.site.name == "After"
    assert watcher.check(100) is None


def test_a_change_of_the_same_size_and_date_in_a_new_file_is_seen(path: Path) -> None:
    watcher = ConfigWatcher(path, on_error=fail)
    new = path.with_suffix(".new")
    write(new, GOOD % "Behind", 1)
    assert new.stat().st_size == path.stat().st_size
    new.replace(path)
    changed = watcher.check(0)
    assert changed is not None
    assert changed.site.name == "Behind"


def test_within_the_interval_nobody_looks(path: Path) -> None:
    watcher = ConfigWatcher(path, on_error=fail, interval_seconds=5)
    assert watcher.check(10) is None
    write(path, GOOD % "After", 2)
    assert watcher.check(14.9) is None
    assert watcher.check(15) is not None


def test_a_clock_that_jumps_back_does_not_stop_the_looking(path: Path) -> None:
    watcher = ConfigWatcher(path, on_error=fail, interval_seconds=5)
    assert watcher.check(1000) is None
    write(path, GOOD % "After", 2)
    assert watcher.check(0) is not None


def test_a_bad_change_is_reported_once_and_the_next_good_one_counts(path: Path) -> None:
    errors: list[ConfigError] = []
    watcher = ConfigWatcher(path, on_error=errors.append)
    write(path, '{"site": {"nam": 1}}', 2)
    assert watcher.check(0) is None
    assert watcher.check(100) is None
    assert [str(error) for error in errors] == [
        f'{path}:1:11: site.nam: unknown setting. Did you mean "name"?'
    ]
    write(path, GOOD % "After", 3)
    assert watcher.check(200) is not None
    assert len(errors) == 1


def test_a_file_that_is_gone_is_reported_once_until_it_is_back(path: Path) -> None:
    errors: list[ConfigError] = []
    watcher = ConfigWatcher(path, on_error=errors.append)
    path.unlink()
    assert watcher.check(0) is None
    assert watcher.check(100) is None
    assert len(errors) == 1
    write(path, GOOD % "After", 1)
    assert watcher.check(200) is not None


def test_an_edit_without_effect_changes_nothing(path: Path) -> None:
    watcher = ConfigWatcher(path, current=load_config(path), on_error=fail)
    write(path, f"\n{GOOD % 'Before'}\n", 2)
    assert watcher.check(0) is None


def test_what_changed_before_the_first_check_is_not_missed(path: Path) -> None:
    current = load_config(path)
    write(path, GOOD % "Between", 2)
    changed = ConfigWatcher(path, current=current, on_error=fail).check(0)
    assert changed is not None
    assert changed.site.name == "Between"


def test_a_bad_change_is_logged_by_default(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    watcher = ConfigWatcher(path)
    write(path, "{", 2)
    assert watcher.check(0) is None
    assert f"{path}:1:2: Expected a key" in caplog.text
