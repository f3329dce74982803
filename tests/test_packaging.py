"""What a wheel would leave out is noticed before one is built."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def test_every_package_is_listed() -> None:
    listed = set(PROJECT["tool"]["setuptools"]["packages"])
    folders = {
        path.parent.relative_to(ROOT) for path in (ROOT / "consentgate").rglob("__init__.py")
    }
    assert {".".join(folder.parts) for folder in folders} | {"consentgate.static.banner"} == listed


def test_every_file_that_is_read_at_run_time_is_package_data() -> None:
    patterns = PROJECT["tool"]["setuptools"]["package-data"]
    folders = {
        "consentgate": ROOT / "consentgate",
        "consentgate.banner": ROOT / "consentgate" / "banner",
        "consentgate.catalogue": ROOT / "consentgate" / "catalogue",
        "consentgate.static.banner": ROOT / "static" / "banner",
    }
    for package, folder in folders.items():
        data = {
            path
            for path in folder.rglob("*")
            if path.suffix in {".css", ".csv", ".html", ".js", ".json", ".txt", ".typed"}
        }
        named = {path for pattern in patterns[package] for path in folder.glob(pattern)}
        others = {
            path for other in folders.values() if other != folder for path in other.rglob("*")
        }
        assert data - named - (others if package == "consentgate" else set()) == set(), package
