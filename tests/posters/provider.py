"""A provider on the loopback that answers over TLS under any name, and notes what it is asked."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpcore
import trustme

from consentgate.posters.fetching import Fetcher

HOSTS = ("i.ytimg.com", "vimeo.com", "i.vimeocdn.com", "evil.example")


@dataclass
class Provider:
    """``answers`` are whole HTTP messages by host and path; ``asked`` the requests' heads."""

    port: int
    authority: trustme.CA
    answers: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    connected: list[str] = field(default_factory=list)
    stalls: bool = False

    def fetcher(self, *addresses: str, **options: object) -> Fetcher:
        """A fetcher whose look-ups give these addresses, and whose port 443 is this provider's.

        Unless ``admits`` says otherwise, it checks addresses as in earnest.
        """

        async def resolve(host: str) -> Iterable[str]:
            self.looked_up = [*getattr(self, "looked_up", []), host]
            return addresses or ("127.0.0.1",)

        trusting = ssl.create_default_context()
        self.authority.configure_trust(trusting)
        facts = {"resolve": resolve, "network": _Towards(self), "tls": trusting}
        return Fetcher(**(facts | options))


class _Towards(httpcore.AnyIOBackend):
    """Connects to this provider whatever address is asked for, and notes the address."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    async def connect_tcp(self, host: str, port: int, *rest: object, **named: object):
        self._provider.connected.append(f"{host}:{port}")
        return await super().connect_tcp("127.0.0.1", self._provider.port, *rest, **named)


def answer(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    """An HTTP message with this body."""
    lines = (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers)
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


@asynccontextmanager
async def providing(**answers: bytes) -> AsyncIterator[Provider]:
    """A running provider."""
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*HOSTS).configure_cert(tls)
    provider = Provider(0, authority, dict(answers))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        provider.asked.append(head)
        host = next(line[6:] for line in head.split("\r\n") if line.lower().startswith("host: "))
        if provider.stalls:
            await asyncio.sleep(60)
        writer.write(provider.answers.get(host + head.split(" ")[1], answer(b"", "404 Not Found")))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    provider.port = server.sockets[0].getsockname()[1]
    try:
        yield provider
    finally:
        server.close()
