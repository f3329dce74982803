"""The endpoint for reports over a real socket: who is heard, and what is left of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from consentgate.discovery import CountFile
from consentgate.endpoints.reports import MAX_REPORT_BYTES, Inbox
from consentgate.endpoints.throttle import Throttle
from tests.gated import behind_gate
from tests.live_server import serving

HOST = {"host": "www.example.com"}
SECURE = {**HOST, "x-forwarded-proto": "https"}
TYPE = {"content-type": "application/csp-report"}
PAGE = "<!doctype html><title>t</title><img src=https://pixel.undeclared.example/x.gif>"
CONFIG = {
    "site": {"name": "Example", "privacy_url": "/privacy"},
    "policy": {"version": "1"},
    "services": {"youtube": {}},
    "ip": {"trusted_proxies": ["127.0.0.1"]},
}


def report(
    host: str = "tracker.undeclared.example", page: str = "https://www.example.com/"
) -> bytes:
    members = {
        "document-uri": page + "orders/17?name=Jane",
        "referrer": "https://search.example/?q=illness",
        "blocked-uri": f"https://{host}/t.js?visitor=JaneDoe",
        "effective-directive": "script-src-elem",
        "disposition": "enforce",
    }
    return json.dumps({"csp-report": members}).encode()


@contextmanager
def running(
    folder: Path, own: dict[str, str] | None = None
) -> Iterator[tuple[httpx.Client, object]]:
    async def home(request: object) -> Response:
        return HTMLResponse(PAGE, headers=own)

    async def public(request: object) -> Response:
        return HTMLResponse(PAGE, headers={"cache-control": "public"})

    async def worker(request: object) -> Response:
        return PlainTextResponse("postMessage(1)", media_type="text/javascript")

    routes = [Route("/", home), Route("/public", public), Route("/worker.js", worker)]
    site = behind_gate(Starlette(routes=routes), folder, CONFIG, clock=lambda: 1_800_000_000)
    with serving(site) as server, httpx.Client(base_url=server.url, headers=HOST) as client:
        yield client


@pytest.fixture
def client(tmp_path: Path) -> Iterator[httpx.Client]:
    with running(tmp_path) as client:
        yield client


def post(client: httpx.Client, body: bytes, **headers: str) -> int:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/_gate/reports", content=body, headers=TYPE | sent).status_code


def counted(folder: Path) -> dict[str, int]:
    """What is in the file once the site has ended."""
    return {
        f"{s.kind.host} {s.kind.way} {s.kind.service}".strip(): s.count
        for s in CountFile(folder / "proofs.db.discovered").sightings()
    }


def test_reports_and_what_the_gate_stopped_are_counted_in_one_place(tmp_path: Path) -> None:
    with running(tmp_path) as client:
        for _ in range(2):
            assert client.get("/").status_code == 200
        assert post(client, report(), sec_fetch_site="same-origin") == 204
        assert post(client, report("player.vimeo.com"), origin="http://www.example.com") == 204
        assert post(client, report("www.youtube.com")) == 204, "declared, so not counted"
        assert not (tmp_path / "proofs.db.discovered").exists(), "written off the request path"
    assert counted(tmp_path) == {
        "pixel.undeclared.example markup": 2,
        "tracker.undeclared.example script-src-elem": 1,
        "player.vimeo.com script-src-elem vimeo": 1,
    }


def test_nothing_of_the_visitor_is_in_the_file(tmp_path: Path) -> None:
    browser = {"user_agent": "Browser/17", "x_forwarded_for": "203.0.113.77"}
    with running(tmp_path) as client:
        assert post(client, report(), **browser, cookie="session=s3cret") == 204
    content = (tmp_path / "proofs.db.discovered").read_bytes()
    assert b"tracker.undeclared.example" in content
    for trace in (b"Jane", b"orders", b"illness", b"t.js", b"Browser", b"203.0.113", b"s3cret"):
        assert trace not in content


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec_fetch_site": "cross-site", "origin": "http://www.example.com"},
    ],
)
def test_a_report_that_comes_from_elsewhere_is_refused(
    client: httpx.Client, headers: dict[str, str]
) -> None:
    assert post(client, report(), **headers) == 403


def test_a_report_of_another_sites_page_counts_for_nothing(tmp_path: Path) -> None:
    with running(tmp_path) as client:
        assert post(client, report(page="evil.example")) == 204
        assert post(client, report("ours.undeclared.example")) == 204
    assert list(counted(tmp_path)) == ["ours.undeclared.example script-src-elem"]


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{}", "application/csp-report", 400),
        (b"[" * 60_000, "application/csp-report", 400),
        (report(), "text/plain", 400),
        (report(), "", 400),
        (report(), "application/csp-report; charset=utf-8", 204),
        (b" " * (MAX_REPORT_BYTES + 1), "application/reports+json", 413),
    ],
)
def test_hostile_bodies_are_refused(
    client: httpx.Client, body: bytes, content_type: str, status: int
) -> None:
    answer = client.post("/_gate/reports", content=body, headers={"content-type": content_type})
    assert answer.status_code == status
    assert answer.content == b""
    assert answer.headers["cache-control"] == "no-store"


def test_a_body_without_an_end_is_cut_off(client: httpx.Client) -> None:
    pieces = (b" " * 10_000 for _ in range(20))
    answer = client.post("/_gate/reports", content=pieces, headers=TYPE)
    assert answer.status_code == 413


def test_a_flood_from_one_network_is_turned_away_and_choices_are_not(tmp_path: Path) -> None:
    flooder = {"x_forwarded_for": "203.0.113.5"}
    with running(tmp_path) as client:
        statuses = [post(client, report(), **flooder) for _ in range(80)]
        assert statuses == [204] * 60 + [429] * 20
        assert post(client, report(), x_forwarded_for="198.51.100.5") == 204
        choice = client.post(
            "/_gate/choice",
            data={"decision": "accept-all"},
            headers={"sec-fetch-site": "same-origin", "x-forwarded-for": "203.0.113.5"},
        )
        assert choice.status_code == 303


def test_all_networks_together_have_a_ceiling() -> None:
    inbox = Inbox(discoveries=None)  # type: ignore[arg-type]  only its limit is asked for
    throttle: Throttle = inbox._throttle
    admitted = sum(throttle.admits(f"203.0.{i % 250}.0", now=1) for i in range(5000))
    assert admitted == 1200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
def test_it_only_takes_posts(client: httpx.Client, method: str) -> None:
    assert client.request(method, "/_gate/reports").status_code == 404


# --- Where browsers learn of it


def policies(answer: httpx.Response) -> list[str]:
    return answer.headers.get_list("content-security-policy")


def test_a_page_over_https_names_the_endpoint_in_both_ways(client: httpx.Client) -> None:
    answer = client.get("/", headers=SECURE)
    (policy,) = policies(answer)
    assert policy.endswith("; report-uri /_gate/reports; report-to consentgate")
    assert answer.headers["reporting-endpoints"] == 'consentgate="/_gate/reports"'


def test_a_page_over_http_names_it_in_the_way_that_works_there(client: httpx.Client) -> None:
    answer = client.get("/")
    (policy,) = policies(answer)
    assert policy.endswith("; report-uri /_gate/reports")
    assert "reporting-endpoints" not in answer.headers


def test_visitors_over_http_and_https_are_not_taken_for_each_other(client: httpx.Client) -> None:
    told = [
        "reporting-endpoints" in client.get("/", headers=headers).headers
        for headers in (HOST, SECURE, HOST, SECURE)
    ]
    assert told == [False, True, False, True]


def test_a_worker_reports_too(client: httpx.Client) -> None:
    assert "report-to consentgate" in policies(client.get("/worker.js", headers=SECURE))[0]


def test_a_policy_in_the_page_names_no_endpoint_because_it_cannot_report(
    client: httpx.Client,
) -> None:
    answer = client.get("/public", headers=SECURE)
    assert policies(answer) == []
    (in_page,) = re.findall(r'data-cg-policy="([^"]+)"', answer.text)
    assert "report" not in in_page


@pytest.mark.parametrize("mode", ["", "-report-only"])
def test_the_applications_own_reports_stay_its_own(tmp_path: Path, mode: str) -> None:
    header = f"content-security-policy{mode}"
    own = {
        header: "img-src 'self'; report-uri /own-reports; report-to own",
        "reporting-endpoints": 'own="/own-reports"',
    }
    with running(tmp_path, own) as client:
        answer = client.get("/", headers=SECURE)
    assert answer.headers.get_list("reporting-endpoints") == [
        'own="/own-reports"',
        'consentgate="/_gate/reports"',
    ]
    (kept,) = [value for value in answer.headers.get_list(header) if "own-reports" in value]
    assert kept == own[header]
    (ours,) = [value for value in policies(answer) if "/_gate/reports" in value]
    assert "own-reports" not in ours
