"""The promise, in a real browser: no third party hears of a visitor before that visitor agreed.

The site is the one of ``test_example_site_bare``, which shows who would hear of the visit.
"""

from collections.abc import Callable

import pytest

from example_site.app import CONFIG
from example_site.pages import PAGES, STATUS
from example_site.site import create_app
from tests.browser import third_parties
from tests.browser.visitor import NOBODY, Visitor, with_and_without_script
from tests.gated import behind_gate

NECESSARY = {"session", "lang"}
OF_THE_GATE = {"cg", "cg_state"}
OPTIONAL = {"_ga", "_fbp"}
"""Cookies that the site's own server sets on every page, each of a service that needs consent."""
OF_AN_UNDECLARED_SERVICE = {"_pk_id.1.1fff"}

OF_YOUTUBE = {"www.youtube.com", "www.youtube-nocookie.com", "i.ytimg.com"}
SOME_PAGES = ("/", "/jobs/all", "/blog/a-day-on-the-quay", "/contact", "/courses", "/broken")
YOUTUBE_FRAME = 'iframe[src*="/embed/youtube"]'


@pytest.fixture
def gated(tmp_path, serve, visit) -> Callable[..., Visitor]:
    """A new visitor of the gated example site, who has opened no page yet."""

    def arrive(*, java_script: bool = True, host: str = "") -> Visitor:
        app = behind_gate(create_app(), tmp_path, CONFIG)
        return visit(serve(app), third_parties.ALL, host=host, java_script_enabled=java_script)

    return arrive


@with_and_without_script
def test_before_any_choice_nobody_hears_of_a_visit(gated, java_script):
    visitor = gated(java_script=java_script)
    assert visitor.walk(PAGES) == {path: STATUS.get(path, 200) for path in PAGES}
    assert visitor.reached() == NOBODY
    assert visitor.foreign_cookies() == {}
    assert visitor.cookies().keys() <= NECESSARY


@with_and_without_script
def test_after_a_refusal_nobody_hears_of_a_visit(gated, java_script):
    visitor = gated(java_script=java_script)
    visitor.goto("/")
    visitor.press("Reject all")
    assert visitor.walk(PAGES) == {path: STATUS.get(path, 200) for path in PAGES}
    assert visitor.reached() == NOBODY
    assert visitor.foreign_cookies() == {}
    assert OF_THE_GATE <= visitor.cookies().keys() <= NECESSARY | OF_THE_GATE
    assert not visitor.sees("Accept all"), "a refusal is asked for once"


@with_and_without_script
def test_scrolling_browsing_and_closing_are_no_consent(gated, java_script):
    visitor = gated(java_script=java_script)
    visitor.walk(["/"])
    visitor.page.keyboard.press("Escape")
    visitor.page.get_by_role("link", name="Privacy notice").last.click()
    visitor.settle()
    visitor.page.go_back()
    visitor.page.close()
    visitor.page = visitor.context.new_page()
    visitor.walk(["/about", "/jobs"])
    assert visitor.reached() == NOBODY
    assert visitor.cookies().keys() <= NECESSARY
    assert visitor.sees("Reject all")
    assert visitor.sees("Accept all")


@with_and_without_script
def test_after_agreement_the_declared_third_parties_come_and_no_others(gated, java_script):
    visitor = gated(java_script=java_script)
    visitor.goto("/")
    visitor.press("Accept all")
    assert visitor.walk(PAGES) == {path: STATUS.get(path, 200) for path in PAGES}
    bare = third_parties.third_parties(java_script=java_script)
    declared = bare - third_parties.UNDECLARED
    assert visitor.reached(declared) == declared
    assert visitor.cookies().keys() >= OPTIONAL | OF_THE_GATE
    assert not visitor.cookies().keys() & OF_AN_UNDECLARED_SERVICE
    assert not visitor.sees("Accept all")


@pytest.mark.parametrize("host", ["", "www.shop.example"], ids=["address", "name"])
@with_and_without_script
def test_after_withdrawal_nobody_hears_and_the_cookies_are_gone(gated, java_script, host):
    visitor = gated(java_script=java_script, host=host)
    visitor.goto("/")
    visitor.press("Accept all")
    visitor.walk(SOME_PAGES)
    assert visitor.reached(OF_YOUTUBE) >= OF_YOUTUBE
    assert visitor.cookies().keys() >= OPTIONAL
    visitor.goto("/_gate/preferences")
    visitor.press("Withdraw all")
    visitor.forget()
    visitor.walk(PAGES)
    assert visitor.reached() == NOBODY
    assert visitor.cookies().keys() <= NECESSARY | OF_THE_GATE


@with_and_without_script
def test_loading_once_contacts_that_one_provider_this_once(gated, java_script):
    visitor = gated(java_script=java_script)
    visitor.goto("/")
    visitor.press("Load once", within=YOUTUBE_FRAME)
    assert visitor.reached({"www.youtube.com"}) == {"www.youtube.com"}
    visitor.forget()
    visitor.walk(SOME_PAGES)
    assert visitor.reached() == NOBODY
    assert visitor.cookies().keys() <= NECESSARY


def test_allowing_one_service_opens_that_one_alone(gated):
    visitor = gated()
    visitor.goto("/")
    visitor.press("Always allow YouTube", within=YOUTUBE_FRAME)
    visitor.forget()
    visitor.walk(PAGES)
    assert visitor.reached(OF_YOUTUBE) == OF_YOUTUBE
    assert visitor.cookies().keys() <= NECESSARY | OF_THE_GATE


@with_and_without_script
def test_a_page_that_answers_a_form_is_gated_too(gated, java_script):
    visitor = gated(java_script=java_script)
    visitor.goto("/contact")
    for label in ("Your name", "E-mail", "Your message"):
        visitor.page.get_by_label(label).fill("visitor@mail.example")
    visitor.press("Send message")
    assert "POST /contact" in visitor.server.asked
    assert visitor.page.get_by_text("Thank you, visitor@mail.example").is_visible()
    visitor.scroll()
    assert visitor.reached() == NOBODY


def test_what_a_container_brings_in_needs_consent_of_its_own(gated, recorder):
    """Agreeing to Tag Manager opens the container, not what its owner puts into it."""
    recorder.serve(
        "www.googletagmanager.com",
        "/gtm.js",
        "new Image().src = 'https://widgets.undeclared.example/collect.gif';"
        "navigator.sendBeacon('https://widgets.undeclared.example/beacon');"
        "const s = document.createElement('script');"
        "s.src = 'https://widgets.undeclared.example/more.js'; document.head.append(s);"
        "document.title = 'container ran'",
        "text/javascript",
    )
    visitor = gated()
    visitor.goto("/")
    visitor.press("Accept all")
    visitor.goto("/privacy")
    assert visitor.page.title() == "container ran"
    assert not visitor.reached() & third_parties.UNDECLARED
