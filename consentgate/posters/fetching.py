"""Fetches one picture from a provider, and tells it nothing of the visitor.

The name is looked up once, every answer is checked, and the connection goes to the very address
that was checked: a second look-up could give another one (DNS rebinding). TLS still asks for the
name. Nothing else than https on its own port is spoken.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from urllib.parse import urljoin, urlsplit

import httpcore

from consentgate.catalogue.posters import PosterSource
from consentgate.posters.addresses import is_public
from consentgate.posters.images import image_type

MOST_BYTES = 1_000_000
"""A picture of 960 by 720 has a tenth of this."""

SECONDS = 4.0
"""For all of it: looking up, connecting, redirects, the whole body."""

Resolve = Callable[[str], Awaitable[Iterable[str]]]
"""Host → its numeric addresses."""

Fetch = Callable[[PosterSource], Awaitable[bytes]]
"""Gets the picture, or raises PosterError."""

_MOST_JSON_BYTES = 64_000
_MOST_REQUESTS = 3
_HTTPS_PORT = 443
_OK = 200
_MOVED = frozenset({301, 302, 303, 307, 308})
_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "accept": "image/avif,image/webp,image/jpeg,image/png,application/json",
        "accept-encoding": "identity",
        "user-agent": "consentgate",
        "connection": "close",
    }
)


class PosterError(Exception):
    """There is no picture to be had; the message says why, and names no visitor."""


async def look_up(host: str) -> Iterable[str]:
    """The addresses of a host, by the system's resolver."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, _HTTPS_PORT, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class _Checked(httpcore.AsyncNetworkBackend):
    """Connects to a name at an address that was checked."""

    def __init__(
        self,
        inner: httpcore.AsyncNetworkBackend,
        resolve: Resolve,
        admits: Callable[[str], bool],
    ) -> None:
        self._inner, self._resolve, self._admits = inner, resolve, admits

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  the shape of httpcore's backend
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = list(dict.fromkeys(await self._resolve(host)))
        # One bad answer among good ones is somebody's try, not a mistake.
        if not addresses or not all(map(self._admits, addresses)):
            raise PosterError(f"{host} is at no public address")
        return await self._inner.connect_tcp(
            addresses[0], port, timeout, local_address, socket_options
        )


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Gets pictures. ``resolve``, ``admits``, ``network`` and ``tls`` are seams for tests.

    ``admits`` decides of each numeric address whether it may be connected to.
    """

    resolve: Resolve = look_up
    admits: Callable[[str], bool] = is_public
    network: httpcore.AsyncNetworkBackend | None = None
    tls: ssl.SSLContext | None = None
    seconds: float = SECONDS

    async def __call__(self, source: PosterSource) -> bytes:
        """The bytes of the picture; raises PosterError where there is none that we would show."""
        try:
            async with asyncio.timeout(self.seconds):
                url = source.url
                if source.described:
                    url = _named_in(await self._get(url, source.hosts, _MOST_JSON_BYTES))
                body = await self._get(url, source.hosts, MOST_BYTES)
        except (TimeoutError, OSError, ssl.SSLError, httpcore.NetworkError) as error:
            raise PosterError(f"could not be reached: {type(error).__name__}") from error
        except (
            httpcore.TimeoutException,
            httpcore.ProtocolError,
            ValueError,
            RecursionError,
        ) as error:
            raise PosterError(f"was not answered well: {type(error).__name__}") from error
        if not image_type(body):
            raise PosterError("is no picture that we show")
        return body

    async def _get(self, url: str, hosts: frozenset[str], most_bytes: int) -> bytes:
        for _ in range(_MOST_REQUESTS):
            _check(url, hosts)
            moved, body = await self._ask(url, most_bytes)
            if not moved:
                return body
            url = urljoin(url, moved)
        raise PosterError("is led from one address to the next")

    async def _ask(self, url: str, most_bytes: int) -> tuple[str, bytes]:
        """Where the answer leads to, or else its body."""
        inner = self.network or httpcore.AnyIOBackend()
        backend = _Checked(inner, self.resolve, self.admits)
        tls = self.tls or _default_tls()
        async with (
            httpcore.AsyncConnectionPool(ssl_context=tls, network_backend=backend) as pool,
            pool.stream("GET", url, headers=list(_HEADERS.items())) as response,
        ):
            headers = {name.lower(): value for name, value in response.headers}
            if response.status in _MOVED:
                return headers.get(b"location", b"").decode("latin-1"), b""
            if response.status != _OK:
                raise PosterError(f"was answered with {response.status}")
            if headers.get(b"content-encoding", b"identity").lower() != b"identity":
                raise PosterError("came compressed, which was not asked for")
            body = b""
            async for chunk in response.aiter_stream():
                body += chunk
                if len(body) > most_bytes:
                    raise PosterError("is too large")
            return "", body


@cache
def _default_tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _check(url: str, hosts: frozenset[str]) -> None:
    """Raise PosterError for an address that the catalogue does not name."""
    parts = urlsplit(url)
    plain = parts.port is None and parts.username is None and parts.password is None
    if parts.scheme != "https" or parts.hostname not in hosts or not plain:
        raise PosterError("is kept where we do not ask")


def _named_in(body: bytes) -> str:
    """The address of the picture in an oEmbed answer (oEmbed, section 2.3.4)."""
    described = json.loads(body)
    url = described.get("thumbnail_url") if isinstance(described, dict) else None
    if not isinstance(url, str):
        raise PosterError("is not named in its description")
    return url
