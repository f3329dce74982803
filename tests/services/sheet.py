"""Takes every placeholder as a picture, and all of them on one: ``python -m tests.services.sheet``.

Writes into the folder that is named: one picture for each fixture with a placeholder and each
width, and ``all-<width>.png``. Names of fixtures behind it are the only ones taken.
"""

from __future__ import annotations

import html
import json
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, sync_playwright
from starlette.applications import Starlette
from starlette.routing import Route

from consentgate import ConsentGateMiddleware
from tests.browser.chromium import ensure_chromium
from tests.browser.recorder import Recorder
from tests.browser.visitor import Browser
from tests.live_server import serving
from tests.services.fixtures import FIXTURES
from tests.services.street import CONFIG, Street, site
from tests.services.table import recognised

WIDTHS = (1280, 320)
HEIGHT = 420
_LOOK = ".cg-banner, .cg-reopen { display: none !important }"


def take(page: Page, street: Street, folder: Path, width: int, wanted: list[str]) -> list[Path]:
    """One picture per fixture that has a placeholder."""
    page.set_viewport_size({"width": width, "height": HEIGHT})
    taken = []
    for fixture in FIXTURES.values():
        if (wanted and fixture.name not in wanted) or not recognised([fixture]).places:
            continue
        page.goto(street.url(fixture))
        page.add_style_tag(content=_LOOK)
        picture = folder / f"{fixture.name}-{width}.png"
        page.screenshot(path=picture)
        taken.append(picture)
    return taken


def join(context: BrowserContext, pictures: list[Path], target: Path, width: int) -> None:
    """All pictures on one, each under its name."""
    cells = "".join(
        f"<figure><figcaption>{html.escape(p.stem)}</figcaption><img src='{p.as_uri()}'></figure>"
        for p in pictures
    )
    shown = width // 2 if width > WIDTHS[-1] else width
    look = (
        "body{display:flex;flex-wrap:wrap;gap:8px;margin:8px;font:12px sans-serif}"
        f"figure{{margin:0;border:1px solid #888}}img{{display:block;width:{shown}px}}"
    )
    sheet = target.with_suffix(".html")
    sheet.write_text(f"<!doctype html><style>{look}</style>{cells}", encoding="utf-8")
    page = context.new_page()
    page.set_viewport_size({"width": 2 * 670 if width > WIDTHS[-1] else 5 * 340, "height": 900})
    page.goto(sheet.as_uri())
    page.screenshot(path=target, full_page=True)
    page.close()


def main(folder: Path, wanted: list[str]) -> None:
    """Take everything, or what is wanted."""
    folder.mkdir(parents=True, exist_ok=True)
    private = Path(tempfile.mkdtemp())
    config = private / "consentgate.json"
    config.write_text(json.dumps(CONFIG), encoding="utf-8")
    gated = ConsentGateMiddleware(
        Starlette(routes=[Route("/", site)]),
        config=config,
        secret="pictures only, nothing secret",
        database=f"sqlite:///{private}/proofs.db",
    )
    executable = ensure_chromium()
    with sync_playwright() as driver, Recorder() as recorder, serving(gated) as server:
        street = Street("gated", server)
        browser = Browser(driver.chromium, executable, recorder)
        context = browser.open(private, site=street.hosts(), locale="en")
        try:
            for width in WIDTHS:
                pictures = take(context.pages[0], street, folder, width, wanted)
                join(context, pictures, folder / f"all-{width}.png", width)
        finally:
            context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), sys.argv[2:])
