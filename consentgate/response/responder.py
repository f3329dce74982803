"""One response on its way out: a state machine over the messages that the application sends.

Everything that is not HTML leaves at once, message by message; only its headers pass the
gates. Of an HTML response the start is held until the first piece of the body, because the
charset, the kind of document and often the length are read from it.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread
from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

from consentgate.gate.access import Access
from consentgate.gate.cookies import OwnCookies, gate_set_cookie
from consentgate.gate.csp import belongs_on, extend_own_policy, nonce_of
from consentgate.gate.embeds import Embeds
from consentgate.gate.html import DocumentKind, HtmlGate, Inserts
from consentgate.gate.links import gate_headers
from consentgate.response.bodies import (
    Decoder,
    declared_charset,
    decoder_for,
    is_scannable,
    meta_charset,
)
from consentgate.response.variants import Header, is_shared, make_personal

_BODILESS = frozenset({204, 205, 304})
_NOT_MODIFIED = 304
_PARTIAL = 206
_CHUNK_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Plan:
    """What the responder has to know of one request and its visitor.

    ``policy`` is the visitor's, ``canonical_policy`` nobody's; either may be empty.
    ``refused_cookies`` are Set-Cookie values which expire what the request carried without
    consent; ``document_headers`` go out with a whole page only (they take back a notice that
    has been shown). ``boot_hash`` is the CSP hash source of the inline script.
    """

    access: Access
    own_cookies: OwnCookies
    keep_visit: bool
    method: str
    fetch_dest: str
    variant: str
    revalidates: bool
    policy: str
    canonical_policy: str
    gate_url: str
    boot_hash: str
    refused_cookies: tuple[bytes, ...]
    document_headers: tuple[Header, ...]
    embeds: Callable[[Callable[[], str]], Embeds]
    inserts: Callable[[str], Inserts]


class Responder:
    """Stands between one call of the application and the server's ``send``.

    ``wants_whole`` is set when the application answered a page in part: the caller then asks
    again without ``Range``. ``embeds`` tells afterwards what was stopped, ``unknown_cookies``
    which cookies of the application nobody has classified.
    """

    def __init__(self, plan: Plan, send: Send) -> None:
        self._plan = plan
        self._send = send
        self._start: Message | None = None
        self._headers = MutableHeaders(raw=[])
        self._decoder: Decoder | None = None
        self._gate: HtmlGate | None = None
        self.embeds: Embeds | None = None
        self.unknown_cookies: set[str] = set()
        self.wants_whole = False

    async def send(self, message: Message) -> None:
        """Take one message from the application and pass on what may leave."""
        if self.wants_whole:
            return
        match message["type"]:
            case "http.response.start":
                await self._begin(message)
            case "http.response.body" if self._decoder:
                await self._page(message.get("body", b""), last=not message.get("more_body"))
            case "http.response.pathsend" | "http.response.zerocopysend" if self._decoder:
                async for chunk in _file_chunks(message):
                    await self._page(chunk, last=False)
                await self._page(b"", last=not message.get("more_body"))
            case "http.response.early_hint":
                await self._send(self._gated_hints(message))
            case _:
                await self._send(message)

    async def _begin(self, message: Message) -> None:
        headers = MutableHeaders(raw=self._gated_headers(message.get("headers", ())))
        message = {**message, "headers": headers.raw}
        html = _is_html(headers)
        if html and message["status"] == _PARTIAL and self._plan.method == "GET":
            self.wants_whole = True
            return
        if message["status"] == _NOT_MODIFIED and self._plan.revalidates:
            self._mark_page(headers)
        elif html and (self._plan.method == "HEAD" or message["status"] in _BODILESS):
            self._mark_page(headers)
            del headers["content-length"]
        elif html and (decoder := decoder_for(headers.get("content-encoding", ""))):
            self._start, self._headers, self._decoder = message, headers, decoder
            return
        else:
            self._guard(headers, message["status"])
        await self._send(message)

    def _gated_headers(self, raw: Iterable[Header]) -> list[Header]:
        headers: list[Header] = []
        for name, value in gate_headers(raw, self._plan.access):
            if name.lower() != b"set-cookie":
                headers.append((name, value))
                continue
            verdict = gate_set_cookie(
                value,
                self._plan.access,
                self._plan.own_cookies,
                keep_visit=self._plan.keep_visit,
            )
            if verdict.unknown:
                self.unknown_cookies.add(verdict.name)
            if verdict.header is not None:
                headers.append((name, verdict.header))
        if not is_shared(MutableHeaders(raw=headers).get("cache-control", "")):
            headers += [(b"set-cookie", cookie) for cookie in self._plan.refused_cookies]
        return headers

    def _gated_hints(self, message: Message) -> Message:
        links = [(b"link", link) for link in message.get("links", ())]
        return {**message, "links": [value for _, value in gate_headers(links, self._plan.access)]}

    def _guard(self, headers: MutableHeaders, status: int) -> None:
        """Put the policy on what is no page of ours but may become a document or a worker."""
        if not belongs_on(headers.get("content-type", ""), self._plan.fetch_dest):
            return
        shared = status == _NOT_MODIFIED or is_shared(headers.get("cache-control", ""))
        self._add_policy(headers, self._plan.canonical_policy if shared else self._plan.policy)

    def _mark_page(self, headers: MutableHeaders) -> str:
        """The headers of a gated page; returns the nonce that its own policy asks for."""
        policies = headers.getlist("content-security-policy")
        nonce = nonce_of(", ".join(policies))
        for index, (name, value) in enumerate(headers.raw):
            if name.lower() == b"content-security-policy":
                extended = extend_own_policy(
                    value.decode("latin-1"),
                    gate_url=self._plan.gate_url,
                    inline_hash=self._plan.boot_hash,
                    nonce=nonce,
                )
                headers.raw[index] = (name, extended.encode("latin-1"))
        make_personal(headers, self._plan.variant)
        self._add_policy(headers, self._plan.policy)
        headers["x-dns-prefetch-control"] = "off"
        return nonce or ""

    def _add_policy(self, headers: MutableHeaders, policy: str) -> None:
        if policy:
            headers.append("content-security-policy", policy)

    async def _page(self, chunk: bytes, *, last: bool) -> None:
        assert self._decoder is not None  # noqa: S101  the caller matched on it
        plain = self._decoder.decode(chunk)
        if self._start is None:
            body = self._through_gate(plain, last=last)
            if body or last:
                await self._send_body(body, last=last)
            return
        start, self._start = self._start, None
        body = self._first_piece(plain, last=last)
        if last:
            self._headers["content-length"] = str(len(body))
        elif "content-length" in self._headers:
            del self._headers["content-length"]
        await self._send(start)
        await self._send_body(body, last=last)

    def _first_piece(self, plain: bytes, *, last: bool) -> bytes:
        """Settle charset, headers and kind of document from the first bytes of the body."""
        headers = self._headers
        if "content-encoding" in headers:
            del headers["content-encoding"]
        declared = declared_charset(headers.get("content-type", ""))
        charset = declared or meta_charset(plain)
        if _is_attachment(headers) or not is_scannable(charset, plain):
            self._guard(headers, 200)
            return plain
        if charset and not declared:
            # What we insert may push <meta charset> out of the bytes that browsers look at.
            headers["content-type"] = f"{headers['content-type']}; charset={charset}"
        nonce = self._mark_page(headers)
        gate: HtmlGate
        self.embeds = self._plan.embeds(lambda: gate.lang)
        gate = self._gate = HtmlGate(self.embeds, self._plan.inserts(nonce))
        body = self._through_gate(plain, last=last)
        if gate.kind is DocumentKind.DOCUMENT:
            headers.raw.extend(self._plan.document_headers)
        return body

    def _through_gate(self, plain: bytes, *, last: bool) -> bytes:
        if self._gate is None:
            return plain
        return self._gate.feed(plain) + (self._gate.close() if last else b"")

    async def _send_body(self, body: bytes, *, last: bool) -> None:
        await self._send({"type": "http.response.body", "body": body, "more_body": not last})


def _is_html(headers: MutableHeaders) -> bool:
    return headers.get("content-type", "").partition(";")[0].strip().lower() == "text/html"


def _is_attachment(headers: MutableHeaders) -> bool:
    return headers.get("content-disposition", "").strip().lower().startswith("attachment")


async def _file_chunks(message: Message) -> AsyncIterator[bytes]:
    """The bytes of a file that the application hands over unread (ASGI extensions)."""
    if message["type"] == "http.response.pathsend":
        async with await anyio.open_file(Path(message["path"]), "rb") as file:
            while chunk := await file.read(_CHUNK_BYTES):
                yield chunk
        return
    descriptor = message["file"].fileno()
    offset = message.get("offset")
    remaining = message.get("count")
    while remaining is None or remaining > 0:
        size = _CHUNK_BYTES if remaining is None else min(_CHUNK_BYTES, remaining)
        if offset is None:
            chunk = await anyio.to_thread.run_sync(os.read, descriptor, size)
        else:
            chunk = await anyio.to_thread.run_sync(os.pread, descriptor, size, offset)
            offset += len(chunk)
        if not chunk:
            return
        if remaining is not None:
            remaining -= len(chunk)
        yield chunk
