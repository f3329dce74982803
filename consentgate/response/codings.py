"""The names of Content-Encoding, and what undoes each (RFC 9110, section 8.4.1)."""

from __future__ import annotations

from functools import lru_cache, partial
from importlib.util import find_spec

from consentgate.response.unfolding import (
    ZSTD_MODULE,
    Chain,
    Decoder,
    Doubtful,
    Identity,
    may_begin,
    undoing,
)


def _has(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


DECODABLE = (
    frozenset({"gzip", "x-gzip", "deflate", "identity"})
    | (frozenset({"br"}) if _has("brotli") else frozenset())
    | (frozenset({"zstd"}) if _has(ZSTD_MODULE) else frozenset())
)
"""The content codings that the gate can read."""
_UNDONE = frozenset({"br", "dcb", "dcz", "deflate", "gzip", "x-gzip", "zstd"})
"""Those that browsers undo. By any other name a body is read as it came."""
_MOST_CODINGS = 5

_ASKED_KEPT = 256
_ASKED_BYTES = 128


def decoder_for(content_encoding: str) -> Decoder | None:
    """What undoes this Content-Encoding as browsers do; None where the gate cannot read the body.

    Names that they do not know count as none, like empty members and ``identity``.
    """
    names = _names(content_encoding)
    codings = [name for name in names if name in _UNDONE]
    if not codings:
        return Identity()
    if len(codings) > _MOST_CODINGS or not DECODABLE.issuperset(codings):
        return None
    decoders = [undoing(coding) for coding in reversed(codings)]
    decoder = Chain(decoders) if len(decoders) > 1 else decoders[0]
    if len(codings) == len(names):
        return decoder
    return Doubtful(decoder, partial(may_begin, codings[-1]))


def codings_left(content_encoding: str) -> str:
    """What a Content-Encoding says of a body when all that can be undone is."""
    ignored = _UNDONE | {"", "identity"}
    return ", ".join(name for name in _names(content_encoding) if name not in ignored)


def _names(content_encoding: str) -> list[str]:
    return [name.strip().lower() for name in content_encoding.split(",")]


def readable_encodings(accept_encoding: bytes) -> bytes:
    """The part of an Accept-Encoding header that the gate can undo; ``identity`` if none."""
    short = len(accept_encoding) <= _ASKED_BYTES
    return _remembered(accept_encoding) if short else _readable(accept_encoding)


def _readable(accept_encoding: bytes) -> bytes:
    kept = [
        coding.strip()
        for coding in accept_encoding.decode("latin-1").split(",")
        if coding.partition(";")[0].strip().lower() in DECODABLE
    ]
    return (", ".join(kept) or "identity").encode("latin-1")


_remembered = lru_cache(maxsize=_ASKED_KEPT)(_readable)
