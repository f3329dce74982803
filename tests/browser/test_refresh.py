"""A page that would refresh itself away stays, in whatever way its refresh is written."""

from __future__ import annotations

from html import escape

import pytest

from tests.browser.test_markup import CONFIG, Pages, page_with, site_of
from tests.browser.visitor import NOBODY
from tests.gated import behind_gate

AWAY = "https://one.example/away"
CONTENTS = {
    "plain": f"0;url={AWAY}",
    "vertical tab first": f"\x0b0;url={AWAY}",
    "vertical tab behind": f"0\x0b;url={AWAY}",
    "wide space behind": f"0\u3000;url={AWAY}",
    "wide space in quotes": f"0;url='\u3000{AWAY}'",
    "a quote within": "0;'//127.0.0.1'@one.example/'",
}


def page_of(name: str, cached: str = "private") -> Pages:
    return page_with(f'<meta http-equiv=refresh content="{escape(CONTENTS[name])}"><p>x', cached)


@pytest.mark.parametrize("name", CONTENTS)
def test_it_leads_away_where_nothing_stops_it(serve, visit, name):
    visitor = visit(serve(site_of(page_of(name))), ["one.example"])
    visitor.goto("/")
    assert visitor.reached({"one.example"}) == {"one.example"}


@pytest.mark.parametrize("name", CONTENTS)
def test_it_leads_nowhere_before_agreement(tmp_path, serve, visit, name):
    app = behind_gate(site_of(page_of(name)), tmp_path, CONFIG)
    visitor = visit(serve(app), ["one.example"])
    visitor.goto("/")
    assert visitor.reached() == NOBODY
    assert visitor.page.locator("[data-cg-content]").count() == 1
