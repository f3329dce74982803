"""The small JavaScript API for the site's own scripts, as docs/javascript.md tells it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from tests.browser.small_site import PERSONAL, SHARED, bare, gated
from tests.browser.visitor import Visitor

LISTENS = (
    "<script>self.early = [consentgate.allows('youtube'), consentgate.allows('nobody')];"
    "self.told = []; document.addEventListener('consentgate:change', ({ detail }) =>"
    " { told.push(detail); sessionStorage.told = JSON.stringify(detail); });</script>"
)
DEFERRED = "<script type=module>self.late = 0;\
document.addEventListener('consentgate:change', () => { late++ })</script>"
OPENS = "<script>consentgate.open()</script>"
SERVICES = {"google-analytics", "meta-pixel", "wistia", "youtube"}

variants = pytest.mark.parametrize("headers", [PERSONAL, SHARED], ids=["personal", "shared"])


@pytest.fixture
def arrive(tmp_path, serve, visit) -> Callable[..., Visitor]:
    """A visitor on a page whose scripts use the API."""

    def come(headers: Mapping[str, str], body: str = LISTENS + DEFERRED) -> Visitor:
        visitor = visit(serve(gated(bare({"/page": body}, headers), tmp_path)))
        visitor.goto("/page")
        return visitor

    return come


def last_told(visitor: Visitor) -> dict[str, set[str]]:
    told = visitor.page.evaluate("JSON.parse(sessionStorage.told)")
    return {key: set(ids) for key, ids in told.items()}


@variants
def test_a_page_is_told_when_it_starts_and_may_ask_before(arrive, headers):
    visitor = arrive(headers)
    assert visitor.page.evaluate("self.early") == [False, False]
    told = visitor.page.evaluate("self.told")
    assert [each["granted"] for each in told] == [[]]
    assert set(told[0]["refused"]) > SERVICES, "and their categories"
    assert visitor.page.evaluate("self.late") == 1, "modules hear it too"
    assert visitor.page.evaluate("consentgate.allows('necessary')")


@variants
def test_a_refusal_is_told_in_place(arrive, headers):
    visitor = arrive(headers)
    visitor.press("Reject all")
    told = visitor.page.evaluate("self.told")
    assert [each["granted"] for each in told] == [[], []]
    assert set(told[1]["refused"]) > SERVICES


@variants
def test_a_grant_is_told_before_the_page_is_loaded_again_and_after(arrive, headers):
    visitor = arrive(headers)
    visitor.page.evaluate("addEventListener('pagehide', () => { localStorage.n = told.length })")
    visitor.press("Accept all")
    assert visitor.page.evaluate("localStorage.n") == "2"
    assert last_told(visitor)["granted"] > SERVICES
    assert last_told(visitor)["refused"] == set()
    assert visitor.page.evaluate("[self.early, told.length]") == [[True, False], 1]
    assert visitor.page.evaluate("consentgate.allows('nobody')") is False


@variants
def test_a_choice_of_single_services_is_told_by_their_ids(arrive, headers):
    visitor = arrive(headers)
    visitor.goto("/_gate/preferences")
    visitor.page.get_by_label("Allow Statistics").check()
    visitor.press("Save choice")
    visitor.goto("/page")
    assert {"google-analytics", "analytics"} <= last_told(visitor)["granted"]
    assert {"youtube", "meta-pixel"} <= last_told(visitor)["refused"]
    assert visitor.page.evaluate(
        "['analytics', 'google-analytics', 'youtube'].map(consentgate.allows)"
    ) == [True, True, False]


@variants
def test_open_shows_the_settings(arrive, headers):
    visitor = arrive(headers)
    visitor.page.evaluate("void consentgate.open()")
    visitor.page.get_by_role("dialog", name="Cookie settings").wait_for()


def test_open_leads_to_the_settings_before_the_banner_has_loaded(arrive):
    visitor = arrive(PERSONAL, OPENS)
    visitor.page.wait_for_url("**/_gate/preferences?back=/page")
