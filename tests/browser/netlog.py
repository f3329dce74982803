"""The browser's own log of its network: whom it looked up and whom it connected to.

The only witness of a ``dns-prefetch``, which sends nothing to anybody but a resolver. The
file is read while the browser still writes it; what the browser has buffered comes out with
a mark: a visit to the recorder's ``mark_url`` makes more events than the buffer holds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

BEGIN = 1


class Kind(StrEnum):
    """The events that name a host, as Chromium calls them."""

    LOOKUP = "HOST_RESOLVER_MANAGER_REQUEST"
    CONNECT = "SOCKET_POOL_CONNECT_JOB_CREATED"
    DATAGRAM = "UDP_BYTES_SENT"
    REQUEST = "URL_REQUEST_START_JOB"


SUBJECT = {
    Kind.LOOKUP: "host",
    Kind.CONNECT: "group_id",
    Kind.DATAGRAM: "address",
    Kind.REQUEST: "url",
}
"""Which parameter holds the address. A group id is a URL between a prefix and a suffix."""

_TYPE = re.compile(rb'"type":(\d+)\}\]?,?\r?\n$')
_ADDRESS = re.compile(r"(?:.*?://)?(\[[^\]]*\]|[^/:<>\s]+)(?::(\d+))?(/[^\s<]*)?")


@dataclass(frozen=True, slots=True)
class Event:
    """A host that the browser turned to. A lookup names the address that a rule maps to."""

    kind: Kind
    host: str
    port: int = 0
    path: str = ""


class NetLog:
    """A log that is being written; ``new_events`` reads on from where it stopped."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._offset = 0
        self._kinds: dict[int, Kind] = {}

    def new_events(self) -> Iterator[Event]:
        """The events in the lines that were completed since the last call."""
        if not self.file.exists():
            return
        with self.file.open("rb") as log:
            log.seek(self._offset)
            for line in log:
                if not line.endswith(b"\n"):
                    return
                self._offset += len(line)
                if not self._kinds:
                    self._kinds = _kinds(line)
                elif event := self._event(line):
                    yield event

    def _event(self, line: bytes) -> Event | None:
        found = _TYPE.search(line)
        kind = self._kinds.get(int(found[1])) if found else None
        if kind is None:
            return None
        entry = json.loads(line.rstrip(b"],\r\n"))
        text = entry.get("params", {}).get(SUBJECT[kind])
        if entry["phase"] not in (BEGIN, 0) or not text:
            return None
        return address_event(kind, text)


def _kinds(constants: bytes) -> dict[int, Kind]:
    """The numbers of the events: each Chromium has its own, told on the first line."""
    types = json.loads(constants.rstrip(b",\r\n") + b"}")["constants"]["logEventTypes"]
    # A name that is missing was changed by Chromium: then this module would see nothing.
    return {types[kind]: kind for kind in Kind}


def address_event(kind: Kind, text: str) -> Event | None:
    """Read ``https://host:1``, ``host:1`` or ``pm/https://host:1 <https://page.example>``."""
    found = _ADDRESS.match(text)
    if found is None:
        return None
    return Event(kind, found[1].lower(), int(found[2] or 0), found[3] or "")


def until_mark(events: Iterable[Event], mark: str) -> tuple[list[Event], bool]:
    """The events before the visit to an address that ends in ``mark``, and whether it came."""
    before: list[Event] = []
    for event in events:
        if event.kind is Kind.REQUEST and event.path.endswith(mark):
            return before, True
        before.append(event)
    return before, False
