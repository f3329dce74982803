"""What scripts of a page cannot store without consent, whatever words they use for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from tests.browser.small_site import PERSONAL, SHARED, bare, gated
from tests.browser.visitor import Visitor

COOKIE_TRICKS: Mapping[str, str] = {
    "plain": "document.cookie = '_ga=1'",
    "space": "document.cookie = ' _ga =1'",
    "tab": r"document.cookie = '\t_ga=1'",
    "nameless": "document.cookie = '=_ga=1'",
    "spaced and nameless": "document.cookie = ' = _ga=1'",
    "removed, then not": "document.cookie = '_ga=1; max-age=0; Max-Age=99'",
    "tabs inside": r"document.cookie = '_ga=1;\tMAX-AGE\t=\t99'",
    "expires": "document.cookie = '_ga=1; expires=Tue, 19 Jan 2038 03:14:07 GMT'",
    "many attributes": "document.cookie = '_ga=1; max-age=99' + '; a'.repeat(40)",
    "path": "document.cookie = '_ga=1; path=/page'",
    "turncoat": "let n = 0; document.cookie = { toString: () => n++ ? '_ga=1' : 'own=1' };"
    " document.cookie = { toString: () => n++ < 2 ? '_ga=1' : 'own=1' }",
    "store": "await cookieStore.set('_ga', '1')",
    "store, with options": "await cookieStore.set({ name: '_ga', value: '1', path: '/' })",
    "store, with space": "await cookieStore.set(' _ga', '1')",
}
REFUSED_BY_CHROMIUM_TOO = frozenset({"nameless", "spaced and nameless"})
"""A cookie without a name whose value looks like another cookie: not every browser refuses it."""

REMOVALS = (
    "document.cookie = '_ga=; max-age=0; path=/'",
    "document.cookie = '_ga=; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT'",
    "document.cookie = '_ga=x; path=/; Max-Age=-5; Expires=Tue, 19 Jan 2038 03:14:07 GMT'",
    "await cookieStore.delete('_ga')",
    "await cookieStore.set({ name: '_ga', value: '', expires: 0 })",
)
KEPT_BY_PROPERTY = """() => {
    localStorage.wistia = '1';
    localStorage['wistia-video-progress-1'] = '1';
    Object.assign(sessionStorage, { 'wistia-video-progress-2': '1' });
    localStorage.own = sessionStorage.own = '1';
    const frame = document.createElement('iframe');
    document.body.append(frame);
    frame.contentWindow.localStorage.setItem('wistia-video-progress-3', '1');
}"""
KEYS = "() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)].sort()"

variants = pytest.mark.parametrize("headers", [PERSONAL, SHARED], ids=["personal", "shared"])


@pytest.fixture
def arrive(tmp_path, serve, visit) -> Callable[..., Visitor]:
    """A visitor on ``/page`` of a site with these headers, gated or not."""

    def come(headers: Mapping[str, str], *, gate: bool = True) -> Visitor:
        site = bare({}, headers)
        visitor = visit(serve(gated(site, tmp_path) if gate else site))
        visitor.goto("/page")
        return visitor

    return come


def run(visitor: Visitor, code: str) -> None:
    visitor.page.evaluate(f"async () => {{ {code} }}")


def stored_by(visitor: Visitor, tricks: Mapping[str, str]) -> dict[str, set[str]]:
    """What each trick leaves in the browser, as the browser would send it."""
    found = {}
    for name, code in tricks.items():
        visitor.context.clear_cookies()
        run(visitor, code)
        pairs = {f"{cookie['name']}={cookie['value']}" for cookie in visitor.context.cookies()}
        found[name] = {pair.lstrip("=") for pair in pairs}
    return found


def test_without_the_gate_every_trick_stores_a_cookie(arrive):
    stored = stored_by(arrive(PERSONAL, gate=False), COOKIE_TRICKS)
    successful = {name for name, cookies in stored.items() if "_ga=1" in cookies}
    assert successful == COOKIE_TRICKS.keys() - REFUSED_BY_CHROMIUM_TOO


@variants
def test_no_trick_stores_a_cookie_of_a_service_without_consent(arrive, headers):
    stored = stored_by(arrive(headers), COOKIE_TRICKS)
    assert {name for name, cookies in stored.items() if cookies - {"own=1"}} == set()
    assert stored.keys() == COOKIE_TRICKS.keys()


@variants
def test_whatever_was_not_classified_is_stored(arrive, headers):
    own = {"plain": "document.cookie = 'own=1; path=/'", "case": "document.cookie = '_GA=1'"}
    own["store"] = "await cookieStore.set('own', '1')"
    stored = stored_by(arrive(headers), own)
    assert stored == {"plain": {"own=1"}, "case": {"_GA=1"}, "store": {"own=1"}}


@pytest.mark.parametrize("removal", REMOVALS)
def test_a_refused_cookie_can_be_removed(arrive, removal):
    visitor = arrive(PERSONAL)
    visitor.context.add_cookies([{"name": "_ga", "value": "1", "url": visitor.base_url}])
    assert visitor.page.evaluate("document.cookie") == "_ga=1"
    run(visitor, removal)
    assert visitor.cookies() == {}


def test_without_the_gate_keys_written_as_properties_stay(arrive):
    visitor = arrive(PERSONAL, gate=False)
    visitor.page.evaluate(KEPT_BY_PROPERTY)
    visitor.goto("/other")
    refused = {
        "wistia",
        "wistia-video-progress-1",
        "wistia-video-progress-3",
        "wistia-video-progress-2",
    }
    assert set(visitor.page.evaluate(KEYS)) == refused | {"own"}


@variants
def test_keys_written_as_properties_or_from_a_frame_go_with_the_page(arrive, headers):
    visitor = arrive(headers)
    visitor.page.evaluate(KEPT_BY_PROPERTY)
    visitor.goto("/ungated")
    assert visitor.page.evaluate(KEYS) == ["own", "own"], "the page took them along"


@variants
def test_keys_that_are_there_already_go_with_the_first_page(arrive, headers):
    visitor = arrive(headers)
    visitor.goto("/ungated")
    visitor.page.evaluate(KEPT_BY_PROPERTY)
    assert len(visitor.page.evaluate(KEYS)) == 6
    visitor.goto("/page")
    assert visitor.page.evaluate(KEYS) == ["own", "own"]


@variants
def test_set_item_stores_no_key_of_a_service_without_consent(arrive, headers):
    visitor = arrive(headers)
    run(
        visitor,
        "for (const s of [localStorage, sessionStorage]) s.setItem('wistia-video-progress-4', '1')",
    )
    run(visitor, "for (const s of [localStorage, sessionStorage]) s.setItem('own', '1')")
    assert visitor.page.evaluate(KEYS) == ["own", "own"]


def test_a_cookie_that_a_frames_fresh_realm_wrote_is_expired_by_the_next_answer(arrive):
    """No script of ours runs in such a frame: the server has the last word."""
    visitor = arrive(PERSONAL)
    run(
        visitor,
        "const frame = document.createElement('iframe'); document.body.append(frame);"
        "frame.contentDocument.cookie = '_ga=1; path=/; max-age=999';"
        "frame.contentDocument.cookie = '_ga=2; max-age=999'",
    )
    assert visitor.cookies().keys() == {"_ga"}, "a courtesy, and no more"
    visitor.goto("/page")
    assert visitor.cookies() == {}


@variants
def test_with_consent_cookies_and_keys_are_stored(arrive, headers):
    visitor = arrive(headers)
    visitor.press("Accept all")
    visitor.goto("/page")
    run(visitor, "document.cookie = '_ga=1'; localStorage.setItem('wistia-video-progress-4', '1')")
    visitor.goto("/page")
    assert "_ga" in visitor.cookies()
    assert visitor.page.evaluate(KEYS) == ["wistia-video-progress-4"]
