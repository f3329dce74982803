"""The README's examples do what the README says."""

import re
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from consentgate import Consent
from tests.live_server import serving

README = (Path(__file__).parent.parent / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def test_ten_lines_of_json_and_five_of_python_gate_a_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (config,) = blocks("json")
    (tmp_path / "consentgate.json").write_text(config, "utf-8")
    mount, _ = blocks("python")
    assert len(config.splitlines()) <= 10
    assert len([line for line in mount.splitlines() if line]) <= 5
    names: dict[str, object] = {}
    exec(mount, names)
    with serving(names["app"]) as server:
        page = httpx.get(f"{server.url}/_gate/preferences")
    assert page.status_code == 200
    assert "Example Ltd" in page.text
    assert "YouTube" in page.text


def test_the_application_asks_for_consent_as_shown() -> None:
    _, view = blocks("python")
    names: dict[str, object] = {}
    exec(view, names)
    request = SimpleNamespace(state=SimpleNamespace(consent=Consent(allowed=frozenset({"disqus"}))))
    assert names["show_comments"](request) is True


def test_the_files_that_it_links_to_are_there() -> None:
    root = Path(__file__).parent.parent
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]
    assert links
    assert [link for link in links if not (root / link).exists()] == []
