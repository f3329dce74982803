"""A client of WebDriver (W3C WebDriver, sections 6 to 12): JSON over HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx

ANSWER_SECONDS = 90


class WebDriverError(Exception):
    """What the driver answered instead of a result."""


class WebDriver:
    """One session of a driver that listens on a port of loopback."""

    def __init__(self, client: httpx.Client, session: str, capabilities: object) -> None:
        self._client = client
        self._session = session
        self.capabilities = capabilities

    def post(self, command: str, **parameters: object) -> object:
        return _result(self._client.post(f"/session/{self._session}/{command}", json=parameters))

    def get(self, command: str) -> object:
        return _result(self._client.get(f"/session/{self._session}/{command}"))


@contextmanager
def new_session(port: int, wanted: Mapping[str, object]) -> Iterator[WebDriver]:
    """Open a session with these capabilities; on leaving the browser has gone."""
    address = f"http://127.0.0.1:{port}"
    with httpx.Client(base_url=address, timeout=ANSWER_SECONDS, trust_env=False) as client:
        asked = {"capabilities": {"alwaysMatch": wanted}}
        opened = _result(client.post("/session", json=asked))
        assert isinstance(opened, dict)
        try:
            yield WebDriver(client, opened["sessionId"], opened["capabilities"])
        finally:
            client.delete(f"/session/{opened['sessionId']}")


def _result(response: httpx.Response) -> object:
    value = response.json()["value"]
    if response.is_error:
        raise WebDriverError(f"{value['error']}: {value['message']}")
    return value
