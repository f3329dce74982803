"""Everyone can use it: each state, however it is looked at, against WCAG 2.2 AA."""

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Frame, Page, expect
from pypdf import PdfReader
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from tests.browser.providers import serve_all
from tests.browser.recorder import Recorder
from tests.browser.screens import Look
from tests.browser.visitor import SIDEWAYS
from tests.gated import behind_gate
from tests.live_server import App, LiveServer

CONFIG = {
    "site": {
        "name": "Morgenkai",
        "controller": "Morgenkai GmbH, Hamburg",
        "contact": "privacy@morgenkai.example",
        "privacy_url": "/privacy",
        "imprint_url": "/imprint",
    },
    "policy": {"version": "1", "history": [{"version": "1", "date": "2026-11-01"}]},
    "languages": ["en", "de", "ar"],
    "social": {"providers": ["facebook", "x", "linkedin"], "positions": ["top", "bottom"]},
    "services": {
        name: {}
        for name in ("google-analytics", "google-maps", "meta-pixel", "x", "facebook", "youtube")
    },
}
VIDEO = "https://www.youtube-nocookie.com/embed/aqz-KE-bpKQ"
BODY = f"""<header><h1>Page</h1><nav aria-label=Main><a href=/en>English</a></nav></header><main>
<p>Words, and <a href=/privacy>a link</a>.</p>
<iframe title=Film src={VIDEO} width=560 height=315 style=max-width:100%></iframe>
<iframe title=Clip src={VIDEO} width=200 height=120></iframe>
<blockquote class=twitter-tweet><a href=https://twitter.com/a/status/1>A tweet</a></blockquote>
<script async src=https://platform.twitter.com/widgets.js></script>
<div class=fb-page data-href=https://www.facebook.com/a>A page elsewhere</div>
<script async src=https://connect.facebook.net/en_US/sdk.js></script>
<div data-consentgate=declaration></div>
{"<p>Something to read, and <a href=/en>more</a> of it.</p>" * 60}</main>
<footer><p>Here are our <a href=# data-consentgate=preferences>cookies</a>.</p></footer>"""

# Two bars with the same links have the same name: that is what they are.
AXE = Axe().axe_script
VIOLATIONS = """() => axe.run(document, {
    iframes: false,
    rules: { 'landmark-unique': { enabled: false } },
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
}).then(({ violations }) => violations.flatMap(
    ({ id, nodes }) => nodes.map(({ html, any }) => [id, html, any[0]?.message])))"""
APPEARANCE = """it => {
    const style = getComputedStyle(it);
    return [it.className, it.offsetWidth, it.offsetHeight, ...[
        'color', 'backgroundColor', 'border', 'borderRadius', 'font', 'padding', 'opacity',
        'boxShadow', 'textTransform', 'cursor',
    ].map((name) => style[name])];
}"""
COVERED = """all => all.filter((it) => {
    const { left, right, top, bottom } = it.getBoundingClientRect();
    const on = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    return on !== it;
}).map((it) => it.textContent)"""
WATCH_SHIFTS = """self.shifts = [];
new PerformanceObserver((list) => list.getEntries().forEach((shift) => {
    if (!shift.hadRecentInput) shifts.push(
        [shift.value, ...shift.sources.map(({ node }) => node?.id || node?.nodeName)]);
})).observe({ type: 'layout-shift', buffered: true });"""


LOOKS = (
    Look("desk"),
    Look("phone", 320, 568),
    Look("zoomed to 400 %", 320, 256),
    Look("dark", media={"color_scheme": "dark"}),
    Look("forced colours", media={"forced_colors": "active"}),
    Look("right to left", lang="ar"),
    Look("right to left on a phone", 320, 568, lang="ar"),
)


def _site(folder: Path, config: Mapping[str, object] = CONFIG) -> App:
    async def page(request: Request) -> HTMLResponse:
        lang = request.path_params["lang"]
        rtl = ' dir="rtl"' if lang == "ar" else ""
        return HTMLResponse(
            f'<!doctype html><html lang="{lang}"{rtl}><meta charset=utf-8>'
            '<meta name=viewport content="width=device-width"><title>Page</title>'
            "<style>@media (prefers-color-scheme: dark) { html { background: #111; color: #eee }"
            f" a {{ color: #9cf }} }}</style>{BODY}"
        )

    return behind_gate(Starlette(routes=[Route("/{lang}", page)]), folder, config)


@pytest.fixture
def site(serve: Callable[[App], LiveServer], tmp_path: Path) -> LiveServer:
    return serve(_site(tmp_path))


@pytest.fixture
def tab(
    browser_profile: Callable[..., tuple[BrowserContext, Path]],
) -> Page:
    context, _ = browser_profile()
    context.add_init_script(WATCH_SHIFTS)
    return context.new_page()


def _stay(page: Page, look: Look) -> None:
    """Looks at the page as it opens."""


def _press(value: str) -> Callable[[Page, Look], None]:
    def press(page: Page, look: Look) -> None:
        page.locator(f"#cg button[value={value}]").click()
        page.wait_for_selector(".cg-reopen:not([hidden])", state="attached")

    return press


def _choose(page: Page, look: Look) -> None:
    page.locator("#cg .cg-button--quiet").last.click()
    page.wait_for_selector("dialog[open], html:has(fieldset)")
    _open_details(page, look)


def _open_details(page: Page, look: Look) -> None:
    for frame in page.frames:
        frame.evaluate("() => document.querySelectorAll('details').forEach((d) => d.open = true)")


STATES: Mapping[str, tuple[str, Callable[[Page, Look], None]]] = {
    "first layer and placeholders": ("/{lang}", _open_details),
    "confirmation of a refusal": ("/{lang}", _press("reject-all")),
    "everything agreed to": ("/{lang}", _press("accept-all")),
    "settings in the page": ("/{lang}", _choose),
    "settings": ("/_gate/preferences", _open_details),
    "declaration": ("/_gate/cookies", _stay),
    "opt-out": ("/_gate/opt-out/google-analytics", _stay),
    "not found": ("/_gate/nowhere", _stay),
}


def _faults(frame: Frame) -> list[object]:
    frame.evaluate(AXE)
    return list(frame.evaluate(VIOLATIONS))


def _ours(page: Page, base: str) -> list[Frame]:
    return [frame for frame in page.frames if frame.url.startswith(base)]


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_every_state_is_without_faults(look: Look, tab: Page, site: LiveServer) -> None:
    tab.set_viewport_size({"width": look.width, "height": look.height})
    tab.emulate_media(**look.media)
    tab.set_extra_http_headers({"Accept-Language": look.lang})
    for state, (path, act) in STATES.items():
        tab.context.clear_cookies()
        tab.goto(site.url + path.format(lang=look.lang))
        assert tab.evaluate("shifts") == [], state
        act(tab, look)
        assert tab.evaluate(SIDEWAYS) == 0, state
        for frame in _ours(tab, site.url):
            assert _faults(frame) == [], (state, frame.url)


TWO_CLICKS = {
    **CONFIG,
    "services": {"facebook": {}, "x": {}, "linkedin": {}},
    # LinkedIn first, of which nothing else is on the page that would move when it comes.
    "social": {
        "providers": ["linkedin", "facebook", "x"],
        "positions": ["top", "bottom"],
        "buttons": "two-clicks",
    },
}
BAR_STATES = ("idle", "armed", "on")


def _bring_to(state: str, page: Page) -> None:
    """Have the first button of the bar be in this state, with what stands beside it open."""
    if state == "armed":
        page.locator(".cg-own > button").first.click()
    elif state == "on":
        page.locator(".cg-own summary").first.click()
        page.locator(".cg-more button").first.click()
    page.wait_for_selector(f"[data-cg-social={state}]")
    page.locator(".cg-own summary").first.click()


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_every_state_of_the_social_bar_is_without_faults(
    look: Look, tab: Page, serve: Callable[[App], LiveServer], tmp_path: Path, recorder: Recorder
) -> None:
    serve_all(recorder)
    site = serve(_site(tmp_path, TWO_CLICKS))
    tab.set_viewport_size({"width": look.width, "height": look.height})
    tab.emulate_media(**look.media)
    for state in BAR_STATES:
        tab.context.clear_cookies()
        tab.goto(f"{site.url}/{look.lang}")
        _bring_to(state, tab)
        assert tab.evaluate("shifts") == [], state
        assert tab.evaluate(SIDEWAYS) == 0, state
        panel = tab.locator(".cg-more").first.bounding_box()
        assert panel["x"] >= 0
        assert panel["x"] + panel["width"] <= look.width
        assert _faults(tab.main_frame) == [], state


def test_nothing_moves_when_the_summary_comes_after_its_details(
    tab: Page, serve: Callable[[App], LiveServer], tmp_path: Path
) -> None:
    """A page comes in pieces, and until the summary is there the browser shows its own."""
    tab.goto(f"{serve(_site(tmp_path, TWO_CLICKS)).url}/en")
    details = tab.locator(".cg-own details").first
    with_summary = details.bounding_box()
    details.evaluate("(it) => it.querySelector('summary').remove()")
    assert details.bounding_box() == with_summary


def test_what_a_screen_reader_says_of_the_social_bar(
    tab: Page, serve: Callable[[App], LiveServer], tmp_path: Path, recorder: Recorder
) -> None:
    serve_all(recorder)
    site = serve(_site(tmp_path, TWO_CLICKS))
    tab.goto(f"{site.url}/en")
    bar = tab.get_by_role("navigation", name="Share and follow").first
    says = "LinkedIn: load the share button; this sends your address to LinkedIn Ireland"
    bar.get_by_role("button", name=says, pressed=False).click()
    expect(bar.get_by_role("button", name="Switch LinkedIn off", pressed=True)).to_be_visible()
    assert bar.get_by_role("button", pressed=False).count() == 2


def test_a_fault_would_be_found(tab: Page, site: LiveServer) -> None:
    tab.goto(f"{site.url}/en")
    tab.evaluate("document.querySelector('#cg button').textContent = ''")
    assert [fault[0] for fault in _faults(tab.main_frame)] == ["button-name"]
    tab.evaluate("document.querySelector('h1').style.width = '3000px'")
    assert tab.evaluate(SIDEWAYS) > 0
    tab.evaluate("document.querySelector('h1').style.marginTop = '200px'")
    tab.wait_for_function("shifts.length")


def test_what_a_screen_reader_says_of_the_first_layer(tab: Page, site: LiveServer) -> None:
    tab.goto(f"{site.url}/en")
    region = tab.get_by_role("region", name="Cookies on Morgenkai")
    expect(region.get_by_role("heading", name="Cookies on Morgenkai", level=2)).to_be_visible()
    buttons = region.get_by_role("button")
    assert buttons.all_inner_texts() == ["Reject all", "Accept all", "Choose"]
    assert region.get_by_role("link").all_inner_texts() == ["Privacy notice", "Legal notice"]


def test_what_a_screen_reader_says_of_a_placeholder(tab: Page, site: LiveServer) -> None:
    tab.goto(f"{site.url}/en")
    placeholder = tab.frame_locator("iframe[title=Film]").get_by_role("main")
    expect(placeholder.get_by_role("heading", name="Film", level=1)).to_be_visible()
    buttons = placeholder.get_by_role("button")
    assert buttons.all_inner_texts() == ["Load once", "Always allow YouTube"]
    small = tab.frame_locator("iframe[title=Clip]").get_by_role("link", name="YouTube: allow")
    expect(small).to_be_visible()


def test_the_keyboard_reaches_everything_and_sees_where_it_is(tab: Page, site: LiveServer) -> None:
    tab.goto(f"{site.url}/en")
    names = []
    for _ in range(5):
        tab.keyboard.press("Tab")
        names.append(tab.evaluate("document.activeElement.textContent.trim()"))
        assert tab.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"
    assert names == ["Privacy notice", "Legal notice", "Reject all", "Accept all", "Choose"]
    tab.keyboard.press("Enter")
    tab.wait_for_selector("dialog[open]")
    assert tab.evaluate("document.activeElement.closest('dialog') !== null")
    tab.keyboard.press("Escape")
    tab.wait_for_selector("dialog", state="detached")
    assert tab.evaluate("document.activeElement.textContent.trim()") == "Choose"
    tab.keyboard.press("Shift+Tab")
    tab.keyboard.press("Shift+Tab")
    tab.keyboard.press("Space")
    tab.wait_for_selector("#cg h2:focus")
    assert tab.evaluate("document.activeElement.textContent.trim()") == "Your choice is saved"


def test_the_region_never_covers_what_has_the_focus(tab: Page, site: LiveServer) -> None:
    tab.set_viewport_size({"width": 1280, "height": 600})
    tab.goto(f"{site.url}/en")
    tab.locator("main a").first.focus()
    for _ in range(70):
        tab.keyboard.press("Tab")
        covered = tab.evaluate(
            """() => {
            const outer = document.activeElement;
            if (outer.closest('#cg')) return false;
            const it = outer.contentDocument?.activeElement ?? outer;
            const frame = it === outer ? 0 : outer.getBoundingClientRect().top;
            const { top: y, height } = it.getBoundingClientRect();
            const top = frame + y, bottom = top + height;
            const region = document.querySelector('#cg').getBoundingClientRect();
            return top >= region.top && bottom <= region.bottom && it.textContent;
        }"""
        )
        assert not covered


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_refusing_looks_like_agreeing(look: Look, tab: Page, site: LiveServer) -> None:
    tab.set_viewport_size({"width": look.width, "height": look.height})
    tab.emulate_media(**look.media)
    tab.set_extra_http_headers({"Accept-Language": look.lang})
    for path in (f"/{look.lang}", "/_gate/preferences"):
        tab.goto(site.url + path)
        refuse, agree = (
            tab.locator(f"button[value={value}]").evaluate(APPEARANCE)
            for value in ("reject-all", "accept-all")
        )
        assert refuse == agree


def _end(tab: Page, base: str, size: tuple[int, int], acts: Sequence[str]) -> None:
    """Answers by these buttons, and goes to the end of the page."""
    tab.set_viewport_size({"width": size[0], "height": size[1]})
    tab.goto(f"{base}/en")
    for selector in acts:
        tab.locator(selector).click()
    tab.wait_for_function("document.querySelector('.cg-reopen').hidden === false")
    tab.evaluate("scrollTo(0, document.documentElement.scrollHeight)")


@pytest.mark.parametrize("size", [(1280, 600), (320, 568), (320, 256)])
def test_the_floating_button_hides_nothing_at_the_end_of_the_page(
    size: tuple[int, int], tab: Page, site: LiveServer
) -> None:
    _end(tab, site.url, size, ["#cg button[value=reject-all]", "#cg [data-cg-hide]"])
    expect(tab.locator(".cg-reopen a")).to_be_visible()
    assert tab.locator("footer a, .cg-social--bottom a, .cg-reopen a").evaluate_all(COVERED) == []


def test_in_a_low_window_nothing_floats(tab: Page, site: LiveServer) -> None:
    _end(tab, site.url, (320, 256), ["#cg button[value=reject-all]"])
    places = tab.locator("#cg, .cg-reopen").evaluate_all(
        "parts => parts.map((part) => getComputedStyle(part).position)"
    )
    assert places == ["static", "static"]


def test_nothing_lies_hidden_under_a_confirmation(tab: Page, site: LiveServer) -> None:
    _end(tab, site.url, (1280, 600), ["#cg button[value=reject-all]"])
    expect(tab.locator(".cg-reopen a")).to_be_hidden()
    tab.locator("#cg [data-cg-hide]").click()
    expect(tab.locator(".cg-reopen a")).to_be_visible()


def test_on_paper_is_the_page_alone(tab: Page, site: LiveServer) -> None:
    tab.goto(f"{site.url}/en")
    assert _printed(tab) == {"Page", "Something to read"}
    tab.emulate_media(media="print")
    expect(tab.locator(".cg-social").first).to_be_hidden()
    tab.emulate_media(media="null")
    tab.locator("#cg button[value=reject-all]").click()
    tab.wait_for_selector("#cg h2:focus")
    assert _printed(tab) == {"Page", "Something to read"}
    tab.locator("#cg [data-cg-hide]").click()
    assert _printed(tab) == {"Page", "Something to read"}
    tab.add_style_tag(content=".cg.cg-reopen { display: block !important }")
    assert _printed(tab) == {"Page", "Something to read", "Cookies\n"}


def _printed(tab: Page) -> set[str]:
    """Which of these words stand on paper."""
    reader = PdfReader(BytesIO(tab.pdf()))
    text = "\n".join([*(page.extract_text() for page in reader.pages), ""])
    buttons = ("Reject all", "Load once", "Cookies\n")
    words = ("Page", "Something to read", "Your choice is saved", *buttons)
    return {each for each in words if each in text}


def test_the_buttons_of_a_placeholder_are_equal_and_inside_its_border(
    tab: Page, site: LiveServer
) -> None:
    tab.goto(f"{site.url}/en")
    frame = tab.frame_locator("iframe[title=Film]")
    sizes = frame.locator("button").evaluate_all(
        "all => all.map((it) => [it.offsetTop, it.offsetWidth, it.offsetHeight])"
    )
    assert sizes[0] == sizes[1]
    frame.locator("summary").click()
    overflow = "it => document.documentElement.scrollHeight - it.offsetHeight"
    assert frame.locator("body").evaluate(overflow) == 0


def test_a_small_placeholder_is_one_button_of_full_height(tab: Page, site: LiveServer) -> None:
    tab.goto(f"{site.url}/en")
    link = tab.frame_locator("iframe[title=Clip]").get_by_role("link")
    assert link.evaluate("it => it.offsetHeight") == 44
    link.click()
    tab.wait_for_selector("fieldset")
    tab.locator("button[value=reject-all]").click()
    tab.wait_for_url(f"{site.url}/en")


def test_the_columns_of_all_tables_stand_in_line(tab: Page, site: LiveServer) -> None:
    tab.goto(f"{site.url}/_gate/cookies")
    starts = tab.locator("table").evaluate_all(
        "all => all.map((it) => [...it.tHead.rows[0].cells].map((cell) => cell.offsetLeft))"
    )
    assert len(starts) > 3
    assert all(each == starts[0] for each in starts)
