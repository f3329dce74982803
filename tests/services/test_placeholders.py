"""What stands in the place of what visitors come for, and that it gives way to the real thing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

import pytest
from playwright.sync_api import Locator, Page

from tests.services.fixtures import FIXTURES, Fixture
from tests.services.stand_ins import STAND_INS, serve
from tests.services.street import LOOKUP, Street, Walk

pytestmark = pytest.mark.browser

WIDGETS = [FIXTURES[name] for name in STAND_INS]
FRAMES = [
    fixture
    for fixture in FIXTURES.values()
    if re.search(
        r"<iframe\b(?![^>]*display:none)[^>]*\ssrc=", fixture.code.partition("<noscript>")[0]
    )
    and "document.write" not in fixture.code
]
NOTHING_TO_SEE = [
    FIXTURES[name]
    for name in (
        "adobe-fonts", "adobe-fonts.script", "crisp", "drift", "font-awesome", "google-fonts",
        "google-fonts.import", "google-fonts.webfontloader", "hubspot", "intercom", "livechat",
        "monotype-fonts", "tawk-to", "userlike", "zendesk", "zendesk.zopim", "calendly.badge",
        "meta-pixel", "google-adsense", "outbrain",
    )
]  # fmt: skip
CAPTCHAS = [FIXTURES[name] for name in ("friendly-captcha", "hcaptcha", "recaptcha", "turnstile")]
CHECKOUTS = [FIXTURES[name] for name in ("stripe.card-element", "stripe.payment-element")]
PAYMENTS = [
    FIXTURES[name]
    for name in (
        "klarna", "klarna.messaging", "paypal", "paypal.hosted", "paypal.message",
        "stripe.buy-button", "stripe.pricing-table",
    )
]  # fmt: skip
ONCE = "Load once"

PLACE = """(frame) => {
    const around = frame.parentElement;
    const free = getComputedStyle(frame).position === 'absolute';
    const place = free ? innerWidth : parseFloat(getComputedStyle(around).width);
    return place + frame.offsetWidth - frame.clientWidth;
}"""
"""How wide a frame may be with its border."""


def each(fixtures: list[Fixture]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("fixture", fixtures, ids=lambda fixture: fixture.name)


@pytest.fixture(scope="module")
def walk(walker: Callable[..., Walk]) -> Walk:
    return walker(java_script=True)


@pytest.fixture
def page(walk: Walk) -> Iterator[Page]:
    """A new tab of a visitor who has decided nothing."""
    walk.visitor.context.clear_cookies()
    walk.visitor.recorder.reset()
    page = walk.visitor.context.new_page()
    page.set_viewport_size({"width": 1280, "height": 1000})
    yield page
    page.close()


@pytest.fixture(scope="module")
def gated(streets: Mapping[str, Street]) -> Street:
    return streets["gated"]


def always(fixture: Fixture) -> str:
    return f"Always allow {LOOKUP.services[fixture.service].title}"


def offer(page: Page, fixture: Fixture) -> Locator:
    return page.locator(f'[data-cg-widget="{fixture.service}"]').first


@each(WIDGETS)
def test_a_widget_has_a_box_of_a_sensible_size_with_both_choices(
    fixture: Fixture, page: Page, gated: Street
) -> None:
    page.goto(gated.url(fixture))
    box = offer(page, fixture)
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 1000})
        room = box.bounding_box()
        assert room["width"] >= min(200, width - 16)
        assert 40 <= room["height"] <= 720
        assert room["x"] >= 0
        assert room["x"] + room["width"] <= width
        for name in (ONCE, always(fixture)):
            button = box.get_by_role("button", name=name, exact=True).bounding_box()
            assert button["height"] >= 24
            assert button["y"] + button["height"] <= room["y"] + room["height"]


@each(WIDGETS)
def test_after_agreement_the_vendors_own_markup_becomes_the_real_thing(
    fixture: Fixture, page: Page, gated: Street, walk: Walk
) -> None:
    serve(walk.visitor.recorder, fixture.name)
    page.goto(gated.url(fixture))
    real = page.locator('iframe[title="real"]')
    assert real.count() == 0
    offer(page, fixture).get_by_role("button", name=always(fixture), exact=True).click()
    real.first.wait_for(state="attached")
    assert page.locator(".cg-widget").count() == 0
    walk.visitor.settle()
    source = real.first.get_attribute("src").split("?")[0].split("#")[0]
    asked = {f"https://{r.host}{r.path.partition('?')[0]}" for r in walk.visitor.recorder.requests}
    assert source in asked


@each(FRAMES)
def test_a_frame_keeps_its_size_and_gives_way_to_its_own_address(
    fixture: Fixture, page: Page, gated: Street, streets: Mapping[str, Street], walk: Walk
) -> None:
    page.goto(streets["bare"].url(fixture))
    bare = page.locator("iframe").first.bounding_box()
    page.goto(gated.url(fixture))
    frame = page.locator("iframe").first
    size = frame.bounding_box()
    # One that is wider than its place would hide its buttons there, so it is as wide as that.
    assert size["width"] == min(bare["width"], frame.evaluate(PLACE))
    assert size["height"] == bare["height"]
    walk.visitor.recorder.clear()
    inside = page.frame_locator("iframe").first
    inside.get_by_role("button", name=always(fixture), exact=True).click()
    page.wait_for_function("document.querySelector('iframe')?.src.includes('/_gate/') === false")
    walk.visitor.settle()
    hosts = {request.host for request in walk.visitor.recorder.requests}
    address = page.locator("iframe").first.get_attribute("src")
    assert address.split("/")[2] in hosts


@each(NOTHING_TO_SEE)
def test_what_nobody_came_for_leaves_no_box(fixture: Fixture, page: Page, gated: Street) -> None:
    page.goto(gated.url(fixture))
    assert page.locator(".cg-widget").count() == 0
    assert page.locator('iframe[src*="/_gate/"]').count() == 0


@each(CAPTCHAS)
def test_a_form_without_its_check_can_be_used_and_says_what_is_missing(
    fixture: Fixture, page: Page, gated: Street
) -> None:
    page.goto(gated.url(fixture))
    box = page.locator("form").filter(has=offer(page, fixture))
    assert "Without it the form may not be accepted." in box.inner_text()
    fields = box.locator(":is(input, textarea, select, button):not([form])")
    assert all(field.is_enabled() and field.is_visible() for field in fields.all())


@each([*PAYMENTS, *CHECKOUTS])
def test_a_payment_box_says_what_is_missing(fixture: Fixture, page: Page, gated: Street) -> None:
    page.goto(gated.url(fixture))
    words = "Without it you may not be able to pay this way."
    assert words in offer(page, fixture).inner_text()
    assert page.locator(".cg-widget").count() == 1


@each(CHECKOUTS)
def test_the_form_of_a_checkout_can_be_used_without_its_payment(
    fixture: Fixture, page: Page, gated: Street, walk: Walk
) -> None:
    page.goto(gated.url(fixture))
    form = page.locator("#payment-form")
    fields = form.locator(":is(input, button):not([form])")
    assert all(field.is_enabled() and field.is_visible() for field in fields.all())
    form.evaluate("form => form.addEventListener('submit', (e) => {"
                  " e.preventDefault(); form.dataset.sent = e.submitter.innerText; })")  # fmt: skip
    fields.last.click()
    assert form.get_attribute("data-sent") == fields.last.inner_text()
    assert not any("stripe" in request.host for request in walk.visitor.recorder.requests)


@pytest.mark.parametrize(
    ("name", "style_sheet"),
    [("google-fonts", "fonts.googleapis.com"), ("adobe-fonts", "use.typekit.net")],
)
def test_without_its_fonts_a_page_is_set_in_a_font_of_the_visitors(
    name: str, style_sheet: str, page: Page, walk: Walk, streets: Mapping[str, Street]
) -> None:
    face = '@font-face { font-family: Roboto; src: url("https://fonts.gstatic.com/s/r.woff2") }'
    walk.visitor.recorder.serve(style_sheet, "*", face, "text/css")
    faces = {}
    for street in streets.values():
        page.goto(street.url(FIXTURES[name]))
        page.evaluate(
            "document.body.insertAdjacentHTML('beforeend',"
            " '<p id=text style=\"font: 20px Roboto, sans-serif\">Some words</p>')"
        )
        faces[street.name] = page.evaluate("document.fonts.size")
        assert page.get_by_text("Some words").bounding_box()["height"] >= 20
    assert faces == {"bare": 1, "gated": 0}
