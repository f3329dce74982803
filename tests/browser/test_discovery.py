"""What policies stop in a real browser is counted, in each of the three ways to tell of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from consentgate.discovery import CountFile
from tests.browser.recorder import Recorder
from tests.browser.tls import ending_tls
from tests.browser.visitor import AT_MOST_SECONDS, Visitor
from tests.gated import behind_gate

STRANGER, DECLARED = "stranger.undeclared.example", "i.ytimg.com"
HOSTS = (STRANGER, DECLARED)
PAGE = f"""<!doctype html><html lang=en><head><title>t</title></head><body><p>Text</p><script>
for (const host of ['{STRANGER}', '{STRANGER}', '{DECLARED}']) {{
  new Image().src = `https://${{host}}/pixel.gif?visitor=Jane`;
  fetch(`https://${{host}}/collect/Jane`, {{ mode: 'no-cors' }}).catch(() => {{}});
}}
</script></body></html>"""
CONFIG = {
    "site": {"name": "A site", "privacy_url": "/privacy"},
    "policy": {"version": "1"},
    "services": {"youtube": {}},
}


@pytest.fixture
def arrive(tmp_path: Path, serve, visit, recorder: Recorder) -> Iterator[Callable[..., Visitor]]:
    async def show(request) -> HTMLResponse:
        cached = {"cache-control": "public, max-age=60"} if request.url.path == "/public" else None
        return HTMLResponse(PAGE, headers=cached)

    def come(*, secure: bool = False, unknown: str = "block") -> Visitor:
        site = behind_gate(
            Starlette(routes=[Route("/", show), Route("/public", show)]),
            tmp_path,
            CONFIG
            | {"site": {**CONFIG["site"], "https": secure}, "unknown": {"third_party": unknown}},
        )
        server = serve(site)
        port, key = stack.enter_context(ending_tls(server.port)) if secure else (0, "")
        keys = f"--ignore-certificate-errors-spki-list={recorder.key_hash},{key}"
        visitor = visit(server, HOSTS, extra_flags=[keys, "--short-reporting-delay"])
        visitor.base_url = f"https://127.0.0.1:{port}" if secure else server.url
        visitor.site_of_the_test = site
        return visitor

    with ExitStack() as stack:
        yield come


def counted(visitor: Visitor, folder: Path) -> set[tuple[str, str]]:
    """The hosts and directives that are counted, once a report has come in."""
    deadline = time.monotonic() + AT_MOST_SECONDS
    while "POST /_gate/reports" not in visitor.server.asked and time.monotonic() < deadline:
        visitor.page.wait_for_timeout(100)
    visitor.settle()
    visitor.site_of_the_test._discoveries.close()
    found = CountFile(folder / "proofs.db.discovered").sightings()
    assert not any("Jane" in repr(sighting) for sighting in found)
    return {(sighting.kind.host, sighting.kind.way) for sighting in found}


EXPECTED = {(STRANGER, "img-src"), (STRANGER, "connect-src")}


def test_a_policy_in_a_header_reports_to_an_address(arrive, tmp_path):
    visitor = arrive()
    response = visitor.goto("/")
    assert "report-to" not in response.headers["content-security-policy"]
    assert counted(visitor, tmp_path) == EXPECTED
    assert visitor.reached() == frozenset()


def test_a_policy_over_https_reports_to_a_named_endpoint(arrive, tmp_path):
    visitor = arrive(secure=True)
    response = visitor.goto("/")
    assert "report-to" in response.headers["content-security-policy"]
    assert counted(visitor, tmp_path) == EXPECTED


def test_of_a_policy_in_a_page_our_script_tells(arrive, tmp_path):
    visitor = arrive()
    response = visitor.goto("/public")
    assert "content-security-policy" not in response.headers
    assert counted(visitor, tmp_path) == EXPECTED
    assert visitor.server.asked.count("POST /_gate/reports") == 1, "one delivery, once each"
    assert visitor.reached() == frozenset()


def test_a_page_tells_of_twenty_at_most(arrive, tmp_path):
    visitor = arrive()
    visitor.goto("/public")
    visitor.page.evaluate(
        "for (let i = 0; i < 90; i++) new Image().src = `https://h${i}.undeclared.example/`"
    )
    assert len(counted(visitor, tmp_path)) == 18, "two of the twenty are declared"


@pytest.mark.parametrize("path", ["/", "/public"])
def test_while_the_unknown_passes_it_is_counted_all_the_same(arrive, tmp_path, path):
    visitor = arrive(unknown="report")
    response = visitor.goto(path)
    assert "content-security-policy" not in response.headers
    assert counted(visitor, tmp_path) == EXPECTED
    assert STRANGER in visitor.reached({STRANGER}), "nothing is stopped"
