"""The server that the tests start is a real one: a port, a lifespan, a log, an end."""

import socket

import httpx
import pytest

from tests.live_server import serving


class App:
    """Answers with its path and remembers its lifespan."""

    def __init__(self) -> None:
        self.lifespan = []

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            for stage in ("startup", "shutdown"):
                await receive()
                self.lifespan.append(stage)
                await send({"type": f"lifespan.{stage}.complete"})
            return
        if scope["path"] == "/broken":
            raise RuntimeError("on purpose")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["path"].encode()})


def test_it_answers_over_a_socket_and_is_gone_afterwards():
    app = App()
    with serving(app) as server:
        assert httpx.get(f"{server.url}/here").text == "/here"
        assert server.asked == ["GET /here"]
        assert app.lifespan == ["startup"]
    assert app.lifespan == ["startup", "shutdown"]
    assert server.in_flight == 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=1)


def test_what_is_logged_is_kept():
    with serving(App()) as server:
        assert httpx.get(f"{server.url}/broken").status_code == 500
    assert any("RuntimeError: on purpose" in line for line in server.log)
    assert any('"GET /broken HTTP/1.1" 500' in line for line in server.log)


def test_an_application_that_does_not_start_is_an_error_with_its_log():
    async def refuses(scope, receive, send):
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    with pytest.raises(RuntimeError, match="no database"), serving(refuses):
        pass
