"""A good configuration to spoil, and what is said when it is."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from consentgate.config import load_config
from consentgate.errors import ConfigError

FILES = Path(__file__).parent / "files"


@pytest.fixture
def files() -> Path:
    return FILES


@pytest.fixture
def good() -> dict[str, dict[str, object]]:
    return {
        "site": {"name": "Example Ltd", "privacy_url": "/privacy"},
        "policy": {"version": "1"},
        "services": {"youtube": {}},
    }


@pytest.fixture
def full() -> dict[str, object]:
    content: dict[str, object] = json.loads((FILES / "full.json").read_text(encoding="utf-8"))
    return content


@pytest.fixture
def faults(good: dict[str, dict[str, object]]) -> Callable[..., list[str]]:
    """What is said of the good configuration with these sections added to it."""

    def told(**sections: object) -> list[str]:
        settings: dict[str, object] = dict(good)
        for name, section in sections.items():
            mergeable = isinstance(section, dict) and name in good
            settings[name] = good[name] | section if mergeable else section  # type: ignore[operator]
        try:
            load_config(settings)
        except ConfigError as error:
            return [str(problem) for problem in error.problems]
        return []

    return told
