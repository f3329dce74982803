"""https for a site of the tests: a certificate for a server, or TLS in front as a proxy ends it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import trustme

from tests.browser.recorder import _tls_context, key_hash_of

PIECE_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate on the disk, and the hash of the key that the browser has to take for good."""

    ssl_certfile: str
    ssl_keyfile: str
    key_hash: str


def certificate_for(host: str, folder: Path) -> Certificate:
    """Make a certificate and keep it in this folder."""
    made = trustme.CA().issue_cert(host)
    chain, key = folder / "chain.pem", folder / "key.pem"
    made.private_key_pem.write_to_path(str(key))
    chain.write_bytes(b"".join(pem.bytes() for pem in made.cert_chain_pems))
    return Certificate(str(chain), str(key), key_hash_of(made))


@contextmanager
def ending_tls(upstream: int) -> Iterator[tuple[int, str]]:
    """Pass bytes to a port on loopback; gives our own port, and the hash of our key."""
    context, key_hash = _tls_context(lambda *_: None)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="tls", daemon=True)
    thread.start()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", upstream)
        try:
            await asyncio.gather(_pass(reader, up_writer), _pass(up_reader, writer))
        finally:
            for each in (writer, up_writer):
                each.transport.abort()

    async def start() -> asyncio.Server:
        return await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context)

    async def stop() -> None:
        server.close()
        waiting = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await asyncio.sleep(0.05)  # a transport closes in the next round of the loop

    server = asyncio.run_coroutine_threadsafe(start(), loop).result()
    try:
        yield server.sockets[0].getsockname()[1], key_hash
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await reader.read(PIECE_BYTES):
            writer.write(piece)
            await writer.drain()
    writer.close()
