"""Documents that are no page: a frame's address or ``srcdoc``, and XHTML, in every engine.

No script of ours is in them, and what they only connect to or look up no policy covers. Which
engine takes what for a document differs: each way reaches somebody in one of them at least.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from starlette.responses import Response

from tests.browser.engines import ENGINES, Session, found_or_skipped
from tests.browser.recorder import Recorder
from tests.browser.small_site import bare, gated
from tests.live_server import serving

FRAME = "<iframe src=https://{}/></iframe>"
HINT = "<link rel=preconnect href=https://{}>"
IN_XML = (
    "<html xmlns='http://www.w3.org/1999/xhtml'><head><link rel='preconnect' href='https://{}'/>"
    "</head><body><iframe src='https://{}/'/></body></html>"
)
PART = f"--x%0d%0aContent-Type: text/html%0d%0a%0d%0a{HINT}{FRAME}%0d%0a--x--"
REFRESH = f"<meta http-equiv=refresh content='0;url=data:text/html,{FRAME}'>"
XHTML = "<html xmlns='http://www.w3.org/1999/xhtml'><body><a href='https://{}/'>x</a></body></html>"
ALL = "chromium firefox webkit"
# What stands in the page, and the engines in which it reaches somebody.
WAYS = {
    "text/xsl": (f'<iframe src="data:text/xsl,{IN_XML}"></iframe>', "chromium webkit"),
    "object": (f'<object data="data:text/xsl,{IN_XML}"></object>', "chromium webkit"),
    "unknown": (
        f'<iframe src="data:application/x-unknown-content-type,<!doctype html>{HINT}"></iframe>',
        "firefox",
    ),
    "any": (f'<iframe src="data:*/*,<!doctype html>{HINT}"></iframe>', "firefox"),
    "multipart": (
        f'<iframe src="data:multipart/x-mixed-replace;boundary=x,{PART}"></iframe>',
        "webkit",
    ),
    "ISO-2022-JP": (
        f'<iframe src="data:text/html,<meta charset=iso-2022-jp><i%1b(B{FRAME[2:]}"></iframe>',
        ALL,
    ),
    "refresh": (f'<iframe srcdoc="{REFRESH}"></iframe>', ALL),
    "XHTML": (XHTML, "firefox"),
    "link": ('<iframe srcdoc="<a href=https://{}/>x</a>"></iframe>', "firefox"),
}
HOSTS = {name: f"w{number}.example" for number, name in enumerate(WAYS)}
PAGES: dict[str, str | Response] = {
    f"/{name}": way.replace("{}", HOSTS[name]) for name, (way, _) in WAYS.items()
}
PAGES["/XHTML"] = Response(PAGES["/XHTML"], media_type="application/xhtml+xml")
PAUSE_SECONDS = 0.5
WAIT_SECONDS = 8


@contextmanager
def session_of(engine_id: str, app: object, folder: Path) -> Iterator[tuple[Session, str]]:
    engine = found_or_skipped(engine_id)
    with ExitStack() as stack:
        recorder = stack.enter_context(Recorder())
        server = stack.enter_context(serving(app))
        yield (
            stack.enter_context(engine.open(folder, server, recorder, HOSTS.values())),
            server.url,
        )


def walk(session: Session, url: str, expected: frozenset[str]) -> frozenset[str]:
    """Opens every page; who has heard of it then."""
    for path in PAGES:
        session.goto(url + path)
        time.sleep(PAUSE_SECONDS)
    deadline = time.monotonic() + WAIT_SECONDS
    while not session.heard() >= expected and time.monotonic() < deadline:
        time.sleep(0.2)
    return session.heard()


@pytest.mark.parametrize("engine_id", ENGINES)
def test_each_way_leaks_where_nothing_stops_it(tmp_path, engine_id):
    expected = frozenset(HOSTS[name] for name, (_, engines) in WAYS.items() if engine_id in engines)
    with session_of(engine_id, bare(PAGES), tmp_path) as (session, url):
        assert walk(session, url, expected) >= expected


@pytest.mark.parametrize("engine_id", ENGINES)
def test_behind_the_gate_nobody_hears_of_it(tmp_path, engine_id):
    with session_of(engine_id, gated(bare(PAGES), tmp_path), tmp_path) as (session, url):
        walk(session, url, frozenset())
        time.sleep(1)
        assert session.heard() == frozenset()
