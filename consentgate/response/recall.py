"""A body whose way through the gate is looked up where it has come before, else remembered.

Where another body came before, with the same tags, the gate's trail on that one is followed.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable

from starlette.types import Message

from consentgate.gate.access import Blocked, Stopped
from consentgate.gate.embeds import AnyPage, stopped
from consentgate.gate.html import Trail, replay
from consentgate.response.bodies import LONGEST_MARK_BYTES
from consentgate.response.head import Head, rendering_of
from consentgate.response.memo import LARGEST_BODY_BYTES, LARGEST_TRAIL_BYTES, Kept, Memo, Trodden
from consentgate.response.nonces import Exchange, filled, gapped
from consentgate.response.opening import TELLING_BYTES, opening_of
from consentgate.response.passage import Begun, Passage, body_message


class Recall:
    """Does what a ``Passage`` does, and spares it the work on a body that came before.

    Looked up is a body in one piece, or in one with an empty last one behind it, as it comes
    through middlewares that stream. The first piece leaves at once; if more of a body comes than
    came before, the passage is given the first piece and what it gives is dropped, since that
    has left.
    """

    _key: Hashable = None
    _kept: Kept | None = None
    _first = b""
    _known = b""
    _wants_trail = False
    _passage: Passage | None = None
    _noting: tuple[bytes, bytes] | None = None

    def __init__(self, begun: Begun, memo: Memo) -> None:
        self._begun = begun
        self._memo = memo

    @property
    def blocked(self) -> Collection[Blocked]:
        """What was stopped so far."""
        page = self._kept or self._passage
        return page.blocked if page else ()

    def take(self, chunk: bytes, *, last: bool) -> Iterable[Message]:
        """The messages that this piece of the body lets go."""
        if self._kept:
            return self._behind_kept(self._kept, chunk, last=last)
        if self._passage is None:
            return self._take_first(chunk, last=last)
        if self._noting:
            return self._behind_noted(*self._noting, self._passage, chunk, last=last)
        return self._passage.take(chunk, last=last)

    def _take_first(self, chunk: bytes, *, last: bool) -> Iterable[Message]:
        begun = self._begun
        _, head, plan, _, _, exchange = begun
        self._key = (head.request.variant, plan.address, head.reading, last)
        kept = self._memo.find(self._key, chunk, exchange) or self._along(chunk, last=last)
        if kept is not None:
            spends: bool | None = False
            if plan.document_headers:
                spends = begun.spends(kept.opening, chunk, ended=last)
            if spends is not None:
                self._kept, self._first = kept, chunk
                first = filled(kept.pieces[0], exchange)
                start = begun.starting(kept.opening, first, spends=spends, last=last)
                return start, body_message(first, last=last)
        if len(chunk) > LARGEST_BODY_BYTES:
            self._passage = Passage(begun)
            return self._passage.take(chunk, last=last)
        self._known = exchange.standing_in(chunk) if exchange else chunk
        wanted = self._wants_trail = self._memo.wants_trail(self._key, self._known)
        passage = self._passage = Passage(begun, recorded=wanted and not exchange)
        messages = tuple(passage.take(chunk, last=last))
        match messages:
            case (_, {"body": body}) if last:
                self._keep(passage, chunk, body)
            case (_, {"body": body}):
                self._noting = chunk, body
        return messages

    def _behind_kept(self, kept: Kept, chunk: bytes, *, last: bool) -> Iterable[Message]:
        if last and not chunk:
            return (body_message(filled(kept.pieces[-1], self._begun.exchange), last=True),)
        self._kept, passage = None, Passage(self._begun)
        self._passage = passage
        for _ in passage.take(self._first, last=False):
            pass
        return passage.take(chunk, last=last)

    def _behind_noted(
        self, first: bytes, left: bytes, passage: Passage, chunk: bytes, *, last: bool
    ) -> Iterable[Message]:
        self._noting = None
        messages = tuple(passage.take(chunk, last=last))
        if last and not chunk:
            self._keep(passage, first, left, *(message["body"] for message in messages))
        return messages

    def _along(self, chunk: bytes, *, last: bool) -> Kept | None:
        """What becomes of this body if it goes along the trail of its page."""
        trodden = self._memo.trodden(self._key)
        if trodden is None:
            return None
        kept = _followed(trodden, chunk, self._begun, last=last)
        if kept is None:
            self._memo.astray(self._key)
        else:
            self._memo.along(self._key, chunk, None if self._begun.exchange else kept)
        return kept

    def _keep(self, passage: Passage, body: bytes, *pieces: bytes) -> None:
        """Note that a body came; remember what became of it, or its trail, if it came before."""
        begun, key, memo, known = self._begun, self._key, self._memo, self._known
        if passage.opening is None or passage.is_personal:
            return
        came_before = memo.came_before(key, known)
        if not (came_before or self._wants_trail):
            return
        left = _kept(passage, body, pieces, None)
        kept, trail, same = left, passage.trail, True
        if begun.exchange:
            kept, trail = _told_again(begun, known, len(pieces))
            same = _is_same(kept, left, begun.exchange)
        if came_before and same:
            memo.keep(key, kept)
        if self._wants_trail:
            told = _trodden(trail, known, left, begun) if trail and same else None
            memo.keep_trail(key, told)


def _kept(
    passage: Passage, body: bytes, pieces: Iterable[bytes], exchange: Exchange | None
) -> Kept:
    """What became of a body."""
    assert passage.opening is not None  # noqa: S101  it has been through
    texts = tuple(gapped(piece, exchange) for piece in pieces)
    blocked = Stopped(passage.blocked)
    return Kept(gapped(body, exchange), passage.opening, texts, blocked)


def _told_again(begun: Begun, known: bytes, count: int) -> tuple[Kept, Trail | None]:
    """What becomes of a body as it is kept, in so many pieces, and its trail."""
    passage = Passage(begun._replace(exchange=None), recorded=True)
    messages = [*passage.take(known, last=count == 1)]
    if count > 1:
        messages += passage.take(b"", last=True)
    pieces = [message["body"] for message in messages if "body" in message]
    return _kept(passage, known, pieces, begun.exchange), passage.trail


def _is_same(kept: Kept, left: Kept, exchange: Exchange | None) -> bool:
    """Whether what is kept of a page, for this answer, is what left."""
    texts = tuple((filled(piece, exchange),) for piece in kept.pieces)
    facts = kept.opening, texts, tuple(kept.blocked)
    return facts == (left.opening, left.pieces, tuple(left.blocked))


def _followed(trodden: Trodden, body: bytes, begun: Begun, *, last: bool) -> Kept | None:
    """What becomes of a body that goes along a trail; ``last``: it leaves in one piece."""
    head, opening, trail = begun.head, trodden.opening, trodden.trail
    same = body[: _bytes_that_open(head)] == trodden.first
    if not same and opening_of(head, body, ended=last) != opening:
        return None
    if begun.exchange:
        trail = trail.with_other(begun.exchange.standing, begun.exchange.given)
    rules = AnyPage(rendering_of(head, opening).access)
    found = replay(trail, body, rules, closed=last)
    if found is None:
        return None
    pieces = ((found.body,),) if last else ((found.body,), (trail.closing,))
    if found.notes != trodden.notes:
        blocked, trodden.notes = stopped(found.notes), found.notes
        if blocked != tuple(trodden.blocked):
            trodden.blocked = Stopped(blocked)
    return Kept((body,), opening, pieces, trodden.blocked)


def _trodden(trail: Trail, known: bytes, left: Kept, begun: Begun) -> Trodden | None:
    """The trail of a page, if along it the very same comes of the page as left."""
    head, (body,) = begun.head, left.body
    if trail.size > LARGEST_TRAIL_BYTES:
        return None
    first = known[: _bytes_that_open(head)]
    size = len(first) + trail.size
    trodden = Trodden(trail, left.opening, first, left.blocked, size)
    same = _followed(trodden, body, begun, last=len(left.pieces) == 1) == left
    return trodden if same else None


def _bytes_that_open(head: Head) -> int:
    """From so many bytes at the front of a page its opening follows."""
    return TELLING_BYTES if head.needs_body else LONGEST_MARK_BYTES
