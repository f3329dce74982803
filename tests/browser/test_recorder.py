"""The harness sees a leak: each channel is shown to reach a third party where nothing stops it.

A test that finds nothing proves something only if these tests find what there is.
"""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.netlog import NetLog
from tests.browser.visitor import Visitor
from tests.live_server import LiveServer

THIRD = "tracker.third.example"
OTHER = "cdn.other.example"
ICON = '<link rel="icon" href="data:,">'

Pages = dict[str, tuple[str, dict[str, str]]]


def site_of(pages: Pages):
    """An application that serves these bodies with these headers."""

    async def app(scope, receive, send):
        if scope["type"] != "http":
            return
        body, headers = pages.get(scope["path"], ("", {}))
        encoded = f"<!doctype html><title>t</title>{ICON}{body}".encode()
        head = {"content-type": "text/html; charset=utf-8", **headers}
        raw = [(name.encode(), value.encode()) for name, value in head.items()]
        await send({"type": "http.response.start", "status": 200, "headers": raw})
        await send({"type": "http.response.body", "body": encoded})

    return app


@pytest.fixture
def open_page(serve: Callable[..., LiveServer], visit: Callable[..., Visitor]):
    """Open a page with this markup and these headers as a new visitor.

    ``reaching`` are the third parties that must hear of it, and no others.
    """

    def opened(markup, headers=None, *, reaching: set[str] | None = None, **options) -> Visitor:
        visitor = visit(serve(site_of({"/": (markup, headers or {})})), [THIRD, OTHER], **options)
        visitor.goto("/")
        if reaching is not None:
            assert visitor.reached(reaching) == reaching
        return visitor

    return opened


def test_an_idle_browser_contacts_and_looks_up_nobody(visit, serve):
    form = '<form><input type="email" name="email" autocomplete="email"><input type="password">'
    visitor = visit(serve(site_of({"/": (form, {})})), [THIRD])
    visitor.goto("/")
    time.sleep(5)
    assert visitor.reached() == frozenset()


def test_a_page_without_third_parties_reaches_none(open_page):
    visitor = open_page('<img src="/own.gif"><link rel="preconnect" href="/">')
    assert visitor.server.asked == ["GET /", "GET /own.gif"]
    assert visitor.reached() == frozenset()


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    ("markup", "destination"),
    [
        ("<script src={url}x.js></script>", "script"),
        ("<img src={url}x.gif>", "image"),
        ("<link rel=stylesheet href={url}x.css>", "style"),
        ("<iframe src={url}></iframe>", "iframe"),
        ("<script>navigator.sendBeacon('{url}')</script>", "empty"),
    ],
)
def test_a_request_is_recorded_with_host_path_and_destination(
    open_page, scheme, markup, destination
):
    visitor = open_page(markup.format(url=f"{scheme}://{THIRD}/a/"), reaching={THIRD})
    (request,) = visitor.recorder.requests
    assert (request.host, request.tls) == (THIRD, scheme == "https")
    assert request.path.startswith("/a/")
    assert request.destination == (destination if request.tls else "")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_preconnect_is_seen_as_a_connection_that_asks_nothing(open_page, scheme):
    visitor = open_page(f'<link rel="preconnect" href="{scheme}://{THIRD}">', reaching={THIRD})
    assert visitor.recorder.requests == []
    assert {c.name for c in visitor.recorder.connections} == {THIRD}
    assert visitor.connected() == {THIRD}


@pytest.mark.parametrize("scheme", ["http:", "https:", ""])
def test_a_dns_prefetch_is_seen_in_the_net_log_alone(open_page, scheme):
    visitor = open_page(f'<link rel="dns-prefetch" href="{scheme}//{THIRD}">', reaching={THIRD})
    assert visitor.recorder.connections == []
    assert visitor.looked_up() == {THIRD}
    assert visitor.connected() == frozenset()


def test_hints_in_a_link_header_are_seen(open_page):
    hints = f"<https://{THIRD}>; rel=preconnect, <https://{OTHER}>; rel=dns-prefetch"
    visitor = open_page("", {"link": hints}, reaching={THIRD, OTHER})
    assert visitor.recorder.requests == []
    assert visitor.recorder.hosts() == {THIRD}


def test_a_frame_that_the_policy_blocks_is_seen_to_connect(open_page):
    visitor = open_page(
        f'<iframe src="https://{THIRD}/"></iframe>',
        {"content-security-policy": "default-src 'self'"},
        reaching={THIRD},
    )
    assert visitor.recorder.requests == []


def test_a_hint_inserted_by_a_script_is_seen(open_page):
    open_page(
        "<script>for (const rel of ['preconnect', 'dns-prefetch']) {"
        " const hint = document.createElement('link'); hint.rel = rel;"
        f" hint.href = rel === 'preconnect' ? 'https://{THIRD}' : 'https://{OTHER}';"
        " document.head.append(hint) }</script>",
        reaching={THIRD, OTHER},
    )


def test_hosts_that_no_test_declared_are_seen_too(open_page):
    visitor = open_page(
        '<img src="https://unheard.example/x.gif"><img src="https://192.0.2.7:8443/x.gif">'
        '<link rel="preconnect" href="http://plain.example">'
    )
    named = {"unheard.example", "192.0.2.7", "plain.example"}
    assert visitor.reached(named) >= named
    asked = {request.host for request in visitor.recorder.requests}
    assert asked == {"unheard.example", "192.0.2.7"}
    # A plain connection that asks nothing has no name here; the net log has it.
    assert "" in visitor.recorder.hosts()


def test_a_lookup_of_a_host_that_no_test_declared_is_seen(open_page):
    open_page('<link rel="dns-prefetch" href="//unheard.example">', reaching={"*"})


@pytest.mark.parametrize("scheme", ["ws", "wss"])
def test_a_websocket_is_seen(open_page, scheme):
    visitor = open_page(
        f"<script>new WebSocket('{scheme}://{THIRD}/live')</script>", reaching={THIRD}
    )
    assert visitor.recorder.requests[0].headers["upgrade"] == "websocket"


def test_a_datagram_to_an_ice_server_is_seen_by_its_port(open_page):
    open_page(
        "<script>const peer = new RTCPeerConnection({ iceServers: [{ urls:"
        f" 'stun:{THIRD}:3478' }}] }}); peer.createDataChannel('x');"
        " peer.createOffer().then(offer => peer.setLocalDescription(offer))</script>",
        reaching={"127.0.0.1:3478/udp"},
    )


def test_without_javascript_only_the_markup_is_followed(open_page):
    open_page(
        f'<script src="https://{OTHER}/x.js"></script>'
        f'<noscript><img src="https://{THIRD}/x.gif"></noscript>',
        reaching={THIRD},
        java_script_enabled=False,
    )


def test_a_stand_in_script_runs_and_can_be_replaced(open_page, recorder):
    visitor = open_page(f'<script src="https://{THIRD}/x.js"></script>', reaching={THIRD})
    assert visitor.page.evaluate("document.documentElement.dataset.reached") == THIRD
    recorder.serve("*.third.example", "/x.js", "document.title = 'replaced'", "text/javascript")
    visitor.goto("/")
    assert visitor.page.title() == "replaced"


def test_third_parties_can_set_cookies_and_get_them_back(open_page):
    visitor = open_page(f'<img src="https://{THIRD}/x.gif">', reaching={THIRD})
    assert visitor.foreign_cookies() == {THIRD: {"third_party"}}
    visitor.forget()
    visitor.goto("/")
    assert [request.cookies for request in visitor.recorder.requests] == ["third_party=1"]


def test_forgetting_starts_a_new_count_and_reuse_of_a_connection_counts(open_page):
    visitor = open_page(f'<img src="https://{THIRD}/x.gif">', reaching={THIRD})
    visitor.forget()
    assert visitor.reached() == frozenset()
    visitor.goto("/")
    assert visitor.reached({THIRD}) == {THIRD}


def test_a_site_may_have_a_name_of_its_own(open_page):
    visitor = open_page(
        f"<script>document.cookie = 'own=1; domain=shop.example'</script>"
        f'<img src="http://{THIRD}/x.gif">',
        reaching={THIRD},
        host="www.shop.example",
    )
    assert visitor.page.url == "http://www.shop.example/"
    assert visitor.recorder.requests[0].referer == "http://www.shop.example/"
    assert visitor.cookies() == {"own": "1"}


def test_making_marks_in_the_log_does_not_touch_the_page(open_page):
    visitor = open_page(
        "<script>window.turned = 0; for (const kind of ['blur', 'focus', 'pageshow'])"
        " addEventListener(kind, () => turned++);"
        " document.addEventListener('visibilitychange', () => turned++)</script>"
    )
    before = visitor.page.evaluate("turned")
    visitor.forget()
    visitor.reached()
    assert visitor.page.evaluate("turned") == before


def test_the_net_log_reads_a_finished_file_like_a_running_one(serve, browser_profile):
    context: BrowserContext
    context, log = browser_profile(declared=[THIRD])
    server = serve(site_of({"/": (f'<link rel="dns-prefetch" href="//{THIRD}">', {})}))
    context.pages[0].goto(server.url)
    context.pages[0].wait_for_timeout(500)
    running = list(NetLog(log).new_events())
    context.close()
    finished = list(NetLog(log).new_events())
    assert finished[: len(running)] == running
    assert len(finished) >= len(running) > 0
