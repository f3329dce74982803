"""The nonces of a page's policy, exchanged for standing ones on the way through the gate.

A nonce is another with each answer (CSP Level 3, section 7.1), and what is another with each answer
is found in no memory. So standing ones go in, and where one comes out, in the page or as the gate
has put it there, the given one leaves. A standing nonce is drawn once in a process and never leaves
it: whoever knew one could write it into a page and get the page's own for it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import lru_cache

from starlette.types import Message

from consentgate.gate.access import Blocked
from consentgate.response.bodies import keeps_ascii, page_charset
from consentgate.response.head import Head
from consentgate.response.passage import LONGEST_BYTE_ORDER_MARK, Passage
from consentgate.response.recall import Recall
from consentgate.response.variants import Header

POLICY = b"content-security-policy"
# One that stands for a shorter nonce could be guessed.
_NONCE = re.compile(rb"'nonce-([A-Za-z0-9+/_-]{20,128}={0,2})'", re.IGNORECASE)
_MOST_NONCES = 4
_QUOTED = (b'"%b"', b"'%b'")


class Exchange:
    """The nonces of one answer, and what stands for each: as many digits as it has characters.

    Digits are written alike wherever the gate may write them, and no service is known by them.
    """

    def __init__(self, nonces: Sequence[bytes]) -> None:
        self._pairs = [(given, _standing(len(given))[at]) for at, given in enumerate(nonces)]

    def entering(self, headers: Iterable[Header]) -> list[Header]:
        """The headers with the standing nonces."""
        changed = list(headers)
        for given, standing in self._pairs:
            changed = [(name, value.replace(given, standing)) for name, value in changed]
        return changed

    def entering_body(self, chunk: bytes) -> bytes:
        """A piece of the body with the standing nonces, where one stands in quotes.

        Elsewhere it may be part of something else, as of an address.
        """
        for given, standing in self._pairs:
            for quoted in _QUOTED:
                chunk = chunk.replace(quoted % given, quoted % standing)
        return chunk

    def leaving(self, message: Message) -> Message:
        """The message with the given nonces."""
        changed = dict(message)
        if "headers" in message:
            changed["headers"] = [(name, self._given(value)) for name, value in message["headers"]]
        if "body" in message:
            changed["body"] = self._given(message["body"])
        return changed

    def _given(self, value: bytes) -> bytes:
        for given, standing in self._pairs:
            value = value.replace(standing, given)
        return value


class ExchangedPage:
    """A body on its way through ``page``, which was begun with the headers that ``exchange`` gave.

    ``otherwise`` begins it with those of the application: for a body of which the first piece
    does not tell that a nonce is written in it as in the headers.
    """

    def __init__(
        self,
        exchange: Exchange,
        head: Head,
        page: Passage | Recall,
        otherwise: Callable[[], Passage | Recall],
    ) -> None:
        self._exchange: Exchange | None = exchange
        self._page = page
        self._head = head
        self._otherwise: Callable[[], Passage | Recall] | None = otherwise

    @property
    def blocked(self) -> Collection[Blocked]:
        """What was stopped so far."""
        return self._page.blocked

    def take(self, chunk: bytes, *, last: bool) -> Iterable[Message]:
        """The messages that this piece of the body lets go."""
        if self._otherwise and not _writes_ascii(self._head, chunk):
            self._exchange, self._page = None, self._otherwise()
        self._otherwise = None
        if self._exchange is None:
            return self._page.take(chunk, last=last)
        entering = self._exchange.entering_body(chunk)
        return map(self._exchange.leaving, self._page.take(entering, last=last))


def exchange_for(headers: Iterable[Header]) -> Exchange | None:
    """The exchange of the nonces in these headers; None where a policy has none that can be."""
    policies = b",".join([value for name, value in headers if name == POLICY])
    nonces = tuple(dict.fromkeys(_NONCE.findall(policies)))
    return Exchange(nonces) if 0 < len(nonces) <= _MOST_NONCES else None


def _writes_ascii(head: Head, first: bytes) -> bool:
    """Whether ASCII is written as such in a body that begins with these bytes."""
    if head.encoding or len(first) < LONGEST_BYTE_ORDER_MARK:
        return False
    return keeps_ascii(page_charset(head.declared, first))


@lru_cache
def _standing(length: int) -> tuple[bytes, ...]:
    """The standing nonces of this length: one for each of as many as a policy may have."""
    return tuple(
        "".join(secrets.choice("0123456789") for _ in range(length)).encode()
        for _ in range(_MOST_NONCES)
    )
