"""What developers see on a page of theirs: who was stopped, in which way, and what to write."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from consentgate.config import load_config
from tests.browser.visitor import Visitor
from tests.gated import behind_gate

FRAMED, STRANGER, OWN_FAULT = "www.youtube.com", "stranger.undeclared.example", "own.example"
HOSTS = (FRAMED, STRANGER, OWN_FAULT, "www.google-analytics.com")
PAGE = f"""<!doctype html><html lang=en><head><title>t</title>
<meta name=viewport content="width=device-width">
<script nonce=n1 async src="https://www.google-analytics.com/analytics.js"></script>
</head><body><h1>A page</h1><p>Text.</p>
<iframe src="https://{FRAMED}/embed/x?token=secret" width=300 height=200 title=Film></iframe>
<img alt="" src="https://{STRANGER}/pixel.gif?visitor=Jane">
<script nonce=n1>
fetch('https://{STRANGER}/collect/1?visitor=Jane', {{ mode: 'no-cors' }}).catch(() => {{}});
new Image().src = 'https://{OWN_FAULT}/x.gif';
</script></body></html>"""
CONFIG = {
    "site": {"name": "A site", "privacy_url": "/privacy"},
    "policy": {"version": "1"},
    "services": {
        "youtube": {},
        "own": {
            "title": "Own",
            "category": "necessary",
            "reason": "The site needs it.",
            "provider": {"name": "Own Ltd"},
            "match": {"hosts": [OWN_FAULT]},
        },
    },
}
STRICT = (
    "default-src 'none'; script-src 'nonce-n1' 'strict-dynamic'; connect-src https:;"
    " img-src 'self'; frame-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'"
)
POLICIES = {"none": "", "strict": STRICT}


@pytest.fixture
def arrive(tmp_path: Path, serve, visit) -> Callable[..., Visitor]:
    def come(policy: str = "", *, debug: bool = True, public: bool = False, **options) -> Visitor:
        headers = {"content-security-policy": policy} if policy else {}
        headers |= {"cache-control": "public, max-age=60"} if public else {}

        async def show(request) -> HTMLResponse:
            return HTMLResponse(PAGE, headers=headers)

        site = behind_gate(
            Starlette(routes=[Route("/", show)]),
            tmp_path,
            CONFIG,
            debug=debug,
        )
        visitor = visit(serve(site), HOSTS, **options)
        visitor.faults = []
        visitor.page.on("pageerror", lambda error: visitor.faults.append(str(error)))
        return visitor

    return come


def rows(visitor: Visitor) -> list[str]:
    """What the overlay says, opened from the keyboard."""
    summary = visitor.page.locator("#cg-overlay summary")
    summary.wait_for()
    visitor.settle()
    visitor.page.wait_for_timeout(400)
    summary.focus()
    visitor.page.keyboard.press("Enter")
    return visitor.page.locator("#cg-overlay li").all_inner_texts()


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("public", [False, True], ids=["personal", "public"])
def test_it_tells_who_was_stopped_how_and_why(arrive, policy, public):
    visitor = arrive(POLICIES[policy], public=public)
    visitor.goto("/")
    told = rows(visitor)
    assert len(told) == (5 if policy == "strict" else 4)
    framed, markup, added, counted = (
        next(row for row in told if start in row)
        for start in ("<iframe>", "<img>", "connect-src", "<script>")
    )
    assert framed.startswith(f"{FRAMED} <iframe>, in the markup")
    assert "declared (youtube); it loads for visitors who agree to it" in framed
    assert "undeclared" in markup
    assert '"google-analytics": {}' in counted
    assert added.startswith(f"{STRANGER} connect-src, by the policy of consentgate")
    for proposed in (markup, added):
        line = next(x for x in proposed.splitlines() if x.startswith('"'))
        config = load_config(CONFIG | {"services": json.loads("{" + line + "}")})
        assert STRANGER in config.services[0].matches[0].hosts
    assert not any("Jane" in row or "secret" in row for row in told)
    if policy == "strict":
        own = next(row for row in told if row.startswith(OWN_FAULT))
        assert "img-src, by the application's own policy" in own
        assert "declared as necessary (own)" in own
    assert visitor.faults == []
    assert visitor.reached() <= {OWN_FAULT}


def test_it_moves_nothing_on_the_page_and_goes_away(arrive):
    visitor = arrive(STRICT)
    visitor.goto("/")
    box = """JSON.stringify([...document.querySelectorAll('h1, p, iframe')]
        .map((element) => element.getBoundingClientRect()))"""
    with_it = visitor.page.evaluate(box)
    rows(visitor)
    assert visitor.page.evaluate(box) == with_it
    visitor.page.keyboard.press("Tab")
    visitor.page.keyboard.press("Escape")
    assert visitor.page.locator("#cg-overlay").count() == 0
    assert visitor.page.evaluate(box) == with_it
    visitor.page.evaluate("fetch('https://other.undeclared.example/').catch(() => {})")
    visitor.page.wait_for_timeout(500)
    assert visitor.page.locator("#cg-overlay").count() == 0, "closed is closed"


def test_the_mouse_closes_it_too(arrive):
    visitor = arrive()
    visitor.goto("/")
    visitor.page.get_by_role("button", name="Close what was stopped").click()
    assert visitor.page.locator("#cg-overlay").count() == 0


def test_what_comes_later_is_added(arrive):
    visitor = arrive()
    visitor.goto("/")
    before = len(rows(visitor))
    visitor.page.evaluate("fetch('https://later.undeclared.example/').catch(() => {})")
    later = visitor.page.locator("#cg-overlay li", has_text="later.undeclared.example")
    later.wait_for()
    assert visitor.page.locator("#cg-overlay li").count() == before + 1
    assert visitor.page.locator("#cg-overlay summary").inner_text() == f"{before + 1} stopped"


@pytest.mark.parametrize("width", [1280, 320])
def test_it_fits_the_window_and_is_styled_under_a_strict_policy(arrive, width, tmp_path):
    visitor = arrive(STRICT, viewport={"width": width, "height": 640})
    visitor.goto("/")
    rows(visitor)
    section = visitor.page.locator("#cg-overlay section")
    box = section.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert box["y"] + box["height"] <= 640
    colour = "e => getComputedStyle(e).backgroundColor"
    assert section.evaluate(colour) == "rgb(255, 248, 225)"
    assert visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    visitor.page.screenshot(path=tmp_path / f"overlay-{width}.png")


def test_without_debug_there_is_nothing_of_it(arrive):
    visitor = arrive(debug=False)
    response = visitor.goto("/")
    assert "overlay" not in response.text()
    visitor.page.wait_for_timeout(500)
    assert visitor.page.locator("#cg-overlay").count() == 0
    same = {"sec-fetch-site": "same-origin"}
    asked = f"{visitor.server.url}/_gate/blocked?at=https://{STRANGER}/"
    assert httpx.get(asked, headers=same).status_code == 404


def test_only_pages_of_the_site_are_told(arrive):
    visitor = arrive()
    asked = f"{visitor.server.url}/_gate/blocked?at=https://{STRANGER}/"
    assert httpx.get(asked, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert httpx.get(asked).status_code == 403
