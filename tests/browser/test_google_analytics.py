"""Google Analytics in every form: nobody hears before consent, and then no whole address is kept.

The snippets are Google's own; its scripts are stand-ins which work the queues off as the real
ones do (``google.py``).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from consentgate.assets import Assets
from tests.browser.google import (
    ADVERTISING,
    GTAG_JS,
    HOSTS,
    MEASURING,
    UA,
    UNIVERSAL,
    serve_google,
)
from tests.browser.visitor import NOBODY, Visitor, with_and_without_script
from tests.gated import behind_gate

HOST = "www.shop.example"
FORMS = {**UNIVERSAL, **MEASURING, **ADVERTISING}
CONFIG = {
    "site": {"name": "A shop", "privacy_url": "/privacy"},
    "policy": {"version": "1"},
    "services": {"google-analytics": {}, "google-tag-manager": {}, "google-ads": {}},
}
_HIT = re.compile(r"__utm\.gif|/collect")
_OLD = re.compile(r"\b(?:tid|utmac)=UA-")
_MASKED = re.compile(r"(?:^|[?&])aip\b")
_INLINE = re.compile(r"<script(?![^>]*\ssrc)[^>]*>(.*?)</script>", re.DOTALL)

each_variant = pytest.mark.parametrize("variant", ["personal", "shared"])


@dataclass
class Shop:
    """A visitor of a page per form, and every hit that left since the last look."""

    visitor: Visitor
    hits: list[str] = field(default_factory=list)

    def open(self, form: str) -> list[str]:
        self.hits.clear()
        self.visitor.goto(f"/form/{list(FORMS).index(form)}")
        return list(self.hits)

    def agree(self, *labels: str) -> None:
        self.visitor.goto("/_gate/preferences?back=/plain")
        for label in labels:
            self.visitor.page.get_by_label(f"Allow {label}").check()
        self.visitor.press("Save choice")
        self.visitor.forget()

    def commands(self) -> list[list[object]]:
        return self.visitor.page.evaluate("self.commands ?? []")


def pages(variant: str, policy: Callable[[str], str] | None, nonce: str) -> Starlette:
    async def form(request: Request) -> HTMLResponse:
        markup = list(FORMS.values())[int(request.path_params["number"])]
        if nonce:
            markup = markup.replace("<script", f'<script nonce="{nonce}"')
        headers = {"cache-control": "public, max-age=60"} if variant == "shared" else {}
        if policy:
            headers["content-security-policy"] = policy(markup)
        page = f"<!doctype html><html lang=en><head>{markup}</head><body>A page</body></html>"
        return HTMLResponse(page, headers=headers)

    async def plain(request: Request) -> HTMLResponse:
        return HTMLResponse(
            "<!doctype html><html lang=en><body>"
            "<a href='/_gate/opt-out/google-analytics'>No statistics</a>"
        )

    async def gateway(request: Request) -> Response:
        return Response(GTAG_JS, media_type="text/javascript")

    async def collect(request: Request) -> Response:
        return Response(status_code=204)

    return Starlette(
        routes=[
            Route("/form/{number}", form),
            Route("/plain", plain),
            Route("/metrics/gtag/js", gateway),
            Route("/metrics/g/collect", collect, methods=["POST"]),
        ]
    )


@pytest.fixture
def shop(tmp_path, serve, visit, recorder) -> Callable[..., Shop]:
    """A new visitor of the shop; ``bare`` without the gate."""

    def arrive(
        variant: str = "personal",
        *,
        bare: bool = False,
        policy: Callable[[str], str] | None = None,
        nonce: str = "",
        java_script: bool = True,
        services: Mapping[str, object] = MappingProxyType({}),
        host: str = HOST,
    ) -> Shop:
        serve_google(recorder)
        app = pages(variant, policy, nonce)
        gated = behind_gate(
            app, tmp_path, {**CONFIG, "services": {**CONFIG["services"], **services}}
        )
        visitor = visit(serve(app if bare else gated), HOSTS, host, java_script_enabled=java_script)
        made = Shop(visitor)

        def note(request) -> None:
            if _HIT.search(request.url):
                made.hits.append(f"{request.url} {request.post_data or ''}".strip())

        visitor.page.on("request", note)
        return made

    return arrive


def unmasked(hits: list[str]) -> list[str]:
    return [hit for hit in hits if _OLD.search(hit) and not _MASKED.search(hit)]


def by_form(shop: Shop, forms: Mapping[str, str]) -> dict[str, list[str]]:
    return {form: shop.open(form) for form in forms}


def test_bare_every_form_is_heard_of_and_none_of_the_old_ones_masks_its_first_hit(shop):
    seen = by_form(shop(bare=True), FORMS)
    assert [form for form, hits in seen.items() if not hits and form not in ADVERTISING] == []
    assert [form for form in UNIVERSAL if not unmasked(seen[form])] == []


@each_variant
@with_and_without_script
def test_before_consent_nobody_hears_of_any_form(shop, variant, java_script):
    visit = shop(variant, java_script=java_script)
    for form in FORMS:
        assert visit.open(form) == [], form
        assert not [asked for asked in visit.visitor.server.asked if "/metrics" in asked], form
    assert visit.visitor.reached() == NOBODY


@each_variant
def test_with_consent_every_form_works_and_every_hit_is_masked(shop, variant):
    visit = shop(variant)
    visit.agree("Statistics")
    seen = by_form(visit, {**UNIVERSAL, **MEASURING})
    assert [form for form, hits in seen.items() if not hits] == []
    assert {form: left for form, hits in seen.items() if (left := unmasked(hits))} == {}
    assert all(
        len(seen[form]) >= 3 for form in seen if "named trackers" in form or "itself" in form
    )


@each_variant
def test_the_command_stands_in_the_queue_before_the_first_hit(shop, variant):
    visit = shop(variant)
    visit.agree("Statistics")
    for form in UNIVERSAL:
        if form == "urchin" or "itself" in form:
            continue  # neither has a queue: only the hit itself can be changed
        visit.open(form)
        commands = [json.dumps(command) for command in visit.commands()]
        first = commands.index(json.dumps(["hit"]))
        told = [c for c in commands[:first] if "nonymizeIp" in c or "anonymize_ip" in c]
        assert told, (form, commands)
        assert "false" not in told[-1], (form, commands)


@each_variant
def test_the_newer_kind_is_not_told_anything(shop, variant):
    visit = shop(variant)
    visit.agree("Statistics")
    hits = visit.open("gtag")
    assert len(hits) == 1
    assert "aip" not in hits[0]
    assert "anonymize_ip" not in json.dumps(visit.commands())
    of_the_page = [c for c in visit.commands() if c[0] not in {"consent", "set"}]
    assert [command[0] for command in of_the_page] == ["js", "config"]
    assert of_the_page[1][1] == "G-ABC123DEF4"


QUEUED_BEFORE = f"""
var _gaq = [['_setAccount', '{UA}'], ['_trackPageview']];
var GoogleAnalyticsObject = 'ga', ga = function () {{ (ga.q = ga.q || []).push(arguments); }};
ga('create', '{UA}', 'auto');
ga('send', 'pageview', {{ anonymizeIp: false, transport: 'beacon' }});
ga('send', 'pageview');
var dataLayer = [];
function gtag() {{ dataLayer.push(arguments); }}
gtag('js', new Date());
gtag('config', '{UA}', {{ anonymize_ip: false }});
"""


def test_what_a_page_has_queued_before_us_is_masked_too(serve, visit, recorder):
    """As variables, which no later script can watch: the queues themselves are changed."""
    serve_google(recorder)
    masking = Assets().joined(("masking.js",))

    def page(*scripts: str) -> HTMLResponse:
        sources = (
            "https://ssl.google-analytics.com/ga.js",
            f"https://www.googletagmanager.com/gtag/js?id={UA}",
            "https://www.google-analytics.com/analytics.js",
        )
        inline = "".join(f"<script>{code}</script>" for code in scripts)
        loaded = "".join(f'<script src="{source}"></script>' for source in sources)
        return HTMLResponse(f"<!doctype html><html><body>{inline}{loaded}</body></html>")

    def hits(app: HTMLResponse) -> list[str]:
        visitor = visit(serve(app), HOSTS)
        seen: list[str] = []
        visitor.page.on("request", lambda r: seen.append(f"{r.url} {r.post_data or ''}".strip()))
        visitor.goto("/")
        return [hit for hit in seen if _HIT.search(hit)]

    bare = hits(page(QUEUED_BEFORE))
    assert len(bare) >= 4
    assert len(unmasked(bare)) == len(bare)
    masked = hits(page(QUEUED_BEFORE, masking))
    assert len(masked) == len(bare)
    assert unmasked(masked) == []


def _by_nonce(_: str) -> str:
    return "script-src 'nonce-shop' 'strict-dynamic'; object-src 'none'"


def _by_nonce_and_host(_: str) -> str:
    return (
        "script-src 'nonce-shop' http://www.google-analytics.com"
        " https://ssl.google-analytics.com https://www.google-analytics.com"
    )


def _by_hash(markup: str) -> str:
    hashes = (hashlib.sha256(code.encode()).digest() for code in _INLINE.findall(markup))
    sources = " ".join(f"'sha256-{base64.b64encode(each).decode()}'" for each in hashes)
    return f"script-src {sources} 'strict-dynamic'"


@each_variant
@pytest.mark.parametrize(
    ("policy", "nonce", "form"),
    [
        (_by_nonce, "shop", "analytics.js set to false"),
        (_by_nonce, "shop", "gtag set to false"),
        (_by_nonce_and_host, "shop", "ga.js with document.write"),
        (_by_nonce_and_host, "shop", "urchin"),
        (_by_hash, "", "analytics.js asked too late"),
        (_by_hash, "", "ga.js queued"),
    ],
    ids=["nonce-analytics", "nonce-gtag", "host-write", "host-urchin", "hash", "hash-queue"],
)
def test_under_the_applications_own_policy_too(shop, variant, policy, nonce, form):
    visit = shop(variant, policy=policy, nonce=nonce)
    visit.agree("Statistics")
    hits = visit.open(form)
    assert hits
    assert unmasked(hits) == []


@each_variant
def test_a_tag_of_ads_waits_for_the_consent_to_marketing(shop, variant):
    visit = shop(variant)
    visit.agree("Statistics")
    visit.open("gtag for Ads")
    assert visit.visitor.reached() == NOBODY
    visit.agree("Marketing")
    visit.open("gtag for Ads")
    ads = {"www.googletagmanager.com", "googleads.g.doubleclick.net"}
    assert visit.visitor.reached(ads) == ads


@each_variant
def test_an_opt_out_cookie_keeps_the_tag_from_running(shop, variant):
    visit = shop(variant)
    visit.agree("Statistics")
    assert visit.open("gtag")
    opt_out = {"name": "ga-disable-G-OTHER12345", "value": "true", "url": f"http://{HOST}"}
    visit.visitor.context.add_cookies([opt_out])
    visit.visitor.forget()
    assert visit.open("gtag") == []
    assert visit.open("analytics.js") == []
    assert visit.visitor.reached() == NOBODY
    emitted = "GoogleAnalyticsObject" in visit.visitor.page.content()
    assert emitted is (variant == "shared"), "a page for everybody has it, and leaves it asleep"


@each_variant
def test_an_opt_out_of_one_property_is_told_to_the_script_of_the_other(shop, variant):
    ids = {"google-analytics": {"ids": ["G-ABC123DEF4", "UA-12345678-1"]}}
    visit = shop(variant, services=ids)
    visit.agree("Statistics")
    opt_out = {"name": "ga-disable-UA-12345678-1", "value": "true", "url": f"http://{HOST}"}
    visit.visitor.context.add_cookies([opt_out])
    assert visit.open("gtag")
    told = "[self['ga-disable-UA-12345678-1'], self['ga-disable-G-ABC123DEF4']]"
    assert visit.visitor.page.evaluate(told) == [True, None]


@with_and_without_script
def test_the_opt_out_is_one_click_from_a_page_and_two_from_elsewhere(shop, java_script):
    ids = {"google-analytics": {"ids": ["G-ABC123DEF4"]}}
    # On the loopback, for browsers tell where a click comes from to trustworthy origins only.
    visit = shop(services=ids, java_script=java_script, host="")
    visitor, page = visit.visitor, visit.visitor.page
    done = page.get_by_role("heading", name="You are opted out of Google Analytics")
    opt_out = "ga-disable-G-ABC123DEF4"
    visit.agree("Statistics")
    visitor.goto("/plain")
    page.get_by_role("link", name="No statistics").click()
    done.wait_for()
    assert visitor.cookies()[opt_out] == "true"
    visit.open("gtag")
    assert page.locator("script[src*='gtag/js']").count() == 0
    visit.agree("Statistics")
    assert opt_out not in visitor.cookies()
    visitor.goto("/_gate/opt-out/google-analytics")  # as from the address bar
    assert opt_out not in visitor.cookies()
    assert not done.is_visible()
    page.get_by_role("button", name="Opt out").click()
    done.wait_for()
    assert page.url.endswith("/_gate/opt-out/google-analytics")
    assert visitor.cookies()[opt_out] == "true"


def test_where_the_browser_does_not_say_whence_it_comes_the_link_shows_the_button(shop):
    visit = shop()
    visit.agree("Statistics")
    visit.visitor.goto("/plain")
    visit.visitor.page.get_by_role("link", name="No statistics").click()
    visit.visitor.page.get_by_role("button", name="Opt out").click()
    done = visit.visitor.page.get_by_role("heading", name="You are opted out of Google Analytics")
    done.wait_for()
    assert visit.open("gtag") == []


def test_without_consent_to_analytics_no_global_of_the_page_is_touched(shop):
    visit = shop("shared")
    visit.agree("Marketing")
    visit.open("gtag")
    # ``dataLayer`` is there: it tells the tags of Google Ads, which are allowed, what is not.
    touched = "['ga', '_gaq', '_gat'].filter((name) => name in self)"
    assert visit.visitor.page.evaluate(touched) == []
    assert visit.visitor.page.evaluate("/native code/.test(self.fetch)")
