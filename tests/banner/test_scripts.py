"""The scripts in a real browser, on a site that answers as the endpoints do.

Its pages have a policy with a nonce and Trusted Types, so whatever works here works there.
"""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Error, expect, sync_playwright

from consentgate.banner import Visit
from consentgate.consent import ConsentCookie
from consentgate.model import Consent, Keep
from tests.browser.chromium import FLAGS, find_chromium

pytestmark = pytest.mark.browser

ORIGIN = "https://www.example.com"
POLICY = (
    "default-src 'self'; script-src 'nonce-n1' 'self'; base-uri 'none';"
    " require-trusted-types-for 'script'; trusted-types 'none'"
)
FORM = "<form id=own><input name=q></form>"


class Site:
    """One page, the choice endpoint and the settings; remembers what was asked of it."""

    def __init__(self, banner, config):
        self.banner, self.config = banner, config
        self.cookie = ConsentCookie(
            ["secret"],
            optional=config.optional,
            necessary=config.necessary,
            revision=config.revision,
            max_age_seconds=3600,
        )
        self.consent = Consent()
        self.stale = None
        self.choices, self.foreign, self.loads = [], [], 0
        self.posted = self.broken = False
        self.scripts = ""
        self.policy = POLICY

    def visit(self, back="/page"):
        consent = self.stale or self.consent
        state = self.cookie.state(consent) if consent.decided else ""
        return Visit("en", back, consent, state=state, nonce="n1", origin=ORIGIN)

    def answer(self, route):
        request, url = route.request, urlsplit(route.request.url)
        if f"{url.scheme}://{url.netloc}" != ORIGIN:
            self.foreign.append(request.url)
            route.abort()
        elif url.path == "/page":
            self.loads += 1
            headers = {"content-type": "text/html; charset=utf-8"}
            headers["content-security-policy"] = self.policy
            route.fulfill(headers=headers, body=self.page())
        elif url.path == "/_gate/choice":
            self.choose(route)
        elif url.path == "/_gate/preferences":
            page = self.banner.preferences_page(self.visit())
            route.fulfill(content_type="text/html; charset=utf-8", body=page)
        elif asset := self.banner.assets.get(url.path.rpartition("/")[2]):
            route.fulfill(content_type=asset.content_type, body=asset.body)
        else:
            route.fulfill(status=404, body="")

    def page(self):
        visit = self.visit("" if self.posted else "/page")
        head, start, end = (
            fragment(visit).decode()
            for fragment in (self.banner.head, self.banner.body_start, self.banner.body_end)
        )
        script = f"<script nonce=n1>{self.scripts}</script>"
        return f"<!doctype html><html lang=en><head>{head}{script}<body>{start}{FORM}{end}"

    def choose(self, route):
        form = parse_qs(route.request.post_data or "")
        self.choices.append(form)
        decision = form["decision"][0]
        allow = form.get("allow", []) if decision == "custom" else []
        granted = [
            service.id
            for service in self.config.optional
            if decision == "accept-all" or {service.id, service.category} & set(allow)
        ]
        before, broken = self.consent, self.broken
        asks_json = route.request.headers.get("accept") == "application/json"
        if broken:
            route.fulfill(status=503, content_type="text/html", body="<h1>not recorded</h1>")
            return
        self.consent = self.cookie.consent(
            granted, subject="ab" * 16, decided_at=1, keep=Keep.LASTING
        )
        state = self.cookie.state(self.consent)
        told = {
            "title": "Your choice is saved",
            "text": "Done.",
            "reload": self.consent.allowed != before.allowed,
            "state": state,
            "granted": sorted(self.consent.allowed | self.consent.categories),
        }
        assert asks_json
        headers = {"set-cookie": f"cg_state={state}; Path=/", "content-type": "application/json"}
        route.fulfill(headers=headers, body=json.dumps(told))


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        found = find_chromium(Path(playwright.chromium.executable_path))
        assert found, "no Chromium: `make test` installs one, or set CONSENTGATE_CHROMIUM"
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def site(banner, config):
    return Site(banner, config)


@pytest.fixture
def context(chromium, site):
    context = chromium.new_context()
    context.set_default_timeout(10_000)
    context.route("**/*", site.answer)
    yield context
    context.close()


@pytest.fixture
def page(context):
    page = context.new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.goto(f"{ORIGIN}/page")
    return page


def eventually(page, expression):
    """Wait for a page, which may be loading anew and may forbid the eval that Playwright uses."""
    for _ in range(500):
        try:
            if page.evaluate(expression):
                return
        except Error as error:
            assert "context" in str(error), error  # noqa: PT017  the page went away meanwhile
        page.wait_for_timeout(20)
    pytest.fail(f"never: {expression}")


def press(page, name):
    page.get_by_role("button", name=name).click()


def test_refusing_is_confirmed_in_place_with_the_focus_on_it(page, site):
    press(page, "Reject all")
    heading = page.get_by_role("heading", name="Your choice is saved")
    expect(heading).to_be_focused()
    assert site.choices == [{"decision": ["reject-all"], "back": ["/page"]}]
    assert site.loads == 1
    button = page.get_by_role("link", name="Cookies", exact=True)
    expect(button).to_be_hidden()
    press(page, "Hide")
    expect(heading).to_be_hidden()
    expect(button).to_be_visible()
    assert page.faults == []


def test_accepting_loads_the_page_again(page, site):
    page.evaluate("window.before = true")
    press(page, "Accept all")
    eventually(page, "window.before === undefined")
    assert site.loads == 2
    assert page.evaluate("consentgate.allows('youtube')")
    expect(page.get_by_role("button", name="Accept all")).to_have_count(0)


def test_an_edited_form_is_not_lost_to_a_reload(page, site):
    page.fill("#own input", "typed")
    press(page, "Accept all")
    expect(page.get_by_text("from the next page you open")).to_be_visible()
    assert page.input_value("#own input") == "typed"
    assert site.loads == 1


def withdraw(page):
    page.locator("[data-consentgate=preferences]").locator("visible=true").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Reject all").click()


def agree(page, site):
    press(page, "Accept all")
    eventually(page, "document.querySelector('.cg-reopen')?.hidden === false")
    assert site.consent.allowed


def test_a_withdrawal_ends_what_runs_in_an_edited_page_too(lenient, site):
    agree(lenient, site)
    lenient.locator("#own input").fill("half a letter")
    loads = site.loads
    withdraw(lenient)
    eventually(lenient, "document.querySelector('#own input')?.value === ''")
    assert site.loads == loads + 1


def test_a_withdrawal_leaves_a_page_that_cannot_be_loaded_again(lenient, site):
    agree(lenient, site)
    site.posted = True
    lenient.reload()
    withdraw(lenient)
    lenient.wait_for_url("**/_gate/preferences")


def test_a_page_that_answered_a_post_is_not_loaded_again(page, site):
    site.posted = True
    page.reload()
    press(page, "Accept all")
    expect(page.get_by_text("from the next page you open")).to_be_visible()
    assert site.loads == 2


def test_a_choice_that_could_not_be_recorded_shows_why(page, site):
    site.broken = True
    press(page, "Accept all")
    expect(page.get_by_role("heading", name="not recorded")).to_be_visible()
    assert [form["decision"] for form in site.choices] == [["accept-all"], ["accept-all"]]


def test_under_trusted_types_choose_leads_to_the_page_of_the_settings(page):
    press(page, "Choose")
    page.wait_for_url("**/_gate/preferences?back=/page")
    expect(page.get_by_role("heading", name="Cookie settings")).to_be_visible()


@pytest.fixture
def lenient(page, site):
    site.policy = "default-src 'self'; script-src 'nonce-n1' 'self'"
    page.reload()
    return page


def test_elsewhere_the_settings_open_in_a_dialog_and_work_there(lenient, site):
    press(lenient, "Choose")
    dialog = lenient.get_by_role("dialog", name="Cookie settings")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Allow Statistics").check()
    dialog.get_by_role("button", name="Save choice").click()
    eventually(lenient, "consentgate.allows('analytics')")
    assert site.choices[0]["allow"] == ["analytics"]
    assert lenient.faults == []


def test_the_dialog_can_be_left_without_a_choice(lenient, site):
    press(lenient, "Choose")
    lenient.get_by_role("button", name="Close").click()
    expect(lenient.get_by_role("dialog")).to_have_count(0)
    expect(lenient.get_by_role("button", name="Reject all")).to_be_visible()
    assert site.choices == []


def test_ticking_a_category_leaves_no_single_services_to_contradict_it(lenient):
    press(lenient, "Choose")
    dialog = lenient.get_by_role("dialog")
    dialog.locator("summary").last.click()
    single = dialog.get_by_label("Allow YouTube")
    expect(single).to_be_visible()
    dialog.get_by_label("Allow Social media and videos").check()
    expect(single).to_be_hidden()


def test_another_tab_follows(page, context, site):
    other = context.new_page()
    other.goto(f"{ORIGIN}/page")
    other.evaluate("window.before = true")
    press(page, "Accept all")
    eventually(other, "window.before === undefined")
    assert other.evaluate("consentgate.allows('youtube')")


def test_another_tab_follows_a_choice_that_no_script_made(page, context, site):
    page.evaluate("window.before = true")
    site.consent = site.cookie.consent(["youtube"], subject="ab" * 16, decided_at=1, keep="lasting")
    state = site.cookie.state(site.consent)
    context.add_cookies([{"name": "cg_state", "value": state, "url": ORIGIN}])
    context.new_page().goto(f"{ORIGIN}/page")
    eventually(page, "!window.before")


def test_a_page_made_for_another_choice_is_loaded_once_more_and_not_for_ever(page, site):
    press(page, "Reject all")
    page.get_by_role("heading", name="Your choice is saved").wait_for()
    everything = [service.id for service in site.config.optional]
    site.stale = site.cookie.consent(everything, subject=None, decided_at=1, keep=Keep.LASTING)
    site.loads = 0
    page.goto(f"{ORIGIN}/page")
    eventually(page, "performance.getEntriesByType('navigation')[0].type === 'reload'")
    page.wait_for_load_state()
    assert site.loads == 2


def test_a_state_cookie_of_another_revision_means_undecided(page, context, site):
    context.add_cookies([{"name": "cg_state", "value": "000000000000.ff", "url": ORIGIN}])
    site.loads = 0
    page.goto(f"{ORIGIN}/page")
    page.wait_for_load_state()
    assert site.loads == 1


def test_scripts_cannot_write_what_was_not_agreed_to(page):
    page.evaluate(
        """async () => {
            document.cookie = '_ga=1; path=/';
            document.cookie = ' _fbp =1';
            document.cookie = 'own=1';
            await cookieStore.set('_gid', '1');
            await cookieStore.set({ name: '_gid', value: '1' });
            await cookieStore.set('own2', '1');
            await cookieStore.set(' _gid', '1');
        }"""
    )
    assert page.evaluate("document.cookie.split('; ').sort()") == ["own2=1", "own=1"]


@pytest.mark.parametrize(
    "insert",
    [
        "document.head.appendChild(link)",
        "document.head.insertBefore(link, null)",
        "document.head.append('text', link)",
        "document.body.firstChild.before(link)",
        "box.append(link); document.head.append(box)",
        "part.append(link); document.head.append(part)",
        "document.head.insertAdjacentElement('beforeend', link)",
        "document.head.replaceChildren(link)",
        "document.body.firstChild.replaceWith(link)",
        "document.body.appendChild(new Text('')).after(link)",
        "document.body.attachShadow({ mode: 'closed' }).append(link)",
        "const range = new Range(); range.setStart(document.body, 0); range.insertNode(link)",
    ],
)
@pytest.mark.parametrize("rel", ["preconnect", "DNS-prefetch", "prefetch preconnect", "prerender"])
def test_a_connection_hint_to_a_third_party_is_disarmed(page, insert, rel):
    outcome = page.evaluate(
        f"""(rel) => {{
            const link = document.createElement('link');
            const box = document.createElement('div'), part = document.createDocumentFragment();
            link.rel = rel;
            link.href = '//third.example/';
            {insert};
            return [link.isConnected, link.getAttribute('rel'), link.getAttribute('href')];
        }}""",
        rel,
    )
    # The one that would have completed the hint is empty; either alone is none.
    assert outcome == [True, rel, ""]


def test_a_hint_to_the_site_itself_stays(page):
    rel = page.evaluate(
        """() => {
            const link = document.createElement('link');
            Object.assign(link, { rel: 'preconnect', href: 'https://cdn.example.net/' });
            return document.head.appendChild(link).rel;
        }"""
    )
    assert rel == "preconnect"


@pytest.mark.parametrize(
    "make",
    [
        "frame.src = url; document.body.append(frame)",
        "document.body.append(frame); frame.src = url",
        "frame.setAttribute('src', url); document.body.append(frame)",
        "frame.setAttribute('src', url); box.append(frame); document.body.append(box)",
        "document.body.append(frame); frame.setAttribute('SRC', url)",
    ],
)
def test_a_frame_that_a_script_adds_shows_our_page_instead(page, site, make):
    source = page.evaluate(
        f"""() => {{
            const frame = document.createElement('iframe'), box = document.createElement('div');
            const url = 'https://www.youtube.com/embed/abc';
            {make};
            return frame.src;
        }}"""
    )
    assert source == (f"{ORIGIN}/_gate/embed/other?a=https%3A%2F%2Fwww.youtube.com%2Fembed%2Fabc")
    assert site.foreign == []


def test_no_foreign_server_learns_of_a_peer_connection(page):
    servers = page.evaluate(
        """() => {
            const iceServers = [
                { urls: 'stun:stun.third.example:3478' },
                { urls: ['turn:turn.third.example'], username: 'u', credential: 'c' },
                { urls: 'stun:www.example.com' },
            ];
            const peer = new RTCPeerConnection({ iceServers });
            const first = peer.getConfiguration().iceServers;
            peer.setConfiguration({ iceServers });
            const old = new webkitRTCPeerConnection({ iceServers }).getConfiguration().iceServers;
            return [first, peer.getConfiguration().iceServers, old, [new RTCPeerConnection()]]
                .map((list) => list.length);
        }"""
    )
    assert servers == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("rules", "stay"),
    [
        ({"prefetch": [{"urls": ["/next"]}]}, True),
        ({"prefetch": [{"where": {"href_matches": "/*"}}]}, True),
        ({"prefetch": [{"urls": ["/next", "https://third.example/"]}]}, False),
        ({"prefetch": [{"source": "list", "urls": ["/next"]}], "tag": "own"}, True),
        ({"prefetch": [{"source": "document", "where": {"href_matches": "/*"}}]}, True),
        ({"prefetch": [{"source": "document", "eagerness": "immediate"}]}, False),
        ({"prerender": [{"where": {"href_matches": "/*"}}, {"source": "document"}]}, False),
        ({"prefetch": [{"where": {"selector_matches": "a"}}]}, False),
        ({"prefetch": [{"where": {"not": {"href_matches": "/logout"}}}]}, False),
        ("no json", False),
    ],
)
@pytest.mark.parametrize("shadow", [False, True], ids=["page", "shadow"])
def test_speculation_rules_stay_only_where_they_cannot_leave_the_site(
    page, site, rules, stay, shadow
):
    site.policy = "script-src 'unsafe-inline' 'self'"
    page.reload()
    text = rules if isinstance(rules, str) else json.dumps(rules).replace("third", "\\u0074hird")
    there = page.evaluate(
        """async ([text, shadow]) => {
            const script = document.createElement('script');
            script.type = 'speculationrules';
            script.textContent = text;
            const place = shadow ? document.body.attachShadow({ mode: 'closed' }) : document.head;
            place.append(script);
            await null;
            return script.isConnected && script.type === 'speculationrules';
        }""",
        [text, shadow],
    )
    assert there is stay
    assert site.foreign == []


def test_the_height_of_the_region_is_kept_for_scrolling(page):
    height = page.evaluate("document.documentElement.style.getPropertyValue('--cg-h')")
    region = page.evaluate("document.getElementById('cg').offsetHeight")
    assert region > 0
    assert height == f"{region}px"


def test_nothing_moves_and_nothing_takes_the_focus_on_load(page):
    assert page.evaluate("document.activeElement === document.body")
    shifts = page.evaluate(
        """() => new Promise((done) => {
            new PerformanceObserver((list) => done(list.getEntries().length))
                .observe({ type: 'layout-shift', buffered: true });
            requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 100, 0)));
        })"""
    )
    assert shifts == 0


def test_a_page_for_a_visitor_who_agreed_opens_what_was_agreed_to(page, site):
    press(page, "Accept all")
    eventually(page, "consentgate.allows('google-analytics')")
    page.evaluate("document.cookie = '_ga=1'")
    assert "_ga=1" in page.evaluate("document.cookie")
