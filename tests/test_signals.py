"""Privacy signals of browsers, over a real socket: what they refuse, record, set and say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from consentgate.config import load_config
from consentgate.consent import ConsentCookie
from consentgate.errors import StorageError
from consentgate.model import Keep, Signal
from consentgate.proofs.sqlite import SqliteLog
from consentgate.signals import after_signals
from tests.gated import behind_gate, proofs_in
from tests.live_server import serving
from tests.test_middleware import CONFIG, NAVIGATION, choose, visiting

GPC = {"sec-gpc": "1"}
ALL = {"google-analytics": "given", "youtube": "given", "facebook": "given"}
HONOURED = "We honour that."
SERVICES = CONFIG | {"services": {**CONFIG["services"], "meta-pixel": {}}}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[httpx.Client]:
    with visiting(tmp_path) as client:
        yield client


def ours(answer: httpx.Response) -> dict[str, str]:
    """The consent cookies that an answer sets: name and value."""
    pairs = (c.partition(";")[0].partition("=") for c in answer.headers.get_list("set-cookie"))
    return {name: value for name, _, value in pairs if name in {"cg", "cg_state"}}


def with_signals(**signals: object) -> dict[str, object]:
    return CONFIG | {"signals": signals}


def test_who_never_decided_gets_no_cookie_no_record_and_is_told(
    client: httpx.Client, tmp_path: Path
) -> None:
    client.headers.update(GPC)
    page = client.get("/")
    assert HONOURED in page.text
    assert "Social media and videos" in page.text
    assert "Global Privacy Control" in client.get("/_gate/preferences").text
    assert not client.cookies
    assert proofs_in(tmp_path) == []


def test_without_a_signal_nothing_is_said_of_one(client: httpx.Client) -> None:
    assert HONOURED not in client.get("/").text
    assert "Global Privacy Control" not in client.get("/_gate/preferences").text


@pytest.mark.parametrize("value", ["0", "", "true", "11", "1, 1"])
def test_no_other_value_is_the_signal(client: httpx.Client, value: str) -> None:
    assert HONOURED not in client.get("/", headers={"sec-gpc": value}).text


def test_one_of_several_headers_is_enough(client: httpx.Client) -> None:
    headers = [("sec-gpc", "0"), ("sec-gpc", "1"), *NAVIGATION.items()]
    assert HONOURED in httpx.get(f"{client.base_url}/", headers=headers).text


def test_what_is_allowed_while_the_signal_is_sent_stays_allowed(
    client: httpx.Client, tmp_path: Path
) -> None:
    client.headers.update(GPC)
    choose(client, "custom", allow=["youtube"], back="/")
    page = client.get("/")
    assert '<iframe src="https://www.youtube.com/embed/abc"' in page.text
    assert "cg" not in ours(page)
    assert client.get("/told").json()["youtube"] is True
    assert "Allowed by you all the same" in client.get("/_gate/preferences").text
    (record,) = proofs_in(tmp_path)
    assert record["gpc"] is True
    assert client.cookies["cg_state"].endswith(".g")


def test_a_new_signal_takes_back_what_was_allowed_without_it(
    client: httpx.Client, tmp_path: Path
) -> None:
    choose(client, "accept-all", back="/")
    client.get("/")
    before = client.cookies["cg_state"]
    page = client.get("/", headers=GPC)
    assert '<iframe src="https://www.youtube.com' not in page.text
    assert "Your consent is withdrawn" in page.text
    assert HONOURED in page.text
    assert "www.googletagmanager.com/gtag/js" in page.text.replace('data-cg-src="', "")
    assert set(ours(page)) == {"cg", "cg_state"}
    assert client.cookies["cg_state"] != before
    state = client.cookies["cg_state"].removesuffix(".g")
    assert f'data-cg-state="{state}"' in page.text, "else the page would load itself again"
    given, taken = proofs_in(tmp_path)
    assert taken["event"] == "withdrawn"
    assert taken["choices"] == ALL | {"youtube": "refused", "facebook": "refused"}
    assert (taken["gpc"], taken["prev"]) == (True, given["id"])
    assert taken["method"] == {"control": "gpc", "layer": "signal", "script": False}
    assert taken["subject"] == given["subject"]
    assert taken["until"] <= given["until"], "what is left was agreed to when it was"


def test_it_is_written_down_once_and_said_once(client: httpx.Client, tmp_path: Path) -> None:
    choose(client, "accept-all", back="/")
    client.headers.update(GPC)
    assert ours(client.get("/"))
    again = client.get("/")
    assert not ours(again)
    assert "Your consent is withdrawn" not in again.text
    assert len(proofs_in(tmp_path)) == 2


def test_after_it_the_visitor_may_allow_again(client: httpx.Client, tmp_path: Path) -> None:
    choose(client, "accept-all", back="/")
    client.headers.update(GPC)
    client.get("/")
    choose(client, "accept-all", back="/")
    assert '<iframe src="https://www.youtube.com' in client.get("/").text
    assert client.get("/told").json()["youtube"] is True
    assert [r["event"] for r in proofs_in(tmp_path)] == ["given", "withdrawn", "given"]


def test_the_same_answer_given_anew_with_the_signal_prevails(
    client: httpx.Client, tmp_path: Path
) -> None:
    """The choice is the first that the server hears of the signal: no page came in between."""
    choose(client, "accept-all", back="/")
    client.headers.update(GPC)
    choose(client, "accept-all", back="/")
    assert client.get("/told").json()["youtube"] is True
    assert [(r["event"], r["gpc"]) for r in proofs_in(tmp_path)] == [
        ("given", False),
        ("renewed", True),
    ]


def test_a_consent_given_after_the_signal_has_gone_does_not_outlive_its_return(
    client: httpx.Client,
) -> None:
    choose_with = {**GPC}
    client.headers.update(choose_with)
    choose(client, "accept-all", back="/")
    del client.headers["sec-gpc"]
    choose(client, "withdraw", service="google-analytics", back="/")
    assert client.get("/told").json()["youtube"] is True
    assert client.get("/told", headers=GPC).json()["youtube"] is False


def test_the_application_is_told_at_once_and_only_pages_write(
    client: httpx.Client, tmp_path: Path
) -> None:
    choose(client, "accept-all", back="/")
    part = {"sec-fetch-dest": "empty", "accept": "*/*"} | GPC
    answers = [client.get("/told", headers=part) for _ in range(3)]
    assert [answer.json()["youtube"] for answer in answers] == [False] * 3
    assert not any(map(ours, answers))
    assert len(proofs_in(tmp_path)) == 1


def test_pages_that_are_asked_for_at_once_record_it_once(
    client: httpx.Client, tmp_path: Path
) -> None:
    choose(client, "accept-all", back="/")
    headers = {**NAVIGATION, **GPC, "cookie": f"cg={client.cookies['cg']}"}
    with ThreadPoolExecutor(8) as tabs:
        pages = list(tabs.map(lambda _: httpx.get(f"{client.base_url}/", headers=headers), "x" * 8))
    assert all(map(ours, pages))
    assert [r["event"] for r in proofs_in(tmp_path)] == ["given", "withdrawn"]


def test_a_frame_leaves_it_to_the_page_around_it(client: httpx.Client, tmp_path: Path) -> None:
    choose(client, "accept-all", back="/")
    frame = client.get("/", headers=GPC | {"sec-fetch-dest": "iframe"})
    assert '<iframe src="https://www.youtube.com' not in frame.text
    assert not ours(frame)
    assert len(proofs_in(tmp_path)) == 1


def test_nothing_is_taken_back_where_nothing_is_refused(
    client: httpx.Client, tmp_path: Path
) -> None:
    choose(client, "custom", allow=["google-analytics"], back="/")
    client.get("/")
    assert not ours(client.get("/", headers=GPC))
    assert len(proofs_in(tmp_path)) == 1


def test_its_cookies_on_this_site_go_with_it(tmp_path: Path) -> None:
    with visiting(tmp_path, SERVICES) as client:
        choose(client, "accept-all", back="/")
        page = client.get("/", headers=GPC)
        expired = [c for c in page.headers.get_list("set-cookie") if c.startswith("_fbp=;")]
        assert expired
        assert not any(c.startswith("_ga=") for c in page.headers.get_list("set-cookie"))


def test_our_own_pages_honour_it_too(client: httpx.Client, tmp_path: Path) -> None:
    choose(client, "accept-all", back="/")
    page = client.get("/_gate/preferences", headers=GPC)
    assert set(ours(page)) == {"cg", "cg_state"}
    assert HONOURED in page.text
    assert len(proofs_in(tmp_path)) == 2


def test_a_log_that_cannot_be_written_does_not_stop_it(
    client: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(client, "accept-all", back="/")

    async def refuse(*args: object) -> None:
        raise StorageError("full")

    kept: list[object] = []

    async def spool(self: SqliteLog, record: object) -> None:
        kept.append(record)

    for name in ("append", "put_notice", "last"):
        monkeypatch.setattr(SqliteLog, name, refuse)
    monkeypatch.setattr(SqliteLog, "spool", spool)
    page = client.get("/", headers=GPC)
    assert page.status_code == 200
    assert set(ours(page)) == {"cg", "cg_state"}
    assert client.get("/told").json()["youtube"] is False
    assert len(kept) == 1
    assert choose(client, "accept-all", back="/").status_code == 503


def test_a_choice_for_this_visit_stays_for_this_visit(client: httpx.Client) -> None:
    choose(client, "custom", allow=["youtube", "google-analytics"], keep="visit", back="/")
    page = client.get("/", headers=GPC)
    written = [c for c in page.headers.get_list("set-cookie") if c.startswith(("cg=", "cg_state="))]
    assert len(written) == 2
    assert not any("Max-Age" in cookie for cookie in written)


def test_the_rest_ends_when_it_would_have_ended(tmp_path: Path) -> None:
    now = [1_800_000_000.0]
    month = 30 * 86_400
    with visiting(tmp_path, clock=lambda: now[0]) as client:
        choose(client, "accept-all", back="/")
        now[0] += month
        page = client.get("/", headers=GPC)
        (written,) = [c for c in page.headers.get_list("set-cookie") if c.startswith("cg=")]
    whole = load_config(CONFIG).policy.ask_again_after_seconds
    assert f"Max-Age={whole - month};" in written


def test_it_can_be_ignored_and_is_recorded_all_the_same(tmp_path: Path) -> None:
    with visiting(tmp_path, with_signals(gpc="ignore")) as client:
        client.headers.update(GPC)
        choose(client, "accept-all", back="/")
        page = client.get("/")
        assert '<iframe src="https://www.youtube.com' in page.text
        assert "Sec-GPC" not in page.headers["vary"]
        assert HONOURED not in client.get("/_gate/preferences").text
    (record,) = proofs_in(tmp_path)
    assert (record["gpc"], record["method"]["control"]) == (True, "accept-all")


def test_what_it_refuses_is_a_setting(tmp_path: Path) -> None:
    with visiting(tmp_path, with_signals(refused_categories=["analytics"])) as client:
        choose(client, "accept-all", back="/")
        page = client.get("/", headers=GPC)
        assert '<iframe src="https://www.youtube.com' in page.text
        assert "www.googletagmanager.com/gtag/js" in page.text
        assert page.text.count('type="text/plain"') == 2


def test_do_not_track_is_off_until_it_is_switched_on(tmp_path: Path) -> None:
    with visiting(tmp_path) as client:
        choose(client, "accept-all", back="/")
        assert client.get("/told", headers={"dnt": "1"}).json()["youtube"] is True
    (tmp_path / "proofs.db").unlink()
    with visiting(tmp_path, with_signals(gpc="ignore", dnt="refuse-marketing")) as client:
        choose(client, "accept-all", back="/")
        page = client.get("/", headers={"dnt": "1"})
        assert '<iframe src="https://www.youtube.com' not in page.text
        assert client.cookies["cg_state"].endswith(".d")
        assert "Do Not Track" in client.get("/_gate/preferences", headers={"dnt": "1"}).text
    taken = proofs_in(tmp_path)[-1]
    assert (taken["dnt"], taken["gpc"], taken["method"]["control"]) == (True, False, "dnt")


def test_a_second_signal_is_a_new_one() -> None:
    config = load_config(with_signals(dnt="refuse-marketing"))
    cookie = ConsentCookie(
        ["s"], optional=config.optional, necessary=frozenset(), revision=config.revision,
        max_age_seconds=9,
    )  # fmt: skip
    given = cookie.consent(
        ["youtube"], subject="ab" * 16, decided_at=1, keep=Keep.LASTING, signals={Signal.GPC}
    )
    assert after_signals(given, {Signal.GPC}, config, cookie) == given
    assert after_signals(given, (), config, cookie) == given
    assert not after_signals(given, {Signal.GPC, Signal.DNT}, config, cookie).allows("youtube")


def test_a_page_kept_by_the_browser_is_not_shown_to_who_has_switched_the_signal_on(
    client: httpx.Client,
) -> None:
    choose(client, "custom", allow=["youtube"], back="/")
    client.get("/file")
    before = client.get("/file")
    assert "Cookie, Sec-GPC" in before.headers["vary"]
    client.headers.update(GPC)
    again = client.get("/file", headers={"if-none-match": before.headers["etag"]})
    assert again.status_code == 200
    assert '<iframe src="https://www.youtube.com' not in again.text


def test_a_page_for_everybody_sets_nothing_and_depends_on_nobody(
    client: httpx.Client, tmp_path: Path
) -> None:
    choose(client, "accept-all", back="/")
    plain = httpx.get(f"{client.base_url}/public", headers=NAVIGATION)
    asked = client.get("/public", headers=GPC)
    assert asked.content == plain.content
    assert "set-cookie" not in asked.headers
    assert "vary" not in asked.headers
    assert 'data-cg-signal="globalPrivacyControl" hidden' in plain.text
    assert 'data-cg-signals="globalPrivacyControl"' in plain.text


def test_the_script_of_such_a_page_settles_it(client: httpx.Client, tmp_path: Path) -> None:
    accept = {"accept": "application/json"}
    choose(client, "accept-all", back="/")
    form = {"decision": "signal", "gpc": "1"}
    answer = client.post("/_gate/choice", data=form, headers=SAME_ORIGIN_JSON)
    assert answer.json()["title"].startswith("Your consent")
    assert answer.json()["state"] == client.cookies["cg_state"].removesuffix(".g")
    assert set(ours(answer)) == {"cg", "cg_state"}
    assert "cg_note" not in answer.cookies, "the page says it by itself"
    assert proofs_in(tmp_path)[-1]["method"]["control"] == "gpc"
    nothing = client.post("/_gate/choice", data=form, headers=SAME_ORIGIN_JSON)
    assert (nothing.status_code, nothing.content) == (204, b"")
    assert len(proofs_in(tmp_path)) == 2
    with httpx.Client(base_url=client.base_url) as stranger:
        nothing = stranger.post("/_gate/choice", data=form, headers=SAME_ORIGIN_JSON | accept)
        assert nothing.status_code == 204
        assert not stranger.cookies


SAME_ORIGIN_JSON = {"sec-fetch-site": "same-origin", "accept": "application/json"}


# Do not sell or share


@pytest.fixture
def selling(tmp_path: Path) -> Iterator[httpx.Client]:
    with visiting(tmp_path, with_signals(do_not_sell_link=True)) as client:
        yield client


def test_the_link_is_where_visitors_look_for_it(selling: httpx.Client) -> None:
    words = "Do not sell or share my personal information"
    for path in ("/", "/public", "/_gate/preferences", "/_gate/cookies"):
        page = selling.get(path).text
        assert words in page, path
        assert "/_gate/do-not-sell" in page, path


def test_without_it_there_is_neither_link_nor_page(client: httpx.Client) -> None:
    assert "do-not-sell" not in client.get("/").text
    assert client.get("/_gate/do-not-sell").status_code == 404


def test_one_button_refuses_selling_and_sharing_and_no_more(
    selling: httpx.Client, tmp_path: Path
) -> None:
    choose(selling, "accept-all", back="/")
    page = selling.get("/_gate/do-not-sell?back=/told")
    assert page.text.count("<button") == 1
    assert 'value="do-not-sell"' in page.text
    here = "/_gate/do-not-sell?back=/told"
    assert f'name="back" value="{here}"' in page.text
    answer = choose(selling, "do-not-sell", back=here)
    assert (answer.status_code, answer.headers["location"]) == (303, here)
    done = selling.get(here)
    assert "Your data is not sold or shared." in done.text
    assert "<button" not in done.text
    assert 'href="/told"' in done.text
    record = proofs_in(tmp_path)[-1]
    assert record["method"] == {"control": "do-not-sell", "layer": "do-not-sell", "script": False}
    assert record["choices"] == ALL | {"youtube": "refused", "facebook": "refused"}
    assert record["event"] == "withdrawn"


def test_who_had_decided_nothing_refuses_these_alone_and_stays_unknown(
    selling: httpx.Client, tmp_path: Path
) -> None:
    choose(selling, "do-not-sell", back="/_gate/do-not-sell")
    (record,) = proofs_in(tmp_path)
    assert record["choices"] == {"youtube": "refused", "facebook": "refused"}
    assert (record["event"], record["subject"]) == ("refused", None)
    assert selling.get("/told").json() | {"cookies": "", "forwarded": "", "client": ""} == {
        "youtube": False, "social": False, "decided": True, "subject": None,
        "cookies": "", "forwarded": "", "client": "",
    }  # fmt: skip


def test_a_crawler_may_refuse_and_a_stranger_may_not(selling: httpx.Client, tmp_path: Path) -> None:
    form = {"decision": "do-not-sell"}
    elsewhere = {"sec-fetch-site": "cross-site"}
    assert selling.post("/_gate/choice", data=form, headers=elsewhere).status_code == 403
    assert proofs_in(tmp_path) == []


def test_its_words_are_a_setting(tmp_path: Path) -> None:
    with visiting(
        tmp_path, with_signals(do_not_sell_link=True, do_not_sell_text={"en": "Your <choices>"})
    ) as client:
        assert ">Your &lt;choices&gt;</a>" in client.get("/").text
        assert "<h1>Your &lt;choices&gt;</h1>" in client.get("/_gate/do-not-sell").text


# /.well-known/gpc.json

Views = Mapping[str, Callable[[Request], Response]]


@contextmanager
def stating(folder: Path, views: Views, **config: object) -> Iterator[httpx.Client]:
    def route(path: str, view: Callable[[Request], Response]) -> Route:
        async def answer(request: Request) -> Response:
            return view(request)

        return Route(path, answer)

    app = behind_gate(
        Starlette(routes=[route(path, view) for path, view in views.items()]),
        folder,
        CONFIG | config,
    )
    with serving(app) as server, httpx.Client(base_url=server.url) as client:
        yield client


STATEMENT = "/.well-known/gpc.json"


def test_the_site_states_that_it_honours_the_signal(tmp_path: Path) -> None:
    with stating(tmp_path, {}) as client:
        answer = client.get(STATEMENT)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/json"
        assert answer.json() == {"gpc": True, "lastUpdate": "2026-11-21"}
        head = client.head(STATEMENT)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(answer.content))
        assert client.post(STATEMENT).status_code == 404
        assert client.get("/.well-known/other.json").status_code == 404


def test_it_states_nothing_where_it_ignores_the_signal(tmp_path: Path) -> None:
    with stating(tmp_path, {}, signals={"gpc": "ignore"}) as client:
        assert client.get(STATEMENT).status_code == 404


HISTORY = [{"version": "1", "date": "2026-02-03"}, {"version": "2", "date": "2026-05-06"}]


@pytest.mark.parametrize(
    ("config", "day"),
    [
        ({"signals": {"gpc_since": "2025-01-02"}, "policy": {"version": "2"}}, "2025-01-02"),
        ({"policy": {"version": "2", "history": HISTORY}}, "2026-05-06"),
        ({"policy": {"version": "2026-02-30"}}, None),
        ({"policy": {"version": "7"}}, None),
    ],
)
def test_the_day_of_the_statement(tmp_path: Path, config: dict[str, object], day: object) -> None:
    with stating(tmp_path, {}, **config) as client:
        assert client.get(STATEMENT).json() == {"gpc": True} | ({"lastUpdate": day} if day else {})


@pytest.mark.parametrize(
    "own",
    [
        lambda _: JSONResponse({"gpc": False}),
        lambda _: Response('{"gpc": true}', media_type="text/plain"),
        lambda _: RedirectResponse("https://www.example.com/gpc.json"),
        lambda _: Response(status_code=410),
        lambda _: HTMLResponse("<p>busy", 503),
    ],
    ids=["json", "text", "redirect", "gone", "busy"],
)
def test_what_the_application_answers_itself_is_never_hidden(
    tmp_path: Path, own: Callable[[Request], Response]
) -> None:
    expected = own(None)  # type: ignore[arg-type]
    with stating(tmp_path, {STATEMENT: own}) as client:
        answer = client.get(STATEMENT)
        assert answer.status_code == expected.status_code
        assert "lastUpdate" not in answer.text


def test_a_page_for_every_address_is_no_statement(tmp_path: Path) -> None:
    page = "<!doctype html><title>app</title><div id=app></div>" * 500
    with stating(tmp_path, {"/{rest:path}": lambda _: HTMLResponse(page)}) as client:
        assert client.get(STATEMENT).json()["gpc"] is True
        assert client.get("/other").text.startswith("<!doctype")


def test_an_application_that_fails_is_not_hidden_either(tmp_path: Path) -> None:
    def broken(request: Request) -> Response:
        raise RuntimeError("boom")

    with stating(tmp_path, {STATEMENT: broken}) as client:
        assert client.get(STATEMENT).status_code == 500


# One consent for several hosts

SHARING = CONFIG | {"site": {**CONFIG["site"], "share_consent": True, "https": True}}
ALONE = CONFIG | {"site": {**CONFIG["site"], "https": True}}
WWW, SHOP = "www.shop.example.test", "shop.example.test"


def asked(
    folder: Path, config: object, host: str, cookies: str, *, decision: str = ""
) -> tuple[httpx.Response, list[str]]:
    """One request to a host, with what it answers and sets."""
    with visiting(folder, config) as client:
        headers = {"host": host} | ({"cookie": cookies} if cookies else {})
        if decision:
            form = {"decision": decision}
            origin = SAME_ORIGIN_JSON if decision else {}
            answer = client.post("/_gate/choice", data=form, headers=headers | origin)
        else:
            answer = client.get("/", headers=headers)
        return answer, answer.headers.get_list("set-cookie")


def sent_back(set_cookies: list[str]) -> str:
    """What a browser would send of these, those that end at once left out."""
    kept = (c for c in set_cookies if "Max-Age=0" not in c)
    return "; ".join(c.partition(";")[0] for c in kept)


def test_the_cookies_stand_on_the_domain_that_is_the_sites_own(tmp_path: Path) -> None:
    _, cookies = asked(tmp_path, SHARING, WWW, "", decision="accept-all")
    assert [c.partition("=")[0] for c in cookies] == ["__Secure-cg", "cg_state", "cg_note"]
    for cookie in cookies[:2]:
        assert "; Domain=example.test; " in cookie
        assert "; Secure; " in cookie
    page, again = asked(tmp_path, SHARING, SHOP, sent_back(cookies))
    assert '<iframe src="https://www.youtube.com' in page.text
    assert not any(c.startswith(("__", "cg_state")) for c in again)


def test_a_withdrawal_on_one_host_holds_on_the_other(tmp_path: Path) -> None:
    _, given = asked(tmp_path, SHARING, WWW, "", decision="accept-all")
    _, taken = asked(tmp_path, SHARING, SHOP, sent_back(given), decision="withdraw")
    assert "; Domain=example.test; " in taken[0]
    page, _ = asked(tmp_path, SHARING, WWW, sent_back(taken))
    assert '<iframe src="https://www.youtube.com' not in page.text
    assert [r["event"] for r in proofs_in(tmp_path)] == ["given", "withdrawn"]


def test_a_form_of_another_subdomain_is_still_a_form_from_elsewhere(tmp_path: Path) -> None:
    form = {"decision": "accept-all"}
    with visiting(tmp_path, SHARING) as client:
        for told in ({"sec-fetch-site": "same-site"}, {"origin": f"https://{SHOP}"}):
            answer = client.post("/_gate/choice", data=form, headers={"host": WWW} | told)
            assert answer.status_code == 403
    assert proofs_in(tmp_path) == []


def test_switched_on_the_old_cookies_end_and_the_visitor_is_asked_once(tmp_path: Path) -> None:
    """A consent that was given to one host is none for all of them."""
    _, old = asked(tmp_path, ALONE, WWW, "", decision="accept-all")
    assert old[0].startswith("__Host-cg=")
    page, cookies = asked(tmp_path, SHARING, WWW, sent_back(old))
    assert "Reject all" in page.text
    ended = {c.partition("=")[0] for c in cookies if "Max-Age=0" in c and "Domain" not in c}
    assert ended >= {"__Host-cg", "cg_state"}


def test_switched_on_a_choice_ends_the_old_cookies_before_it_sets_the_new(tmp_path: Path) -> None:
    _, old = asked(tmp_path, ALONE, WWW, "", decision="accept-all")
    _, cookies = asked(tmp_path, SHARING, WWW, sent_back(old), decision="reject-all")
    names = [(c.partition("=")[0], "Max-Age=0" in c, "Domain=example.test;" in c) for c in cookies]
    assert ("__Host-cg", True, False) in names
    assert ("cg_state", True, False) in names
    last = {name: (ends, on_domain) for name, ends, on_domain in names if on_domain}
    assert last["__Secure-cg"] == last["cg_state"] == (False, True)


def test_switched_off_the_shared_cookies_end(tmp_path: Path) -> None:
    _, old = asked(tmp_path, SHARING, WWW, "", decision="accept-all")
    page, cookies = asked(tmp_path, ALONE, WWW, sent_back(old))
    assert "Reject all" in page.text
    ended = {
        c.partition("=")[0] for c in cookies if "Max-Age=0" in c and "Domain=example.test" in c
    }
    assert ended >= {"__Secure-cg", "cg_state"}


def test_two_readable_cookies_become_one_and_the_good_choice_stays(tmp_path: Path) -> None:
    _, given = asked(tmp_path, SHARING, WWW, "", decision="accept-all")
    double = f"cg_state=000000000000.00; {sent_back(given)}"
    page, cookies = asked(tmp_path, SHARING, WWW, double)
    assert '<iframe src="https://www.youtube.com' in page.text
    ended = [c for c in cookies if c.startswith("cg_state=;")]
    assert ended
    assert not any("Domain=example.test;" in c for c in ended), "that one is in force"
    assert any("Domain" not in c for c in ended)


def test_over_plain_http_the_one_that_fits_counts(tmp_path: Path) -> None:
    plain = CONFIG | {"site": {**CONFIG["site"], "share_consent": True}}
    _, alone = asked(tmp_path, CONFIG, WWW, "", decision="accept-all")
    _, shared = asked(tmp_path, plain, WWW, "", decision="reject-all")
    assert alone[0].startswith("cg=")
    assert shared[0].startswith("cg=")
    for cookies in (f"{sent_back(alone)}; {sent_back(shared)}",
                    f"{sent_back(shared)}; {sent_back(alone)}"):  # fmt: skip
        page, _ = asked(tmp_path, plain, WWW, cookies)
        assert "Reject all" not in page.text
        assert '<iframe src="https://www.youtube.com' not in page.text


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "github.io", "co.uk"])
def test_a_host_that_shares_no_domain_keeps_its_own_consent_with_a_warning(
    tmp_path: Path, host: str
) -> None:
    with visiting(tmp_path, SHARING) as client:
        headers = {"host": host} | SAME_ORIGIN_JSON
        for _ in range(2):
            form = {"decision": "accept-all"}
            answer = client.post("/_gate/choice", data=form, headers=headers)
        cookies = answer.headers.get_list("set-cookie")
        warned = [line for line in client.server.log if "share_consent" in line]
    assert cookies[0].startswith("__Host-cg=")
    assert not any("Domain" in cookie for cookie in cookies)
    assert len(warned) == 1


def test_who_lost_the_signed_cookie_does_not_load_each_page_twice(tmp_path: Path) -> None:
    """Its twin would say something else than every page, which would renew itself for it."""
    _, given = asked(tmp_path, ALONE, WWW, "", decision="accept-all")
    state = next(c for c in given if c.startswith("cg_state=")).partition(";")[0]
    _, cookies = asked(tmp_path, ALONE, WWW, state)
    assert any(c.startswith("cg_state=;") and "Domain" not in c for c in cookies)
