"""An ASGI application behind a real Hypercorn, and one request to it over HTTP/2.

It speaks what uvicorn does not: early hints, pushed answers and trailers.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    DataReceived,
    Event,
    InformationalResponseReceived,
    PushedStreamReceived,
    ResponseReceived,
    StreamEnded,
    TrailersReceived,
)
from hypercorn.asyncio import serve
from hypercorn.config import Config

WAIT_SECONDS = 20

App = Callable[[Any, Any, Any], Awaitable[None]]
Header = tuple[str, str]


@dataclass
class Answer:
    """What came back for one request; ``pushed`` has the paths that were promised with it."""

    hints: list[list[Header]] = field(default_factory=list)
    headers: list[Header] = field(default_factory=list)
    content: bytes = b""
    trailers: list[Header] = field(default_factory=list)
    pushed: list[str] = field(default_factory=list)


@contextmanager
def hypercorn(app: App) -> Iterator[int]:
    """Run the application; gives its port. On leaving it has been shut down."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    config = Config()
    config.bind = [f"fd://{listening.detach()}"]
    config.errorlog = config.accesslog = None
    config.graceful_timeout = 1
    stop = threading.Event()

    async def stopped() -> None:
        await asyncio.to_thread(stop.wait)

    def run() -> None:
        asyncio.run(serve(app, config, shutdown_trigger=stopped))

    thread = threading.Thread(target=run, name="hypercorn", daemon=True)
    thread.start()
    try:
        yield port
    finally:
        stop.set()
        thread.join(WAIT_SECONDS)


def ask(port: int, path: str) -> Answer:
    """What the server answers to a navigation."""
    connection = H2Connection(H2Configuration(client_side=True, header_encoding="utf-8"))
    connection.initiate_connection()
    headers = [
        (":method", "GET"), (":scheme", "http"), (":authority", "www.example.com"),
        (":path", path), ("sec-fetch-dest", "document"), ("te", "trailers"),
    ]  # fmt: skip
    connection.send_headers(1, headers, end_stream=True)
    answer = Answer()
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT_SECONDS) as client:
        client.sendall(connection.data_to_send())
        while data := client.recv(65_536):
            for event in connection.receive_data(data):
                if isinstance(event, StreamEnded) and event.stream_id == 1:
                    return answer
                _note(answer, event)
            client.sendall(connection.data_to_send())
    raise AssertionError("the connection ended before the answer did")


def _note(answer: Answer, event: Event) -> None:
    match event:
        case InformationalResponseReceived():
            answer.hints.append(list(event.headers))
        case PushedStreamReceived():
            answer.pushed.append(dict(event.headers)[":path"])
        case ResponseReceived(stream_id=1):
            answer.headers = list(event.headers)
        case DataReceived(stream_id=1):
            answer.content += event.data
        case TrailersReceived(stream_id=1):
            answer.trailers = list(event.headers)
