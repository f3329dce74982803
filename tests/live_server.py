"""An ASGI application behind a real uvicorn on a loopback port, in a thread of the test."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager, suppress
from typing import Any, TypeAlias

import uvicorn

Scope: TypeAlias = MutableMapping[str, Any]
App: TypeAlias = Callable[[Scope, Any, Any], Awaitable[None]]

LOGGERS = ("uvicorn.error", "uvicorn.access", "consentgate")
STARTUP_SECONDS = 30
SHUTDOWN_SECONDS = 2


class LiveServer:
    """A running server: where it is, what was asked of it and what was logged meanwhile."""

    def __init__(self, app: App) -> None:
        self._app = app
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self.socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.asked: list[str] = []
        """``GET /path``, once per request, in order of arrival."""
        self.log: list[str] = []
        self.in_flight = 0
        self.last_change = time.monotonic()

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Count what is under way; the scope itself goes on, as from a server."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self.asked.append(f"{scope['method']} {scope['path']}")
        self.in_flight += 1
        self.last_change = time.monotonic()
        try:
            await self._app(scope, receive, send)
        finally:
            self.in_flight -= 1
            self.last_change = time.monotonic()


class _Collector(logging.Handler):
    """Keeps what is logged, with tracebacks, instead of printing it."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record))


@contextmanager
def serving(app: App, **tls: str) -> Iterator[LiveServer]:
    """Run the application; on leaving it has been shut down and its thread has ended.

    ``tls`` are uvicorn's ``ssl_certfile`` and ``ssl_keyfile``.
    """
    live = LiveServer(app)
    server = uvicorn.Server(
        uvicorn.Config(
            live,
            log_config=None,
            log_level="info",
            lifespan="auto",
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
            **tls,
        )
    )
    thread = threading.Thread(target=_run, args=(server, live), name="live server", daemon=True)
    with _collecting(live.log):
        thread.start()
        try:
            _await_start(server, thread, live)
            yield live
        finally:
            server.should_exit = True
            thread.join(STARTUP_SECONDS)
            live.socket.close()


def _run(server: uvicorn.Server, live: LiveServer) -> None:
    # A start that fails ends in sys.exit; whoever waits for the start says so.
    with suppress(SystemExit):
        server.run(sockets=[live.socket])


@contextmanager
def _collecting(lines: list[str]) -> Iterator[None]:
    collector = _Collector(lines)
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = [(logger.level, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.addHandler(collector)
        logger.propagate = False
    try:
        yield
    finally:
        for logger, (level, propagate) in zip(loggers, before, strict=True):
            logger.removeHandler(collector)
            logger.setLevel(level)
            logger.propagate = propagate


def _await_start(server: uvicorn.Server, thread: threading.Thread, live: LiveServer) -> None:
    deadline = time.monotonic() + STARTUP_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("the server did not start:\n" + "\n".join(live.log))
        time.sleep(0.01)
