"""Pages as sites write them: in their charsets, with styles, inner documents and drawings.

What the HTML gate stops, and what it leaves to the policy, reaches nobody in a real browser;
and each of it does where no gate is.
"""

# ruff: noqa: RUF001  text as it is written in these languages

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.visitor import NOBODY, Visitor, with_and_without_script
from tests.gated import behind_gate, with_one_service

STYLE_HOSTS = frozenset(f"s{number}.example" for number in range(11))
HOSTS = ("one.example", "two.example", "three.example", "four.example", "five.example")
HOSTS += tuple(sorted(STYLE_HOSTS))
CONFIG = with_one_service("one.example", inline=["one.start("])
ICON = '<link rel="icon" href="data:,">'
personal_and_shared = pytest.mark.parametrize(
    "cached", ["private", "public, max-age=60"], ids=["personal", "shared"]
)


Pages = dict[str, tuple[bytes, dict[str, str]]]


def site_of(pages: Pages):
    """An application that answers with these bodies and headers."""

    async def app(scope, receive, send):
        if scope["type"] != "http":
            return
        page, headers = pages.get(scope["path"], (b"", {}))
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": 200, "headers": raw})
        await send({"type": "http.response.body", "body": page})

    return app


@pytest.fixture
def come(tmp_path, serve, visit) -> Callable[..., Visitor]:
    """A new visitor of a site of these pages, with a gate before it or without."""

    def arrive(pages: Pages, *, gated: bool, java_script: bool = True) -> Visitor:
        app = site_of(pages)
        if gated:
            app = behind_gate(app, tmp_path, CONFIG)
        return visit(serve(app), HOSTS, java_script_enabled=java_script)

    return arrive


# --- charsets -------------------------------------------------------------------------------
TEXTS = {
    "shift_jis": "表示ソース：十年の予約、能力",
    "gbk": "中国人民，誠乗僓俙浚淺",
    "gb18030": "中国人民，誠乗 𠀀",
    "big5": "許功蓋，育成中心",
    "euc-kr": "한국어 똠방각하 펲시콜라",
    "euc-jp": "表示ソース：日本語の予約",
    "iso-2022-jp": "表示ソース：日本語、能力",
    "utf-16le": "Ünïcode 表 😀",
    "utf-16be": "Ünïcode 表 😀",
    "utf-8": "Ünïcode 表 😀",
    "windows-1252": "Grüße – „Höflichkeit“ €",
    "iso-8859-1": "Grüße, señor ¿qué?",
}
CODECS = {"euc-kr": "cp949", "big5": "big5hkscs", "shift_jis": "cp932"}
BY_MARK = ("utf-16le", "utf-16be", "utf-8")
DECLARED = {
    "header": tuple(TEXTS),
    "meta": tuple(label for label in TEXTS if not label.startswith("utf-16")),
    "mark": ("utf-16le", "utf-16be", "utf-8"),
}
THREE = frozenset(HOSTS[:3])


def page_in(label: str, declared: str) -> tuple[bytes, dict[str, str]]:
    """A page with three third parties."""
    text = TEXTS[label]
    page = (
        f"<!doctype html><html><head>{f'<meta charset={label}>' if declared == 'meta' else ''}"
        f"{ICON}<title>{text}</title></head><body><p id=text title='{text}'>{text}</p>"
        f"<img alt='{text}' src=https://one.example/a.gif>{text}"
        f"<script src=https://two.example/b.js data-x='{text}'></script>"
        f"<iframe title='{text}' src=https://three.example/></iframe></body></html>"
    )
    mark = "\ufeff" if declared == "mark" else ""
    content_type = f"text/html; charset={label}" if declared == "header" else "text/html"
    body = (mark + page).encode(CODECS.get(label, label))
    return body, {"content-type": content_type}


def pages_in(declared: str) -> Pages:
    return {f"/{label}": page_in(label, declared) for label in DECLARED[declared]}


@pytest.mark.parametrize("declared", DECLARED)
def test_pages_in_any_charset_leak_where_nothing_stops_them(come, declared):
    visitor = come(pages_in(declared), gated=False)
    for label in DECLARED[declared]:
        visitor.goto(f"/{label}")
        assert visitor.reached(THREE) == THREE, label
        assert visitor.page.title() == TEXTS[label], "the browser reads this charset"
        visitor.forget()


@pytest.mark.parametrize("declared", DECLARED)
def test_pages_in_any_charset_reach_nobody_and_read_as_before(come, declared):
    visitor = come(pages_in(declared), gated=True)
    for label in DECLARED[declared]:
        visitor.goto(f"/{label}")
        assert visitor.reached() == NOBODY, label
        assert visitor.page.title() == TEXTS[label]
        assert visitor.page.inner_text("#text") == TEXTS[label]
        assert visitor.page.get_attribute("#text", "title") == TEXTS[label]
        assert visitor.page.get_attribute("img", "data-cg-src") == "https://one.example/a.gif"
        assert visitor.sees("Accept all")


# --- what is left to the policy -------------------------------------------------------------
FRAMED = (
    "<img src=https://one.example/a.gif><link rel=stylesheet href=https://two.example/a.css>"
    "<script src=https://three.example/a.js></script>"
    "<p style='background: url(https://four.example/a.gif)'>x"
    "<iframe src=https://five.example/></iframe>"
)
STYLES = {
    "import": "<style>@import 'https://{}/a.css';</style>",
    "import by url()": "<style>@import url(//{}/a.css);</style>",
    "import behind others": (
        "<style> /* x */ @charset 'utf-8';@layer a; @import '/own.css';"
        ' @IMPORT "//{}/a.css";</style>'
    ),
    "import in a drawing": "<svg><style>@import url( '//{}/a.css' ) screen;</style></svg>",
    "import in cdata": "<svg><style><![CDATA[@import '//{}/a.css';]]></style></svg>",
    "background": "<style>#a {background: url(https://{}/a.gif)}</style><p id=a>x",
    "image-set": "<style>#b {background-image: image-set('//{}/a.gif' 1x)}</style><p id=b>x",
    "font": (
        "<style>@font-face {font-family: f; src: url(https://{}/f.woff2)}"
        "#c {font-family: f}</style><p id=c>x"
    ),
    "escaped": r"<style>#d {background: u\72l(\2f/{}/a.gif)}</style><p id=d>x",
    "attribute": "<p style='background: url(//{}/a.gif)'>x",
    "list": "<ul style=\"list-style-image: url('https://{}/a.gif')\"><li>x</ul>",
}
LEFT_TO_THE_POLICY = {
    "styles": "".join(
        style.replace("{}", f"s{number}.example") for number, style in enumerate(STYLES.values())
    ),
    "srcdoc": f'<iframe srcdoc="{FRAMED}"></iframe>',
    "srcdoc in srcdoc": (
        "<iframe srcdoc=\"<iframe srcdoc='<img src=https://one.example/a.gif>'></iframe>\">"
        "</iframe>"
    ),
}
LEAKS = {
    "styles": STYLE_HOSTS,
    "srcdoc": frozenset(HOSTS[:5]),
    "srcdoc in srcdoc": frozenset({"one.example"}),
}


def page_with(markup: str, cached: str = "private") -> Pages:
    page = f"<!doctype html><html><head>{ICON}<title>t</title></head><body>{markup}</body></html>"
    headers = {"content-type": "text/html; charset=utf-8", "cache-control": cached}
    return {"/": (page.encode(), headers)}


@with_and_without_script
@pytest.mark.parametrize("name", LEFT_TO_THE_POLICY)
def test_it_leaks_where_nothing_stops_it(come, name, java_script):
    expected = LEAKS[name] - (set() if java_script else {"three.example"})
    visitor = come(page_with(LEFT_TO_THE_POLICY[name]), gated=False, java_script=java_script)
    visitor.goto("/")
    assert visitor.reached(expected) == expected


@personal_and_shared
@with_and_without_script
def test_what_the_html_gate_leaves_to_the_policy_reaches_nobody(come, java_script, cached):
    markup = "".join(LEFT_TO_THE_POLICY.values())
    visitor = come(page_with(markup, cached), gated=True, java_script=java_script)
    visitor.goto("/")
    assert visitor.reached() == NOBODY


IMPORTED = """
  [...document.styleSheets].filter(sheet => sheet.ownerNode.localName === "style")
    .map(sheet => sheet.cssRules[0].href)
"""


@personal_and_shared
def test_a_style_that_begins_with_an_import_has_it_after_agreement(come, cached):
    style = "<style>@import '//one.example/a.css';</style><svg><style>@import '//one.example/b.css'"
    visitor = come(page_with(style + ";p {color: red}</style></svg><p>x", cached), gated=True)
    visitor.goto("/")
    assert visitor.reached() == NOBODY
    visitor.press("Accept all")
    visitor.goto("/")
    assert visitor.reached({"one.example"}) == {"one.example"}
    imported = set(visitor.page.evaluate(IMPORTED))
    assert imported >= {"//one.example/a.css", "//one.example/b.css"}


# --- code in drawings -----------------------------------------------------------------------
DEFINED = "<script>self.ran = []; self.one = {start: (url, name) => {"
DEFINED += " self.ran.push(name); new Image().src = url }}</script>"
DRAWINGS = {
    "plain": "<svg><script>{}</script></svg>",
    "cdata": "<svg><script><![CDATA[{}]]></script></svg>",
    "typed": "<svg><g><script type='text/ecmascript'>{}</script></g></svg>",
    "with a src that means nothing": "<svg><script src=/none.js>{}</script></svg>",
    "references": "<svg><script>&#111;{}</script></svg>",
}
WITH_CODE = DEFINED + "".join(
    drawing.replace("{}", f"one.start('https://one.example/a.gif', '{name}')").replace(";o", ";")
    for name, drawing in DRAWINGS.items()
)


def test_code_in_drawings_runs_where_nothing_stops_it(come):
    visitor = come(page_with(WITH_CODE), gated=False)
    visitor.goto("/")
    assert visitor.page.evaluate("self.ran") == list(DRAWINGS)
    assert visitor.reached({"one.example"}) == {"one.example"}


@personal_and_shared
def test_code_in_drawings_does_not_run_before_agreement(come, cached):
    visitor = come(page_with(WITH_CODE, cached), gated=True)
    visitor.goto("/")
    assert visitor.page.evaluate("self.ran") == []
    assert visitor.reached() == NOBODY


def test_code_in_drawings_runs_after_agreement(come):
    visitor = come(page_with(WITH_CODE), gated=True)
    visitor.goto("/")
    visitor.press("Accept all")
    assert visitor.reached({"one.example"}) == {"one.example"}
    assert visitor.page.evaluate("self.ran") == list(DRAWINGS)


# --- what comes back ------------------------------------------------------------------------
RESTORED = (
    "<img src='https://one.example/a.gif?x=1&amp;y=&quot;2&quot;' ALT=\"a 'quoted' one\""
    " srcset='//one.example/b.gif 2x, /own.gif 1x' data-x>"
    "<img src=//one.example/c.gif src=//two.example/second.gif>"
    "<script type=module crossorigin src=https://one.example/d.js></script>"
    "<script type='' src=https://one.example/e.js async></script>"
    "<script>one.start('https://one.example/f.gif', 'f')</script>"
    "<link rel='stylesheet  preload' as=style href=https://one.example/g.css>"
    "<video poster=//one.example/h.gif src=//one.example/h.mp4 controls></video>"
    "<table background=//one.example/j.gif></table>"
    "<svg><image href=//one.example/k.gif /></svg>"
    "<object data=//one.example/l.gif type=image/gif></object><embed src=//one.example/m.gif>"
    "<iframe src='https://one.example/n' sandbox='allow-scripts' title=\"n\" width=400></iframe>"
)
# Beside them our own stay, by which it is known what was parked.
ATTRIBUTES = """
  [...document.querySelectorAll("#all, #all *")].map(element =>
    element.localName + " " + JSON.stringify(
      [...element.attributes].filter(each => !each.name.startsWith("data-cg"))
        .map(each => [each.name, each.namespaceURI, each.value]).sort()))
"""


def restored_page(cached: str) -> Pages:
    return page_with(DEFINED + f"<div id=all>{RESTORED}</div>", cached)


@personal_and_shared
def test_after_agreement_every_attribute_is_what_the_page_says(come, cached):
    bare = come(restored_page(cached), gated=False)
    bare.goto("/")
    expected = bare.page.evaluate(ATTRIBUTES)
    bare.context.close()
    visitor = come(restored_page(cached), gated=True)
    visitor.goto("/")
    assert visitor.page.evaluate(ATTRIBUTES) != expected
    visitor.press("Accept all")
    visitor.settle()
    found = visitor.page.evaluate(ATTRIBUTES)
    assert [pair for pair in zip(found, expected, strict=True) if pair[0] != pair[1]] == []
