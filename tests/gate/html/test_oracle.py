"""A real parser's tree of a gated page loads nothing from elsewhere; of the bare page it does.

What an element loads is said here once more, and how an address is read: from the standards,
not from the gate.
"""

# ruff: noqa: E501  tables of markup

import re
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from html5lib._tokenizer import HTMLTokenizer
from html5lib.constants import tokenTypes
from hypothesis import given, settings
from hypothesis import strategies as st

from consentgate.gate.embeds import Embeds
from consentgate.gate.html import HtmlGate
from tests.gate.given import access
from tests.gate.html.trees import elements_of

TEMPLATES = Path(__file__).parents[3] / "example_site" / "templates"
PAGE_URL = "https://www.example.com/deep/page"
ACCESS = access()

LOADS = {
    "img": "src srcset attributionsrc", "script": "src href xlink:href attributionsrc",
    "iframe": "src", "frame": "src", "embed": "src", "object": "data codebase",
    "video": "src poster", "audio": "src", "source": "src srcset", "track": "src",
    "input": "src", "image": "href xlink:href attributionsrc", "feimage": "href xlink:href",
    "use": "href xlink:href", "link": "href imagesrcset", "a": "ping attributionsrc",
    "area": "ping attributionsrc", "body": "background", "table": "background",
    "td": "background", "th": "background", "tbody": "background", "thead": "background",
    "tfoot": "background", "col": "background", "colgroup": "background",
    "animate": "to from by", "set": "to", "base": "href", "applet": "codebase archive",
}  # fmt: skip
LISTS = {"srcset", "imagesrcset", "ping", "attributionsrc"}
IDLE_RELS = {"canonical", "alternate", "author", "help", "license", "nofollow", ""}
FORMS = [
    "//e{n}.example/x", "https://e{n}.example/x?a=1&amp;b=2", "HTTPS:e{n}.example", "/\\e{n}.example",
    "\\\\e{n}.example/a b", "&#47;/e{n}.example/", "/&#x2f;e{n}.example", "ht\ntps://e{n}.example",
    "&#1; //e{n}.example", "http:/e{n}.example/p", "//u:p@e{n}.example:8080/", "//e{n}.exa\tmple",
    "//ümlaut{n}.example/", "/own", "own.png", "data:,//e{n}.example", "//www.example.com/own",
]  # fmt: skip
TAGS = [
    "<img src={u}>", "<img alt='>' src={u} src=/own>", "<img srcset={u}>", "<script src={u}></script>",
    "<script type=module src={u}></script>", "<iframe src={u}></iframe>", "<frame src={u}>",
    "<embed src={u}>", "<object data={u}>", "<video poster={u}>", "<audio src={u}>", "<td background={u}>",
    "<source srcset={u}>", "<track src={u}>", "<input type=image src={u}>", "<a ping={u} href={u}>",
    "<link rel=stylesheet href={u}>", "<link rel='X preload' imagesrcset={u}>", "<base href={u}>",
    "<link rel=canonical href={u}>", "<body background={u}>", "<svg><image xlink:href={u} /></svg>",
    "<svg><image href={u} /></svg>", "<svg><use href={u} /></svg>", "<svg><feImage href={u} /></svg>",
    "<svg><script href={u}></script></svg>", "<table background={u}>",
    "<table><tbody background={u}>", "<table><thead background={u}>", "<table><tfoot background={u}>",
    "<table><col background={u}>", "<table><colgroup background={u}>",
    "<svg><image><animate attributeName=href to={u} /></image></svg>",
    "<svg><image><animate attributeName=href from={u} to=/own /></image></svg>",
    "<svg><image href=/own><set attributeName=href to={u} /></image></svg>", "<IMG\nSRC\n=\n{u}\n/>",
    '<meta http-equiv=refresh content="0; url={r}">',
]  # fmt: skip
AROUND = [
    "<!doctype html>", "<html>", "<head>", "</head>", "<body>", "<noscript>", "</noscript>", "<svg>",
    "</svg>", "<math><mi>", "</math>", "<select>", "</select>", "<option>", "<template>", "</template>",
    "<table>", "</table>", "<tr>", "<p>", "</p>", "<!-- ", " -->", "<style>", "</style>", "<title>",
    "</title>", "<textarea>", "</textarea>", "<![CDATA[", "]]>", "<foreignObject>", "</foreignObject>",
    "<frameset>", "</frameset>", "<p title='", "'>", "<desc>", "</desc>", "<xmp>", "</xmp>", "text",
    "<script>", "</script>", "<!--<script>", "<plaintext>", "<noembed>", "</noembed>", "<form>",
    "<td>", "</td>", "</tr>", "<caption>", "</caption>", "<tbody>", "<col>", "</mi>",
]  # fmt: skip

RAW_TEXTS = ("style", "xmp", "iframe", "noembed", "noframes", "noscript")
READ_AHEAD = {"img", "source", "script", "link", "base", "input", "video"}
IN_DRAWINGS = (
    "<svg>", "<svg>", "<math>", "</svg>", "</math>", "<!-- ", "<!-- ", " -->", " > ", "<![CDATA[", "]]>",
    "<desc>", "</desc>", "<mi>", "<p>", "</p>", "<title/>", "<style/>", "<script/>", "text", "<select>",
    *(f"{mark}{name}>" for name in (*RAW_TEXTS, "title", "textarea", "script") for mark in ("<", "</")),
)  # fmt: skip


def gated(page: bytes, cuts: tuple[int, ...] = ()) -> bytes:
    decide = Embeds(
        ACCESS,
        embed_url=lambda name, facts: f"/_gate/embed/{name}",
        gate_url="https://www.example.com/_gate/",
        preferences_url="/_gate/preferences",
        slots={},
    )
    gate = HtmlGate(decide)
    edges = [0, *sorted(cut % (len(page) + 1) for cut in cuts), len(page)]
    return b"".join([*(gate.feed(page[a:b]) for a, b in pairwise(edges)), gate.close()])


def leads_away(reference: str) -> bool:
    """Whether an address names another site (WHATWG URL), as far as urllib needs help with it."""
    text = re.sub(r"[\t\n\r]", "", reference.strip("".join(map(chr, range(33)))))
    scheme = re.match(r"(https?):", text, re.IGNORECASE)
    if re.match(r"[a-z][a-z0-9+.-]*:", text, re.IGNORECASE) and not scheme:
        return False
    rest = text[scheme.end() :] if scheme else text
    head, sep, tail = rest.partition("?")
    rest = head.replace("\\", "/") + sep + tail
    if scheme:
        rest = f"{scheme[1]}://" + rest.lstrip("/")
    elif rest.startswith("//"):
        rest = "//" + rest.lstrip("/")
    host = urlsplit(urljoin(PAGE_URL, rest)).hostname or ""
    return host != "example.com" and not host.endswith(".example.com")


def loaded(page: bytes, *, scripting: bool) -> set[str]:
    """What a browser would fetch from elsewhere for the markup of this page."""
    found: set[str] = set()
    for element in elements_of(page.decode("utf-8", "replace"), scripting=scripting):
        attributes = {
            name.replace("{http://www.w3.org/1999/xlink}", "xlink:"): value
            for name, value in element.items()
        }
        found |= loaded_by(element.tag.rpartition("}")[2].lower(), attributes)
    return found


def loaded_by(name: str, attributes: Mapping[str, str]) -> set[str]:
    """What an element fetches from elsewhere."""
    if name == "meta" and attributes.get("http-equiv", "").lower() == "refresh":
        target = attributes.get("content", "").partition("=")[2]
        return {target} if leads_away(target) else set()
    if name == "link" and set(attributes.get("rel", "").lower().split()) <= IDLE_RELS:
        return set()
    if name == "script" and attributes.get("type", "") not in {"", "module", "text/javascript"}:
        return set()
    references: list[str] = []
    for attribute in LOADS.get(name, "").split():
        value = attributes.get(attribute, "")
        references += _listed(attribute, value) if attribute in LISTS else [value]
    return {reference for reference in references if leads_away(reference)}


def _listed(attribute: str, value: str) -> list[str]:
    """HTML, 4.8.4.3.10: of an image candidate the first word is the address."""
    if "srcset" not in attribute:
        return value.split()
    candidates = re.split(r",[\t\n\f\r ]", value)
    return [words[0] for words in map(str.split, candidates) if words]


@st.composite
def pages(draw: st.DrawFn, around: tuple[str, ...] = tuple(AROUND)) -> bytes:
    """Markup that may load from elsewhere, each time from another host, among what is around."""
    parts = draw(st.lists(st.sampled_from([*TAGS, *TAGS, *around]), min_size=1, max_size=16))
    page = ""
    for number, part in enumerate(parts):
        form = draw(st.sampled_from(FORMS)).format(n=number)
        quote = draw(st.sampled_from(['"', "'"]))
        page += part.replace("{u}", quote + form + quote).replace("{r}", form)
    return page.encode()


def parsed(page: bytes, *, scripting: bool) -> set[str] | None:
    try:
        return loaded(page, scripting=scripting)
    except Exception:  # noqa: BLE001  html5lib fails on some soup; it then shows nothing
        return None


@settings(max_examples=500, deadline=None)
@given(pages(), st.booleans())
def test_a_parsers_tree_of_a_gated_page_loads_nothing_from_elsewhere(
    page: bytes, scripting: bool
) -> None:
    assert not parsed(gated(page), scripting=scripting)


def read_ahead(page: bytes) -> set[str]:
    """What a tokenizer without a tree finds to load from elsewhere, as Chromium's does."""
    tokenizer = HTMLTokenizer(page.decode("utf-8", "replace"))
    states = {
        **dict.fromkeys(("textarea", "title"), tokenizer.rcdataState),
        **dict.fromkeys(RAW_TEXTS, tokenizer.rawtextState),
        "script": tokenizer.scriptDataState,
        "plaintext": tokenizer.plaintextState,
    }
    found: set[str] = set()
    for token in tokenizer:
        if token["type"] == tokenTypes["StartTag"]:
            tokenizer.state = states.get(token["name"], tokenizer.state)
            if token["name"] in READ_AHEAD:
                found |= loaded_by(token["name"], token["data"])
    return found


@settings(max_examples=500, deadline=None)
@given(pages(IN_DRAWINGS), st.tuples(st.integers(0), st.integers(0)))
def test_what_is_read_ahead_of_the_parser_loads_nothing_from_elsewhere(
    page: bytes, cuts: tuple[int, ...]
) -> None:
    once = gated(page)
    assert not read_ahead(once)
    assert not parsed(once, scripting=True)
    assert gated(page, cuts) == once


def test_ungated_it_loads_what_the_parser_takes_for_a_comment() -> None:
    page = b"<svg><style><!-- </style><img src=//e.example> --></style><![CDATA[><base href=//f.example>"
    assert not parsed(page, scripting=True)
    assert read_ahead(page) == {"//e.example", "//f.example"}


@settings(max_examples=200, deadline=None)
@given(pages(), st.tuples(st.integers(0), st.integers(0)))
def test_a_gated_page_is_gated_no_further_and_comes_out_alike_in_pieces(
    page: bytes, cuts: tuple[int, ...]
) -> None:
    once = gated(page)
    assert gated(page, cuts) == once
    assert gated(once) == once


@pytest.mark.parametrize("tag", [tag for tag in TAGS if "canonical" not in tag])
@pytest.mark.parametrize(
    "form", [form for form in FORMS if "own" not in form and "data:" not in form]
)
def test_each_tag_and_form_does_load_where_nothing_is_gated(tag: str, form: str) -> None:
    listed = any(f"{name}={{u}}" in tag for name in LISTS)
    if (listed or "{r}" in tag) and re.search(r"\s", form):
        pytest.skip("white space ends an address in a list")
    page = tag.replace("{u}", f'"{form}"').replace("{r}", form).format(n=1).encode()
    page = b"<frameset>" + page if b"<frame " in page else b"<table>" * (b"<td" in page) + page
    assert parsed(page, scripting=True)
    assert not parsed(gated(page), scripting=True)


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
@pytest.mark.parametrize("scripting", [True, False])
def test_the_pages_of_the_example_site_load_nothing_from_elsewhere(
    path: Path, scripting: bool
) -> None:
    page = path.read_bytes()
    assert not loaded(gated(page), scripting=scripting)


def test_those_pages_would_load_much() -> None:
    found = [loaded(path.read_bytes(), scripting=False) for path in TEMPLATES.rglob("*.html")]
    assert len(set().union(*found)) > 10
