"""Frames that a script inserts: the visitor gets the offer to load them, and nobody hears of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import httpx
import pytest

from tests.browser.small_site import PERSONAL, SHARED, bare, gated
from tests.browser.visitor import Visitor

FILM = "https://www.youtube.com/embed/film?rel=0"
HOSTS = frozenset({"www.youtube.com", "stranger.example"})
FRAME = "iframe"
INSERT = """([how, url]) => {
    const frame = document.createElement('iframe'), put = () => document.body.append(frame);
    frame.width = 560;
    frame.height = 315;
    const ways = {
        property() { frame.src = url; put(); },
        attribute() { frame.setAttribute('src', url); put(); },
        later() { put(); frame.src = url; },
        'attribute, later'() { put(); frame.setAttribute('src', url); },
        sandboxed() { frame.sandbox = 'allow-scripts allow-same-origin'; frame.src = url; put(); },
        text() { document.body.insertAdjacentHTML('beforeend', `<iframe src="${url}"></iframe>`); },
    };
    ways[how]();
}"""
INSERTING = ("property", "attribute", "later", "attribute, later", "sandboxed", "text")

variants = pytest.mark.parametrize("headers", [PERSONAL, SHARED], ids=["personal", "shared"])


@pytest.fixture
def arrive(tmp_path, serve, visit) -> Callable[..., Visitor]:
    """A visitor on an empty page of a site, gated or not."""

    def come(headers: Mapping[str, str] = PERSONAL, *, gate: bool = True) -> Visitor:
        site = bare({}, headers)
        visitor = visit(serve(gated(site, tmp_path) if gate else site), HOSTS)
        visitor.goto("/app?view=1")
        visitor.forget()
        return visitor

    return come


@pytest.mark.parametrize("how", INSERTING)
def test_without_the_gate_each_way_loads_the_film(arrive, how):
    visitor = arrive(gate=False)
    visitor.page.evaluate(INSERT, [how, FILM])
    assert visitor.reached({"www.youtube.com"}) == {"www.youtube.com"}


@variants
@pytest.mark.parametrize("how", INSERTING)
def test_an_inserted_frame_is_offered_and_loaded_once(arrive, recorder, headers, how):
    visitor = arrive(headers)
    visitor.page.evaluate(INSERT, [how, FILM])
    offer = visitor.page.frame_locator(FRAME)
    offer.get_by_role("button", name="Always allow YouTube").wait_for()
    assert offer.get_by_role("link").first.get_attribute("href") == FILM
    assert visitor.reached() == frozenset()
    visitor.press("Load once", within=FRAME)
    assert visitor.reached({"www.youtube.com"}) == {"www.youtube.com"}
    assert "/embed/film?rel=0" in {request.path for request in recorder.requests}
    inside = offer.locator("iframe").get_attribute("sandbox")
    assert inside == ("allow-scripts allow-same-origin" if how == "sandboxed" else None)


def test_what_no_script_of_ours_saw_come_is_offered_too(arrive):
    """The browser has opened a connection by then, and asked nothing."""
    visitor = arrive()
    visitor.page.evaluate(
        """(url) => {
            const frame = document.body.appendChild(document.createElement('iframe'));
            frame.srcdoc = '<p id=place>';
            frame.onload = () => {
                const { document: inner, Element } = frame.contentWindow;
                inner.getElementById('place').innerHTML = `<iframe src="${url}"></iframe>`;
                document.body.append(inner.querySelector('iframe'));
            };
        }""",
        FILM,
    )
    offer = visitor.page.frame_locator(f"{FRAME}:not([srcdoc])")
    offer.get_by_role("button", name="Load once").wait_for()
    assert list(visitor.recorder.requests) == []


@variants
def test_always_leads_back_to_the_page_where_the_frame_then_loads(arrive, headers):
    visitor = arrive(headers)
    visitor.page.evaluate(INSERT, ["property", FILM])
    visitor.press("Always allow YouTube", within=FRAME)
    assert visitor.page.url.endswith("/app?view=1")
    visitor.page.evaluate(INSERT, ["property", FILM])
    assert visitor.page.locator(FRAME).get_attribute("src") == FILM
    assert visitor.reached({"www.youtube.com"}) == {"www.youtube.com"}


def test_a_stranger_is_named_and_cannot_be_loaded(arrive):
    visitor = arrive()
    visitor.page.evaluate(INSERT, ["property", "https://stranger.example/x"])
    offer = visitor.page.frame_locator(FRAME)
    offer.get_by_text("stranger.example").first.wait_for()
    assert offer.get_by_role("button").count() == 0
    assert visitor.reached() == frozenset()


def test_history_navigation_keeps_working(arrive):
    visitor = arrive()
    page = visitor.page
    page.evaluate("addEventListener('popstate', ({ state }) => { self.popped = state })")
    page.evaluate("history.pushState(1, '', '/app/1'); history.pushState(2, '', '/app/2')")
    page.evaluate(INSERT, ["property", FILM])
    page.frame_locator(FRAME).get_by_role("button", name="Load once").wait_for()
    page.evaluate("history.back()")
    page.wait_for_function("self.popped === 1")
    assert page.url.endswith("/app/1")
    page.evaluate("history.forward()")
    page.wait_for_function("self.popped === 2")


IN_A_FRAME = {"sec-fetch-site": "same-origin", "sec-fetch-dest": "iframe"}


@pytest.fixture
def ask(tmp_path, serve) -> Callable[..., httpx.Response]:
    """Ask our endpoint for the offer for an address, as a browser would with these headers."""
    server = serve(gated(bare({}), tmp_path))

    def get(address: str, headers: Mapping[str, str] = IN_A_FRAME) -> httpx.Response:
        return httpx.get(
            f"{server.url}/_gate/embed/other", params={"a": address}, headers=dict(headers)
        )

    return get


def test_only_a_frame_of_this_site_gets_an_address_sealed(ask):
    answer = ask(FILM)
    assert answer.status_code == 303
    sealed = str(answer.url.join(answer.headers["location"]))
    assert httpx.get(sealed, headers=IN_A_FRAME).status_code == 200
    for change in (
        {"sec-fetch-dest": "document"},
        {"sec-fetch-dest": "empty"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "none"},
    ):
        assert ask(FILM, IN_A_FRAME | change).status_code == 404
        assert httpx.get(sealed, headers=IN_A_FRAME | change).status_code == 404
    assert ask(FILM, {}).status_code == 404
    assert httpx.get(sealed).status_code == 404, "a link to it shows nothing"


@pytest.mark.parametrize(
    "address",
    ["/own", "https://127.0.0.1/own", "javascript:alert(1)", "//www.youtube.com/x", "data:,x", "x"],
)
def test_what_is_no_address_of_a_third_party_is_not_sealed(ask, address):
    assert ask(address).status_code == 404


def test_an_endless_address_is_not_sealed(ask):
    answer = ask(f"{FILM}&x={'y' * 5000}")
    assert answer.headers["location"] == "/_gate/embed/other"
