"""Of which films a picture can be had, and where: nothing but what is named here is ever asked."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from consentgate.catalogue import load_catalogue
from consentgate.catalogue.lookup import Lookup
from consentgate.catalogue.posters import SERVICES_WITH_POSTERS, film_in, poster_source

FILMS = {
    "youtube": ("https://www.youtube.com/embed/dQw4w9WgXcQ?rel=0", "dQw4w9WgXcQ"),
    "vimeo": ("https://player.vimeo.com/video/76979871?h=8272103f6e", "76979871"),
    "dailymotion": ("https://www.dailymotion.com/embed/video/x84sh87", "x84sh87"),
}


@pytest.mark.parametrize("service", FILMS)
def test_a_frame_tells_its_film_and_the_film_its_picture(service: str) -> None:
    frame, film = FILMS[service]
    assert film_in(service, frame) == film
    source = poster_source(service, film)
    assert source is not None
    parts = urlsplit(source.url)
    assert parts.scheme == "https"
    assert parts.hostname in source.hosts
    assert film in source.url


@pytest.mark.parametrize(
    ("service", "frame"),
    [
        ("youtube", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"),
        ("youtube", "https://www.youtube.com/embed/dQw4w9WgXcQ/"),
        ("youtube", "https://www.youtube.com/v/dQw4w9WgXcQ"),
    ],
)
def test_every_address_of_a_player_counts(service: str, frame: str) -> None:
    assert film_in(service, frame) == "dQw4w9WgXcQ"


@pytest.mark.parametrize(
    ("service", "frame"),
    [
        ("youtube", "https://www.youtube.com/embed/videoseries?list=PL1"),
        ("youtube", "https://www.youtube.com/embed/live_stream?channel=x"),
        ("youtube", "https://www.youtube.com/embed/../vi/abc"),
        ("youtube", "https://www.youtube.com/embed/dQw4w9WgXc%2F"),
        ("youtube", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"),
        ("vimeo", "https://player.vimeo.com/video/1/2"),
        ("vimeo", "https://player.vimeo.com/event/76979871"),
        ("dailymotion", "https://www.dailymotion.com/embed/video/../../x"),
        ("facebook", "https://www.facebook.com/plugins/video.php"),
        ("youtube", ""),
    ],
)
def test_what_names_no_film_has_no_picture(service: str, frame: str) -> None:
    assert film_in(service, frame) == ""


@pytest.mark.parametrize("film", ["", "../../etc", "a/b", "a?b", "a b", "x" * 21, "a\n"])
def test_an_id_that_could_lead_elsewhere_has_no_source(film: str) -> None:
    assert all(poster_source(service, film) is None for service in SERVICES_WITH_POSTERS)


def test_an_unknown_service_has_no_source() -> None:
    assert poster_source("facebook", "dQw4w9WgXcQ") is None


def test_every_host_that_is_asked_is_one_of_that_services_own() -> None:
    services = load_catalogue().services
    for name, (_, film) in FILMS.items():
        source = poster_source(name, film)
        assert source is not None
        owners = {s.id for host in source.hosts for s in Lookup([services[name]]).by_host(host)}
        assert owners == {name}
        assert len(source.hosts) == len(
            [host for host in source.hosts if Lookup([services[name]]).by_host(host)]
        )
    assert set(FILMS) == SERVICES_WITH_POSTERS
