"""A law: what the gate changed in a start tag is in the opened page as if it had never been.

Compared are the attributes of every element with those that the browser's own parser reads from
the markup as the site wrote it: names, namespaces, values. Not their order: a browser can put a
new attribute at the end alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations, count

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from consentgate.gate.fetched import FETCHED
from tests.browser.recorder import Recorder
from tests.browser.visitor import Visitor
from tests.gated import behind_gate

HOST = "one.example"
CONFIG = {
    "site": {"name": "A site", "privacy_url": "/privacy"},
    "policy": {"version": "1"},
    "services": {
        "facebook": {},
        "one": {
            "title": "One",
            "category": "analytics",
            "provider": {"name": "One"},
            "purpose": "Tests.",
            "match": {"hosts": [HOST], "inline": ["/* one */"]},
        },
    },
}

ADDRESS = f"//{HOST}/x?a=1&amp;b=&quot;c&quot;&copy=d&#x20;e"
VALUES = {
    "srcset": f"/own.gif 1x, https://{HOST}/x?a=1,2&amp;b 2x",
    "imagesrcset": f"https&colon;//{HOST}/x 100w,\n/own.gif 200w",
    "ping": f"/own https://{HOST}/ping\t//{HOST}/other",
    "attributionsrc": f"https://{HOST}/a https://{HOST}/b",
    "content": f"9999; url=https://{HOST}/",
}
BYSTANDERS = (
    "data-n={n} onerror=\"x = 'a &amp; b'\" nonce=n1 integrity='sha256-x' rel=\"noopener next\""
    " target=_blank action=/a formaction=//b.example alt='&lt;&#x1F600;' style='color: red'"
)
SPELLINGS: dict[str, Callable[[str, str, str], str]] = {
    "quoted": lambda name, value, rest: f'{name}="{value}" {rest}',
    "last": lambda name, value, rest: f"{rest} {name}='{value}'",
    "capitals": lambda name, value, rest: f'{name.upper()} = "{value}"{rest}',
    "twice": lambda name, value, rest: f'{name}="{value}" {rest} {name}="/other"',
    "twice in capitals": lambda name, value, rest: f"{name}='{value}' {name.upper()}=/other {rest}",
    "line breaks": lambda name, value, rest: f'\n{name}\n=\n"{value}"\n{rest}\n',
    "kept already": lambda name, value, rest: f'{name}="{value}" {rest} data-cg-other=1',
}
WRAPPED = {
    "source": "<picture>{}</picture>",
    "col": "<table>{}</table>",
    "colgroup": "<table>{}</table>",
    "tbody": "<table>{}</table>",
    "td": "<table><tr>{}</table>",
    "tfoot": "<table>{}</table>",
    "th": "<table><tr>{}</table>",
    "thead": "<table>{}</table>",
    "tr": "<table>{}</table>",
    "track": "<video>{}</video>",
}
DRAWN = ("image", "use", "feimage")
OF_THE_PAGE = ("base", "body")
# They may animate the address of a link, which only a guest can have written.
STAY_PARKED = ("animate", "set")
SCRIPTS = (
    f"src=//{HOST}/a.js",
    f"src=//{HOST}/a.js type",
    f"src=//{HOST}/a.js TYPE='Text/JavaScript' type=module",
    f"src=//{HOST}/a.js type=module",
    f"src=//{HOST}/a.js language=JavaScript async='async' defer=defer",
    f"src=//{HOST}/a.js defer=DEFER charset=latin1",
    f"src=//{HOST}/a.js nomodule crossorigin referrerpolicy=origin",
    f"src=/own.js type=module attributionsrc=//{HOST}/a",
    f"src=/own.js attributionsrc=//{HOST}/a",
    f"type=text/plain attributionsrc=//{HOST}/a",
)
DATA = {
    "importmap": '{"imports": {"one": "https://one.example/one.js"}}',
    "speculationrules": '{"prefetch": [{"urls": ["https://one.example/"]}]}',
    "webbundle": '{"source": "https://one.example/a.wbn", "resources": []}',
}
FRAMES = (
    f"src=//{HOST}/ sandbox='allow-scripts' title=t",
    f"sandbox SRC=//{HOST}/ allow=autoplay sandbox=allow-forms",
    f"src=//{HOST}/ hidden",
    f"hidden='' src=//{HOST}/",
    f"src=//{HOST}/ width=0 height=0 srcdoc-not",
    "src='https://www.facebook.com/plugins/like.php?href=https%3A%2F%2Fa.example%2F'",
)
LINKS = ("stylesheet", "preconnect", "PRELOAD icon", "dns-prefetch", "manifest", "modulepreload")

READ = """(documents) => documents.map((markup) => {
  const read = markup === null ? document : new DOMParser().parseFromString(markup, 'text/html');
  return Object.fromEntries([...read.querySelectorAll('[data-n]')].map((element) => [
    element.dataset.n,
    [`<${element.localName} ${element.namespaceURI}>`, ...[...element.attributes].map((each) =>
      [each.namespaceURI, each.prefix, each.localName, each.name, each.value].join(' ')).sort()],
  ]));
})"""


def tags() -> Iterator[tuple[str, str]]:
    """Each tag that the gate changes, with ``{n}`` for its number, and what is to be around it."""
    for element, names in FETCHED.items():
        if element in (*OF_THE_PAGE, *STAY_PARKED):
            continue
        for place in places(element):
            for name in names:
                for spell in SPELLINGS.values():
                    yield tag(element, spell(name, VALUES.get(name, ADDRESS), BYSTANDERS)), place
            for size in range(2, len(names) + 1):
                for chosen in combinations(names, size):
                    said = " ".join(f'{name}="{VALUES.get(name, ADDRESS)}"' for name in chosen)
                    yield tag(element, f"{said} {BYSTANDERS}"), place
    for rel in LINKS:
        said = f"rel='{rel}' as=image href='{ADDRESS}' imagesrcset='{VALUES['imagesrcset']}'"
        yield f"<link {said} data-n={{n}} data-x=1>", "{}"
    yield f"<meta http-equiv=Refresh content='{VALUES['content']}' data-n={{n}}>", "{}"


def places(element: str) -> tuple[str, ...]:
    if element in DRAWN:
        return ("<svg><filter>{}</filter></svg>", "{}")
    return (WRAPPED.get(element, "{}"),)


def tag(element: str, attributes: str) -> str:
    end = f"</{element}>" if element in {"a", "applet", "audio", "object", "use", "video"} else ""
    return f"<{element} {attributes}>{end}"


def scripts() -> Iterator[tuple[str, str]]:
    for said in SCRIPTS:
        yield f"<script {said} data-n={{n}} onload='self.x = 1' integrity=''></script>", "{}"
    for kind, text in DATA.items():
        escaped = text.replace("{", "{{").replace("}", "}}")
        yield f"<script type={kind} data-n={{n}}>{escaped}</script>", "{}"
    yield "<script data-n={n} id=inline>/* one */ self.inline = 1</script>", "{}"
    for said in ("href", "xlink:href", f"xlink:href=//{HOST}/b.js type='' href"):
        drawn = f"<script {said}=//{HOST}/a.js data-n={{n}}></script>"
        yield drawn, "<svg>{}</svg>"
    for said in FRAMES:
        yield f"<iframe {said} data-n={{n}} loading=eager></iframe>", "{}"


def page_of(pieces: Iterator[tuple[str, str]]) -> str:
    numbers = count()
    body = "\n".join(around.format(t.format(n=next(numbers))) for t, around in pieces)
    return f"<!doctype html><html lang=en><head><title>x</title></head><body>{body}</body></html>"


PAGES = {
    "whatever loads": page_of(tags()),
    "scripts and frames": page_of(scripts()),
    "body": f"<!doctype html><body background='{ADDRESS}' onload=1 data-n=0>",
    "base": f"<!doctype html><base target=_top href=https://{HOST}/a/ data-n=0><body>",
    "frameset": f"<!doctype html><html><frameset><frame src=//{HOST}/ name=f data-n=0></frameset>",
}


@pytest.fixture
def opened(tmp_path, serve, visit, recorder: Recorder) -> Callable[[str], Visitor]:
    """A visitor who agreed to everything and has this page open."""
    recorder.serve(HOST, "/a.js", "self.ran = (self.ran ?? 0) + 1", "text/javascript")

    def arrive(page: str) -> Visitor:
        async def show(_: object) -> HTMLResponse:
            return HTMLResponse(page, headers={"cache-control": "public, max-age=60"})

        site = behind_gate(Starlette(routes=[Route("/", show)]), tmp_path, CONFIG)
        visitor = visit(serve(site), (HOST, "www.facebook.com", "b.example"))
        visitor.goto("/_gate/preferences?back=/")
        visitor.press("Accept all")
        visitor.goto("/")
        return visitor

    return arrive


@pytest.mark.parametrize("name", PAGES)
def test_an_opened_page_has_the_attributes_that_the_site_wrote(opened, name):
    page = PAGES[name]
    visitor = opened(page)
    gated = httpx.get(visitor.server.url).text
    written, stopped, found = visitor.page.evaluate(READ, [page, gated, None])
    untouched = [n for n, said in stopped.items() if not any(" data-cg " in each for each in said)]
    assert len(written) == page.count("data-n=")
    assert untouched == [], "the gate changes each of them"
    assert found == written
