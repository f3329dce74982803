"""The picture behind a placeholder: from this site alone, and never at the cost of the words."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from starlette.responses import HTMLResponse

from consentgate.catalogue.posters import PosterSource, poster_source
from consentgate.posters import store
from consentgate.posters.fetching import PosterError
from tests.browser.visitor import Visitor
from tests.gated import behind_gate
from tests.posters.pictures import drawn

FILM, UNSEEN = "dQw4w9WgXcQ", "AAAAAAAAAAA"
HOSTS = ("i.ytimg.com", "www.youtube.com", "img.youtube.com")
CONFIG = {
    "site": {"name": "A site", "privacy_url": "/privacy"},
    "policy": {"version": "1"},
    "services": {"youtube": {"placeholder": {"poster": True}}},
}
FACTS = """() => {
    const panel = document.querySelector('body > main'), image = document.querySelector('img');
    const [, , , alpha = 1] = getComputedStyle(panel).backgroundColor.match(/[\\d.]+/g).map(Number);
    const { left, right, top, bottom } = panel.getBoundingClientRect();
    const words = [...panel.querySelectorAll('h1, p, button, a, summary')]
        .filter((word) => word.checkVisibility());
    return {
        alpha,
        image: [image.naturalWidth, image.naturalHeight, image.checkVisibility()],
        within: words.every((word) => {
            const box = word.getBoundingClientRect();
            return left <= box.left && box.right <= right && top <= box.top && box.bottom <= bottom;
        }),
        sideways: document.documentElement.scrollWidth - innerWidth,
    };
}"""


async def nothing(_: PosterSource) -> bytes:
    raise PosterError("is not to be had")


def keep(folder: Path, film: str) -> None:
    source = poster_source("youtube", film)
    assert source is not None
    folder.mkdir()
    (folder / hashlib.sha256(source.url.encode()).hexdigest()).write_bytes(drawn(480, 360))


@pytest.fixture
def films(tmp_path, serve, visit, monkeypatch) -> Visitor:
    """A page with a film whose picture is kept, and one that has none."""
    keep(tmp_path / "posters", FILM)
    monkeypatch.setattr(store, "Fetcher", lambda: nothing)
    frames = "".join(
        f'<p><iframe src="https://www.youtube.com/embed/{film}" width="640" height="360"'
        ' style="max-width: 100%"></iframe>'
        for film in (FILM, UNSEEN)
    )
    site = behind_gate(
        HTMLResponse(f"<!doctype html><html lang=en><body>{frames}</body></html>"),
        tmp_path,
        CONFIG,
        posters=tmp_path / "posters",
    )
    return visit(serve(site), HOSTS)


@pytest.mark.parametrize("width", [1280, 320])
def test_the_words_stand_on_a_ground_of_their_own_before_the_picture(films, width):
    films.page.set_viewport_size({"width": width, "height": 800})
    films.goto("/")
    films.press("Reject all")
    with_picture, without = films.page.frames[1:]
    facts = with_picture.evaluate(FACTS)
    assert facts["image"] == [480, 360, True]
    assert facts["alpha"] == 1
    assert facts["within"]
    assert facts["sideways"] <= 0
    assert without.evaluate(FACTS)["image"] == [1, 1, True], "no sign of a broken picture"
    assert films.reached() == frozenset()


def test_in_a_low_frame_the_words_come_first(films):
    films.goto("/")
    films.press("Reject all")
    films.page.locator("iframe").first.evaluate("(frame) => { frame.height = 160; }")
    assert films.page.frames[1].evaluate(FACTS)["image"][2] is False


def test_the_buttons_are_within_reach_in_front_of_it(films):
    films.goto("/")
    films.press("Reject all")
    films.press("Load once", within="iframe")
    assert "www.youtube.com" in films.reached({"www.youtube.com"})
