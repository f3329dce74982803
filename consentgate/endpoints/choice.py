"""The choice endpoint: from the posted form to cookies and an answer."""

from __future__ import annotations

import logging
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from starlette.responses import Response
from starlette.types import Receive

from consentgate.consent import (
    NOTE_COOKIE,
    NOTE_SECONDS,
    ONCE_COOKIE,
    ONCE_SECONDS,
)
from consentgate.decision import MAX_BODY_BYTES, SOCIAL_BAR, BadChoiceError, parse_choice
from consentgate.endpoints.answers import Answers
from consentgate.endpoints.deciding import Deciding, Outcome
from consentgate.endpoints.frames import granted_once
from consentgate.endpoints.origin import is_same_origin
from consentgate.endpoints.throttle import Throttle
from consentgate.errors import StorageError
from consentgate.gate.cookies import expiring_headers, known_names
from consentgate.incoming import Incoming
from consentgate.model import Choice, Consent, Decision, Keep, Signal
from consentgate.opt_out import opt_outs_held
from consentgate.proofs import ProofLog, is_bot
from consentgate.wiring import Wiring

logger = logging.getLogger("consentgate")

_REFUSALS = frozenset(
    {
        Decision.REJECT_ALL,
        Decision.WITHDRAW,
        Decision.ERASE,
        Decision.DO_NOT_SELL,
        Decision.SIGNAL,
    }
)


async def answer_choice(
    incoming: Incoming,
    wiring: Wiring,
    log: ProofLog,
    throttle: Throttle,
    receive: Receive,
    *,
    now: float,
) -> Response:
    """Answer ``POST choice``.

    403 for a form from elsewhere, 400 for one that is none of ours, 429 above the limit,
    503 where a grant could not be recorded; in each case nothing has changed.
    """
    answers = Answers(incoming, wiring)
    if not is_same_origin(incoming.headers, incoming.caller.place):
        return answers.error(403)
    try:
        choice = parse_choice(await _body(receive), wiring.config)
    except BadChoiceError as error:
        logger.info("refused a form: %s", error)
        return answers.error(400)
    if choice.gpc:
        incoming = incoming.hearing(Signal.GPC, wiring)
    if choice.decision is Decision.SIGNAL and not incoming.caller.overridden:
        return answers.nothing()
    if _only_disarms(choice, incoming):
        return answers.see_other(choice.back or f"{wiring.mount}/choice")
    refuses = choice.decision in _REFUSALS
    if not refuses and is_bot(incoming.headers.get("user-agent", "")):
        return answers.error(403)  # a crawler that presses buttons agrees to nothing
    withdraws = refuses and incoming.caller.held.subject is not None
    admitted = withdraws or throttle.admits(incoming.network, now=now)
    if not (admitted or refuses):
        return answers.error(429)
    try:
        deciding = Deciding(choice, incoming, wiring, log, now, recorded=admitted)
        outcome = await deciding.carry_out()
    except StorageError:
        logger.exception("a decision could not be recorded; nothing was granted")
        return answers.error(503)
    if choice.decision is Decision.ONCE:
        return _load_once(outcome, incoming, wiring, now=now)
    return _acknowledge(outcome, incoming, wiring, now=now)


def _only_disarms(choice: Choice, incoming: Incoming) -> bool:
    """Whether a button of the social bar is let go that was armed for its page alone.

    That grant is spent already, so nothing is decided: the page is loaded without it.
    """
    lets_go = choice.decision is Decision.WITHDRAW and choice.layer == SOCIAL_BAR
    return lets_go and choice.service not in incoming.caller.held.allowed


def cookies_after(
    consent: Consent, incoming: Incoming, wiring: Wiring, *, now: float, page: str = "/"
) -> list[bytes]:
    """Everything that a decision sets: the consent, and the end of what it took back.

    ``page`` is the local path that the visitor decided on.
    """
    return [
        *incoming.caller.misplaced,
        *_consent_cookies(consent, incoming, wiring, now=now),
        *_withdrawn_cookies(consent, incoming, wiring, page),
    ]


def _consent_cookies(
    consent: Consent, incoming: Incoming, wiring: Wiring, *, now: float
) -> list[bytes]:
    """The signed and the readable cookie for a consent, as lasting as the visitor wants it.

    One that was given before, of which a signal took a part, ends when it would have ended.
    """
    secure = incoming.caller.secure or incoming.headers.get("origin", "").startswith("https://")
    placement = replace(incoming.caller.placement, secure=secure)
    age_seconds = max(0, int(now) - consent.decided_at)
    lasting_seconds = wiring.config.policy.ask_again_after_seconds - age_seconds
    return placement.cookies(
        wiring.cookie.write(consent, shared=placement.shared),
        wiring.cookie.readable(consent),
        max_age=lasting_seconds if consent.keep is Keep.LASTING else None,
    )


def _acknowledge(outcome: Outcome, incoming: Incoming, wiring: Wiring, *, now: float) -> Response:
    """Set the cookies and lead back, or tell our script what to show."""
    answers = Answers(incoming, wiring)
    allowed = outcome.consent.allowed
    changed = {incoming.caller.held.allowed, incoming.caller.consent.allowed} != {allowed}
    page = urlsplit(outcome.choice.back).path or "/"
    cookies = cookies_after(outcome.consent, incoming, wiring, now=now, page=page)
    cookies += _opt_outs_taken_back(outcome, incoming)
    if answers.wants_json:
        title, text = wiring.banner.note_text(answers.visit(), outcome.note)
        state = wiring.cookie.state(outcome.consent)
        told = {
            "title": title,
            "text": text,
            "reload": changed,
            "state": state,
            "granted": sorted(outcome.consent.allowed | outcome.consent.categories),
        }
        response = answers.json(told)
    else:
        response = answers.see_other(outcome.choice.back or f"{wiring.mount}/choice")
    # A page that has shut what a signal refuses stays, and says so by itself.
    loads_anew = changed and outcome.choice.decision is not Decision.SIGNAL
    if loads_anew or not answers.wants_json:
        cookies.append(incoming.passing_cookie(NOTE_COOKIE, outcome.note, seconds=NOTE_SECONDS))
    response.raw_headers += [(b"set-cookie", cookie) for cookie in cookies]
    return response


def _load_once(outcome: Outcome, incoming: Incoming, wiring: Wiring, *, now: float) -> Response:
    """Lead to the frame itself, or to its page with a grant that the page spends."""
    answers, choice = Answers(incoming, wiring), outcome.choice
    frame = granted_once(wiring, choice.back, choice.service, now=now)
    if frame is not None:
        return answers.see_other(frame)
    path = unquote(urlsplit(choice.back).path)
    grant = wiring.grants.seal_until(
        {"service": choice.service, "path": path}, int(now) + ONCE_SECONDS
    )
    response = answers.see_other(choice.back or f"{wiring.mount}/choice")
    cookie = incoming.passing_cookie(ONCE_COOKIE, grant, seconds=ONCE_SECONDS)
    response.raw_headers.append((b"set-cookie", cookie))
    return response


def _withdrawn_cookies(
    after: Consent, incoming: Incoming, wiring: Wiring, page: str
) -> list[bytes]:
    """Expire what the services have set that were allowed before and are not any more."""
    lost = incoming.caller.held.allowed - after.allowed
    services = [service for service in wiring.config.services if service.id in lost]
    if not services:
        return []
    seen, unseen = known_names(services, incoming.cookie_header)
    host, secure = incoming.caller.place.host, incoming.caller.secure
    return expiring_headers(seen, host, path=page, secure=secure, unseen=unseen)


def _opt_outs_taken_back(outcome: Outcome, incoming: Incoming) -> list[bytes]:
    """Expire the opt-out of what was agreed to by name afterwards: the later decision counts."""
    choice = outcome.choice
    whole = choice.decision in {Decision.ACCEPT_ALL, Decision.CUSTOM}
    said = outcome.consent.allowed if whole else outcome.consent.allowed & {choice.service}
    names = (
        opt_outs_held(incoming.caller.cookies) if incoming.caller.consent.opted_out & said else ()
    )
    return expiring_headers(names, incoming.caller.place.host)


async def _body(receive: Receive) -> bytes:
    """The request body; raises BadChoiceError above 16 KB or when the client goes away."""
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BadChoiceError("the client went away")
        body += bytes(message.get("body", b""))
        if len(body) > MAX_BODY_BYTES:
            raise BadChoiceError("the form is too long")
        if not message.get("more_body"):
            return body
