"""One response on its way out: a state machine over the messages that the application sends.

Everything that is not HTML leaves at once, message by message; only its headers pass the
gates. Of an HTML response the start is held until the first bytes of the body have told what
there is to know of them (``opening``), and the length, where it comes in one piece.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from contextlib import aclosing

from starlette.types import Message, Send

from consentgate.errors import OutOfTurnError
from consentgate.gate.access import Blocked
from consentgate.gate.cookies import gate_set_cookie
from consentgate.gate.links import gate_headers
from consentgate.response.files import file_chunks
from consentgate.response.head import Leaves, head_of
from consentgate.response.memo import Memo
from consentgate.response.nonces import POLICY, exchange_for
from consentgate.response.passage import Begun, Passage
from consentgate.response.plan import Plan
from consentgate.response.recall import Recall
from consentgate.response.sorting import COOKIE, sort
from consentgate.response.variants import Header, without_digests

logger = logging.getLogger("consentgate")

_WITH_BODY, _NEVER = Leaves.WITH_BODY, Leaves.NEVER
_NO_KEYS = ("", "")
_NO_COOKIES: tuple[list[Header], bool] = ([], False)
_ETAG = b"etag"
_CONTENT_RANGE = b"content-range"
_OK = 200
_PARTS = frozenset(
    {
        "http.response.start",
        "http.response.body",
        "http.response.pathsend",
        "http.response.zerocopysend",
    }
)
_HANDSHAKES = frozenset({"websocket.accept", "websocket.http.response.start"})


class Responder:
    """Stands between one call of the application and the server's ``send``.

    ``memo`` is where unchanged pages are looked up. ``of_range``: the application was asked for a
    part. If it answers with one of a page, ``wants_whole`` is set, nothing leaves, and the caller
    asks again without ``Range``. ``unknown_cookies`` tells afterwards which cookies of the
    application nobody has classified.
    """

    unknown_cookies: tuple[str, ...] = ()
    wants_whole = False
    _page: Passage | Recall | None = None
    _ended = False

    def __init__(
        self, plan: Plan, send: Send, memo: Memo | None = None, *, of_range: bool = False
    ) -> None:
        self._plan = plan
        self._send = send
        self._memo = memo
        self._of_range = of_range

    @property
    def blocked(self) -> Collection[Blocked]:
        """What was stopped in the body."""
        return self._page.blocked if self._page else ()

    async def send(self, message: Message) -> None:
        """Take one message from the application and pass on what may leave.

        Raises OutOfTurnError where the server would, had it seen the messages that were held.
        """
        if self.wants_whole:
            return
        match message["type"]:
            case "http.response.start" if not self._page:
                if start := self._begin(message):
                    await self._send(start)
            case "http.response.body" if self._page and not self._ended:
                body = bytes(message.get("body", b""))
                last = self._ended = not message.get("more_body")
                for each in self._page.take(body, last=last):
                    await self._send(each)
            case "http.response.pathsend" | "http.response.zerocopysend" if (
                self._page and not self._ended
            ):
                last = self._ended = not message.get("more_body")
                async with aclosing(file_chunks(message)) as chunks:
                    async for chunk in chunks:
                        await self._send_all(self._page.take(chunk, last=False))
                await self._send_all(self._page.take(b"", last=last))
            case "http.response.body" if not self._page:
                await self._send(message)
            case _:
                if passed := self._beside(message):
                    await self._send(passed)

    async def send_handshake(self, message: Message) -> None:
        """The same for a websocket, where only the headers of its handshake are gated."""
        if message["type"] in _HANDSHAKES and "headers" in message:
            read, beside, lengths, cookies = sort(message["headers"])
            gated = gate_headers(read, self._plan.request.variant.personal.access)
            refused = [(COOKIE, cookie) for cookie in self._plan.refused_cookies]
            passed, _ = self._gated_cookies(cookies)
            message = {**message, "headers": [*gated, *beside, *lengths, *passed, *refused]}
        await self._send(message)

    async def _send_all(self, messages: Iterable[Message]) -> None:
        for message in messages:
            await self._send(message)

    def _begin(self, message: Message) -> Message | None:
        """The start as it may leave; None where it has to wait for the body."""
        plan = self._plan
        read, more, lengths, cookies = sort(message.get("headers", ()))
        passed, agreed = self._gated_cookies(cookies) if cookies else _NO_COOKIES
        refused = plan.refused_cookies
        names, keys, exchange = dict(read), _NO_KEYS, None
        if _ETAG in names or plan.revalidates:
            keys = plan.key(everybody=False), plan.key(everybody=True)
        if POLICY in names and (exchange := exchange_for(read)):
            read = exchange.remembered(read)
        head = head_of(
            plan.request,
            plan.revalidates,
            keys,
            message["status"],
            bool(passed),
            tuple(read),
            bool(refused),
            agreed,
        )
        more += passed
        if head.kept_apart:
            more += [(COOKIE, cookie) for cookie in refused]
        leaves = head.leaves
        if leaves is _WITH_BODY:
            begun = Begun(message, head, plan, more, lengths, exchange)
            memo = self._memo if head.memorable else None
            self._page = Recall(begun, memo) if memo else Passage(begun)
            return None
        if leaves is _NEVER:
            return self._begin_whole(message)
        if head.keeps_length:
            more += lengths
        gated = exchange.leaving(head.raw) if exchange else head.raw
        return {**message, "headers": [*gated, *more]}

    def _begin_whole(self, message: Message) -> Message | None:
        """A page in part: None, where the whole can be asked for.

        An application that answers in part unasked has nothing else to give. What it gives is
        gated as the whole that a browser makes of it, and called so.
        """
        if self._of_range:
            self.wants_whole = True
            return None
        self.unknown_cookies = ()
        headers = [
            (name, value)
            for name, value in message.get("headers", ())
            if name.lower() != _CONTENT_RANGE
        ]
        return self._begin({**message, "status": _OK, "headers": headers})

    def _gated_cookies(self, values: Iterable[bytes]) -> tuple[list[Header], bool]:
        """The cookies of the application that may be set; whether one because that was agreed."""
        variant = self._plan.request.variant
        passed: list[Header] = []
        agreed = False
        for value in values:
            verdict = gate_set_cookie(
                value, variant.personal.access, variant.own_cookies, keep_visit=variant.keep_visit
            )
            logger.debug("Set-Cookie of %r: %s", verdict.name, verdict.reason)
            if verdict.unknown:
                self.unknown_cookies += (verdict.name,)
            if verdict.header:
                passed.append((COOKIE, verdict.header))
                agreed |= verdict.agreed
        return passed, agreed

    def _beside(self, message: Message) -> Message | None:
        """What goes before, beside or behind an answer, as far as it may; None for nothing."""
        access = self._plan.request.variant.personal.access
        match message["type"]:
            case "http.response.early_hint":
                links = [(b"link", link) for link in message.get("links", ())]
                gated = gate_headers(links, access)
                return {**message, "links": [value for _, value in gated]}
            case "http.response.push" if access.blocked(message["path"]):
                return None  # a tracker on the site's own host
            case kind if self._page and kind in _PARTS:
                raise OutOfTurnError(kind)
            case "http.response.trailers" if self._page:
                return {**message, "headers": without_digests(message["headers"])}
        return message
