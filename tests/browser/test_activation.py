"""What a visitor has agreed to opens in a page for everybody, in the order of the page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from tests.browser.recorder import Recorder
from tests.browser.visitor import Visitor
from tests.gated import behind_gate

AGREED, OTHER, STRANGER = "one.example", "two.example", "stranger.example"
HOSTS = (AGREED, OTHER, STRANGER, "www.google-analytics.com", "www.youtube.com")


def own_service(host: str, category: str) -> dict[str, object]:
    return {
        "title": host,
        "category": category,
        "provider": {"name": host},
        "purpose": "Tests.",
        "match": {"hosts": [host], "inline": [f"/* {host} */"]},
        "cookies": [{"name": f"id_{host[:3]}", "party": "first", "lifetime": "1 year"}],
    }


CONFIG = {
    "site": {"name": "A site", "privacy_url": "/privacy"},
    "policy": {"version": "1"},
    "services": {
        "google-analytics": {},
        "youtube": {},
        "facebook": {},
        "one": own_service(AGREED, "analytics"),
        "two": own_service(OTHER, "marketing"),
    },
}
NOTE = "(self.ran ??= []).push"


def says(word: str) -> str:
    """A script that notes that it has run."""
    return f'{NOTE}("{word}");'


@pytest.fixture
def agreed(tmp_path, serve, visit, recorder: Recorder) -> Callable[..., Visitor]:
    """A visitor who agreed to analytics and sees this page: ``head`` and ``body`` of markup."""

    def arrive(body: str, *, head: str = "", policy: str = "", settings: bool = True) -> Visitor:
        page = f"<!doctype html><html lang=en><head>{head}</head><body>{body}</body></html>"
        headers = {"cache-control": "public, max-age=60"}
        headers |= {"content-security-policy": policy} if policy else {}

        async def show(request: object) -> HTMLResponse:
            return HTMLResponse(page, headers=headers)

        site = behind_gate(
            Starlette(routes=[Route("/", show), Route("/other", show)]), tmp_path, CONFIG
        )
        for host in HOSTS:
            for word in ("a", "b", "c"):
                recorder.serve(host, f"/{word}.js", says(f"{host[:3]}-{word}"), "text/javascript")
        visitor = visit(serve(site), HOSTS)
        visitor.faults = []
        visitor.page.on("pageerror", lambda error: visitor.faults.append(str(error)))
        if settings:
            visitor.goto("/_gate/preferences?back=/")
            visitor.page.get_by_label("Allow Statistics").check()
            visitor.press("Save choice")
        visitor.goto("/")
        return visitor

    return arrive


def ran(visitor: Visitor) -> list[str]:
    visitor.settle()
    return visitor.page.evaluate("self.ran ?? []")


def script(word: str, attributes: str = "", host: str = AGREED) -> str:
    return f"<script {attributes} src=https://{host}/{word}.js></script>"


def inline(code: str, attributes: str = "", host: str = AGREED) -> str:
    return f"<script {attributes}>/* {host} */ {code}</script>"


def test_scripts_run_in_the_order_of_the_page(agreed):
    visitor = agreed(
        inline(says("first"))
        + script("a")
        + inline(f"{NOTE}('after ' + self.ran.at(-1));")
        + script("b")
        + inline(says("last"))
    )
    assert ran(visitor) == ["first", "one-a", "after one-a", "one-b", "last"]
    assert visitor.faults == []


def test_deferred_scripts_and_modules_come_last_and_async_ones_hold_nobody_up(agreed, recorder):
    visitor = agreed(
        script("a", "defer")
        + inline(says("module"), "type=module")
        + script("c", "async")
        + inline(says("plain"))
        + script("b", "defer")
    )
    order = ran(visitor)
    assert sorted(order) == ["module", "one-a", "one-b", "one-c", "plain"]
    rest = [word for word in order if word != "one-c"]
    assert rest == ["plain", "one-a", "module", "one-b"]


def test_a_script_that_cannot_be_loaded_holds_nobody_up(agreed, recorder):
    visitor = agreed(
        '<script type="module" src="https://one.example/none.css"></script>'
        + script("a", "nomodule")
        + "<script src='https://one.example:1/a.js'></script>"
        + inline(says("last"))
    )
    assert ran(visitor) == ["last"]


def test_what_was_not_agreed_to_stays_parked(agreed):
    visitor = agreed(
        script("a", host=OTHER)
        + script("a", host=STRANGER)
        + inline(says("two"), host=OTHER)
        + f"<img src=https://{OTHER}/a.gif srcset='https://{AGREED}/b.gif 2x'>"
        + f"<img src=https://{STRANGER}/a.gif>"
        + script("a")
    )
    assert ran(visitor) == ["one-a"]
    assert visitor.reached({AGREED}) == {AGREED}
    assert visitor.page.evaluate("consentgate.allows('one') && consentgate.allows('analytics')")
    assert not visitor.page.evaluate("consentgate.allows('two') || consentgate.allows('marketing')")


def test_what_a_script_writes_stands_where_the_script_stood(agreed, recorder):
    """As the counting scripts of old did: one script writes the next, which a third one needs."""
    recorder.serve("www.google-analytics.com", "/ga.js", says("ga.js"), "text/javascript")
    writes = (
        "document.write('<p id=written>written<\\/p>');"
        "document.write('<scr' + 'ipt src=\"https://www.google-analytics.com/ga.js\"><\\/script>');"
        "document.writeln('<b>', 'bold', '<\\/b>');"
    )
    recorder.serve(AGREED, "/writes.js", says("writes") + writes, "text/javascript")
    visitor = agreed(
        "<p id=before>before</p>"
        + script("writes")
        + inline(f"{NOTE}('after ' + self.ran.at(-1));")
        + "<p id=after>after</p>"
    )
    assert ran(visitor) == ["writes", "ga.js", "after ga.js"]
    texts = visitor.page.locator("#before, #written, b, #after").all_inner_texts()
    assert texts == ["before", "written", "bold", "after"]
    assert visitor.page.evaluate("Object.hasOwn(document, 'write')") is False
    assert visitor.faults == []


def test_late_listeners_are_told_once_and_nobody_else_is_told_again(agreed, recorder):
    counts = (
        "document.addEventListener('DOMContentLoaded', () => ran.push('late ready'));"
        "addEventListener('load', { handleEvent() { ran.push('late load'); } }, { once: true });"
        "window.onload = () => ran.push('late onload');"
    )
    recorder.serve(AGREED, "/late.js", says("late") + counts, "text/javascript")
    own = (
        "<script>self.ran = [];"
        "addEventListener('DOMContentLoaded', () => ran.push('ready'));"
        "addEventListener('load', () => ran.push('load'));</script>"
    )
    visitor = agreed(script("late") + script("a"), head=own)
    order = ran(visitor)
    assert sorted(order) == sorted(
        ["ready", "load", "late", "one-a", "late ready", "late load", "late onload"]
    )
    assert order.index("one-a") < order.index("late ready") < order.index("late load")
    visitor.page.evaluate("addEventListener('load', () => ran.push('too late'))")
    assert "too late" not in ran(visitor)


def test_a_frame_comes_back_with_its_sandbox_and_costs_no_step_back(agreed):
    visitor = agreed(
        f"<iframe src=https://{AGREED}/frame sandbox='allow-scripts' title=Frame></iframe>"
        f"<iframe src=https://{OTHER}/frame sandbox></iframe>"
    )
    first, second = visitor.page.locator("iframe").all()
    assert first.get_attribute("src") == f"https://{AGREED}/frame"
    assert first.get_attribute("sandbox") == "allow-scripts"
    assert "/_gate/embed/two" in second.get_attribute("src")
    assert visitor.reached({AGREED}) == {AGREED}
    visitor.goto("/other")
    visitor.page.go_back()
    assert visitor.page.url == f"{visitor.base_url}/"
    visitor.page.go_back()
    assert "/_gate/preferences" in visitor.page.url


def test_pictures_sheets_and_films_come_back(agreed, recorder):
    sheet = "#box { background: url(https://one.example/box.gif) } "
    recorder.serve(AGREED, "/a.css", sheet, "text/css")
    visitor = agreed(
        f"<div id=box>box</div><picture><source srcset=https://{AGREED}/s.gif><img src=/own.gif>"
        f"</picture><video><source src=https://{AGREED}/film.mp4></video>"
        f"<svg><image xlink:href=https://{AGREED}/i.gif width=9 height=9 /></svg>"
        f"<input type=image src=https://{AGREED}/input.gif alt=go>",
        head=f"<link rel=stylesheet href=https://{AGREED}/a.css>",
    )
    visitor.reached({AGREED})
    asked = {request.path for request in recorder.requests}
    assert asked >= {"/a.css", "/box.gif", "/s.gif", "/film.mp4", "/i.gif", "/input.gif"}


def test_attributes_that_the_gate_never_renames_do_not_come_back(agreed):
    visitor = agreed(
        "<script>self.ran = []</script>"
        "<b data-cg=one data-cg-onclick='ran.push(1)' data-cg-id=made>b</b>"
        "<a data-cg=one data-cg-href='javascript:ran.push(2)'>a</a>"
        "<math><mi data-cg=one data-cg-href='https://one.example/'>m</mi></math>"
    )
    visitor.page.locator("b").click()
    visitor.page.locator("a[data-cg-href]").click()
    assert ran(visitor) == []
    assert visitor.page.locator("#made, [href*='one.example']").count() == 0


@pytest.mark.parametrize("code", ["javascript:", "\x01 JAVA&Tab;SCRI&NewLine;PT:"])
def test_a_frame_that_a_guest_wrote_gets_no_code_for_an_address(agreed, code):
    visitor = agreed(
        "<script>self.ran = []</script>"
        f"<iframe data-cg-src='{code}parent.ran.push(1)' src=https://{AGREED}/frame></iframe>"
    )
    assert ran(visitor) == []
    assert "/_gate/embed/one" in visitor.page.locator("iframe").get_attribute("src")


def test_a_script_that_has_run_already_holds_nobody_up(agreed):
    """Of which the gate stopped but where it reports to."""
    visitor = agreed(
        f"<script src=/own.js attributionsrc=https://{AGREED}/x></script>"
        + script("a")
        + inline(says("last"))
    )
    assert ran(visitor) == ["one-a", "last"]


def test_under_a_nonce_and_trusted_types_parked_scripts_run_in_place(agreed):
    policy = (
        "script-src 'nonce-n1' 'self' https://one.example;"
        " require-trusted-types-for 'script'; trusted-types 'none'"
    )
    visitor = agreed(script("a", "nonce=n1") + inline(says("inline"), "nonce=n1"), policy=policy)
    assert ran(visitor) == ["one-a", "inline"]
    assert visitor.faults == []


def test_cookies_of_what_was_agreed_to_can_be_written_and_no_others(agreed):
    visitor = agreed("<p>Text")
    visitor.page.evaluate("document.cookie = 'id_one=1'; document.cookie = 'id_two=1'")
    assert "id_one" in visitor.cookies()
    assert "id_two" not in visitor.cookies()


def test_the_policy_stands_first_in_the_page_and_names_what_was_agreed_to(agreed):
    visitor = agreed("<p>Text")
    first = "document.head.firstElementChild.outerHTML"
    policy = visitor.page.evaluate(first)
    assert policy.startswith('<meta http-equiv="Content-Security-Policy"')
    assert "one.example" in policy
    assert "two.example" not in policy
    assert "stranger" not in policy


def test_a_state_cookie_of_another_revision_opens_nothing(agreed):
    visitor = agreed(script("a"), settings=False)
    state = {"name": "cg_state", "value": "000000000000.ff", "url": visitor.base_url}
    visitor.context.add_cookies([state])
    visitor.forget()
    visitor.goto("/")
    assert visitor.reached() == frozenset()
    assert visitor.sees("Accept all")


def test_a_widget_gives_way_to_what_the_visitor_agreed_to(agreed):
    post = "<div class=fb-post data-href=https://www.facebook.com/1></div>"
    visitor = agreed(post, settings=False)
    offer = visitor.page.locator("[data-cg-widget]")
    assert offer.count() == 1
    visitor.press("Always allow Facebook")
    assert offer.count() == 0
    assert visitor.page.locator(".fb-post").get_attribute("data-cg") is None


def test_an_open_page_follows_a_choice_in_place(agreed):
    visitor = agreed(script("a"), settings=False)
    assert ran(visitor) == []
    visitor.press("Accept all")
    assert ran(visitor) == ["one-a"]
    assert not visitor.sees("Accept all")
