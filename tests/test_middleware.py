"""The whole flow over a real socket: pages, choices, proofs, cookies, addresses."""

from __future__ import annotations

import asyncio
import html
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from consentgate import ConfigError, ConsentGateMiddleware, middleware
from consentgate.endpoints.throttle import Throttle
from tests.gated import behind_gate, proofs_in
from tests.live_server import serving

CONFIG: dict[str, object] = {
    "site": {"name": "Example Ltd", "privacy_url": "/privacy"},
    "policy": {"version": "2026-11-21"},
    "services": {
        "google-analytics": {"ids": ["G-ABC123"]},
        "youtube": {},
        "facebook": {},
    },
}
PAGE = """<!doctype html>
<html lang="en"><head><title>t</title>
<script src="https://www.googletagmanager.com/gtag/js?id=G-ABC123" async></script>
<script>function gtag(){dataLayer.push(arguments)}gtag('config','G-ABC123');</script>
</head><body><h1>Grüße</h1>
<iframe src="https://www.youtube.com/embed/abc" width="560" height="315" allow="autoplay"></iframe>
<img src="https://widgets.undeclared.example/pixel.gif">
</body></html>"""
SAME_ORIGIN = {"sec-fetch-site": "same-origin"}
NAVIGATION = {"sec-fetch-dest": "document", "accept": "text/html"}


def site(folder: Path) -> Starlette:  # noqa: C901  many views, each of one thought
    (folder / "page.html").write_text(PAGE, "utf-8")

    async def home(request: Request) -> Response:
        return HTMLResponse(PAGE)

    async def stream(request: Request) -> Response:
        pieces = (PAGE[i : i + 7] for i in range(0, len(PAGE), 7))
        return StreamingResponse(pieces, media_type="text/html")

    async def file(request: Request) -> Response:
        return FileResponse(folder / "page.html")

    async def told(request: Request) -> Response:
        consent = request.state.consent
        return JSONResponse(
            {
                "youtube": consent.allows("youtube"),
                "social": consent.allows("social"),
                "decided": consent.decided,
                "subject": consent.subject,
                "cookies": request.headers.get("cookie", ""),
                "client": request.client.host if request.client else "",
                "forwarded": request.headers.get("x-forwarded-for", ""),
            }
        )

    async def cookies(request: Request) -> Response:
        response = PlainTextResponse("ok")
        for name in ("_ga", "session", "unheard_of"):
            response.set_cookie(name, "1", max_age=1000)
        return response

    async def public(request: Request) -> Response:
        return HTMLResponse(PAGE, headers={"cache-control": "public, max-age=600"})

    async def worker(request: Request) -> Response:
        return Response("postMessage(1)", media_type="text/javascript")

    async def hinted(request: Request) -> Response:
        links = (
            "<https://i.ytimg.com>; rel=preconnect, </own.css>; rel=preload; as=style,"
            " <https://other.example/next>; rel=canonical"
        )
        return HTMLResponse(PAGE, headers={"link": links, "nel": "{}"})

    async def attachment(request: Request) -> Response:
        return HTMLResponse(PAGE, headers={"content-disposition": "attachment"})

    async def empty(request: Request) -> Response:
        return Response(status_code=204)

    async def broken(request: Request) -> Response:
        raise RuntimeError("boom")

    async def server_error(request: Request, error: Exception) -> Response:
        return HTMLResponse(PAGE, 500)

    async def talk(websocket: WebSocket) -> None:
        cookies = [(b"set-cookie", b"_ga=1"), (b"set-cookie", b"session=1")]
        await websocket.accept(headers=cookies)
        await websocket.send_json(
            {
                "cookies": websocket.headers.get("cookie", ""),
                "client": websocket.client.host if websocket.client else "",
                "decided": websocket.state.consent.decided,
            }
        )
        await websocket.close()

    routes: dict[str, Callable[..., object]] = {
        "/": home, "/stream": stream, "/file": file, "/told": told, "/cookies": cookies,
        "/public": public, "/worker.js": worker, "/hinted": hinted, "/attachment": attachment,
        "/empty": empty, "/broken": broken,
    }  # fmt: skip
    return Starlette(
        routes=[
            *(Route(path, view, methods=["GET", "POST"]) for path, view in routes.items()),
            WebSocketRoute("/talk", talk),
            Mount("/static", StaticFiles(directory=folder)),
            Route("/{rest:path}any/{more:path}", home),
        ],
        exception_handlers={500: server_error},
    )


@contextmanager
def visiting(folder: Path, config: object = CONFIG, **options: object) -> Iterator[httpx.Client]:
    app = ConsentGateMiddleware(
        site(folder),
        config=config,
        secret="a-secret",
        database=f"sqlite:///{folder}/proofs.db",
        **options,
    )
    with serving(app) as server, httpx.Client(base_url=server.url, headers=NAVIGATION) as client:
        client.server = server
        yield client


@pytest.fixture
def client(tmp_path: Path) -> Iterator[httpx.Client]:
    with visiting(tmp_path) as client:
        yield client


def choose(client: httpx.Client, decision: str, **fields: object) -> httpx.Response:
    return client.post("/_gate/choice", data={"decision": decision, **fields}, headers=SAME_ORIGIN)


@pytest.mark.parametrize("path", ["/", "/stream", "/file", "/hinted"])
def test_nothing_third_party_is_live_in_an_undecided_page(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert 'src="https://www.youtube.com' not in answer.text.replace('data-cg-src="', "")
    assert 'data-cg-src="https://www.youtube.com/embed/abc"' in answer.text
    assert 'src="/_gate/embed/youtube?u=' in answer.text
    assert 'data-cg-src="https://widgets.undeclared.example/pixel.gif"' in answer.text
    assert answer.text.count('type="text/plain"') == 2
    assert "Reject all" in answer.text
    assert "youtube.com" not in answer.headers["content-security-policy"]
    assert "Grüße" in answer.text


def test_a_page_of_one_piece_has_its_exact_length(client: httpx.Client) -> None:
    answer = client.get("/")
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_head_has_the_headers_of_a_page(client: httpx.Client) -> None:
    answer = client.head("/file")
    assert "default-src" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "private, no-cache"
    assert "content-length" not in answer.headers


def test_after_accept_the_declared_services_run_and_the_undeclared_host_does_not(
    client: httpx.Client,
) -> None:
    answer = choose(client, "accept-all", back="/")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    page = client.get("/")
    assert '<iframe src="https://www.youtube.com/embed/abc"' in page.text
    assert 'type="text/plain"' not in page.text
    assert 'data-cg-src="https://widgets.undeclared.example/pixel.gif"' in page.text
    assert "www.youtube.com" in page.headers["content-security-policy"]
    assert "undeclared" not in page.headers["content-security-policy"]
    assert "Your choice is saved" in page.text
    assert "Your choice is saved" not in client.get("/").text


def test_the_application_sees_the_consent_and_none_of_our_cookies(client: httpx.Client) -> None:
    assert client.get("/told").json()["decided"] is False
    choose(client, "custom", allow=["youtube"], back="/")
    told = client.get("/told").json()
    assert told["decided"] is True
    assert told["youtube"] is True
    assert told["social"] is False
    assert len(told["subject"]) == 32
    assert "cg" not in told["cookies"]


def test_a_refusal_carries_no_identifier_and_shows_no_banner_again(
    client: httpx.Client, tmp_path: Path
) -> None:
    choose(client, "reject-all", back="/")
    assert "Reject all" not in client.get("/").text.replace("note", "")
    told = client.get("/told").json()
    assert told["decided"] is True
    assert told["subject"] is None
    (record,) = proofs_in(tmp_path)
    assert record["event"] == "refused"
    assert record["subject"] is None


def test_every_decision_leaves_one_record_with_all_its_fields(
    client: httpx.Client, tmp_path: Path
) -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    client.headers["user-agent"] = agent
    client.headers["sec-gpc"] = "1"
    choose(client, "accept-all", back="/?secret=query")
    choose(client, "accept-all")
    choose(client, "withdraw", service="youtube")
    choose(client, "withdraw")
    given, partly, withdrawn = proofs_in(tmp_path)
    assert given["event"] == "given"
    assert partly["event"] == withdrawn["event"] == "withdrawn"
    assert partly["choices"] == {
        "google-analytics": "given",
        "youtube": "refused",
        "facebook": "given",
    }
    assert partly["prev"] == given["id"]
    assert withdrawn["prev"] == partly["id"]
    assert given["subject"] == partly["subject"] == withdrawn["subject"]
    assert given["ua"] == "Firefox/Linux"
    assert given["gpc"] is True
    assert given["method"] == {"control": "accept-all", "layer": "banner", "script": False}
    assert given["lang"] == "en"
    assert given["site"] == "127.0.0.1"
    whole = (tmp_path / "proofs.db").read_bytes() + (tmp_path / "proofs.db-wal").read_bytes()
    assert b"secret=query" not in whole
    assert b"Gecko" not in whole


def test_the_receipt_holds_the_visitors_own_records(client: httpx.Client) -> None:
    choose(client, "accept-all")
    receipt = client.get("/_gate/receipt")
    assert receipt.headers["content-disposition"].startswith("attachment")
    content = receipt.json()
    assert [record["event"] for record in content["records"]] == ["given"]
    assert content["records"][0]["subject"] == content["subject"]
    with httpx.Client(base_url=client.base_url) as stranger:
        assert stranger.get("/_gate/receipt").json() == {"subject": None, "records": []}


def test_erasing_leaves_no_body_behind(client: httpx.Client, tmp_path: Path) -> None:
    choose(client, "accept-all")
    subject = client.get("/told").json()["subject"]
    assert proofs_in(tmp_path)
    choose(client, "erase")
    assert proofs_in(tmp_path) == []
    assert client.get("/told").json()["subject"] is None
    assert subject is not None


@pytest.mark.parametrize(
    ("fields", "headers", "status"),
    [
        ({"decision": "accept-all"}, {"sec-fetch-site": "cross-site"}, 403),
        ({"decision": "accept-all"}, {}, 403),
        ({"decision": "accept-everything"}, SAME_ORIGIN, 400),
        ({"decision": "custom", "allow": "vimeo"}, SAME_ORIGIN, 400),
        ({"decision": "allow"}, SAME_ORIGIN, 400),
        ({"decision": "custom", "keep": "once"}, SAME_ORIGIN, 400),
        ({}, SAME_ORIGIN, 400),
        ({"decision": "accept-all", "back": "/" + "x" * 20_000}, SAME_ORIGIN, 400),
    ],
)
def test_a_form_that_is_not_ours_changes_nothing(
    client: httpx.Client,
    tmp_path: Path,
    fields: dict[str, str],
    headers: dict[str, str],
    status: int,
) -> None:
    answer = client.post("/_gate/choice", data=fields, headers=headers)
    assert answer.status_code == status
    assert "set-cookie" not in answer.headers
    assert proofs_in(tmp_path) == []


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example", ""])
def test_the_way_back_never_leaves_the_site(client: httpx.Client, back: str) -> None:
    answer = choose(client, "reject-all", back=back)
    assert answer.headers["location"] == "/_gate/choice"
    assert "Optional cookies stay off" in client.get("/_gate/choice").text


def test_our_script_gets_json(client: httpx.Client) -> None:
    headers = SAME_ORIGIN | {"accept": "application/json"}
    answer = client.post("/_gate/choice", data={"decision": "reject-all"}, headers=headers)
    assert answer.status_code == 200
    assert answer.json()["reload"] is False
    assert answer.json()["title"]
    answer = client.post("/_gate/choice", data={"decision": "accept-all"}, headers=headers)
    assert answer.json()["reload"] is True


def test_only_for_this_visit_sets_cookies_without_expiry(client: httpx.Client) -> None:
    answer = choose(client, "accept-all", keep="visit")
    ours = [c for c in answer.headers.get_list("set-cookie") if c.startswith(("cg=", "cg_state="))]
    assert len(ours) == 2
    assert not any("max-age" in cookie.lower() for cookie in ours)
    later = client.get("/cookies").headers.get_list("set-cookie")
    assert any(cookie.startswith("_ga=") and "max-age" not in cookie.lower() for cookie in later)
    assert any(cookie.startswith("session=") and "Max-Age" in cookie for cookie in later)


def test_cookies_of_services_without_consent_do_not_get_set(client: httpx.Client) -> None:
    names = [c.partition("=")[0] for c in client.get("/cookies").headers.get_list("set-cookie")]
    assert names == ["session", "unheard_of"]
    choose(client, "accept-all")
    names = [c.partition("=")[0] for c in client.get("/cookies").headers.get_list("set-cookie")]
    assert names == ["_ga", "session", "unheard_of"]


def test_such_a_cookie_in_a_request_is_kept_from_the_app_and_expired(client: httpx.Client) -> None:
    answer = client.get("/told", headers={"cookie": "a=1; _ga=GA1.2.3; b=2"})
    assert answer.json()["cookies"] == "a=1; b=2"
    expired = answer.headers.get_list("set-cookie")
    assert expired
    assert all(c.startswith("_ga=") and "Max-Age=0" in c for c in expired)


def test_withdrawal_expires_what_the_services_have_set(client: httpx.Client) -> None:
    choose(client, "accept-all")
    client.get("/cookies")
    client.cookies.set("_ga_ABC123", "x", domain="127.0.0.1")
    answer = choose(client, "withdraw")
    expired = {
        c.partition("=")[0] for c in answer.headers.get_list("set-cookie") if "Max-Age=0" in c
    }
    assert {"_ga", "_ga_ABC123"} <= expired


@pytest.mark.parametrize("path", ["/_gate/preferences", "/_gate/choice"])
def test_cookies_in_several_headers_expire_alike(client: httpx.Client, path: str) -> None:
    choose(client, "accept-all")
    told = [("cookie", f"{name}={value}") for name, value in client.cookies.items()]
    told += [("cookie", "_ga_ABC123=x")]
    client.cookies.clear()
    if path == "/_gate/choice":
        fields = {"decision": "withdraw"}
        answer = client.post(path, data=fields, headers=[*SAME_ORIGIN.items(), *told])
    else:
        answer = client.get(path, headers=[("cookie", "a=1"), ("cookie", "_ga_ABC123=x")])
    assert any(c.startswith("_ga_ABC123=;") for c in answer.headers.get_list("set-cookie"))


def test_load_once_opens_one_frame_and_is_recorded_as_such(
    client: httpx.Client, tmp_path: Path
) -> None:
    page = client.get("/").text
    start = page.index("/_gate/embed/youtube?u=")
    address = page[start : page.index('"', start)].replace("&amp;", "&")
    placeholder = client.get(address)
    assert "Load once" in placeholder.text
    assert "youtube.com" not in placeholder.headers["content-security-policy"]
    answer = choose(client, "once", service="youtube", back=address)
    assert answer.status_code == 303
    loaded = client.get(answer.headers["location"])
    assert 'src="https://www.youtube.com/embed/abc"' in loaded.text
    assert 'allow="autoplay"' in loaded.text
    assert "www.youtube.com" in loaded.headers["content-security-policy"]
    assert "facebook" not in loaded.headers["content-security-policy"]
    assert 'src="https://www.youtube.com' not in client.get(address).text
    assert "/_gate/embed/youtube?u=" in client.get("/").text
    (record,) = proofs_in(tmp_path)
    assert record["scope"] == "once"
    assert record["choices"] == {"youtube": "given"}
    assert client.get("/told").json()["decided"] is False


def test_once_on_a_page_opens_that_page_one_time(client: httpx.Client) -> None:
    choose(client, "once", service="youtube", back="/")
    other = client.get("/stream").text
    assert "/_gate/embed/youtube?u=" in other
    granted = client.get("/")
    assert '<iframe src="https://www.youtube.com/embed/abc"' in granted.text
    assert "facebook" not in granted.headers["content-security-policy"]
    assert "/_gate/embed/youtube?u=" in client.get("/").text


@pytest.mark.parametrize(
    "address",
    [
        "/_gate/embed/youtube",
        "/_gate/embed/youtube?u=forged",
        "/_gate/nothing",
        "/_gate/assets/boot.js",
        "/_gate/opt-out/vimeo",
        "/_gate/choice/more",
    ],
)
def test_an_address_that_is_not_ours_is_not_found(client: httpx.Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_opting_out_needs_a_click_on_this_site(client: httpx.Client) -> None:
    choose(client, "accept-all")
    asked = client.get("/_gate/opt-out/google-analytics", headers={"sec-fetch-site": "cross-site"})
    assert "set-cookie" not in asked.headers
    click = SAME_ORIGIN | {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    done = client.get("/_gate/opt-out/google-analytics", headers=click)
    assert any(
        c.startswith("ga-disable-G-ABC123=true") for c in done.headers.get_list("set-cookie")
    )
    page = client.get("/").text
    assert '<iframe src="https://www.youtube.com/embed/abc"' in page
    assert page.count('type="text/plain"') == 2


def test_a_revalidated_page_is_not_sent_again_until_the_choice_changes(
    client: httpx.Client,
) -> None:
    etag = client.get("/static/page.html").headers["etag"]
    again = client.get("/static/page.html", headers={"if-none-match": etag})
    assert again.status_code == 304
    assert again.headers["etag"] == etag
    assert "default-src" in again.headers["content-security-policy"]
    choose(client, "accept-all")
    client.cookies.delete("cg_note")
    assert client.get("/static/page.html", headers={"if-none-match": etag}).status_code == 200


def test_a_page_in_part_is_never_let_through(client: httpx.Client) -> None:
    part = {"range": "bytes=300-", "sec-fetch-dest": "empty", "accept": "*/*"}
    answer = client.get("/file", headers=part)
    assert answer.status_code == 200
    assert 'data-cg-src="https://www.youtube.com/embed/abc"' in answer.text


def test_a_public_page_is_the_same_for_everybody(client: httpx.Client) -> None:
    first = client.get("/public", headers={"accept-language": "de"})
    choose(client, "accept-all", back="/")
    client.cookies.set("other", "1")
    again = client.get("/public", headers={"accept-language": "sv", "sec-gpc": "1"})
    assert again.content == first.content
    told = {name: value for name, value in again.headers.items() if name != "date"}
    assert told == {name: value for name, value in first.headers.items() if name != "date"}
    assert first.headers["cache-control"] == "public, max-age=600"
    assert "content-security-policy" not in first.headers
    assert "vary" not in first.headers
    assert "set-cookie" not in first.headers
    assert 'src="/_gate/embed/youtube?u=' in first.text
    assert first.text.count('type="text/plain"') == 2


def test_a_public_page_for_who_is_authorised_stays_with_them(client: httpx.Client) -> None:
    answer = client.get("/public", headers={"authorization": "Basic eDp5"})
    assert answer.headers["cache-control"] == "private, no-cache"
    assert "cookie" in answer.headers["vary"].lower()
    assert "default-src" in answer.headers["content-security-policy"]


def test_workers_get_the_policy_and_data_does_not(client: httpx.Client) -> None:
    assert "default-src" in client.get("/worker.js").headers["content-security-policy"]
    plain = client.get("/told", headers={"sec-fetch-dest": "empty"})
    assert "content-security-policy" not in plain.headers


def test_hints_to_third_parties_leave_the_headers(client: httpx.Client) -> None:
    headers = client.get("/hinted").headers
    assert "ytimg" not in headers["link"]
    assert "</own.css>; rel=preload; as=style" in headers["link"]
    assert "<https://other.example/next>; rel=canonical" in headers["link"]


def test_downloads_and_empty_answers_stay_as_they_are(client: httpx.Client) -> None:
    assert client.get("/attachment").text == PAGE
    assert client.get("/empty").status_code == 204


def test_an_error_page_is_gated_too(client: httpx.Client) -> None:
    answer = client.get("/broken")
    assert answer.status_code == 500
    assert 'data-cg-src="https://www.youtube.com/embed/abc"' in answer.text


def test_addresses_are_anonymised_for_the_app_and_in_the_access_log(client: httpx.Client) -> None:
    told = client.get("/told", headers={"x-forwarded-for": "203.0.113.77"}).json()
    assert told["client"] == "203.0.113.0"
    assert told["forwarded"] == "203.0.113.0"
    line = next(line for line in client.server.log if "/told" in line)
    assert line.startswith("203.0.113.0:0 ")


def test_a_grant_that_cannot_be_recorded_is_refused_and_a_refusal_is_honoured(
    tmp_path: Path,
) -> None:
    with visiting(tmp_path) as client:
        choose(client, "accept-all")
        with closing(sqlite3.connect(tmp_path / "proofs.db")) as database:
            database.execute("ALTER TABLE proof RENAME TO away")
        client.cookies.delete("cg_note")
        with httpx.Client(base_url=client.base_url) as stranger:
            answer = choose(stranger, "accept-all")
            assert answer.status_code == 503
            assert "set-cookie" not in answer.headers
            assert stranger.get("/told").json()["decided"] is False
        answer = choose(client, "withdraw")
        assert answer.status_code == 303
        assert client.get("/told").json()["youtube"] is False
        spooled = (tmp_path / "proofs.db.spool").read_text("utf-8")
        assert '"withdrawn"' in spooled


def test_a_bot_sees_the_ordinary_undecided_page(client: httpx.Client) -> None:
    bot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    answer = client.get("/", headers={"user-agent": bot})
    assert "Reject all" in answer.text
    assert 'data-cg-src="https://www.youtube.com/embed/abc"' in answer.text
    assert 'href="/_gate/preferences' in answer.text or "/_gate/preferences" in answer.text


def test_exempt_paths_are_left_alone(tmp_path: Path) -> None:
    with visiting(tmp_path, CONFIG | {"exempt_paths": ["/file"]}) as client:
        assert client.get("/file").text == PAGE
        assert "data-cg-src" in client.get("/").text


def test_a_changed_file_takes_effect_and_a_bad_one_does_not(tmp_path: Path) -> None:
    path = tmp_path / "consentgate.json"
    path.write_text(json.dumps(CONFIG), "utf-8")
    ticks = iter(range(1_800_000_000, 1_900_000_000, 10))
    with visiting(tmp_path, path, clock=lambda: next(ticks)) as client:
        assert "Example Ltd" in client.get("/").text
        path.write_text("{", "utf-8")
        assert "Example Ltd" in client.get("/").text
        assert any("consentgate.json:1" in line for line in client.server.log)
        path.write_text(
            json.dumps(CONFIG | {"site": {"name": "New Name", "privacy_url": "/privacy"}}), "utf-8"
        )
        assert "New Name" in client.get("/").text


def test_a_wrong_configuration_stops_the_start_with_every_fault(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        ConsentGateMiddleware(
            site(tmp_path), config={"sight": {}, "policy": {"ask_again_after": "soon"}}
        )
    assert len(caught.value.problems) >= 2


def test_without_secret_and_database_one_line_says_what_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CONSENTGATE_SECRET", raising=False)
    monkeypatch.delenv("CONSENTGATE_DATABASE", raising=False)
    ConsentGateMiddleware(site(tmp_path), config=CONFIG)
    lines = [r.message for r in caplog.records if "CONSENTGATE_SECRET" in r.message]
    assert len(lines) == 1
    assert "sqlite:///consentgate.db" in lines[0]
    assert (tmp_path / ".consentgate-key").stat().st_mode & 0o777 == 0o600


def test_secrets_rotate_oldest_to_newest(tmp_path: Path) -> None:
    with visiting(tmp_path) as client:
        choose(client, "accept-all")
        cookies = dict(client.cookies)
    app = ConsentGateMiddleware(
        site(tmp_path),
        config=CONFIG,
        secret="a-secret,b-secret",
        database=f"sqlite:///{tmp_path}/proofs.db",
    )
    with serving(app) as server:
        told = httpx.get(f"{server.url}/told", cookies=cookies).json()
    assert told["decided"] is True


def test_a_network_is_in_the_record_only_where_the_configuration_wants_it(tmp_path: Path) -> None:
    visitor = {"x-forwarded-for": "203.0.113.77"}
    for setting in ({}, {"proofs": {"address": "network"}}):
        with visiting(tmp_path, CONFIG | setting) as client:
            client.headers.update(visitor)
            choose(client, "accept-all")
    assert [record["network"] for record in proofs_in(tmp_path)] == [None, "203.0.113.0"]


def test_unknown_cookies_are_named_once_and_blocked_where_wanted(tmp_path: Path) -> None:
    with visiting(tmp_path) as client:
        client.get("/cookies")
        client.get("/cookies")
        lines = [line for line in client.server.log if "unheard_of" in line]
        assert len(lines) == 1
        assert '"first_party_cookies"' in lines[0]
    with visiting(tmp_path, CONFIG | {"unknown": {"cookies": "block"}}) as client:
        answer = client.get("/cookies", headers={"cookie": "session=1; unheard_of=1"})
        session, *expired = answer.headers.get_list("set-cookie")
        assert session.startswith("session=1")
        assert expired[0] == "unheard_of=; Max-Age=0; Path=/"
        assert all(header.startswith("unheard_of=; Max-Age=0;") for header in expired)


def test_undeclared_third_parties_are_named_once_with_the_json_to_add(client: httpx.Client) -> None:
    client.get("/")
    client.get("/")
    (line,) = [line for line in client.server.log if "widgets.undeclared.example" in line]
    assert '"match": {"hosts": ["widgets.undeclared.example"]}' in line


def way_back(page: str) -> str:
    """What the banner's form sends as ``back``."""
    return html.unescape(re.search('name="back" value="([^"]*)"', page)[1])


@pytest.mark.parametrize(
    "path",
    ["/any/a%20b", "/any/caf%C3%A9", "/any/a%3Fb?c=d%26e", "/any/%5Cevil.example", "/any/a%0Db"],
)
def test_a_choice_leads_back_to_the_very_address_it_came_from(
    client: httpx.Client, path: str
) -> None:
    page = client.get(path).text
    answer = choose(client, "reject-all", back=way_back(page))
    assert answer.headers["location"] == path


@pytest.mark.parametrize(
    "path", ["//evil.example/any/", "/any/?" + "x" * 5000, "/any/" + "%D0%9F" * 1000]
)
def test_a_page_whose_address_cannot_be_led_back_to_can_still_be_decided_on(
    client: httpx.Client, path: str
) -> None:
    url = client.base_url.copy_with(raw_path=path.encode())
    page = client.get(url).text
    assert way_back(page) == ""
    assert 'href="//evil.example' not in page
    answer = choose(client, "reject-all", back=way_back(page))
    assert answer.headers["location"] == "/_gate/choice"
    confirmed = client.get(url).text
    assert "Optional cookies stay off" in confirmed
    assert 'href="//evil.example' not in confirmed


def test_once_opens_a_page_whose_address_is_percent_encoded(client: httpx.Client) -> None:
    choose(client, "once", service="youtube", back="/any/a%20b?c=d")
    assert '<iframe src="https://www.youtube.com/embed/abc"' in client.get("/any/a%20b").text


def test_a_form_with_everything_in_it_is_not_too_long(tmp_path: Path) -> None:
    services = {f"service-with-a-long-name-{n}": own_service(n) for n in range(160)}
    with visiting(tmp_path, CONFIG | {"services": services}) as client:
        answer = choose(client, "custom", allow=list(services), back="/any/" + "%D0%9F" * 500)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/any/%D0%9F")


def own_service(number: int) -> dict[str, object]:
    return {
        "title": f"Service {number}",
        "category": "functional",
        "provider": {"name": "Example"},
        "match": {"hosts": [f"s{number}.example"]},
    }


def frame_address(page: str) -> str:
    return html.unescape(re.search('src="(/_gate/embed/[^"]+)"', page)[1])


@pytest.mark.parametrize("length", [1500, 2500, 2900, 4000])
def test_a_frame_with_a_long_address_is_loaded_once_or_cannot_be_asked_for(
    tmp_path: Path, length: int
) -> None:
    source = "https://www.youtube.com/embed/abc?list=" + "x" * length
    (tmp_path / "long.html").write_text(f"<!doctype html><iframe src='{source}'></iframe>")
    with visiting(tmp_path) as client:
        address = frame_address(client.get("/static/long.html?" + "q" * 1000).text)
        placeholder = client.get(address).text
        assert ("Load once" in placeholder) == (length < 2500)
        if "Load once" in placeholder:
            answer = choose(client, "once", service="youtube", back=address)
            assert source in client.get(answer.headers["location"]).text


def test_a_frame_is_good_for_its_own_service_only(client: httpx.Client) -> None:
    address = frame_address(client.get("/").text)
    choose(client, "allow", service="facebook", back="/")
    assert client.get(address).status_code == 200
    assert client.get(address.replace("/youtube?", "/facebook?")).status_code == 404


def test_an_address_with_many_parameters_is_not_found(client: httpx.Client) -> None:
    many = "&a=b" * 50
    assert client.get(f"/_gate/embed/youtube?u=x{many}").status_code == 404
    back = f"/_gate/embed/youtube?u=x{many}"
    assert choose(client, "once", service="youtube", back=back).status_code == 303


def test_a_websocket_is_gated_in_both_directions(tmp_path: Path) -> None:
    app = ConsentGateMiddleware(
        site(tmp_path), config=CONFIG, secret="s", database=f"sqlite:///{tmp_path}/proofs.db"
    )
    accepted, told = asyncio.run(talk_to(app, "/talk", (b"cookie", b"a=1; _ga=2")))
    assert (b"set-cookie", b"session=1") in accepted["headers"]
    assert (b"set-cookie", b"_ga=1") not in accepted["headers"]
    assert json.loads(told["text"]) == {"cookies": "a=1", "client": "203.0.113.0", "decided": False}


async def talk_to(app: ConsentGateMiddleware, path: str, *headers: tuple[bytes, bytes]) -> list:
    """What a websocket's client is sent: the handshake and the first message."""
    sent: list = []

    async def receive() -> dict[str, object]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {
        "type": "websocket", "scheme": "ws", "path": path, "raw_path": path.encode(),
        "query_string": b"", "root_path": "", "subprotocols": [],
        "headers": [(b"host", b"www.example.com"), *headers], "client": ("203.0.113.77", 50_000),
    }  # fmt: skip
    await app(scope, receive, send)
    return sent[:2]


@pytest.mark.parametrize("decision", ["accept-all", "custom", "allow", "once"])
def test_a_bot_that_presses_a_button_agrees_to_nothing(
    client: httpx.Client, tmp_path: Path, decision: str
) -> None:
    client.headers["user-agent"] = "Mozilla/5.0 (compatible; Googlebot/2.1)"
    answer = choose(client, decision, service="youtube", allow="youtube", back="/")
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert proofs_in(tmp_path) == []


def test_on_a_host_that_shares_no_consent_the_choice_is_its_own(tmp_path: Path) -> None:
    site_settings = {**CONFIG["site"], "share_consent": "shop.example"}
    with visiting(tmp_path, CONFIG | {"site": site_settings}) as client:
        for host, domain in [("www.shop.example", True), ("shop.example", True), ("x.test", False)]:
            headers = SAME_ORIGIN | {"host": host}
            form = {"decision": "reject-all"}
            answer = client.post("/_gate/choice", data=form, headers=headers)
            (ours,) = [c for c in answer.headers.get_list("set-cookie") if c.startswith("cg=")]
            assert ("Domain=shop.example" in ours) == domain


def test_on_exempt_paths_the_application_knows_the_consent_too(tmp_path: Path) -> None:
    with visiting(tmp_path, CONFIG | {"exempt_paths": ["/told"]}) as client:
        choose(client, "accept-all")
        assert client.get("/told").json()["youtube"] is True


def test_a_flood_of_refusals_is_honoured_and_does_not_fill_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(middleware, "Throttle", lambda: Throttle(per_prefix=3, overall=3))
    with visiting(tmp_path) as client:
        for _ in range(6):
            with httpx.Client(base_url=client.base_url) as stranger:
                assert choose(stranger, "reject-all").status_code == 303
                assert stranger.get("/told").json()["decided"] is True
        assert len(proofs_in(tmp_path)) == 3
        assert choose(client, "accept-all").status_code == 429
        assert client.get("/told").json()["decided"] is False


def test_a_withdrawal_is_never_throttled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware, "Throttle", lambda: Throttle(per_prefix=1, overall=1))
    with visiting(tmp_path) as client:
        choose(client, "accept-all")
        assert choose(client, "withdraw").status_code == 303
        assert [record["event"] for record in proofs_in(tmp_path)] == ["given", "withdrawn"]


def test_an_old_cookie_that_withdraws_again_appends_nothing(
    client: httpx.Client, tmp_path: Path
) -> None:
    choose(client, "accept-all")
    old = dict(client.cookies)
    choose(client, "withdraw")
    for _ in range(3):
        with httpx.Client(base_url=client.base_url, cookies=old) as replay:
            assert choose(replay, "withdraw").status_code == 303
    assert len(proofs_in(tmp_path)) == 2


class Lived:
    """An application that keeps what its lifespan was told, and what it made there."""

    def __init__(self, *, fails: bool = False) -> None:
        self.fails = fails
        self.heard: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await PlainTextResponse(scope["state"]["pool"])(scope, receive, send)
            return
        assert scope["type"] == "lifespan"
        scope["state"]["pool"] = "open"
        for stage in ("startup", "shutdown"):
            self.heard.append((await receive())["type"])
            how = "failed" if self.fails else "complete"
            await send({"type": f"lifespan.{stage}.{how}"})


def test_the_applications_lifespan_is_its_own(tmp_path: Path) -> None:
    app = Lived()
    with serving(behind_gate(app, tmp_path, CONFIG)) as server:
        assert app.heard == ["lifespan.startup"]
        assert httpx.get(server.url).text == "open"
    assert app.heard == ["lifespan.startup", "lifespan.shutdown"]


def test_an_application_that_cannot_start_does_not(tmp_path: Path) -> None:
    with (
        pytest.raises(RuntimeError, match="did not start"),
        serving(behind_gate(Lived(fails=True), tmp_path, CONFIG)),
    ):
        pass


def test_nothing_of_a_lifespan_is_changed(tmp_path: Path) -> None:
    """Not the scope, not a message in either direction, and an exception leaves."""
    heard: list[object] = []
    said = [{"type": "lifespan.startup.complete", "of": "the app"}, {"type": "lifespan.strange"}]

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        heard.extend((scope, dict(scope), receive, await receive()))
        for message in said:
            await send(message)
        raise LookupError

    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    sent: list[object] = []

    async def receive() -> dict[str, object]:
        return {"type": "lifespan.startup"}

    async def send(message: object) -> None:
        sent.append(message)

    with pytest.raises(LookupError):
        asyncio.run(behind_gate(app, tmp_path, CONFIG)(scope, receive, send))
    before = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    assert heard == [before, before, receive, {"type": "lifespan.startup"}]
    assert heard[0] is scope
    assert [one is other for one, other in zip(sent, said, strict=True)] == [True, True]
