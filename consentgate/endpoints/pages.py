"""The pages that a visitor can open at any time: settings, declaration, receipt, opt-out."""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.responses import Response

from consentgate.consent import NOTE_COOKIE, set_cookie
from consentgate.decision import local_path
from consentgate.endpoints.answers import Answers
from consentgate.endpoints.choice import cookies_after
from consentgate.endpoints.deciding import Deciding
from consentgate.endpoints.origin import is_own_navigation
from consentgate.errors import StorageError
from consentgate.incoming import Incoming
from consentgate.model import Choice, Decision
from consentgate.proofs import ProofLog
from consentgate.wiring import Wiring

_OPT_OUT_SECONDS = 2 * 365 * 24 * 3600
_ASSET_HEADERS = {
    "cache-control": "public, max-age=31536000, immutable",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
}


def preferences(incoming: Incoming, wiring: Wiring) -> Response:
    """The second layer: every category and service, and the ways back."""
    answers = Answers(incoming, wiring)
    visit = answers.visit(back=_back(incoming))
    return _noted(answers.page(wiring.banner.preferences_page(visit)), incoming)


def confirmation(incoming: Incoming, wiring: Wiring) -> Response:
    """Where a choice leads that came from a page which cannot be loaded again."""
    answers = Answers(incoming, wiring)
    page = wiring.banner.confirmation_page(answers.visit(), incoming.note)
    return _noted(answers.page(page), incoming)


def declaration(incoming: Incoming, wiring: Wiring) -> Response:
    """Every cookie and service, with the visitor's own choice."""
    answers = Answers(incoming, wiring)
    return answers.page(wiring.banner.cookies_page(answers.visit(back=_back(incoming))))


async def receipt(incoming: Incoming, wiring: Wiring, log: ProofLog) -> Response:
    """The visitor's own records as JSON to keep; an empty list for who never agreed."""
    answers = Answers(incoming, wiring)
    subject = incoming.consent.subject
    try:
        records = await log.records(subject) if subject else ()
    except StorageError:
        return answers.error(503)
    content = {"subject": subject, "records": [record.to_dict() for record in records]}
    response = answers.json(content)
    response.headers["content-disposition"] = 'attachment; filename="consent-receipt.json"'
    return response


async def opt_out(
    incoming: Incoming, wiring: Wiring, log: ProofLog, service_id: str, *, now: float
) -> Response:
    """Opt out of one service: at once for a click on this site, else after one more click."""
    answers = Answers(incoming, wiring)
    service = next((s for s in wiring.config.optional if s.id == service_id), None)
    if service is None:
        return answers.error(404)
    visit = answers.visit()
    if not is_own_navigation(incoming.headers):
        return answers.page(wiring.banner.opt_out_page(visit, service, done=False))
    choice = Choice(Decision.WITHDRAW, service=service_id)
    outcome = await Deciding(choice, incoming, wiring, log, now).carry_out()
    response = answers.page(wiring.banner.opt_out_page(visit, service, done=True))
    cookies = cookies_after(outcome.consent, incoming, wiring)
    if service_id == "google-analytics":
        cookies += [_disabled(measured, incoming) for measured in service.ids]
    response.raw_headers += [(b"set-cookie", cookie) for cookie in cookies]
    return response


def asset(incoming: Incoming, wiring: Wiring, name: str) -> Response:
    """A file of ours under its hashed name, to be cached for ever."""
    found = wiring.banner.assets.get(name)
    if found is None:
        return Answers(incoming, wiring).error(404)
    return Response(found.body, 200, _ASSET_HEADERS, media_type=found.content_type)


def _disabled(measured: str, incoming: Incoming) -> bytes:
    """The conventional cookie by which a page tells Google's script to stay off."""
    return set_cookie(
        f"ga-disable-{measured}",
        "true",
        secure=incoming.secure,
        max_age=_OPT_OUT_SECONDS,
        http_only=False,
    )


def _back(incoming: Incoming) -> str:
    return local_path(parse_qs(incoming.visited.query).get("back", [""])[0])


def _noted(response: Response, incoming: Incoming) -> Response:
    """Take back the notice that this page shows."""
    if incoming.note:
        spent = incoming.passing_cookie(NOTE_COOKIE, "", seconds=0)
        response.raw_headers.append((b"set-cookie", spent))
    return response
