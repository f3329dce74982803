"""One response on its way out: a state machine over the messages that the application sends.

Everything that is not HTML leaves at once, message by message; only its headers pass the
gates. Of an HTML response the start is held until the first piece of the body, because the
charset, the kind of document and often the length are read from it.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import anyio.to_thread
from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

from consentgate.gate.cookies import gate_set_cookie
from consentgate.gate.csp import belongs_on, extend_own_policy, nonce_of
from consentgate.gate.embeds import Embeds
from consentgate.gate.html import DocumentKind, HtmlGate
from consentgate.gate.links import gate_headers
from consentgate.response.bodies import (
    PRESCAN_BYTES,
    Decoder,
    declared_charset,
    decoder_for,
    is_html,
    is_scannable,
    is_sniffed,
    looks_like_html,
    media_type,
    meta_charset,
)
from consentgate.response.plan import Plan, is_document
from consentgate.response.variants import (
    Header,
    cache_control,
    is_shared,
    make_personal,
    make_shared,
)

_BODILESS = frozenset({204, 205, 304})
_NOT_MODIFIED = 304
_OK = 200
_PARTIAL = 206
_CHUNK_BYTES = 65_536
_HANDSHAKES = frozenset({"websocket.accept", "websocket.http.response.start"})
_REDIRECTS = range(300, 400)
_LONGEST_BYTE_ORDER_MARK = 3


class Responder:
    """Stands between one call of the application and the server's ``send``.

    ``wants_whole`` is set when the application answered a page in part: the caller then asks
    again without ``Range``. ``embeds`` tells afterwards what was stopped, ``unknown_cookies``
    which cookies of the application nobody has classified.
    """

    def __init__(self, plan: Plan, send: Send) -> None:
        self._plan = plan
        self._rendering = plan.personal
        self._for_everybody = False
        self._send = send
        self._start: Message | None = None
        self._headers = MutableHeaders(raw=[])
        self._decoder: Decoder | None = None
        self._held = b""
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

    async def send_handshake(self, message: Message) -> None:
        """The same for a websocket, where only the headers of its handshake are gated."""
        if message["type"] in _HANDSHAKES and "headers" in message:
            message = {**message, "headers": self._gated_headers(message["headers"])}
        await self._send(message)

    async def _begin(self, message: Message) -> None:
        headers = MutableHeaders(raw=self._gated_headers(message.get("headers", ())))
        message = {**message, "headers": headers.raw}
        self._choose(headers, message["status"])
        html = is_html(headers)
        page = html or is_sniffed(headers)
        if html and message["status"] == _PARTIAL and self._plan.method == "GET":
            self.wants_whole = True
            return
        if message["status"] == _NOT_MODIFIED and self._plan.revalidates:
            self._mark_page(headers)
        elif html and (self._plan.method == "HEAD" or message["status"] in _BODILESS):
            self._mark_page(headers)
            del headers["content-length"]
        elif (
            page
            and self._plan.method != "HEAD"
            and message["status"] not in _BODILESS
            and (decoder := decoder_for(", ".join(headers.getlist("content-encoding"))))
        ):
            self._start, self._headers, self._decoder = message, headers, decoder
            return
        else:
            self._guard(headers, message["status"])
        await self._send(message)

    def _gated_headers(self, raw: Iterable[Header]) -> list[Header]:
        headers: list[Header] = []
        # ASGI wants names in lower case; an application that forgets it must not get past us.
        lowered = [(name.lower(), value) for name, value in raw]
        shared = is_shared(cache_control(MutableHeaders(raw=lowered)))
        for_whom = self._plan.shared if shared else self._plan.personal
        for name, value in gate_headers(lowered, for_whom.access):
            if name != b"set-cookie":
                headers.append((name, value))
                continue
            verdict = gate_set_cookie(
                value,
                self._plan.personal.access,
                self._plan.own_cookies,
                keep_visit=self._plan.keep_visit,
            )
            if verdict.unknown:
                self.unknown_cookies.add(verdict.name)
            if verdict.header is not None:
                headers.append((name, verdict.header))
        if not shared:
            headers += [(b"set-cookie", cookie) for cookie in self._plan.refused_cookies]
        return headers

    def _gated_hints(self, message: Message) -> Message:
        links = [(b"link", link) for link in message.get("links", ())]
        gated = gate_headers(links, self._plan.personal.access)
        return {**message, "links": [value for _, value in gated]}

    def _choose(self, headers: MutableHeaders, status: int) -> None:
        """Settle whose page this is, should it be one: its visitor's, or everybody's.

        A confirmation speaks of what is stored already, and so of the variant asked about.
        """
        plan = self._plan
        shared = (
            is_shared(cache_control(headers))
            and "set-cookie" not in headers
            and plan.method in {"GET", "HEAD"}
            and not plan.authorised
        )
        if status == _NOT_MODIFIED and plan.revalidates:
            stored = plan.shared.key in plan.revalidates
            self._for_everybody = shared and stored
            only = stored and plan.personal.key not in plan.revalidates
            self._rendering = plan.shared if self._for_everybody or only else plan.personal
        elif status == _OK and shared:
            self._for_everybody, self._rendering = True, plan.shared

    def _guard(self, headers: MutableHeaders, status: int) -> None:
        """Put the policy on what is no page of ours but may become a document or a worker."""
        if not belongs_on(media_type(headers), self._plan.fetch_dest):
            return
        shared = status == _NOT_MODIFIED or is_shared(cache_control(headers))
        policy = self._plan.canonical_policy if shared else self._plan.personal.policy
        self._add_policy(headers, policy)

    def _mark_page(self, headers: MutableHeaders) -> str:
        """The headers of a gated page; returns the nonce that its own policy asks for."""
        policies = headers.getlist("content-security-policy")
        nonce = nonce_of(", ".join(policies))
        for index, (name, value) in enumerate(headers.raw):
            if name == b"content-security-policy":
                extended = extend_own_policy(
                    value.decode("latin-1"),
                    gate_url=self._plan.gate_url,
                    inline_hash=self._rendering.boot_hash,
                    nonce=nonce,
                    script_hashes=self._rendering.script_hashes,
                )
                headers.raw[index] = (name, extended.encode("latin-1"))
        if self._for_everybody:
            make_shared(headers, self._rendering.key)
        else:
            make_personal(headers, self._rendering.key, self._plan.vary)
        self._add_policy(headers, self._rendering.policy)
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
        self._held += plain
        if not last and len(self._held) < self._bytes_to_settle():
            return
        start, self._start = self._start, None
        body = self._first_piece(self._held, start["status"], last=last)
        if last:
            self._headers["content-length"] = str(len(body))
        elif "content-length" in self._headers:
            del self._headers["content-length"]
        await self._send(start)
        await self._send_body(body, last=last)

    def _bytes_to_settle(self) -> int:
        """How much of a body tells how a browser reads it, and whether it is a whole page."""
        if self._for_everybody:
            return PRESCAN_BYTES
        declared = is_html(self._headers) and declared_charset(media_type(self._headers))
        return _LONGEST_BYTE_ORDER_MARK if declared else PRESCAN_BYTES

    def _first_piece(self, plain: bytes, status: int, *, last: bool) -> bytes:
        """Settle charset, headers and kind of document from the first bytes of the body."""
        headers = self._headers
        if "content-encoding" in headers:
            del headers["content-encoding"]
        if is_sniffed(headers) and looks_like_html(plain):
            headers["content-type"] = "text/html"
        declared = declared_charset(media_type(headers))
        charset = declared or meta_charset(plain)
        if not is_html(headers) or _is_attachment(headers) or not is_scannable(charset, plain):
            self._guard(headers, status)
            return plain
        if charset and not declared:
            # What we insert may push <meta charset> out of the bytes that browsers look at.
            headers["content-type"] = f"{media_type(headers)}; charset={charset}"
        if self._for_everybody and not is_document(plain):
            # A fragment goes without our scripts, which would open in it what is agreed to.
            self._for_everybody, self._rendering = False, self._plan.personal
        nonce = self._mark_page(headers)
        gate: HtmlGate
        self.embeds = self._rendering.embeds(lambda: gate.lang)
        gate = self._gate = HtmlGate(self.embeds, self._rendering.inserts(nonce))
        body = self._through_gate(plain, last=last)
        personal = gate.kind is DocumentKind.DOCUMENT and not self._for_everybody
        if personal and status not in _REDIRECTS:
            headers.raw.extend(self._plan.document_headers)
        return body

    def _through_gate(self, plain: bytes, *, last: bool) -> bytes:
        if self._gate is None:
            return plain
        return self._gate.feed(plain) + (self._gate.close() if last else b"")

    async def _send_body(self, body: bytes, *, last: bool) -> None:
        await self._send({"type": "http.response.body", "body": body, "more_body": not last})


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
