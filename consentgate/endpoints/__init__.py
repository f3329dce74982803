"""Our own pages under the mount path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.types import Receive

from consentgate.endpoints.answers import Answers
from consentgate.endpoints.choice import answer_choice
from consentgate.endpoints.explanations import explanations
from consentgate.endpoints.frames import frame_page
from consentgate.endpoints.opting_out import answer_opt_out
from consentgate.endpoints.pages import (
    asset,
    confirmation,
    declaration,
    do_not_sell,
    preferences,
    receipt,
)
from consentgate.endpoints.posters import poster
from consentgate.endpoints.reports import Inbox
from consentgate.endpoints.throttle import Throttle
from consentgate.incoming import Incoming
from consentgate.proofs import ProofLog
from consentgate.wiring import Wiring

if TYPE_CHECKING:  # it needs what the extra ``posters`` brings
    from consentgate.posters import PosterStore

__all__ = ["Inbox", "respond"]

_PAGES: Mapping[str, Callable[[Incoming, Wiring], Response]] = MappingProxyType(
    {
        "choice": confirmation,
        "preferences": preferences,
        "cookies": declaration,
        "do-not-sell": do_not_sell,
    }
)


async def respond(
    incoming: Incoming,
    wiring: Wiring,
    log: ProofLog,
    throttle: Throttle,
    inbox: Inbox,
    receive: Receive,
    *,
    now: float,
    posters: PosterStore | None = None,
) -> Response:
    """Answer a request under the mount path; anything that is no page of ours is a 404."""
    route = incoming.path.removeprefix(wiring.mount).strip("/").split("/")
    match incoming.method, route:
        case "POST", ["choice"]:
            return await answer_choice(incoming, wiring, log, throttle, receive, now=now)
        case "POST", ["reports"]:
            return await inbox.take(incoming, wiring, receive, now=now)
        case (("GET" | "HEAD"), [name]) if name in _PAGES:
            return _PAGES[name](incoming, wiring)
        case "GET", ["receipt"]:
            return await receipt(incoming, wiring, log)
        case (("GET" | "HEAD"), ["embed", service]):
            return frame_page(incoming, wiring, service, now=now)
        case (("GET" | "HEAD" | "POST"), ["opt-out", service]):
            return await answer_opt_out(incoming, wiring, log, throttle, service, now=now)
        case (("GET" | "HEAD"), ["poster", service]):
            return await poster(incoming, wiring, posters, service)
        case "GET", ["blocked"]:
            return explanations(incoming, wiring)
        case (("GET" | "HEAD"), ["assets", name]):
            return asset(incoming, wiring, name)
    return Answers(incoming, wiring).error(404)
