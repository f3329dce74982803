"""The headers of an answer, sorted by what becomes of them."""

from __future__ import annotations

from collections.abc import Iterable

from consentgate.gate.links import GATED_HEADERS
from consentgate.response.variants import DIGESTS, Header, is_targeted

COOKIE = b"set-cookie"
LENGTHS = frozenset({b"content-length", b"transfer-encoding"})
"""They say where the body ends that the application sends (RFC 9112, section 6), never both."""

READ = frozenset(
    {
        *GATED_HEADERS,
        *DIGESTS,
        b"accept-ranges",
        b"cache-control",
        b"content-disposition",
        b"content-encoding",
        b"content-type",
        b"etag",
        b"expires",
        b"last-modified",
        b"vary",
        b"x-content-type-options",
        b"x-dns-prefetch-control",
    }
)
"""The headers, beside cookies and length, that the gate looks at or writes; and all that speak to
caches of one kind."""


def sort(
    headers: Iterable[Iterable[bytes]],
) -> tuple[list[Header], list[Header], list[Header], list[bytes]]:
    """What of an answer's headers is read, what passes beside, lengths, and values of cookies.

    Each kind in its order, with names in lower case. What passes beside the gate may be another
    with each answer (a request's number, the time that it took), and what is read recurs all the
    same.
    """
    read: list[Header] = []
    beside: list[Header] = []
    lengths: list[Header] = []
    cookies: list[bytes] = []
    for given, value in headers:
        # ASGI wants names in lower case; an application that forgets it must not get past us.
        name = given.lower()
        if name in READ:
            read.append((name, value))
        elif name in LENGTHS:
            lengths.append((name, value))
        elif name == COOKIE:
            cookies.append(value)
        elif is_targeted(name):
            read.append((name, value))
        else:
            beside.append((name, value))
    return read, beside, lengths, cookies
