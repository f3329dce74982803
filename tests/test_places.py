"""What a page holds for its widgets, from its first one to its end."""

from dataclasses import replace

import pytest

from consentgate.assets import Assets
from consentgate.banner import Banner, Visit
from consentgate.config import load_config
from consentgate.gate.widgets import Shape, Widget
from consentgate.places import Places

CONFIG = load_config(
    {
        "site": {"name": "Example", "privacy_url": "/privacy"},
        "policy": {"version": "1"},
        "services": {"facebook": {}, "x": {}, "stripe": {}},
    }
)
HERE = Visit("en", "/here", origin="https://www.example.com")


def widget(name, shape=Shape.BOX):
    return Widget(CONFIG.lookup.services[name], shape)


@pytest.fixture
def places():
    return Places(Banner(CONFIG, Assets(), "/_gate"))


def test_the_first_brings_the_styles_and_the_end_one_form_for_each_service(places):
    places.begin()
    first = places.fill(widget("facebook"), HERE)
    more = [places.fill(widget(name), HERE) for name in ("facebook", "x", "instagram")]
    assert b"stylesheet" in first
    assert not any(b"stylesheet" in each for each in more)
    end = places.end(HERE)
    assert end.count(b"<form") == 2
    assert b'id="cg-load-facebook"' in end
    assert b'id="cg-load-x"' in end


@pytest.mark.parametrize(("name", "counts"), [("stripe", True), ("paypal", False)])
def test_a_place_that_is_guessed_counts_where_the_site_uses_the_service(places, name, counts):
    places.begin()
    guess = replace(widget(name), guessed=True)
    assert bool(places.fill(guess, HERE)) is counts
    assert bool(places.end(HERE)) is counts


def test_a_share_link_needs_no_form(places):
    places.begin()
    assert b"sharer.php" in places.fill(widget("facebook", Shape.SHARE), HERE)
    assert places.end(HERE) == b""


def test_a_page_without_widgets_gets_nothing(places):
    places.begin()
    assert places.end(HERE) == b""


def test_a_fragment_gets_nothing(places):
    assert places.fill(widget("facebook"), HERE) == b""


def test_nothing_follows_the_forms_that_its_buttons_would_need(places):
    places.begin()
    places.end(HERE)
    assert places.fill(widget("facebook"), HERE) == b""
