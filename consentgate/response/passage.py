"""One body that may be a page, on its way through the gate."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from starlette.types import Message

from consentgate.gate.access import Blocked
from consentgate.gate.embeds import AnyPage
from consentgate.gate.html import Gate, HtmlGate, RecordingGate, Trail, read_in
from consentgate.response.codings import decoder_for
from consentgate.response.head import Head, Opening, headers_of, rendering_of
from consentgate.response.nonces import Exchange
from consentgate.response.opening import opening_of, shows_banner
from consentgate.response.plan import Fitting, Plan, Rendering
from consentgate.response.variants import Header

MOST_WAITING_BYTES = 1024 * 1024
"""What unfolds to next to nothing is not waited for any longer."""
_REDIRECTS = range(300, 400)


class Begun(NamedTuple):
    """A response whose start waits for its body.

    ``start`` is the application's message; ``more_headers`` go out beside those of ``head``,
    and ``lengths`` only where the body leaves as it came. ``exchange``: ``head`` has the standing
    nonce.
    """

    start: Message
    head: Head
    plan: Plan
    more_headers: list[Header]
    lengths: list[Header]
    exchange: Exchange | None = None

    @property
    def nonce(self) -> str:
        """The nonce that the page's policy has for our scripts, empty for none."""
        nonce = self.head.nonce
        return self.exchange.given_in(nonce.encode()).decode() if self.exchange else nonce

    def spends(self, opening: Opening, first: bytes, *, ended: bool) -> bool | None:
        """Whether what this page shows is taken back; None where more of it has to come."""
        if not self.plan.document_headers or self.start["status"] in _REDIRECTS:
            return False
        return shows_banner(opening, first, ended=ended)

    def starting(self, opening: Opening, body: bytes, *, spends: bool, last: bool) -> Message:
        """The start of the response, in front of this first piece of the body."""
        start, head, plan, more, lengths, exchange = self
        gated = headers_of(head, opening)
        headers = [*(exchange.leaving(gated) if exchange else gated), *more]
        if last:
            headers.append((b"content-length", b"%d" % len(body)))
        elif not opening.gated:
            headers += lengths
        if spends:
            headers += plan.document_headers
        return {**start, "headers": headers}


class Passage:
    """Takes the pieces of a body and gives the messages that may leave, the start among them.

    Where it is ``recorded``, it gives the trail of the page afterwards.
    """

    def __init__(self, begun: Begun, *, recorded: bool = False) -> None:
        self.opening: Opening | None = None
        self._recorded = recorded
        self._begun = begun
        self._came = self._held = b""
        self._decoder = decoder_for(begun.head.encoding)
        self._gate: Gate | None = None
        self._fitting: Fitting | None = None

    @property
    def blocked(self) -> Collection[Blocked]:
        """What was stopped so far."""
        return self._fitting.embeds.blocked.values() if self._fitting else ()

    @property
    def is_personal(self) -> bool:
        """Whether it holds what is this visitor's and nobody else's, even of the same consent."""
        return self._fitting is not None and self._fitting.personal

    @property
    def trail(self) -> Trail | None:
        """What was recorded of the whole page; None where it was not, or cannot be told again."""
        return self._gate.trail if isinstance(self._gate, RecordingGate) else None

    def take(self, chunk: bytes, *, last: bool) -> Iterator[Message]:
        """The messages that this piece of the body lets go.

        What turns out to be no page leaves as it came, in its coding.
        """
        if self.opening is None:
            self._came += chunk
        elif not self.opening.gated:
            if chunk or last:
                yield body_message(chunk, last=last)
            return
        for plain, ends in self._unfolded(chunk, last=last):
            if self.opening is None:
                yield from self._take_first(plain, ends=ends, last=last)
                if self.opening is not None and not self.opening.gated:
                    return
            elif (body := self._through_gate(plain, last=ends)) or ends:
                yield body_message(body, last=ends)

    def _unfolded(self, chunk: bytes, *, last: bool) -> Iterator[tuple[bytes, bool]]:
        """What this piece unfolds to, and whether the body ends with it."""
        assert self._decoder is not None  # noqa: S101  of what cannot be undone there is no passage
        waiting = b""
        for plain in self._decoder.decode(chunk):
            if waiting:
                yield waiting, False
            waiting = plain
        yield waiting, last

    def _take_first(self, plain: bytes, *, ends: bool, last: bool) -> Iterator[Message]:
        """The start and what leaves with it, if enough has come; ``last``: so has all of it."""
        begun = self._begun
        self._held = first = self._held + plain
        ended = ends or len(self._came) > MOST_WAITING_BYTES
        opening = opening_of(begun.head, first, ended=ended)
        spends = None if opening is None else begun.spends(opening, first, ended=ended)
        if opening is None or spends is None:
            return
        body, self._came, self._held = self._came, b"", b""
        self.opening = opening
        if opening.gated:
            self._open(opening)
            body, last = self._through_gate(first, last=ends), ends
        yield begun.starting(opening, body, spends=spends, last=last)
        yield body_message(body, last=last)

    def _open(self, opening: Opening) -> None:
        rendering = rendering_of(self._begun.head, opening)
        self._fitting = self._begun.plan.fit(rendering, self._begun.nonce, lambda: self._lang)
        self._gate = read_in(opening.read_as, self._gate_for(self._fitting, rendering))

    def _gate_for(self, fitting: Fitting, rendering: Rendering) -> HtmlGate:
        embeds, inserts = fitting.embeds, fitting.inserts
        if not self._recorded:
            return HtmlGate(embeds, inserts, remember=embeds)
        return RecordingGate(embeds, inserts, embeds, AnyPage(rendering.access), embeds.noted())

    @property
    def _lang(self) -> str:
        return self._gate.lang if self._gate else ""

    def _through_gate(self, plain: bytes, *, last: bool) -> bytes:
        assert self._gate is not None  # noqa: S101  nothing else goes here
        return self._gate.close(plain) if last else self._gate.feed(plain)


def body_message(body: bytes, *, last: bool) -> Message:
    """One piece of a body as ASGI wants it."""
    return {"type": "http.response.body", "body": body, "more_body": not last}
