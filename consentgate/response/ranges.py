"""Requests for a part: what an application hears of them, and how a page in part is not sent.

Only a whole page can be gated: a part begins anywhere, and where it ends says nothing of what was
put in (RFC 9110, section 14).
"""

from __future__ import annotations

import copy
from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from consentgate.response.memo import Memo
from consentgate.response.plan import Plan
from consentgate.response.responder import Responder
from consentgate.response.variants import NEVER_DOCUMENTS, RANGES, Header


def asks_in_part(headers: Iterable[Header], *, method: str, fetch_dest: str) -> bool:
    """Whether the application may hear of the ranges that these headers ask for, if any.

    ``HEAD`` has none (RFC 9110, section 14.2), and of several at once an answer tells in its body
    only of what they are parts. Any server may ignore ranges.
    """
    if method != "GET":
        return method != "HEAD"
    ranges = b",".join([value for name, value in headers if name == b"range"])
    return b"," not in ranges or fetch_dest in NEVER_DOCUMENTS


def without_ranges(headers: Iterable[Header]) -> list[Header]:
    """The request's headers, asking for the whole."""
    return [header for header in headers if header[0] not in RANGES]


def is_of_range(scope: Scope) -> bool:
    """Whether the application may answer this request, as it is now, with a part."""
    return scope["method"] == "GET" and any(name == b"range" for name, _ in scope["headers"])


async def answered(
    app: ASGIApp, scope: Scope, receive: Receive, send: Send, plan: Plan, memo: Memo
) -> Responder:
    """Let the application answer a request for a part; gives what its answer went through.

    Where that is a page, the application is asked again, for the whole, in the scope as it was:
    routers write into theirs where they are. It runs to its end both times. What stops it at its
    first message would leave one behind that waits for another thread (a bridge to WSGI).
    """
    state = copy.copy(scope.get("state", {}))
    whole = {**scope, "headers": without_ranges(scope["headers"]), "state": state}
    responder, failure = Responder(plan, send, memo, of_range=True), None
    try:
        await app(scope, receive, responder.send)
    except Exception as error:
        if not responder.wants_whole:
            raise
        failure = error
    if responder.wants_whole:
        responder = Responder(plan, send, memo)
        await app(whole, _bodiless(receive), responder.send)
    if failure:  # behind an answer that was not sent: it must not cost the one that is
        raise failure
    return responder


def _bodiless(receive: Receive) -> Receive:
    """A GET asked a second time: its body, which the first answer has read, is empty."""
    asked = False

    async def again() -> Message:
        nonlocal asked
        if asked:
            return await receive()
        asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    return again
