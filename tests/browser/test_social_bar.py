"""The social bar with the providers' own buttons: idle, armed for one page, and on.

The providers' scripts are stand-ins that find the markup and replace it, as the real ones do.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from tests.browser.providers import serve_all
from tests.browser.visitor import NOBODY, SIDEWAYS, Visitor, with_and_without_script
from tests.gated import behind_gate

BEFORE = "/jobs?page=2&a=%26"
CONTACTED = {
    "facebook": {"connect.facebook.net", "www.facebook.com"},
    "x": {"platform.twitter.com"},
    "linkedin": {"platform.linkedin.com", "www.linkedin.com"},
    "pinterest": {"assets.pinterest.com"},
}
SERVICES = {**{name: name for name in CONTACTED}, "pinterest": "pinterest-widgets"}
TITLES = {"facebook": "Facebook", "x": "X", "linkedin": "LinkedIn", "pinterest": "Pinterest"}
DECLARED = frozenset().union(*CONTACTED.values())
CONFIG = {
    "site": {"name": "Morgenkai", "privacy_url": "/privacy"},
    "policy": {"version": "1"},
    "languages": ["en", "de", "ar"],
    "services": {**{name: {} for name in SERVICES.values()}, "youtube": {}},
    "social": {
        "buttons": "two-clicks",
        "providers": [*CONTACTED, "youtube"],
        "positions": ["top", "bottom"],
    },
}
FROM_THE_PROVIDERS = """
<div class="fb-share-button" data-href="https://www.morgenkai.example/" data-layout="button"></div>
<script async src="https://connect.facebook.net/en_GB/sdk.js#xfbml=1&version=v21.0"></script>
<a class="twitter-share-button" href="https://twitter.com/intent/tweet">Post</a>
<script async src="https://platform.twitter.com/widgets.js"></script>
<script src="https://platform.linkedin.com/in.js" type="text/javascript">lang: en_US</script>
<script type="IN/Share" data-url="https://www.morgenkai.example/"></script>
<a data-pin-do="buttonBookmark" href="https://www.pinterest.com/pin/create/button/"></a>
<script async defer src="https://assets.pinterest.com/js/pinit.js"></script>"""
EVERYBODYS = "public, max-age=60"
HEARS_NOBODY = """() => Promise.allSettled(['connect.facebook.net', 'platform.twitter.com',
    'platform.linkedin.com', 'assets.pinterest.com'].map(
    (host) => fetch(`https://${host}/reached-by-a-script`, { mode: 'no-cors' })))"""

each_provider = pytest.mark.parametrize("provider", CONTACTED)


async def page(request: Request) -> HTMLResponse:
    bar = "<div data-consentgate=social></div>" if "bar" in request.query_params else ""
    markup = FROM_THE_PROVIDERS if "buttons" in request.query_params else ""
    cached = {"cache-control": EVERYBODYS} if "shared" in request.query_params else {}
    return HTMLResponse(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Page</title>'
        '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"></head>'
        f"<body><h1>Page</h1>{bar}{markup}<form method=post><button>Send</button></form>"
        f"{'<p>Something to read.</p>' * 5}</body></html>",
        headers=cached,
    )


SITE = Starlette(routes=[Route("/{path:path}", page, methods=["GET", "POST"])])


@pytest.fixture
def arrive(tmp_path, serve, visit, recorder) -> Callable[..., Visitor]:
    """A new visitor of the site, with the providers' scripts at work."""
    serve_all(recorder)

    def come(*, gate: bool = True, **options: object) -> Visitor:
        site = behind_gate(SITE, tmp_path, CONFIG) if gate else SITE
        return visit(serve(site), DECLARED, **options)

    return come


def place(visitor: Visitor, provider: str) -> Locator:
    """Where a provider stands in the first bar of the page."""
    buttons = f'.cg-own:has([form="cg-social-{SERVICES[provider]}"])'
    return visitor.page.locator(".cg-social").first.locator(buttons)


def initials(visitor: Visitor, provider: str) -> Locator:
    return place(visitor, provider).locator("> button")


def state(visitor: Visitor, provider: str) -> tuple[str | None, str | None]:
    """What the place says it is, and whether its initials are pressed."""
    pressed = initials(visitor, provider).get_attribute("aria-pressed")
    return place(visitor, provider).get_attribute("data-cg-social"), pressed


def real(visitor: Visitor) -> Locator:
    """The frames that the providers' scripts have put in."""
    return visitor.page.locator('iframe[title="real"]')


def click(visitor: Visitor, button: Locator) -> None:
    button.click()
    visitor.settle()


def more(visitor: Visitor, provider: str, name: str) -> None:
    """Open what stands beside a button, and press one there."""
    place(visitor, provider).locator("summary").click()
    beside = place(visitor, provider).locator(".cg-more")
    click(visitor, beside.get_by_role("button", name=name, exact=True))


def test_without_the_gate_the_providers_buttons_contact_them(arrive):
    visitor = arrive(gate=False)
    visitor.goto("/?buttons")
    everybody = frozenset().union(*CONTACTED.values())
    assert visitor.reached(everybody) >= everybody
    assert real(visitor).count() == len(CONTACTED)


@with_and_without_script
def test_an_idle_bar_contacts_nobody_and_says_what_a_click_does(arrive, java_script):
    visitor = arrive(java_script_enabled=java_script)
    visitor.goto(BEFORE)
    visitor.scroll()
    for provider, title in TITLES.items():
        assert state(visitor, provider) == ("idle", "false")
        name = initials(visitor, provider).get_attribute("aria-label")
        assert name.startswith(f"{title}: load the share button; this sends your address to ")
        size = initials(visitor, provider).bounding_box()
        assert (size["width"] >= 44, size["height"]) == (True, 44)
    assert real(visitor).count() == 0
    assert visitor.page.locator(".cg-social").count() == 2
    assert visitor.reached() == NOBODY


@each_provider
def test_the_first_click_arms_one_provider_on_this_page_alone(arrive, records, provider):
    visitor = arrive()
    visitor.goto(BEFORE)
    visitor.forget()
    click(visitor, initials(visitor, provider))
    assert visitor.page.url.endswith(BEFORE)
    assert visitor.reached(CONTACTED[provider]) == CONTACTED[provider]
    assert state(visitor, provider) == ("armed", "true")
    assert all(
        state(visitor, other) == ("idle", "false") for other in CONTACTED if other != provider
    )
    within = place(visitor, provider).locator('.cg-real iframe[title="real"]')
    assert within.is_visible(), "the provider's own button is there to be used by a second click"
    assert real(visitor).count() == 2, "one in each bar"
    (record,) = records()
    assert (record["scope"], record["choices"]) == ("once", {SERVICES[provider]: "given"})
    assert record["method"] == {"control": "once", "layer": "social-bar", "script": False}

    visitor.page.evaluate(HEARS_NOBODY)
    assert visitor.reached() == CONTACTED[provider], "nobody else is let through for it"

    visitor.goto("/privacy")
    visitor.forget()
    visitor.goto(BEFORE)
    visitor.scroll()
    assert state(visitor, provider) == ("idle", "false"), "once is over with the page"
    assert visitor.reached() == NOBODY


@each_provider
def test_keeping_it_on_is_another_decision_and_can_be_taken_back(arrive, records, provider):
    visitor, title = arrive(), TITLES[provider]
    visitor.goto("/")
    more(visitor, provider, f"Keep {title} switched on")
    visitor.goto("/elsewhere")
    assert state(visitor, provider) == ("on", "true")
    assert visitor.reached(CONTACTED[provider]) == CONTACTED[provider]
    assert real(visitor).count() == 2
    more(visitor, provider, f"Switch {title} off")
    assert state(visitor, provider) == ("idle", "false")
    visitor.forget()
    visitor.goto("/")
    assert visitor.reached() == NOBODY
    given, taken_back = records()
    assert (given["scope"], given["event"]) == ("lasting", "partial")
    assert [name for name, said in given["choices"].items() if said == "given"] == [
        SERVICES[provider]
    ]
    assert taken_back["event"] == "withdrawn"
    assert taken_back["method"]["layer"] == "social-bar"


def test_pressed_initials_let_go_of_what_is_on(arrive, records):
    visitor = arrive()
    visitor.goto("/")
    more(visitor, "x", "Keep X switched on")
    click(visitor, initials(visitor, "x"))
    assert state(visitor, "x") == ("idle", "false")
    assert [record["event"] for record in records()] == ["partial", "withdrawn"]


def test_pressed_initials_let_go_of_what_is_armed_and_decide_nothing(arrive, records):
    visitor = arrive()
    visitor.goto(BEFORE)
    click(visitor, initials(visitor, "x"))
    visitor.forget()
    click(visitor, initials(visitor, "x"))
    assert visitor.page.url.endswith(BEFORE)
    assert state(visitor, "x") == ("idle", "false")
    assert len(records()) == 1, "of the arming"
    assert visitor.page.locator("#cg").is_visible(), "nothing is decided yet"
    assert visitor.reached() == NOBODY


def test_it_works_without_script(arrive, records):
    visitor = arrive(java_script_enabled=False)
    visitor.goto(BEFORE)
    click(visitor, initials(visitor, "linkedin"))
    assert visitor.page.url.endswith(BEFORE)
    assert state(visitor, "linkedin") == ("armed", "true")
    link = place(visitor, "linkedin").locator(".cg-real a")
    assert "linkedin.com/sharing/" in link.get_attribute("href")
    assert link.is_visible(), "without script no button comes, so a link stands there"
    more(visitor, "linkedin", "Keep LinkedIn switched on")
    assert state(visitor, "linkedin") == ("on", "true")
    click(visitor, initials(visitor, "linkedin"))
    assert state(visitor, "linkedin") == ("idle", "false")
    assert [record["scope"] for record in records()] == ["once", "lasting", "lasting"]


def test_who_wants_no_more_than_a_link_finds_it_beside_the_button(arrive):
    visitor = arrive()
    visitor.goto(BEFORE)
    place(visitor, "facebook").locator("summary").click()
    shared = (
        "http%3A%2F%2F127.0.0.1%3A" + str(visitor.server.port) + "%2Fjobs%3Fpage%3D2%26a%3D%2526"
    )
    link = place(visitor, "facebook").get_by_role("link", name="Share on Facebook")
    assert link.get_attribute("href").endswith(f"?u={shared}")
    assert "Meta Platforms Ireland" in place(visitor, "facebook").inner_text()
    assert visitor.reached() == NOBODY


def test_a_bar_of_the_pages_own_is_served_too(arrive):
    visitor = arrive()
    visitor.goto("/?bar")
    assert visitor.page.locator(".cg-social--inline .cg-own").count() == len(CONTACTED)
    click(visitor, visitor.page.locator(".cg-social--inline .cg-own > button").first)
    assert real(visitor).count() == 3


def test_a_provider_without_a_button_keeps_its_link(arrive):
    visitor = arrive()
    visitor.goto("/")
    bar = visitor.page.locator(".cg-social").first
    assert bar.get_by_role("link", name="YouTube").is_visible()
    assert bar.locator(".cg-own").count() == len(CONTACTED)


def test_a_page_that_caches_share_has_links_alone(arrive):
    visitor = arrive()
    visitor.goto("/?shared")
    assert visitor.page.locator(".cg-social").count() == 2
    assert visitor.page.locator(".cg-own").count() == 0
    assert visitor.page.locator('.cg-social a[href*="sharer.php"]').count() == 2
    assert visitor.reached() == NOBODY


def test_the_answer_to_a_form_has_links_until_the_button_is_on(arrive):
    visitor = arrive()
    visitor.goto("/")
    visitor.press("Send")
    assert visitor.page.locator(".cg-own").count() == 0
    visitor.goto("/")
    more(visitor, "x", "Keep X switched on")
    visitor.press("Send")
    assert state(visitor, "x") == ("on", "true")
    assert visitor.page.locator(".cg-own").count() == 2


SHIFTS = """() => new Promise((told) => new PerformanceObserver((list) => told(
    list.getEntries().reduce((sum, { value }) => sum + value, 0)
)).observe({ type: 'layout-shift', buffered: true }) ?? setTimeout(() => told(0), 500))"""


@pytest.mark.parametrize("width", [1280, 320])
def test_nothing_moves_when_the_providers_button_comes(arrive, width):
    visitor = arrive()
    visitor.page.set_viewport_size({"width": width, "height": 700})
    visitor.goto("/")
    for provider in CONTACTED:
        more(visitor, provider, f"Keep {TITLES[provider]} switched on")
    visitor.goto("/")
    assert real(visitor).count() == 2 * len(CONTACTED)
    assert visitor.page.evaluate(SHIFTS) == 0
    assert visitor.page.evaluate(SIDEWAYS) == 0
    place(visitor, "facebook").locator("summary").click()
    assert visitor.page.evaluate(SIDEWAYS) == 0
