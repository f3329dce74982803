"""The picture behind a placeholder, over a real socket: whose it is, and what becomes of it."""

from __future__ import annotations

import hashlib
import html
import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from consentgate.catalogue.posters import PosterSource, poster_source
from consentgate.posters import store
from consentgate.posters.fetching import PosterError
from tests.posters.pictures import PNG
from tests.test_middleware import CONFIG, choose, visiting

FRAME = "https://www.youtube.com/embed/dQw4w9WgXcQ"
SERVICES = {"youtube": {"placeholder": {"poster": True}}, "vimeo": {}}


class Asked:
    """Stands for the fetcher: notes what it is asked for, and has nothing."""

    def __init__(self) -> None:
        self.urls: list[str] = []

    def __call__(self) -> Asked:
        return self

    async def fetch(self, source: PosterSource) -> bytes:
        self.urls.append(source.url)
        raise PosterError("is not to be had")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    fetcher = Asked()
    monkeypatch.setattr(store, "Fetcher", lambda: fetcher.fetch)
    return fetcher


@contextmanager
def gated(folder: Path, **services: object) -> Iterator[httpx.Client]:
    config = {**CONFIG, "services": {**SERVICES, **services}}
    page = f'<!doctype html><html><body><iframe src="{FRAME}" width=560 height=315></iframe>'
    with visiting(folder, config) as client:
        (folder / "page.html").write_text(page, "utf-8")
        yield client


def keep(folder: Path, body: bytes) -> None:
    """Put the picture where an earlier fetch would have put it."""
    source = poster_source("youtube", "dQw4w9WgXcQ")
    assert source is not None
    kept = folder / "consentgate-posters"
    kept.mkdir()
    (kept / hashlib.sha256(source.url.encode()).hexdigest()).write_bytes(body)


def placeholder(client: httpx.Client) -> httpx.Response:
    page = client.get("/static/page.html").text
    found = re.search(r'<iframe[^>]* src="([^"]+)"', page)
    assert found, page
    return client.get(html.unescape(found[1]))


def picture_in(page: str) -> str:
    found = re.search(r'<img src="([^"]+)" alt="" loading="lazy"', page)
    return html.unescape(found[1]) if found else ""


@pytest.mark.usefixtures("asked")
def test_the_picture_comes_from_this_site_and_stays_in_caches(tmp_path: Path) -> None:
    keep(tmp_path, PNG)
    with gated(tmp_path) as client:
        address = picture_in(placeholder(client).text)
        assert address.startswith("/_gate/poster/youtube?u=")
        answer = client.get(address)
        assert answer.content == PNG
        headers = answer.headers
        assert headers["content-type"] == "image/png"
        assert headers["cache-control"] == "public, max-age=2592000"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "set-cookie" not in headers
        assert client.head(address).status_code == 200


def test_the_page_of_the_placeholder_waits_for_nobody(tmp_path: Path, asked: Asked) -> None:
    with gated(tmp_path) as client:
        address = picture_in(placeholder(client).text)
        assert asked.urls == [], "only the picture itself is fetched, and only when it is asked for"
        assert client.get(address).status_code == 404
        assert asked.urls == ["https://i.ytimg.com/vi/dQw4w9WgXcQ/hqdefault.jpg"]


def test_a_picture_that_is_not_to_be_had_is_missing_and_not_asked_for_again(
    tmp_path: Path, asked: Asked
) -> None:
    with gated(tmp_path) as client:
        page = placeholder(client)
        assert "Load once" in page.text
        for _ in range(3):
            missing = client.get(picture_in(page.text))
            assert missing.status_code == 404
            assert missing.headers["cache-control"] == "no-store"
            assert missing.headers["content-type"] == "image/png"
        assert len(asked.urls) == 1


@pytest.mark.parametrize("settings", [{}, {"placeholder": {}}, {"placeholder": {"poster": False}}])
def test_without_being_asked_for_there_is_none(
    tmp_path: Path, asked: Asked, settings: dict[str, object]
) -> None:
    with gated(tmp_path) as client:
        address = picture_in(placeholder(client).text)
    with gated(tmp_path, youtube=settings) as client:
        assert picture_in(placeholder(client).text) == ""
        assert client.get(address).status_code == 404
    assert asked.urls == []


@pytest.mark.parametrize(
    "change",
    [
        lambda url: url.replace("/youtube?", "/vimeo?"),
        lambda url: url[:-4] + "AAAA",
        lambda url: url.partition("?")[0],
        lambda url: url.partition("?")[0] + "?u=",
        lambda url: url.partition("?")[0] + "?film=dQw4w9WgXcQ",
        lambda url: url.replace("?", "?" + "a=1&" * 20),
        lambda url: url.replace("/youtube?", "/nobody?"),
    ],
)
def test_nobody_can_have_another_film_fetched(tmp_path: Path, asked: Asked, change) -> None:
    with gated(tmp_path, vimeo={"placeholder": {"poster": True}}) as client:
        address = picture_in(placeholder(client).text)
        assert client.get(change(address)).status_code == 404
        assert asked.urls == []


def test_the_frames_own_token_opens_no_picture(tmp_path: Path, asked: Asked) -> None:
    with gated(tmp_path) as client:
        token = placeholder(client).url.query.decode()
        assert client.get(f"/_gate/poster/youtube?{token}").status_code == 404
        assert asked.urls == []


@pytest.mark.usefixtures("asked")
def test_a_frame_that_is_loaded_has_none(tmp_path: Path) -> None:
    with gated(tmp_path) as client:
        address = str(placeholder(client).url)
        choose(client, "allow", service="youtube", back="/")
        assert f'src="{FRAME}"' in client.get(address).text
        assert picture_in(client.get(address).text) == ""


def test_without_the_extra_the_placeholder_is_plain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "consentgate.posters", None)
    with caplog.at_level(logging.WARNING, "consentgate"), gated(tmp_path) as client:
        page = placeholder(client)
        assert "Load once" in page.text
        assert client.get(picture_in(page.text)).status_code == 404
    assert 'pip install "consentgate[posters]"' in caplog.text
