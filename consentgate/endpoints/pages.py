"""The pages that a visitor can open at any time: settings, declaration, receipt."""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.responses import Response

from consentgate.consent import NOTE_COOKIE
from consentgate.decision import local_path
from consentgate.endpoints.answers import Answers
from consentgate.errors import StorageError
from consentgate.incoming import Incoming
from consentgate.proofs import ProofLog
from consentgate.wiring import Wiring

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
    page = wiring.banner.confirmation_page(answers.visit(), incoming.caller.note)
    return _noted(answers.page(page), incoming)


def declaration(incoming: Incoming, wiring: Wiring) -> Response:
    """Every cookie and service, with the visitor's own choice."""
    answers = Answers(incoming, wiring)
    return answers.page(wiring.banner.cookies_page(answers.visit(back=_back(incoming))))


async def receipt(incoming: Incoming, wiring: Wiring, log: ProofLog) -> Response:
    """The visitor's own records as JSON to keep; an empty list for who never agreed."""
    answers = Answers(incoming, wiring)
    subject = incoming.caller.consent.subject
    try:
        records = await log.records(subject) if subject else ()
    except StorageError:
        return answers.error(503)
    content = {"subject": subject, "records": [record.to_dict() for record in records]}
    response = answers.json(content)
    response.headers["content-disposition"] = 'attachment; filename="consent-receipt.json"'
    return response


def do_not_sell(incoming: Incoming, wiring: Wiring) -> Response:
    """The page with one button that refuses selling and sharing; 404 where there is none.

    California Civil Code, section 1798.135(a): "Do Not Sell or Share My Personal Information".
    """
    answers = Answers(incoming, wiring)
    if not wiring.config.offers_do_not_sell:
        return answers.error(404)
    consent = incoming.caller.consent
    done = consent.decided and not consent.allowed & wiring.config.ids_refused_by_signals
    page = wiring.banner.do_not_sell_page(answers.visit(back=_back(incoming)), done)
    return _noted(answers.page(page), incoming)


def asset(incoming: Incoming, wiring: Wiring, name: str) -> Response:
    """A file of ours under its hashed name, to be cached for ever."""
    found = wiring.banner.assets.get(name)
    if found is None:
        return Answers(incoming, wiring).error(404)
    return Response(found.body, 200, _ASSET_HEADERS, media_type=found.content_type)


def _back(incoming: Incoming) -> str:
    return local_path(parse_qs(incoming.visited.query).get("back", [""])[0])


def _noted(response: Response, incoming: Incoming) -> Response:
    """Take back the notice that this page shows."""
    if incoming.caller.note:
        spent = incoming.passing_cookie(NOTE_COOKIE, "", seconds=0)
        response.raw_headers.append((b"set-cookie", spent))
    return response
