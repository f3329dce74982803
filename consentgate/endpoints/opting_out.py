"""The opt-out of one service by a link or a button, with and without JavaScript."""

from __future__ import annotations

from starlette.responses import Response

from consentgate.consent import set_cookie
from consentgate.endpoints.answers import Answers
from consentgate.endpoints.choice import cookies_after
from consentgate.endpoints.deciding import Deciding
from consentgate.endpoints.origin import is_own_navigation, is_same_origin
from consentgate.endpoints.throttle import Throttle
from consentgate.incoming import Incoming
from consentgate.model import Choice, Decision, Service
from consentgate.opt_out import LASTS_SECONDS, opt_out_names
from consentgate.proofs import ProofLog
from consentgate.wiring import Wiring


async def answer_opt_out(
    incoming: Incoming,
    wiring: Wiring,
    log: ProofLog,
    throttle: Throttle,
    service_id: str,
    *,
    now: float,
) -> Response:
    """Answer ``opt-out/<service>``: at once for a click on this site, else after one more click.

    A link on another page, an image or a prefetch must not decide for a visitor, so any other
    GET shows the button, and any other POST is refused. Who is out already is told so.
    """
    answers = Answers(incoming, wiring)
    service = next((s for s in wiring.config.optional if s.id == service_id), None)
    if service is None:
        return answers.error(404)
    if incoming.method == "POST":
        if not is_same_origin(incoming.headers, incoming.caller.place):
            return answers.error(403)
    elif (done := is_out(service, incoming)) or not _is_click(incoming):
        return _page(answers, wiring, service, done=done)
    cookies = await _opt_out(incoming, wiring, log, throttle, service, now=now)
    if incoming.method == "POST":
        response = answers.see_other(f"{wiring.mount}/opt-out/{service_id}")
    else:
        response = _page(answers, wiring, service, done=True)
    response.raw_headers += [(b"set-cookie", cookie) for cookie in cookies]
    return response


def is_out(service: Service, incoming: Incoming) -> bool:
    """Whether nothing is left to do: no consent to take back, and every opt-out cookie is held."""
    given, cookies = incoming.caller.given, incoming.caller.cookies
    names = opt_out_names(service, cookies)
    held = all(cookies.get(name) == "true" for name in names)
    return given.decided and service.id not in given.allowed and held


def _is_click(incoming: Incoming) -> bool:
    return incoming.method == "GET" and is_own_navigation(incoming.headers)


async def _opt_out(
    incoming: Incoming,
    wiring: Wiring,
    log: ProofLog,
    throttle: Throttle,
    service: Service,
    *,
    now: float,
) -> list[bytes]:
    """Record the decision; gives the cookies that carry it out.

    A withdrawal is recorded however many there are; what takes nothing back is not a reason to
    let the log grow without end.
    """
    admitted = incoming.caller.given.subject is not None or throttle.admits(
        incoming.network, now=now
    )
    choice = Choice(Decision.WITHDRAW, service=service.id)
    deciding = Deciding(choice, incoming, wiring, log, now, recorded=admitted, layer="opt-out")
    outcome = await deciding.carry_out()
    return [
        *cookies_after(outcome.consent, incoming, wiring, now=now),
        *(_opting_out(name, incoming) for name in opt_out_names(service, incoming.caller.cookies)),
    ]


def _opting_out(name: str, incoming: Incoming) -> bytes:
    return set_cookie(
        name,
        "true",
        secure=incoming.caller.secure or incoming.headers.get("origin", "").startswith("https://"),
        max_age=LASTS_SECONDS,
        http_only=False,  # by convention pages read it
        domain=incoming.caller.placement.domain,
    )


def _page(answers: Answers, wiring: Wiring, service: Service, *, done: bool) -> Response:
    return answers.page(wiring.banner.opt_out_page(answers.visit(), service, done=done))
