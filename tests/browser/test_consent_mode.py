"""Google Consent Mode v2: what a tag that works through ``dataLayer`` finds in it, in order."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from tests.browser.recorder import Recorder
from tests.browser.visitor import Visitor
from tests.gated import behind_gate

LOADER, COLLECTOR, ADS = (
    "www.googletagmanager.com",
    "www.google-analytics.com",
    "connect.facebook.net",
)
STAND_IN = """
// Works through the layer as gtag.js does: what is there already, then whatever is pushed. Only
// Arguments objects are commands; an update outweighs any default.
(() => {
  const defaults = {}, updates = {}, order = self.order = [];
  const granted = (type) => ((updates[type] ?? defaults[type] ?? 'granted') === 'granted' ? 1 : 0);
  const take = (entry) => {
    if (Object.prototype.toString.call(entry) !== '[object Arguments]') return;
    const [command, ...rest] = entry;
    order.push([command, ...rest.map((value) => (value instanceof Date ? 'now' : value))]);
    if (command === 'consent') Object.assign(rest[0] === 'default' ? defaults : updates, rest[1]);
    if (command === 'config') {
      const gcs = `G1${granted('ad_storage')}${granted('analytics_storage')}`;
      new Image().src = `https://www.google-analytics.com/g/collect?tid=${rest[0]}&gcs=${gcs}`;
    }
  };
  const layer = self.dataLayer, push = layer.push;
  layer.push = (...entries) => {
    const length = push.apply(layer, entries);
    entries.forEach(take);
    return length;
  };
  [...layer].forEach(take);
})();
"""
SNIPPET = (
    "window.dataLayer = window.dataLayer || [];"
    "function gtag(){dataLayer.push(arguments);}"
    "gtag('js', new Date());gtag('config', 'G-ABC123');"
)
"""As Google publishes it."""
OWN_LIST = "dataLayer = [{'pageType': 'shop'}];" + SNIPPET.partition(";")[2]
"""The way in which sites of the first years of Tag Manager began their data layer."""
OWN_DEFAULT = SNIPPET.replace(
    "gtag('js'", "gtag('consent', 'default', {ad_storage: 'granted'});gtag('js'"
)
NONCE = "{nonce}"
"""Stands for another one in each answer."""
TYPES = (
    "ad_storage",
    "ad_user_data",
    "ad_personalization",
    "analytics_storage",
    "functionality_storage",
    "personalization_storage",
    "security_storage",
)
DENIED = dict.fromkeys(TYPES, "denied") | {"security_storage": "granted"}
MEASURED = DENIED | {"analytics_storage": "granted"}


def _hash_of(code: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'"


POLICIES = {
    "none": "",
    "nonce": f"script-src 'self' 'nonce-{NONCE}'",
    "hash": f"script-src 'self' {_hash_of(SNIPPET)} https://{LOADER}",
    "strict": f"script-src 'nonce-{NONCE}' 'strict-dynamic'",
}


def _site(snippet: str, policy: str) -> Starlette:
    page = (
        '<!doctype html><html lang="en"><head><title>t</title><link rel="icon" href="data:,">'
        f'<script nonce="{NONCE}">{snippet}</script>'
        f'<script nonce="{NONCE}" async src="https://{LOADER}/gtag/js?id=G-ABC123"></script>'
        "</head><body><h1>Shop</h1></body></html>"
    )

    async def answer(request: Request) -> HTMLResponse:
        nonce = secrets.token_urlsafe(16)
        headers = {"content-security-policy": policy.replace(NONCE, nonce)} if policy else {}
        if request.url.path == "/public":
            headers["cache-control"] = "public, max-age=600"
        return HTMLResponse(page.replace(NONCE, nonce), headers=headers)

    return Starlette(routes=[Route("/", answer), Route("/public", answer)])


@pytest.fixture
def arrive(
    tmp_path: Path, serve: Callable, visit: Callable[..., Visitor], recorder: Recorder
) -> Callable[..., Visitor]:
    def come(snippet: str = SNIPPET, policy: str = "", **signals: object) -> Visitor:
        recorder.serve(LOADER, "/gtag/js", STAND_IN, "text/javascript")
        app = behind_gate(
            _site(snippet, policy),
            tmp_path,
            {
                "site": {"name": "Shop", "privacy_url": "/privacy"},
                "policy": {"version": "1"},
                "services": {"google-analytics": {"ids": ["G-ABC123"]}, "meta-pixel": {}},
                "signals": signals,
            },
        )
        return visit(serve(app), {LOADER, COLLECTOR, ADS})

    return come


def choose(visitor: Visitor, *categories: str, path: str = "/") -> None:
    """Allow these categories and no others, and come to the page again."""
    visitor.goto("/_gate/preferences")
    for category in categories:
        visitor.page.locator(f'input[name=allow][value="{category}"]').check()
    visitor.press("Save choice")
    visitor.forget()
    visitor.goto(path)


def hits(recorder: Recorder) -> list[str]:
    return [r.path for r in recorder.requests if r.host == COLLECTOR and "collect" in r.path]


@pytest.mark.parametrize("path", ["/", "/public"])
@pytest.mark.parametrize("policy", POLICIES)
def test_the_default_comes_first_and_the_choice_before_any_hit(arrive, recorder, path, policy):
    visitor = arrive(policy=POLICIES[policy])
    visitor.goto(path)
    assert visitor.reached() == frozenset()
    choose(visitor, "analytics", path=path)
    assert visitor.reached({COLLECTOR}) == {LOADER, COLLECTOR}
    order = visitor.page.evaluate("order")
    assert order[:3] == [
        ["consent", "default", DENIED],
        ["set", "ads_data_redaction", True],
        ["consent", "update", MEASURED],
    ]
    commands = [entry[0] for entry in order]
    assert commands.index("js") > 2
    assert commands.index("config") > commands.index("js")
    (hit,) = hits(recorder)
    assert "gcs=G101" in hit, "analytics granted, advertising denied"


@pytest.mark.parametrize("path", ["/", "/public"])
@pytest.mark.parametrize("policy", ["nonce", "strict"])
def test_a_page_that_comes_again_with_another_nonce_runs_again(arrive, policy, path):
    visitor = arrive(policy=POLICIES[policy])
    choose(visitor, "analytics", path=path)
    for _ in range(4):
        visitor.forget()
        visitor.goto(path)
        assert visitor.reached({COLLECTOR}) == {LOADER, COLLECTOR}
        assert visitor.page.evaluate("order")[0] == ["consent", "default", DENIED]


def test_with_everything_allowed_nothing_is_redacted(arrive, recorder):
    visitor = arrive()
    visitor.goto("/")
    visitor.press("Accept all")
    visitor.reached({COLLECTOR})
    update = DENIED | dict.fromkeys(TYPES[:4], "granted")
    order = visitor.page.evaluate("order")
    assert order[:2] == [["consent", "default", DENIED], ["consent", "update", update]]
    assert "gcs=G111" in hits(recorder)[-1]


@pytest.mark.parametrize("path", ["/", "/public"])
@pytest.mark.parametrize("snippet", [OWN_LIST, OWN_DEFAULT], ids=["own-list", "own-default"])
def test_a_page_that_begins_its_own_list_does_not_get_round_it(arrive, recorder, path, snippet):
    visitor = arrive(snippet)
    choose(visitor, "analytics", path=path)
    visitor.reached({COLLECTOR})
    assert visitor.page.evaluate("order")[0] == ["consent", "default", DENIED]
    assert "gcs=G101" in hits(recorder)[-1]


def test_without_it_the_tag_takes_everything_for_granted(arrive, recorder):
    """What the other tests would see if no command were there."""
    visitor = arrive(google_consent_mode=False)
    choose(visitor, "analytics")
    visitor.reached({COLLECTOR})
    assert [entry[0] for entry in visitor.page.evaluate("order")] == ["js", "config"]
    assert "gcs=G111" in hits(recorder)[-1]


def test_which_agreement_a_type_follows_is_a_setting(arrive, recorder):
    visitor = arrive(google_consent_types={"ad_storage": "google-analytics"})
    choose(visitor, "analytics")
    visitor.reached({COLLECTOR})
    updates = [entry[2] for entry in visitor.page.evaluate("order") if entry[1] == "update"]
    assert updates == [MEASURED | {"ad_storage": "granted"}]


def test_a_withdrawn_analytics_leaves_no_tag_to_tell(arrive, recorder):
    visitor = arrive()
    visitor.goto("/")
    visitor.press("Accept all")
    visitor.goto("/_gate/preferences")
    visitor.press("Withdraw all")
    visitor.forget()
    visitor.goto("/")
    assert visitor.reached() == frozenset()
    assert visitor.page.evaluate("typeof order") == "undefined"
