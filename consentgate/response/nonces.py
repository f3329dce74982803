"""The nonce of an answer's policy, and what stands for it in what is remembered of the answer.

A nonce is another with each answer (CSP Level 3, section 7.1), and what is another with each answer
is found in no memory. So in what is kept a standing one is in its place. Nothing that leaves has
been through the gate in that form: what a standing nonce went into is told again with the given one
and kept only if the very bytes come of it that left.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from consentgate.response.variants import Header

POLICY = b"content-security-policy"
"""The header that has nonces."""

Gapped = tuple[bytes, ...]
"""A text in pieces: between each two of them stands the nonce of whoever it is for."""

# A shorter one may stand in a page by chance, and what begins with a slash lead to another site.
_NONCE = re.compile(rb"'nonce-([A-Za-z0-9+_-][A-Za-z0-9+/_-]{19,127}={0,2})'", re.IGNORECASE)


class Exchange(NamedTuple):
    """The nonce that an answer has, and the one of the same length that stands for it."""

    given: bytes
    standing: bytes

    def standing_in(self, text: bytes) -> bytes:
        """What has the given nonce, with the standing one."""
        return text.replace(self.given, self.standing)

    def given_in(self, text: bytes) -> bytes:
        """What has the standing nonce, with the given one."""
        return text.replace(self.standing, self.given)

    def remembered(self, headers: Iterable[Header]) -> list[Header]:
        """Headers with the standing nonce."""
        return [(name, self.standing_in(value)) for name, value in headers]

    def leaving(self, headers: Iterable[Header]) -> list[Header]:
        """Headers with the given nonce."""
        return [(name, self.given_in(value)) for name, value in headers]


def exchange_for(headers: Iterable[Header]) -> Exchange | None:
    """The first nonce in the policies among these headers; None where none can be exchanged."""
    policies = b",".join([value for name, value in headers if name == POLICY])
    found = _NONCE.search(policies)
    return Exchange(found[1], _standing(len(found[1]))) if found else None


def gapped(text: bytes, exchange: Exchange | None) -> Gapped:
    """A text as it is kept."""
    return tuple(text.split(exchange.standing)) if exchange else (text,)


def filled(text: Gapped, exchange: Exchange | None) -> bytes:
    """A text that was kept, for one answer."""
    return exchange.given.join(text) if exchange else text[0]


def is_filled(text: bytes, kept: Gapped, exchange: Exchange | None) -> bool:
    """Whether a text is what was kept, for this answer; nothing is copied."""
    if exchange is None:
        return text == kept[0]
    nonce, position = exchange.given, 0
    for piece in kept[:-1]:
        behind = position + len(piece)
        if not (text.startswith(piece, position) and text.startswith(nonce, behind)):
            return False
        position = behind + len(nonce)
    return len(text) == position + len(kept[-1]) and text.startswith(kept[-1], position)


@lru_cache
def _standing(length: int) -> bytes:
    """The nonce that stands for all of this length: digits, which are written alike anywhere."""
    return "".join(secrets.choice("0123456789") for _ in range(length)).encode()
