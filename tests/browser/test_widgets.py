"""Two clicks for what a provider's script fills in: its own markup, on the example site's pages.

The providers' scripts are stand-ins that find the markup and replace it, as the real ones do.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator
from starlette.responses import HTMLResponse

from example_site.app import CONFIG
from example_site.site import create_app
from tests.browser import third_parties
from tests.browser.providers import serve_all
from tests.browser.visitor import NOBODY, Visitor, with_and_without_script
from tests.gated import behind_gate

PLACES = {
    "facebook": "/blog/what-temporary-workers-earn",
    "instagram": "/blog/a-day-on-the-quay",
    "linkedin": "/courses/forklift-licence",
    "x": "/blog/our-fair-in-tweets",
    "youtube": "/about",
}
WIDGETS = {"facebook": 2, "instagram": 1, "linkedin": 1, "x": 2, "youtube": 1}
CONTACTED = {
    "facebook": {"connect.facebook.net", "www.facebook.com"},
    "instagram": {"www.instagram.com"},
    "linkedin": {"platform.linkedin.com", "www.linkedin.com"},
    "x": {"platform.twitter.com"},
    "youtube": {"www.youtube.com"},
}
SHARER = "https://www.facebook.com/sharer/sharer.php?u="

each_provider = pytest.mark.parametrize("provider", PLACES)


@pytest.fixture
def arrive(tmp_path, serve, visit, recorder) -> Callable[..., Visitor]:
    """A new visitor of the gated example site, with the providers' scripts at work."""
    serve_all(recorder)

    def come(*, java_script: bool = True) -> Visitor:
        site = behind_gate(create_app(), tmp_path, CONFIG)
        return visit(serve(site), third_parties.ALL, java_script_enabled=java_script)

    return come


def offers(visitor: Visitor, provider: str) -> Locator:
    """The boxes and lines that offer to load this provider's widgets."""
    boxes = visitor.page.locator(f'[data-cg-widget="{provider}"]')
    return boxes.filter(has=visitor.page.get_by_role("button", name="Load once"))


def press(visitor: Visitor, provider: str, name: str) -> None:
    offers(visitor, provider).last.get_by_role("button", name=name).click()
    visitor.settle()


def real(visitor: Visitor) -> Locator:
    """The frames that the providers' scripts have put in."""
    return visitor.page.locator('iframe[title="real"]')


@with_and_without_script
def test_before_a_click_nobody_hears_and_every_widget_has_its_offer(arrive, java_script):
    visitor = arrive(java_script=java_script)
    for provider, page in PLACES.items():
        visitor.goto(page)
        visitor.scroll()
        assert offers(visitor, provider).count() == WIDGETS[provider], provider
        assert all(offer.is_visible() for offer in offers(visitor, provider).all())
        assert real(visitor).count() == 0
    assert visitor.reached() == NOBODY


@each_provider
def test_loading_once_shows_the_real_widgets_of_that_provider_on_that_page(
    arrive, records, provider
):
    visitor = arrive()
    visitor.goto(PLACES[provider])
    visitor.forget()
    press(visitor, provider, "Load once")
    assert visitor.page.url.endswith(PLACES[provider])
    assert visitor.reached(CONTACTED[provider]) == CONTACTED[provider]
    assert real(visitor).count() == WIDGETS[provider]
    assert all(frame.is_visible() for frame in real(visitor).all())
    assert visitor.page.locator(f'[data-cg-widget="{provider}"]').count() == 0
    (record,) = records()
    assert (record["scope"], record["choices"]) == ("once", {provider: "given"})

    visitor.goto("/privacy")
    visitor.forget()
    visitor.goto(PLACES[provider])
    visitor.scroll()
    assert visitor.reached() == NOBODY, "once is over with the page"
    assert real(visitor).count() == 0
    assert offers(visitor, provider).count() == WIDGETS[provider]


@each_provider
def test_always_is_for_every_page_from_then_on(arrive, records, provider):
    visitor = arrive()
    visitor.goto(PLACES[provider])
    title = {"x": "X (Twitter)", "linkedin": "LinkedIn", "youtube": "YouTube"}
    press(visitor, provider, f"Always allow {title.get(provider, provider.capitalize())}")
    (record,) = records()
    assert record["scope"] == "lasting"
    assert [name for name, said in record["choices"].items() if said == "given"] == [provider]
    visitor.goto("/privacy")
    visitor.forget()
    visitor.goto(PLACES[provider])
    visitor.scroll()
    assert visitor.reached(CONTACTED[provider]) >= CONTACTED[provider]
    assert real(visitor).count() == WIDGETS[provider]
    assert offers(visitor, provider).count() == 0


def test_the_buttons_work_without_script(arrive, records):
    visitor = arrive(java_script=False)
    page = PLACES["x"]
    visitor.goto(page)
    press(visitor, "x", "Load once")
    assert visitor.page.url.endswith(page)
    assert offers(visitor, "x").count() == 0
    visitor.goto(page)
    assert offers(visitor, "x").count() == WIDGETS["x"]
    press(visitor, "x", "Always allow X (Twitter)")
    visitor.goto(page)
    assert offers(visitor, "x").count() == 0
    assert [record["scope"] for record in records()] == ["once", "lasting"]


@with_and_without_script
def test_a_widget_within_a_form_of_the_site_does_not_send_that_form(
    tmp_path, serve, visit, java_script
):
    markup = (
        "<!doctype html><html><body><form method=post action=/own><input name=a required>"
        '<p>Us: <a class="twitter-follow-button" href="https://twitter.com/me">Me</a></p>'
        "</form></body></html>"
    )
    site = behind_gate(HTMLResponse(markup), tmp_path, CONFIG)
    visitor = visit(serve(site), java_script_enabled=java_script)
    visitor.goto("/")
    assert visitor.page.locator("form p .cg-widget").count() == 1
    press(visitor, "x", "Load once")
    assert "POST /_gate/choice" in visitor.server.asked
    assert "POST /own" not in visitor.server.asked
    assert visitor.page.locator(".cg-widget").count() == 0


@with_and_without_script
def test_where_a_plugin_is_retired_a_share_link_stands(arrive, java_script):
    visitor = arrive(java_script=java_script)
    for page in ("/courses/forklift-licence", "/jobs", "/blog/we-are-on-facebook"):
        visitor.goto(page)
        place = visitor.page.locator('[data-cg-widget="facebook"]').first
        link = place.get_by_role("link", name="Share on Facebook")
        shared = link.get_attribute("href").removeprefix(SHARER)
        assert shared.startswith(("https%3A%2F%2Fmorgenkai", "http%3A%2F%2Fwww.morgenkai"))
        assert place.get_by_role("button").count() == 0
    assert visitor.reached() == NOBODY


def test_a_box_needs_no_room_sideways(arrive):
    visitor = arrive()
    visitor.page.set_viewport_size({"width": 320, "height": 568})
    for provider, page in PLACES.items():
        visitor.goto(page)
        for offer in offers(visitor, provider).all():
            box = offer.bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 320
