"""A body whose way through the gate is looked up where it has come before, else remembered."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable

from starlette.types import Message

from consentgate.gate.access import Blocked, Stopped
from consentgate.response.memo import LARGEST_BODY_BYTES, Kept, Memo
from consentgate.response.passage import Begun, Passage, body_message


class Recall:
    """Does what a ``Passage`` does, and spares it the work on a body that came before.

    Looked up is a body in one piece, or in one with an empty last one behind it, as it comes
    through middlewares that stream. The first piece leaves at once; if more of a body comes than
    came before, the passage is given the first piece and what it gives is dropped, since that
    has left.
    """

    def __init__(self, begun: Begun, memo: Memo) -> None:
        self._begun = begun
        self._memo = memo
        self._key: Hashable = None
        self._kept: Kept | None = None
        self._passage: Passage | None = None
        self._noting: tuple[bytes, bytes] | None = None

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
        _, head, plan, _, _ = begun
        self._key = (head.request.variant, plan.address, head.reading, last)
        kept = self._memo.find(self._key, chunk)
        if kept is not None:
            self._kept = kept
            first = kept.pieces[0]
            start = begun.starting(kept.opening, first, document=kept.document, last=last)
            return start, body_message(first, last=last)
        passage = self._passage = Passage(begun)
        if len(chunk) > LARGEST_BODY_BYTES:
            return passage.take(chunk, last=last)
        messages = tuple(passage.take(chunk, last=last))
        match messages:
            case (_, {"body": body}) if last:
                self._keep(passage, chunk, body)
            case (_, {"body": body}):
                self._noting = chunk, body
        return messages

    def _behind_kept(self, kept: Kept, chunk: bytes, *, last: bool) -> Iterable[Message]:
        if last and not chunk:
            return (body_message(kept.pieces[-1], last=True),)
        self._kept, passage = None, Passage(self._begun)
        self._passage = passage
        for _ in passage.take(kept.body, last=False):
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

    def _keep(self, passage: Passage, body: bytes, *pieces: bytes) -> None:
        if passage.opening is None or passage.is_personal:
            return
        blocked, document = Stopped(passage.blocked), passage.is_document
        self._memo.keep(self._key, Kept(body, passage.opening, pieces, blocked, document))
