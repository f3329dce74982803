"""Browsers as processes of ours: free ports, and an end that comes."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

STARTUP_SECONDS = 60
END_SECONDS = 15
T = TypeVar("T")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


@contextmanager
def running(
    command: Sequence[str | Path], environment: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program, what it says in a file; on leaving it has ended."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def await_start(process: subprocess.Popen[bytes], attempt: Callable[[], T], log: Path) -> T:
    """The result of the first attempt that does not fail for want of a listener."""
    deadline = time.monotonic() + STARTUP_SECONDS
    while True:
        if process.poll() is not None or time.monotonic() > deadline:
            said = log.read_text("utf-8", "replace")
            raise RuntimeError(f"{process.args!r} did not start:\n{said}")
        try:
            return attempt()
        except OSError:
            time.sleep(0.05)
