"""Both streets, and a browser that walks them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, sync_playwright
from starlette.applications import Starlette
from starlette.routing import Route

from tests.browser.chromium import find_chromium
from tests.browser.netlog import NetLog
from tests.browser.recorder import Recorder
from tests.browser.visitor import OWN_HOSTS, Browser, Visitor
from tests.gated import behind_gate
from tests.live_server import serving
from tests.services.street import CONFIG, Street, Walk, site

FEW_PROCESSES = ("--disable-site-isolation-trials", "--renderer-process-limit=4")
"""Hundreds of sites in one browser: a process for each would take most of the time."""


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="module")
def streets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Street]]:
    """The same sites twice: ``bare``, and ``gated`` by a gate that knows every service."""
    folder = tmp_path_factory.mktemp("street")
    config = folder / "consentgate.json"
    config.write_text(json.dumps(CONFIG), encoding="utf-8")
    app = Starlette(routes=[Route("/", site)])
    gated = behind_gate(Starlette(routes=[Route("/", site)]), folder, config)
    with serving(app) as bare_server, serving(gated) as gated_server:
        yield {"bare": Street("bare", bare_server), "gated": Street("gated", gated_server)}


@pytest.fixture(scope="module")
def walker(
    playwright: Playwright,
    streets: Mapping[str, Street],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[..., Walk]]:
    """A browser with an empty profile, to which every third party leads to the recorder."""
    with ExitStack() as stack:
        recorder = stack.enter_context(Recorder())
        executable = find_chromium(Path(playwright.chromium.executable_path))
        assert executable, "no Chromium: `make test` installs one, or set CONSENTGATE_CHROMIUM"
        browser = Browser(playwright.chromium, executable, recorder)

        def arrive(*, java_script: bool) -> Walk:
            folder = tmp_path_factory.mktemp("profile")
            hosts = {h: port for street in streets.values() for h, port in street.hosts().items()}
            context = browser.open(
                folder,
                site=hosts,
                java_script_enabled=java_script,
                viewport={"width": 800, "height": 1000},
                extra_flags=FEW_PROCESSES,
            )
            stack.callback(context.close)
            return Walk(
                Visitor(
                    context=context,
                    page=context.new_page(),
                    ledger=context.pages[0],
                    server=streets["gated"].server,
                    recorder=recorder,
                    netlog=NetLog(folder / "net.json"),
                    base_url=streets["gated"].server.url,
                    site=OWN_HOSTS | set(hosts),
                )
            )

        yield arrive
