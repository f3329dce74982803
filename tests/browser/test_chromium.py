"""Which Chromium is driven, and that the lack of one is said."""

import pytest

from tests.browser import chromium
from tests.browser.chromium import ensure_chromium, find_chromium


@pytest.fixture
def places(tmp_path, monkeypatch):
    """The three places where a Chromium may be, all empty."""
    monkeypatch.delenv("CONSENTGATE_CHROMIUM", raising=False)
    monkeypatch.setattr(chromium, "SYSTEM_CHROMIUM", tmp_path / "system")
    monkeypatch.setattr(chromium, "playwrights_chromium", lambda: tmp_path / "playwright")
    return tmp_path


def test_the_named_one_comes_before_playwrights_own_and_that_before_the_systems(
    places, monkeypatch
):
    own, system, named = places / "playwright", places / "system", places / "named"
    assert find_chromium(own) is None
    for path in (system, own, named):
        path.touch()
        if path is named:
            monkeypatch.setenv("CONSENTGATE_CHROMIUM", str(named))
        assert find_chromium(own) == path


def test_a_name_that_leads_nowhere_is_an_error(places, monkeypatch):
    (places / "system").touch()
    monkeypatch.setenv("CONSENTGATE_CHROMIUM", str(places / "missing"))
    with pytest.raises(FileNotFoundError, match="missing"):
        find_chromium(places / "playwright")


def test_where_playwright_cannot_download_the_systems_packages_are_asked(places, monkeypatch):
    asked = []

    def run(command, seconds):
        asked.append(command)
        if "apt-get" in command and "chromium" in command:
            (places / "system").touch()
        return "playwright" not in command

    monkeypatch.setattr(chromium, "succeeds", run)
    monkeypatch.setattr(chromium.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert ensure_chromium() == places / "system"
    assert asked[0][1:] == ["-m", "playwright", "install", "chromium"]
    assert asked[-1][-1] == "chromium"


def test_without_any_the_message_says_what_to_do(places, monkeypatch):
    monkeypatch.setattr(chromium, "succeeds", lambda command, seconds: False)
    with pytest.raises(SystemExit, match="CONSENTGATE_CHROMIUM"):
        ensure_chromium()


def test_a_download_that_hangs_is_given_up(capfd):
    assert not chromium.succeeds(["sleep", "5"], seconds=0.1)
    assert "timed out" in capfd.readouterr().err
