"""What a page's markup and headers say that no policy covers, or none where it only reports.

Each way is first seen to reach a third party where no gate is. In Chromium: the other engines
know no speculation rules.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.browser.test_markup import CONFIG, ICON, Pages, personal_and_shared, site_of
from tests.browser.visitor import NOBODY, Visitor
from tests.gated import behind_gate

REPORTING = {**CONFIG, "unknown": {"third_party": "report"}}
HTML, RULES = "text/html; charset=utf-8", "application/speculationrules+json"
OWN_FILES: Pages = {
    path: (json.dumps({"prefetch": [rule]}).encode(), {"content-type": RULES})
    for path, rule in {
        "/named.json": {"urls": ["https://h1.example/p"], "eagerness": "immediate"},
        "/any.json": {"source": "document", "eagerness": "immediate"},
    }.items()
}
RULES_FOR_ALL_LINKS = (
    '<script type=speculationrules>{"prefetch":[{"source":"document","eagerness":"immediate"}]}'
    "</script>"
)
LINK = "<a href=https://{}/p>x</a>"
INSERTED = (
    "<script>const rules = document.createElement('script'); rules.type = 'speculationrules';"
    'rules.text = \'{"prefetch":[{"source":"document","eagerness":"immediate"}]}\';'
    "document.head.append(rules)</script>"
)
DRAWN = "<svg width=9 height=9><image href=/own width=9 height=9>{}</image></svg>"
BUNDLE = '<script type=webbundle>{"source":"https://{}/a.wbn","resources":[]}</script>'
TABLE_PARTS = {
    part: f"<table><{part} background=https://{{}}/i><tr><td>x</table>"
    for part in ("tbody", "thead", "tfoot", "col")
}

# By host: what stands in the page's body, and the headers of the page.
HINTS = {
    f"h{number}.example": (markup, headers)
    for number, (markup, headers) in enumerate(
        (
            (RULES_FOR_ALL_LINKS + LINK, {}),
            ("x", {"speculation-rules": '"/named.json"'}),
            (LINK, {"speculation-rules": '"/any.json"'}),
            (INSERTED + LINK, {}),
            ('<iframe src="data:text/html,<link rel=preconnect href=https://{}>"></iframe>', {}),
            ('<iframe src="data:text/html,<iframe src=https://{}></iframe>"></iframe>', {}),
            ('<object data="data:text/html,<link rel=preconnect href=https://{}>"></object>', {}),
            ('<embed src="data:text/html,<iframe src=https://{}></iframe>">', {}),
            ("<iframe src=\"javascript:'<link rel=preconnect href=https://{}>'\"></iframe>", {}),
        )
    )
}
# Of a refused service, where the policy stops nobody.
LOADS = {
    f"l{number}.one.example": (markup, {})
    for number, markup in enumerate(
        (
            *TABLE_PARTS.values(),
            "<table><colgroup background=https://{}/i><col><tr><td>x</table>",
            DRAWN.format(
                "<animate attributeName=href to=https://{}/i dur=0.01s fill=freeze></animate>"
            ),
            DRAWN.format("<set attributeName=href to=https://{}/i></set>"),
            BUNDLE,
        )
    )
}
HOSTS = (*HINTS, *LOADS)


def pages_of(ways: dict[str, tuple[str, dict[str, str]]], cached: str) -> Pages:
    """A page for each host."""
    head = f"<!doctype html><html><head>{ICON}<title>t</title></head><body>"
    pages = {
        f"/{host}": (
            (head + markup.replace("{}", host)).encode(),
            {"content-type": HTML, "cache-control": cached, **headers},
        )
        for host, (markup, headers) in ways.items()
    }
    return {**pages, **OWN_FILES}


@pytest.fixture
def come(tmp_path, serve, visit) -> Callable[..., Visitor]:
    """A new visitor of a site of these pages, with a gate of this configuration before it."""

    def arrive(pages: Pages, config: dict[str, object] | None = None) -> Visitor:
        app = site_of(pages)
        return visit(serve(behind_gate(app, tmp_path, config) if config else app), HOSTS)

    return arrive


@pytest.mark.parametrize("ways", [HINTS, LOADS], ids=["no policy covers it", "loads"])
def test_each_way_leaks_where_nothing_stops_it(come, ways):
    visitor = come(pages_of(ways, "private"))
    for host in ways:
        visitor.goto(f"/{host}")
        assert visitor.reached({host}) == {host}, host
        visitor.forget()


@personal_and_shared
def test_what_no_policy_covers_reaches_nobody(come, cached):
    visitor = come(pages_of(HINTS, cached), CONFIG)
    for host in HINTS:
        visitor.goto(f"/{host}")
        assert visitor.reached() == NOBODY, host
        visitor.forget()


def test_a_refused_service_is_not_asked_where_the_policy_only_reports(come):
    visitor = come(pages_of(LOADS, "private"), with_hosts(REPORTING, "*.one.example"))
    for host in LOADS:
        visitor.goto(f"/{host}")
        assert visitor.reached() == NOBODY, host
        visitor.forget()


def with_hosts(config: dict[str, object], *hosts: str) -> dict[str, object]:
    """The configuration, its one service at other hosts."""
    one = {**config["services"]["one"], "match": {"hosts": list(hosts)}}
    return {**config, "services": {"one": one}}
