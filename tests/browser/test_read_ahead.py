"""What a browser reads ahead of its parser: it knows no drawings, and sees tags that are none."""

from __future__ import annotations

import pytest

from tests.browser.test_markup import CONFIG, ICON, personal_and_shared, site_of
from tests.browser.visitor import NOBODY
from tests.gated import behind_gate

LINK = "<link rel=preconnect href=https://{host}>"
NAMES = (
    *("style", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "noscript", "script"),
)
DRAWINGS = (
    *(f"<svg><{name}><!-- </{name}>{LINK} --></{name}></svg>" for name in NAMES),
    *(f"<math><{name}><!-- </{name}>{LINK} --></{name}></math>" for name in NAMES),
    f"<svg><![CDATA[ > {LINK} ]]></svg>",
    f"<svg><desc><![CDATA[ > {LINK} ]]></desc></svg>",
    f"<math><mi><![CDATA[ > {LINK} ]]></mi></math>",
    f"<svg><title/><!-- </title>{LINK} --></svg>",
    "<svg><style/>@import url(https://{host}/a.css);</style></svg>",
    "<svg><style>/*</svg>*/@import url(https://{host}/a.css);</style>",
    "<svg><style>/*&#42;/ */@import url(https://{host}/a.css);</style></svg>",
)
HOSTS = tuple(f"d{number}.example" for number in range(len(DRAWINGS)))
BODY = "".join(
    drawing.replace("{host}", host) for drawing, host in zip(DRAWINGS, HOSTS, strict=True)
)
PAGE = (
    f"<!doctype html><html><head>{ICON}<title>t</title><script src=/own.js></script></head>"
    f"<body>{BODY}<p>text</p></body></html>"
)
IMAGE = "<svg><title><!-- </title><base href=https://d0.example/><img src=/i> --></title></svg>"


def site(cached: str):
    headers = {"content-type": "text/html; charset=utf-8", "cache-control": cached}
    script = (b"self.own = 1", {"content-type": "text/javascript", "cache-control": "no-store"})
    pages = {"/": PAGE, "/image": PAGE.replace(BODY, IMAGE)}
    return site_of(
        {path: (page.encode(), headers) for path, page in pages.items()} | {"/own.js": script}
    )


@pytest.mark.parametrize(("path", "hosts"), [("/", HOSTS), ("/image", HOSTS[:1])])
def test_it_leaks_where_no_gate_is(serve, visit, path, hosts):
    visitor = visit(serve(site("private")), HOSTS)
    visitor.goto(path)
    assert visitor.reached(frozenset(hosts)) == frozenset(hosts)


@personal_and_shared
def test_behind_the_gate_it_reaches_nobody(tmp_path, serve, visit, cached):
    visitor = visit(serve(behind_gate(site(cached), tmp_path, CONFIG)), HOSTS)
    for path in ("/", "/image"):
        visitor.goto(path)
        assert visitor.reached() == NOBODY
        assert visitor.sees("Accept all")
        visitor.forget()
