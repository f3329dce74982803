"""A client of Marionette, the remote control that every Firefox has built in.

Its messages are JSON with their length in front: ``[0, id, command, parameters]`` is answered
with ``[1, id, error, result]`` (Firefox source docs, "Marionette protocol").
"""

from __future__ import annotations

import json
import socket
from types import TracebackType
from typing import Self

ANSWER_SECONDS = 90


class MarionetteError(Exception):
    """What Firefox answered instead of a result."""


class Marionette:
    """One connection, with a session of its own."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS)
        self._stream = self._socket.makefile("rb")
        self._sent = 0
        self._receive()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self._stream.close()
        self._socket.close()

    def call(self, command: str, **parameters: object) -> object:
        """The result of a command, such as ``WebDriver:Navigate``."""
        self._sent += 1
        message = json.dumps([0, self._sent, command, parameters]).encode()
        self._socket.sendall(b"%d:%b" % (len(message), message))
        answer = self._receive()
        assert isinstance(answer, list), answer
        _, _, error, result = answer
        if error:
            raise MarionetteError(f"{command}: {error['error']}: {error['message']}")
        if isinstance(result, dict) and result.keys() == {"value"}:
            return result["value"]
        return result

    def _receive(self) -> object:
        length = b""
        while (byte := self._stream.read(1)) not in {b":", b""}:
            length += byte
        if not byte:
            raise MarionetteError("Firefox has closed the connection")
        return json.loads(self._stream.read(int(length)))
