"""Every third party of the browser tests: one server on loopback that notes who comes.

It speaks TLS and plain HTTP on the same ports, and a connection counts from the moment it
is accepted, because hints and blocked frames connect and then ask nothing. Each host that a
test declares has a port of its own; the browser's host resolver rules lead it there. So a
host is known by name even where the browser says none: from a plain connection without a
request, and in the browser's net log, which has only mapped addresses.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import selectors
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import BinaryIO, Self, TypeAlias

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.browser.stand_in import Answer, StandIn

LOOPBACK = "127.0.0.1"
UNDECLARED = "*"
"""The host behind a mapped address that no test declared."""
TLS_HANDSHAKE = b"\x16"
MARKS = "/mark/"

Greet: TypeAlias = Callable[[ssl.SSLObject, str, ssl.SSLContext], int | None]


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """One HTTP request as it arrived; header names are lower case."""

    host: str
    method: str
    path: str
    tls: bool
    headers: Mapping[str, str] = field(repr=False)

    @property
    def destination(self) -> str:
        """``Sec-Fetch-Dest``: what the browser wants it for; only sent over TLS."""
        return self.headers.get("sec-fetch-dest", "")

    @property
    def cookies(self) -> str:
        return self.headers.get("cookie", "")

    @property
    def referer(self) -> str:
        return self.headers.get("referer", "")


@dataclass(frozen=True, slots=True)
class RecordedConnection:
    """One accepted connection. ``name``: from TLS, else from its port, else its first request."""

    name: str
    tls: bool = False


@dataclass(eq=False)
class _Caller:
    """A connection while it lives: its socket, and where it stands among the recorded ones."""

    socket: socket.socket
    index: int
    generation: int


class Recorder:
    """Start with ``with Recorder() as recorder``; ``serve`` sets what a host answers."""

    def __init__(self) -> None:
        self.stand_in = StandIn()
        self._ports: dict[str, int] = {}
        self._hosts: dict[int, str] = {}
        self._listeners = selectors.DefaultSelector()
        self._changed = threading.Condition()
        self.last_change = 0.0
        self._connections: list[RecordedConnection] = []
        self._requests: list[RecordedRequest] = []
        self._generation = 0
        self._callers: dict[_Caller, threading.Thread] = {}
        self._answering = threading.local()
        self._closing = False
        self._tls, self.key_hash = _tls_context(self._greet)
        self._wake, self._woken = socket.socketpair()
        self._listeners.register(self._woken, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._accept, name="recorder", daemon=True)
        self._mark_port = self._listen("marks")
        self._listen(UNDECLARED)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing = True
        self._wake.send(b"x")
        self._thread.join()
        with self._changed:
            callers = dict(self._callers)
        for caller, thread in callers.items():
            with suppress(OSError):
                socket.socket.shutdown(caller.socket, socket.SHUT_RDWR)
            thread.join()
        for key in list(self._listeners.get_map().values()):
            key.fileobj.close()
        self._listeners.close()
        self._wake.close()

    @property
    def connections(self) -> list[RecordedConnection]:
        with self._changed:
            return list(self._connections)

    @property
    def requests(self) -> list[RecordedRequest]:
        with self._changed:
            return list(self._requests)

    def hosts(self) -> frozenset[str]:
        """Who was contacted; ``""`` stands for a connection that named nobody."""
        with self._changed:
            connected = {connection.name for connection in self._connections}
            return frozenset(connected | {request.host for request in self._requests})

    def clear(self) -> None:
        """Forget what was recorded; connections that are still open count by new requests."""
        with self._changed:
            self._connections.clear()
            self._requests.clear()
            self._generation += 1

    def reset(self) -> None:
        """Forget what was recorded and what ``serve`` was told."""
        self.clear()
        self.stand_in = StandIn()

    def serve(self, host: str, path: str, body: bytes | str, content_type: str) -> None:
        """Answer requests for this host and path (globs) with this body; the last told wins."""
        self.stand_in.serve(host, path, body, content_type)

    def settle(self, quiet_seconds: float = 0.4, at_most_seconds: float = 15) -> None:
        """Wait until nothing has arrived for a while."""
        started = time.monotonic()
        with self._changed:
            while True:
                now = time.monotonic()
                quiet_since = max(self.last_change, started)
                left = min(quiet_since + quiet_seconds, started + at_most_seconds) - now
                if left <= 0:
                    return
                self._changed.wait(left)

    def rules(self, declared: Iterable[str], site: Mapping[str, int]) -> str:
        """Chromium's host resolver rules: every host leads here, except loopback.

        ``declared`` are hosts to be known by name; ``site`` are names of the visited site
        with the port that they are served on. Later rules apply only where no earlier does.
        """
        own = [f"MAP {name} {LOOPBACK}:{port}" for name, port in site.items()]
        known = [f"MAP {name} {LOOPBACK}:{self._listen(name)}" for name in sorted(set(declared))]
        rest = f"MAP * {LOOPBACK}:{self._ports[UNDECLARED]}"
        return ", ".join([*own, *known, rest, f"EXCLUDE {LOOPBACK}", "EXCLUDE localhost"])

    @property
    def port(self) -> int:
        """Where hosts lead that no test declared."""
        return self._ports[UNDECLARED]

    def host_at(self, port: int) -> str | None:
        """The declared host whose port this is; None where it is no port for third parties."""
        return None if port == self._mark_port else self._hosts.get(port)

    def mark_url(self, name: str) -> str:
        """An address to visit so that the net log says when; such a visit is not recorded."""
        return f"http://{LOOPBACK}:{self._mark_port}{MARKS}{name}"

    def _listen(self, host: str) -> int:
        if host not in self._ports:
            listener = socket.create_server((LOOPBACK, 0), backlog=64)
            port = listener.getsockname()[1]
            self._ports[host], self._hosts[port] = port, host
            self._listeners.register(listener, selectors.EVENT_READ)
            with suppress(BlockingIOError):
                self._wake.send(b"x")
        return self._ports[host]

    def _accept(self) -> None:
        while not self._closing:
            for key, _ in self._listeners.select():
                if key.fileobj is self._woken:
                    self._woken.recv(64)
                else:
                    self._start(*key.fileobj.accept())

    def _start(self, accepted: socket.socket, _: object) -> None:
        port = accepted.getsockname()[1]
        if port == self._mark_port:
            caller = _Caller(accepted, -1, -1)
        else:
            host = self._hosts[port]
            with self._changed:
                self._connections.append(RecordedConnection("" if host == UNDECLARED else host))
                caller = _Caller(accepted, len(self._connections) - 1, self._generation)
                self._touch()
        thread = threading.Thread(target=self._converse, args=(caller,), daemon=True)
        with self._changed:
            self._callers[caller] = thread
        thread.start()

    def _touch(self) -> None:
        self.last_change = time.monotonic()
        self._changed.notify_all()

    def _converse(self, caller: _Caller) -> None:
        self._answering.caller = caller
        try:
            # A browser that goes away in the middle of anything is none of our business.
            with suppress(OSError, http.client.HTTPException, ValueError):
                tls = caller.socket.recv(1, socket.MSG_PEEK) == TLS_HANDSHAKE
                if tls:
                    self._note(caller, tls=True)
                    caller.socket = self._tls.wrap_socket(caller.socket, server_side=True)
                with caller.socket.makefile("rb") as stream:
                    while request := _read_request(stream, tls=tls):
                        self._answer(caller, request)
        finally:
            with self._changed:
                self._callers.pop(caller, None)
            caller.socket.close()

    def _greet(self, _: ssl.SSLObject, name: str, __: ssl.SSLContext) -> None:
        """Note the server name of a TLS client hello; runs in that connection's thread."""
        if name:
            self._note(self._answering.caller, name=name, tls=True)

    def _note(self, caller: _Caller, name: str = "", *, tls: bool) -> None:
        with self._changed:
            if caller.generation == self._generation:
                known = self._connections[caller.index].name
                self._connections[caller.index] = RecordedConnection(name or known, tls)
                self._touch()

    def _answer(self, caller: _Caller, request: RecordedRequest) -> None:
        if caller.generation < 0:
            caller.socket.sendall(Answer(b'<link rel="icon" href="data:,">', "text/html").http())
            return
        with self._changed:
            self._requests.append(request)
            self._touch()
            nameless = caller.generation == self._generation and not (
                self._connections[caller.index].name
            )
        if nameless:
            self._note(caller, name=request.host, tls=request.tls)
        answer = self.stand_in.answer(request.host, request.path, request.headers)
        caller.socket.sendall(answer.http(body=request.method != "HEAD"))


def _read_request(stream: BinaryIO, *, tls: bool) -> RecordedRequest | None:
    """The next request of a connection, its body read and forgotten; None at the end."""
    line = stream.readline(65536).decode("latin-1").split()
    if len(line) != 3:
        return None
    found = http.client.parse_headers(stream)
    headers = MappingProxyType({name.lower(): value for name, value in found.items()})
    stream.read(int(headers.get("content-length", "0")))
    host = headers.get("host", "").rpartition(":")[0] or headers.get("host", "")
    return RecordedRequest(host, line[0], line[1], tls, headers)


def _tls_context(greet: Greet) -> tuple[ssl.SSLContext, str]:
    """A TLS server for any name, and the hash of its key for the browser to trust.

    Chromium takes a certificate with a trusted key hash for good under every name. With
    errors merely ignored it would neither cache nor start workers, unlike on the real web.
    """
    certificate = trustme.CA().issue_cert("recorder.test")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    context.set_alpn_protocols(["http/1.1"])
    context.sni_callback = greet
    return context, key_hash_of(certificate)


def key_hash_of(certificate: trustme.LeafCert) -> str:
    """The hash by which Chromium is told to take a certificate's key for good."""
    leaf = x509.load_pem_x509_certificate(certificate.cert_chain_pems[0].bytes())
    key = leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(key).digest()).decode()
