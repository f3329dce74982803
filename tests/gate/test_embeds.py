"""Which markup reaches a third party, and what becomes of it without and with consent."""

import base64
import html
import json
from collections.abc import Mapping
from urllib.parse import quote

import pytest

from consentgate.gate.embeds import MOST_HOSTS, Embeds, stopped
from consentgate.gate.html import HtmlGate
from consentgate.gate.scripts import json_strings
from consentgate.model import Match, Provider, Service
from tests.gate.given import access, service

VIDEO = service("video", "www.video.example", category="social")
MATOMO = service("matomo", "*.matomo.cloud")
COUNTER = Service(
    id="counter",
    title="Counter",
    category="analytics",
    provider=Provider("Counter Ltd"),
    matches=(Match(hosts=("*.counter.example",), inline=("count('init'",)),),
)


def frame_address(name: str, facts: Mapping[str, str]) -> str:
    return f"/_gate/embed/{name}?" + "&".join(f"{key}={value}" for key, value in facts.items())


def embeds(*, allowed=(), **options) -> Embeds:
    return Embeds(
        access(VIDEO, COUNTER, MATOMO, allowed=allowed, **options),
        embed_url=frame_address,
        gate_url="https://www.example.com/_gate/",
        preferences_url="/_gate/preferences?back=/here",
        slots={"social": lambda: b"<ul></ul>"},
    )


def gated(markup: str, **options) -> str:
    gate = HtmlGate(embeds(**options))
    page = f"<!doctype html><html><body>{markup}</body></html>".encode()
    out = (gate.feed(page) + gate.close()).decode()
    return out.removeprefix("<!doctype html><html><body>").removesuffix("</body></html>")


CONTACTS = {
    "script": '<script src="https://a.counter.example/c.js"></script>',
    "module": '<script type=module src="//a.counter.example/c.js"></script>',
    "old script type": '<script type="text/javascript" src="//a.counter.example/c.js"></script>',
    "script language": '<script language="JavaScript" src="//a.counter.example/c.js"></script>',
    "inline signature": "<script>count('init', 1)</script>",
    "image": '<img src="https://a.counter.example/p.gif">',
    "image by backslashes": r'<img src="\\a.counter.example\p.gif">',
    "image without slashes": '<img src="https:a.counter.example/p.gif">',
    "image by character reference": '<img src="https&#58;//a.counter.example/p.gif">',
    "image with a line break": '<img src="ht\ntps://a.counter.example/p.gif">',
    "unknown host": "<img src=//nobody.example/p.gif>",
    "srcset": '<img src="/own.gif" srcset="/own.gif 1x, https://a.counter.example/2.gif 2x">',
    "picture": '<picture><source srcset="//a.counter.example/1.webp"></picture>',
    "frame": '<iframe src="https://www.video.example/embed/1" width="560" height="315"></iframe>',
    "hidden frame": '<iframe src="//a.counter.example/ns" width=0 height=0></iframe>',
    "invisible frame": '<iframe src="//a.counter.example/ns" style="display: none"></iframe>',
    "old frame": '<frame src="//www.video.example/">',
    "embed": '<embed src="//www.video.example/v/1">',
    "object": '<object data="//www.video.example/v/1"></object>',
    "video": '<video src="//www.video.example/1.mp4" poster="//www.video.example/1.jpg"></video>',
    "track": "<video><track src=//www.video.example/1.vtt></video>",
    "audio source": "<audio><source src=//www.video.example/1.ogg></audio>",
    "image button": '<input type="image" src="//a.counter.example/b.png">',
    "style sheet": '<link rel="stylesheet" href="//a.counter.example/c.css">',
    "upper case rel": '<link rel="Preconnect" href="//a.counter.example">',
    "dns-prefetch": "<link rel=dns-prefetch href=//a.counter.example>",
    "preload": '<link rel=preload as=image imagesrcset="//a.counter.example/1.png 1x">',
    "manifest": "<link rel=manifest href=//a.counter.example/m.json>",
    "icon": '<link rel="shortcut icon" href=//a.counter.example/i.ico>',
    "search": '<link rel=search type="application/opensearchdescription+xml"'
    ' href="//a.counter.example/s.xml">',
    "ping": '<a href="/" ping="/own https://a.counter.example/ping">x</a>',
    "attribution": '<a href="/" attributionsrc="https://a.counter.example/a">x</a>',
    "attribution of a script": '<script attributionsrc="//a.counter.example/a"></script>',
    "attribution of an image": '<img src="/own" attributionsrc="//a.counter.example/a">',
    "attribution of an image of old": '<image src="/own" attributionsrc="//a.counter.example/a">',
    "background": '<table background="//a.counter.example/b.png"></table>',
    "background of a table's body": "<table><tbody background=//a.counter.example/b.png></table>",
    "background of a table's head": "<table><thead background=//a.counter.example/b.png></table>",
    "background of a table's foot": "<table><tfoot background=//a.counter.example/b.png></table>",
    "background of a column": "<table><col background=//a.counter.example/b.png></table>",
    "background of columns": "<table><colgroup background=//a.counter.example/b.png></table>",
    "animated address": "<svg><image href=/own><animate attributeName=href"
    " to=//a.counter.example/1 /></image></svg>",
    "animated address of old": "<svg><image id=a /><animate href=#a attributeName=xlink:href"
    " from=https://a.counter.example/1 by=1 /></svg>",
    "animated through addresses": "<svg><use><animate attributeName=href"
    " values='/own#a; //a.counter.example/#b'></animate></use></svg>",
    "address set": "<svg><image><set attributeName=href to=//a.counter.example/1 /></image></svg>",
    "svg image": '<svg><image href="//a.counter.example/i.svg" /></svg>',
    "svg image of old": '<svg><image xlink:href="//a.counter.example/i.svg" /></svg>',
    "svg use": '<svg><use href="//a.counter.example/i.svg#a" /></svg>',
    "svg script": '<svg><script href="//a.counter.example/i.js"></script></svg>',
    "svg inline signature": "<svg><script>count('init', 1)</script></svg>",
    "svg signature in references": "<svg><script>count(&#39;init', 1)</script></svg>",
    "filter image": '<svg><filter><feImage href="//a.counter.example/i.png"/></filter></svg>',
    "refresh": '<meta http-equiv="Refresh" content="0; url=https://a.counter.example/">',
    "refresh to a document": '<meta http-equiv=refresh content="0;url=data:text/html,'
    "<iframe src='https://www.video.example/'></iframe>\">",
    "noscript pixel": '<noscript><img src="//a.counter.example/p.gif"></noscript>',
    "import map": '<script type=importmap>{"imports":{"c":"https://a.counter.example/c"}}</script>',
    "bundle": '<script type=webbundle>{"source":"https://a.counter.example/a.wbn"}</script>',
    "speculation": '<script type="speculationrules">'
    '{"prefetch":[{"urls":["//a.counter.example/"]}]}</script>',
    "escaped speculation": r'<script type="speculationrules">{"a":"\u002f/a.counter.example/"}'
    "</script>",
    "rules for all links": '<script type=speculationrules>{"prefetch":[{"source":"document",'
    '"eagerness":"immediate"}]}</script>',
    "third-party base": '<base href="https://a.counter.example/x/"><img src="p.gif">',
    "shadow root": "<template shadowrootmode=open><img src=//a.counter.example/p></template>",
    "frame in srcdoc": "<iframe srcdoc='<iframe src=//www.video.example/></iframe>'></iframe>",
    "hint in srcdoc": '<iframe srcdoc="<link rel=preconnect href=//a.counter.example>"></iframe>',
    "code in srcdoc": '<iframe srcdoc="<script>count(&#39;init&#39;, 1)</script>"></iframe>',
    "srcdoc beside src": "<iframe src=/own srcdoc='<img src=//a.counter.example/>'></iframe>",
    "frame in srcdoc in srcdoc": '<iframe srcdoc="<iframe srcdoc='
    "'<iframe src=//www.video.example/></iframe>'></iframe>\"></iframe>",
    "document in an address": '<iframe src="data:text/html,<link rel=preconnect'
    ' href=https://a.counter.example>"></iframe>',
    "document in the address of an object": '<object data="data:text/html;charset=utf-8,<iframe'
    ' src=https://www.video.example/></iframe>"></object>',
    "document in the address of a plugin": '<embed src="DATA:text/html,<iframe'
    ' src=https://www.video.example/></iframe>">',
    "document in the address of an old frame": '<frame src="data:text/html,%3cmeta%20http-equiv='
    'refresh%20content=0;url=https://a.counter.example>">',
    "document in base64": '<iframe src="\tda\nta:text/html;charset=UTF-8; base64,'
    + base64.b64encode(b"<link rel=preconnect href=https://a.counter.example>").decode()
    + '"></iframe>',
    "drawing in an address": '<object data="data:image/svg+xml,<x:svg xmlns:x='
    "'http://www.w3.org/2000/svg'><x:title><x:image href='https&amp;%2358;//a.counter.example/'/>"
    '"></object>',
    "xml with a style sheet": '<iframe src="data:text/xml,<?xml-stylesheet'
    " href='https://a.counter.example/'?><a/>\"></iframe>",
    "style sheet of XML as a document": '<iframe src="data:text/xsl,<x:iframe xmlns:x='
    "'http://www.w3.org/1999/xhtml' src='https://a.counter.example/'/>\"></iframe>",
    "document by script": "<iframe src=\"javascript:'<link rel=preconnect"
    " href=https://a.counter.example>'\"></iframe>",
    "document by escaped script": "<iframe src=\"javascript:'\\x3clink rel=preconnect"
    " href=https:\\/\\/a.counter.example>'\"></iframe>",
    "document in srcdoc in an address": "<iframe src=\"data:text/html,<iframe srcdoc='<iframe"
    " src=https://www.video.example></iframe>'></iframe>\"></iframe>",
    "code in an address": "<script src=\"data:text/javascript,count('init', 1)\"></script>",
    "own Matomo": '<script src="/stats/matomo.js"></script>',
    "own Matomo by a backslash": r'<script src="stats\matomo.js"></script>',
    "own Matomo in two lines": '<script src="/stats/\nmatomo&Tab;.js?\nv=1"></script>',
}


LEADING_ANYWHERE = frozenset(
    {"unknown host", "rules for all links", *(name for name in CONTACTS if name.startswith("own "))}
)


@pytest.mark.parametrize("markup", CONTACTS.values(), ids=CONTACTS)
def test_each_way_to_a_third_party_is_closed_and_can_be_restored(markup: str) -> None:
    out = gated(markup)
    assert out != markup
    assert "data-cg" in html.unescape(html.unescape(out))
    assert gated(out) == out, "gating twice is gating once"


@pytest.mark.parametrize(
    "markup",
    [markup for name, markup in CONTACTS.items() if name not in LEADING_ANYWHERE],
)
def test_with_consent_every_byte_stays(markup: str) -> None:
    assert gated(markup, allowed=("counter", "video")) == markup


@pytest.mark.parametrize(
    "markup",
    [
        '<img src="/own.gif">',
        '<img src="https://static.example.com/own.gif">',
        '<img src="data:image/gif;base64,R0lGOD//a.counter.example">',
        '<a href="https://a.counter.example/">a link is the visitor\'s own step</a>',
        '<link rel="canonical" href="https://a.counter.example/">',
        '<link rel="alternate" hreflang="de" href="https://a.counter.example/">',
        '<script type="application/ld+json">{"url": "https://a.counter.example/"}</script>',
        "<script type=\"text/template\">count('init', 1)</script>",
        '<script type="text/plain" src="https://a.counter.example/c.js"></script>',
        '<script type="IN/Share" data-url="https://a.counter.example/"></script>',
        '<form action="https://a.counter.example/pay" method="post"></form>',
        '<meta property="og:image" content="https://a.counter.example/i.png">',
        '<iframe src="data:text/html,<p>own <a href=https://a.counter.example>x</a>"></iframe>',
        '<iframe src="data:text/plain,<link rel=preconnect href=https://a.counter.example>">',
        '<iframe src="data:,<link rel=preconnect href=https://a.counter.example>"></iframe>',
        '<iframe src="javascript:false"></iframe><iframe src="javascript:void(0) // x"></iframe>',
        (
            "<object data=\"data:image/svg+xml,<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' "
            "'http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd'><svg xmlns='http://www.w3.org/2000/svg'"
            " xmlns:x='http://www.inkscape.org/namespaces/x'><path d='M0'/></svg>\"></object>"
        ),
        '<embed src="data:image/svg+xml;base64,PHN2Zy8+"><object data=data:text/html></object>',
        '<iframe src="about:blank"></iframe><iframe srcdoc="<p>own</p>"></iframe>',
        '<iframe srcdoc src="https://www.video.example/"></iframe>',
        '<iframe src="data:text/html;base64,PHA+x"></iframe>',
        "<p>count('init', 1) // https://a.counter.example/</p>",
        "<!-- <img src=//a.counter.example/p.gif> -->",
        "<textarea><img src=//a.counter.example/p.gif></textarea>",
        '<base href="/deep/"><img src="own.gif">',
        '<meta http-equiv="refresh" content="5; url=/next">',
        '<meta http-equiv="refresh" content="0; url=data:text/html,<p>own">',
        "<use href=#own>",
        "<svg><g><animate attributeName=x from=0 to=9 values='0;4;9' /></g></svg>",
    ],
)
def test_what_contacts_nobody_stays_byte_for_byte(markup: str) -> None:
    assert gated(markup) == markup


def test_a_script_keeps_its_address_and_its_type() -> None:
    out = gated('<script type="module" nonce="n" src="//a.counter.example/c.js"></script>')
    assert 'data-cg-type="module"' in out
    assert 'nonce="n" src="//a.counter.example/c.js"' in out
    assert 'type="text/plain"' in out
    assert 'data-cg="counter"' in out


def test_a_frame_leads_to_its_placeholder_with_everything_it_had() -> None:
    out = gated(
        '<iframe class="wide" src="//www.video.example/e/1?a=b&amp;c=d" allow="autoplay"'
        ' allowfullscreen sandbox referrerpolicy="no-referrer" title="Our film"></iframe>'
    )
    assert 'data-cg-src="//www.video.example/e/1?a=b&amp;c=d"' in out
    assert " data-cg-sandbox " in out
    assert 'class="wide"' in out
    assert 'allow="autoplay"' in out
    address = out.partition(' src="')[2].partition('"')[0].replace("&amp;", "&")
    assert address == frame_address(
        "video",
        {
            "u": "https://www.video.example/e/1?a=b&c=d",
            "a": "autoplay",
            "f": "",
            "r": "no-referrer",
            "s": "",
            "t": "Our film",
            "d": "",
        },
    )


@pytest.mark.parametrize(
    ("attributes", "fact", "there"),
    [
        ("width=200 height=400", "m", True),
        ("width=560 height=100", "m", True),
        ("width=560 height=315", "m", False),
        ('width="100%"', "m", False),
        ("sandbox=allow-scripts", "d", True),
        ('sandbox="allow-scripts allow-same-origin"', "d", False),
        ("", "d", False),
    ],
)
def test_facts_of_a_frame(attributes: str, fact: str, there: bool) -> None:
    out = gated(f'<iframe src="//www.video.example/e" {attributes}></iframe>')
    assert (f"{fact}=" in out.partition("embed/video?")[2].partition('"')[0]) is there


def test_a_player_that_talks_to_its_page_is_marked() -> None:
    out = gated('<iframe src="//www.video.example/e?enablejsapi=1"></iframe>')
    assert "&amp;d=" in out


def test_a_frame_of_nobody_in_particular_has_a_placeholder_too() -> None:
    assert '"/_gate/embed/other?u=https://nobody.example/"' in gated(
        '<iframe src="https://nobody.example/"></iframe>'
    )


def nested(depth: int, document: str) -> str:
    for _ in range(depth):
        document = f'<iframe srcdoc="{html.escape(document)}"></iframe>'
    return document


def test_a_document_in_a_frame_is_gated_and_one_far_within_is_put_aside() -> None:
    third = "<iframe src=//www.video.example/></iframe>"
    out = gated(f"<p>{nested(1, '<p>own</p>' + third + '<b>é</b>')}")
    assert "&lt;p&gt;own&lt;/p&gt;&lt;iframe data-cg=&quot;video&quot; data-cg-src=//www" in out
    assert "&lt;b&gt;&#233;&lt;/b&gt;" in out
    for depth in range(1, 9):
        shown = gated(nested(depth, third))
        for _ in range(depth):
            shown = html.unescape(shown)
        assert (" src=//www.video.example" in shown) is (depth >= 5)
        assert ("data-cg-srcdoc" in shown) is (depth >= 5)


@pytest.mark.parametrize(
    "address",
    [
        "data:text/html;charset=utf-16le,%3C%00p%00",
        "data:text/html,%ff%fe%3C%00p%00",
        "data:text/html,%3C%00p",
        "data:text/html;charset=iso-2022-jp,<p>",
        "data:text/html,<meta charset=iso-2022-jp><ifr%1b(Bame/src=//a.counter.example>",
        "data:application/x-unknown-content-type,<p>",
        "data:*/*,<p>",
        "data: multipart/x-mixed-replace;boundary=x,--x%0d%0a%0d%0a<p>",
        "data:application/xhtml+xml,<!DOCTYPE a [<!ENTITY b 'c'>]><a/>",
    ],
)
def test_a_document_in_an_address_of_which_the_reading_is_open_is_put_aside(address: str) -> None:
    frame = f'<iframe src="{address}" title="t"></iframe>'
    assert gated(frame) == frame.replace(" src", " data-cg-src")
    everybody = {"allowed": ("counter", "video", "matomo"), "report_unknown": True}
    assert gated(frame, **everybody) == frame


@pytest.mark.parametrize("charset", ["UTF8", "latin1", "iso-8859-2", "koi8-r", "windows-1251"])
def test_a_document_in_a_charset_that_writes_markup_as_ascii_does_stays(charset: str) -> None:
    frame = f'<iframe src="data:text/html;charset={charset},<p>" title="t"></iframe>'
    assert gated(frame) == frame


LINKED = '<iframe srcdoc="<p>own <a href=https://a.counter.example/>x</a>"></iframe>'
OFF = "<meta http-equiv=x-dns-prefetch-control content=off>"


def test_no_host_of_a_link_in_srcdoc_is_looked_up() -> None:
    out = gated(LINKED)
    assert html.unescape(out) == LINKED.replace("<p>", OFF + "<p>")
    assert gated(out) == out, "gating twice is gating once"


def test_a_document_in_srcdoc_that_links_to_nobody_stopped_stays() -> None:
    assert gated(LINKED, allowed=("counter",)) == LINKED
    own = LINKED.replace("a.counter.example", "www.example.com")
    assert gated(own) == own
    named = '<iframe srcdoc="<p>https://a.counter.example/"></iframe>'
    assert gated(named) == named


def test_a_document_in_an_address_is_put_aside_under_the_names_of_all_whom_it_would_contact() -> (
    None
):
    inner = "<img src=https://a.counter.example><iframe src=https://www.video.example></iframe>"
    frame = f'<iframe sandbox src="data:text/html,{inner}"></iframe>'
    parked = f'<iframe data-cg="counter video" sandbox data-cg-src="data:text/html,{inner}">'
    assert gated(frame) == parked + "</iframe>"
    assert "/_gate/" not in gated(frame), "our placeholder would take another document's place"


def test_documents_in_addresses_of_each_other_come_to_an_end() -> None:
    address = "data:text/html,own"
    for _ in range(8):
        address = "data:text/html," + quote(f"<iframe src='{address}'></iframe>")
    assert "data-cg-src" in gated(f'<iframe src="{address}"></iframe>')


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_placeholder_knows_the_address_of_its_frame_in_the_scheme_of_the_page(scheme) -> None:
    out = gated('<iframe src="//www.video.example/1"></iframe>', scheme=scheme)
    assert f"/_gate/embed/video?u={scheme}://www.video.example/1" in out


def test_a_hidden_frame_gets_no_placeholder() -> None:
    assert "/_gate/" not in gated(CONTACTS["hidden frame"])


def test_a_policy_in_the_page_admits_our_own_path() -> None:
    markup = "<meta http-equiv=Content-Security-Policy content=\"frame-src 'none'\">"
    out = gated(markup)
    assert "https://www.example.com/_gate/" in out
    assert gated(out) == out


def test_reserved_places_are_filled() -> None:
    assert gated('<div data-consentgate="social"></div>') == (
        '<div data-consentgate="social"><ul></ul></div>'
    )
    assert 'href="/_gate/preferences?back=/here"' in gated(
        '<a data-consentgate="preferences">Cookies</a>'
    )
    own = '<a data-consentgate="preferences" href="/mine">Cookies</a>'
    assert gated(own) == own


def test_a_hint_to_a_shared_host_needs_consent_to_one_of_its_services() -> None:
    plugins = service("plugins", shared=("shared.example",), paths=("/sdk.js",), category="social")
    hint = '<link rel="preconnect" href="https://shared.example">'
    picture = '<img src="https://shared.example/other.gif">'
    picture += hint.replace("preconnect", "preconnect stylesheet")
    for allowed in ((), ("plugins",)):
        decide = Embeds(
            access(plugins, allowed=allowed),
            embed_url=frame_address,
            gate_url="https://www.example.com/_gate/",
            preferences_url="/_gate/preferences",
            slots={},
        )
        gate = HtmlGate(decide)
        out = (gate.feed(f"<!doctype html>{hint}{picture}".encode()) + gate.close()).decode()
        assert (hint in out) is bool(allowed)
        assert out.count("data-cg-") == (2 if allowed else 3)


def rules(*rules_of_a_set: object, **more: object) -> str:
    text = json.dumps({"prefetch": rules_of_a_set, **more})
    return f'<script type="speculationrules">{text}</script>'


OWN = {"href_matches": "/*"}


@pytest.mark.parametrize(
    "rule",
    [
        {"urls": ["/next"]},
        {"source": "list", "urls": ["/next", "https://static.example.com/"]},
        {"where": OWN},
        {"source": "document", "where": {"href_matches": ["/a/*", "/b/:id"]}},
        {"where": {"and": [{"selector_matches": "a"}, OWN, {"not": {"href_matches": "/out"}}]}},
        {"where": {"or": [OWN, {"and": [OWN, {"selector_matches": "a"}]}]}},
    ],
)
def test_speculation_rules_stay_that_cannot_leave_the_site(rule: object) -> None:
    assert gated(rules(rule, tag="own")) == rules(rule, tag="own")
    assert gated("<script type=speculationrules> </script>").count("data-cg") == 0


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"eagerness": "immediate"},
        {"source": "document", "urls": ["/next"]},
        {"where": {}},
        {"where": None},
        {"where": {"selector_matches": "a"}},
        {"where": {"not": {"href_matches": "/logout"}}},
        {"where": {"and": []}},
        {"where": {"and": [{"selector_matches": "a"}, {"not": OWN}]}},
        {"where": {"or": [OWN, {"selector_matches": "a"}]}},
        {"where": {"href_matches": "*"}},
        {"where": {"href_matches": "//*/x"}},
        {"where": {"href_matches": r"/\/t.example"}},
        {"where": {"href_matches": []}},
        {"where": {"href_matches": ["/a", "https://*/*"]}},
        {"where": {"href_matches": {"pathname": "/*"}}},
        {"urls": ["/next"], "where": {"selector_matches": "a"}},
    ],
)
def test_speculation_rules_that_may_leave_the_site_are_parked(rule: object) -> None:
    for markup in (rules({"urls": ["/next"]}, rule), rules(prerender=[rule])):
        out = gated(markup, allowed=("counter", "video", "matomo"))
        assert 'type="text/plain" data-cg-type="speculationrules"' in out
        assert "data-cg=" not in out, "no agreement opens what leads anywhere"
        passing = {"allowed": ("counter", "video", "matomo"), "report_unknown": True}
        assert gated(markup, **passing) == markup, "nobody is stopped at all"
        assert gated(markup, **{**passing, "allowed": ("counter", "video")}) == out


@pytest.mark.parametrize(
    "text",
    [
        "no rules",
        '// a note\n{"prefetch": []}',
        '{"prefetch": [{"where": {"href_matches": "/*"}, "where": {"selector_matches": "a"}}]}',
        '{"prefetch": [{"urls": ["/next"]}], "prefetch": [{}]}',
        '{"prefetch": ' + "[" * 100_000,
    ],
)
def test_speculation_rules_of_which_the_reading_is_open_are_parked(text: str) -> None:
    out = gated(f"<script type=speculationrules>{text}</script>")
    assert "data-cg-type=speculationrules" in out


def test_what_was_stopped_is_collected_by_host() -> None:
    decide = embeds()
    gate = HtmlGate(decide)
    gate.feed(b"<!doctype html><img src=//nobody.example/1><img src=//nobody.example/2>")
    gate.close()
    assert set(decide.blocked) == {"nobody.example"}
    assert decide.blocked["nobody.example"].service is None


def test_of_a_page_that_names_hosts_without_end_many_are_collected() -> None:
    decide = embeds()
    decide.noted()
    gate = HtmlGate(decide, remember=decide)
    hosts = [f"n{number}.example" for number in range(MOST_HOSTS + 50)]
    out = gate.close("".join(f"<img src=//{host}/>" for host in hosts).encode())
    assert out.count(b"data-cg-src=") == len(hosts)
    assert list(decide.blocked) == hosts[:MOST_HOSTS]


def test_of_notes_the_same_hosts_are_collected() -> None:
    decide = embeds()
    notes = decide.noted()
    for number in range(MOST_HOSTS + 50):
        HtmlGate(decide).close(f"<img src=//n{number}.example/>".encode())
    assert len(notes) == MOST_HOSTS + 50
    assert stopped(notes) == tuple(decide.blocked.values())


def test_unknown_third_parties_pass_while_rolling_out_and_known_ones_do_not() -> None:
    unknown = '<img src="//nobody.example/p.gif">'
    assert gated(unknown, report_unknown=True) == unknown
    assert "data-cg-src" in gated('<img src="//a.counter.example/p.gif">', report_unknown=True)


def test_an_import_map_that_never_ends_is_read_in_one_go() -> None:
    endless = b'{"a": "https://b.example/\\u002e", "' + b'\\"' * 300_000
    assert json_strings(endless)[:2] == ("a", "https://b.example/.")
