"""The documentation's pictures: each is there, and none lies about unused."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent


def _shown(page: Path) -> set[Path]:
    return {
        (page.parent / target).resolve()
        for target in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", page.read_text("utf-8"))
    }


def test_the_documentation_shows_every_picture_that_is_kept() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    shown = set().union(*map(_shown, pages))
    assert shown == set((ROOT / "docs" / "images").iterdir())
