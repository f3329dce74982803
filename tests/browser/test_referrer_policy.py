"""What a referrer policy leaves of a page's forms over plain http, without fetch metadata."""

import pytest
from starlette.responses import HTMLResponse

from tests.browser.visitor import with_and_without_script
from tests.gated import behind_gate

CONFIG = {
    "site": {"name": "A site", "privacy_url": "/privacy"},
    "policy": {"version": "1"},
    "services": {"x": {}},
}

PAGE = "<!doctype html><title>t</title><p><a class=twitter-timeline href=https://x.com/me>Me</a>"


@pytest.fixture
def arrive(tmp_path, serve, visit):
    def come(policy, **options):
        page = HTMLResponse(PAGE, headers={"referrer-policy": policy})
        return visit(serve(behind_gate(page, tmp_path, CONFIG)), (), "www.shop.example", **options)

    return come


@with_and_without_script
@pytest.mark.parametrize("policy", ["same-origin", "strict-origin-when-cross-origin"])
def test_a_choice_is_taken_from_a_page_that_names_itself(arrive, records, policy, java_script):
    visitor = arrive(policy, java_script_enabled=java_script)
    visitor.goto("/")
    visitor.press("Accept all")
    assert len(records()) == 1


def test_a_page_without_referrer_can_choose_by_script_alone(arrive, records):
    visitor = arrive("no-referrer")
    visitor.goto("/")
    visitor.press("Load once")
    assert records() == [], "which the browser sends by itself"
    visitor.goto("/")
    visitor.press("Accept all")
    assert len(records()) == 1


def test_without_script_it_cannot_but_the_settings_can(arrive, records):
    visitor = arrive("no-referrer", java_script_enabled=False)
    visitor.goto("/")
    visitor.press("Accept all")
    assert records() == []
    visitor.goto("/_gate/preferences")
    visitor.press("Accept all")
    assert len(records()) == 1
