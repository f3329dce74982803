"""Takes a picture of every screen, and those in ``docs/``: ``make screenshots``.

Words behind the command are the only screens to be taken, by state, look or both: ``dark``,
``first-layer``, ``first-layer.dark``, or ``docs`` for those in ``docs/``.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from html import escape
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

from tests.browser.chromium import ensure_chromium
from tests.browser.providers import serve_all
from tests.browser.recorder import Recorder
from tests.browser.screens import LOOKS, SHOWN, Look, State, product
from tests.browser.screens_site import pictured_site
from tests.browser.visitor import Browser
from tests.live_server import serving

ROOT = Path(__file__).parent.parent.parent
PICTURES = ROOT / "build" / "screenshots"
IN_DOCS = ROOT / "docs" / "images"
SETTLED_SECONDS = 0.6
SHARE = "<body style='margin: 0'><button>Share</button>"
"""What a provider's own button shows in its frame."""


@contextmanager
def pictured_sites(recorder: Recorder, folder: Path) -> Iterator[Mapping[bool, str]]:
    """Where the site is, by whether its social bar needs two clicks."""
    two_clicks = pictured_site(folder, buttons="two-clicks")
    serve_all(recorder)
    recorder.serve("www.facebook.com", "/v21.0/plugins/share_button.php", SHARE, "text/html")
    with serving(pictured_site(folder)) as server, serving(two_clicks) as other:
        yield {False: server.url, True: other.url}


def take(page: Page, base: str, state: State, look: Look, picture: Path) -> Path:
    """Bring the page into the state, as somebody who comes for the first time, and picture it."""
    page.context.clear_cookies()
    page.emulate_media(**{**look.media, "media": "screen"})
    page.goto(base + state.path.format(lang=look.lang))
    state.act(page)
    # Nobody can press what print leaves out, so it is put on paper at the end only.
    page.emulate_media(**look.media)
    page.wait_for_timeout(SETTLED_SECONDS * 1000)
    page.screenshot(path=picture, full_page=state.whole or look.name == "print")
    return picture


def _open(browser: Browser, folder: Path, look: Look) -> BrowserContext:
    return browser.open(
        folder,
        viewport={"width": look.width, "height": look.height},
        java_script_enabled=look.java_script,
        locale=look.lang,
    )


def take_look(
    browser: Browser, bases: Mapping[bool, str], look: Look, pictures: Mapping[Path, State]
) -> Iterable[Path]:
    """Picture the states in a browser of their own, which is set up for this look.

    ``bases`` are those of ``pictured_sites``.
    """
    with tempfile.TemporaryDirectory() as folder:
        context = _open(browser, Path(folder), look)
        try:
            for picture, state in pictures.items():
                yield take(context.pages[0], bases[state.two_clicks], state, look, picture)
        finally:
            context.close()


def _wanted(words: Sequence[str]) -> Iterator[tuple[Look, Mapping[Path, State]]]:
    """What to take in which look, and where to."""
    for look, states in product():
        named = {f"{state.name}.{look.name}": state for state in states}
        yield (
            look,
            {
                PICTURES / f"{name}.png": state
                for name, state in named.items()
                if not words or {state.name, look.name, name} & set(words)
            },
        )
    if not words or "docs" in words:
        yield LOOKS[0], {IN_DOCS / f"{state.name}.png": state for state in SHOWN}


def take_all(playwright: Playwright, executable: Path, words: Sequence[str]) -> None:
    """Take the screens that the words name, or all of them, and renew what ``docs/`` shows."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp())
    with Recorder() as recorder, pictured_sites(recorder, folder) as bases:
        browser = Browser(playwright.chromium, executable, recorder)
        for look, pictures in _wanted(words):
            for picture in take_look(browser, bases, look, pictures) if pictures else ():
                sys.stdout.write(f"{picture}\n")
                sys.stdout.flush()
    (PICTURES / "index.html").write_text(contact_sheet(), "utf-8")
    sys.stdout.write(f"All of them: {PICTURES / 'index.html'}\n")


def contact_sheet() -> str:
    """A page with every picture that was taken, a row for each state."""
    rows: dict[str, list[str]] = {}
    for look, states in product():
        for state in states:
            name = f"{state.name}.{look.name}"
            if (PICTURES / f"{name}.png").exists():
                rows.setdefault(state.name, []).append(_figure(name, look))
    body = "".join(f"<h2>{name}</h2><div>{''.join(row)}</div>" for name, row in rows.items())
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Every screen</title>"
        "<style>body{font:1rem system-ui;margin:1rem;background:#ddd}"
        "div{display:flex;gap:1rem;overflow-x:auto;align-items:start}figure{margin:0}"
        "img{block-size:22rem;border:1px solid #888;background:#fff}</style>"
        f"<h1>Every screen</h1>{body}"
    )


def _figure(name: str, look: Look) -> str:
    caption = escape(f"{look.name}, {look.width} by {look.height}")
    picture = f'<a href="{name}.png"><img src="{name}.png" alt="{name}" loading="lazy"></a>'
    return f"<figure>{picture}<figcaption>{caption}</figcaption></figure>"


if __name__ == "__main__":
    found = ensure_chromium()
    with sync_playwright() as driver:
        take_all(driver, found, sys.argv[1:])
