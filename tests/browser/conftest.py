"""Fixtures of the browser tests: a recorder for third parties, sites to visit, visitors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Playwright, sync_playwright

from tests.browser.chromium import find_chromium
from tests.browser.netlog import NetLog
from tests.browser.recorder import Recorder
from tests.browser.visitor import OWN_HOSTS, Browser, Visitor
from tests.gated import proofs_in
from tests.live_server import LiveServer, serving

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver; per module, because while it runs no other event loop can."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def _recorder() -> Iterator[Recorder]:
    with Recorder() as recorder:
        yield recorder


@pytest.fixture
def recorder(_recorder: Recorder) -> Recorder:
    """Every third party, with nothing recorded yet."""
    _recorder.reset()
    return _recorder


@pytest.fixture
def serve() -> Iterator[Callable[..., LiveServer]]:
    """Serve any ASGI application until the end of the test."""
    with ExitStack() as stack:
        yield lambda app, **tls: stack.enter_context(serving(app, **tls))


@pytest.fixture
def records(tmp_path: Path) -> Callable[[], list[dict[str, object]]]:
    """The proofs so far of the site that the test has gated, oldest first."""
    return lambda: proofs_in(tmp_path)


@pytest.fixture(scope="module")
def _executable(playwright: Playwright) -> Path:
    found = find_chromium(Path(playwright.chromium.executable_path))
    assert found, "no Chromium: `make test` installs one, or set CONSENTGATE_CHROMIUM"
    return found


@pytest.fixture
def browser(playwright: Playwright, _executable: Path, recorder: Recorder) -> Browser:
    return Browser(playwright.chromium, _executable, recorder)


@pytest.fixture
def browser_profile(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., tuple[BrowserContext, Path]]]:
    """Open a browser with an empty profile; gives its context, and the file of its net log."""
    with ExitStack() as stack:

        def open_profile(**options: object) -> tuple[BrowserContext, Path]:
            folder = tmp_path_factory.mktemp("profile")
            context = browser.open(folder, **options)
            stack.callback(context.close)
            return context, folder / "net.json"

        yield open_profile


@pytest.fixture
def visit(recorder: Recorder, browser_profile: Callable[..., object]) -> Callable[..., Visitor]:
    """Let a new visitor come to a served site, at ``host`` if one is given.

    ``declared`` are the third parties to be known by name; what else is taken, see
    ``Browser.open``. The visitor has opened no page yet.
    """

    def arrive(
        server: LiveServer, declared: Iterable[str] = (), host: str = "", **options: object
    ) -> Visitor:
        site = {host: server.port} if host else {}
        context, log = browser_profile(declared=declared, site=site, **options)
        ledger = context.pages[0]
        return Visitor(
            context=context,
            page=context.new_page(),
            ledger=ledger,
            server=server,
            recorder=recorder,
            netlog=NetLog(log),
            base_url=f"http://{host}" if host else server.url,
            site=OWN_HOSTS | set(site),
        )

    return arrive
