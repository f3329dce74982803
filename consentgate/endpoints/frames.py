"""The page inside a frame whose provider has no consent yet, and the frame it gives way to."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from starlette.responses import Response

from consentgate.banner import Frame
from consentgate.endpoints.answers import Answers
from consentgate.endpoints.origin import is_own_frame, referring_page
from consentgate.endpoints.posters import poster_address
from consentgate.errors import ConsentGateError
from consentgate.gate.embeds import UNKNOWN_SERVICE
from consentgate.gate.sources import service_sources
from consentgate.incoming import Incoming
from consentgate.model import Consent, Service
from consentgate.wiring import Wiring

_UNTOLD = {"u": ""}
"""A frame of which nothing is known."""

_INSERTED = "n"
"""The fact of a frame that a script inserted: anybody can have us seal one, so such a token is good
inside a frame of this site and nowhere else."""

_MOST_PARAMETERS = 10
_LONGEST_TOKEN = 3000
"""With the rest of its address it still passes as a way back, and through a proxy's buffers."""

GRANT_SECONDS = 60
"""How long the address of a frame that was loaded once stays good."""


def sealed_frame_url(wiring: Wiring, service: str, facts: Mapping[str, str]) -> str:
    """The placeholder's address for a frame; it carries the frame and its service, signed.

    The same frame gives the same address. Where that is too long, the page that holds the frame
    is left out; where it still is, the frame is blocked like one of which nothing is known.
    """
    named = {**facts, "i": service}
    for carried in (named, {**named, "p": ""}):
        try:
            token = wiring.frames.seal(carried)
        except ConsentGateError:
            continue
        if len(token) <= _LONGEST_TOKEN:
            return f"{wiring.mount}/embed/{service}?u={token}"
    return f"{wiring.mount}/embed/{UNKNOWN_SERVICE}"


def granted_once(wiring: Wiring, back: str, service: str, *, now: float) -> str | None:
    """The address under which the frame at ``back`` loads this once; None if it is no frame."""
    parts = urlsplit(back)
    if parts.path != f"{wiring.mount}/embed/{service}":
        return None
    token = _parameter(parts.query, "u")
    if _facts(wiring, service, token) is None:
        return None
    granted = {"service": service, "frame": _digest(token)}
    grant = wiring.grants.seal_until(granted, int(now) + GRANT_SECONDS)
    return f"{parts.path}?u={token}&g={grant}"


def frame_page(incoming: Incoming, wiring: Wiring, service_id: str, *, now: float) -> Response:
    """Answer ``embed/<service>?u=…``: the placeholder, or the real frame once it is allowed."""
    answers = Answers(incoming, wiring)
    token, address = (_parameter(incoming.visited.query, name) for name in ("u", "a"))
    if address and not token and service_id == UNKNOWN_SERVICE:
        return _inserted_frame(incoming, wiring, address)
    untold = not token and service_id == UNKNOWN_SERVICE
    facts = _UNTOLD if untold else _facts(wiring, service_id, token)
    if facts is None or (_INSERTED in facts and not _fills_own_frame(incoming)):
        return answers.error(404)
    service = wiring.config.lookup.services.get(service_id)
    configured = service is not None and service in wiring.config.services
    loaded = configured and (
        incoming.caller.consent.allows(service_id)
        or _is_granted(incoming, wiring, service_id, token, now=now)
    )
    visit = answers.visit(back=incoming.visited.target)
    named = service if configured else None
    frame = replace(frame_of(facts), poster=poster_address(wiring, named, facts["u"]))
    page = wiring.banner.embed_page(visit, named, frame, loaded)
    policy = _frame_policy(service if loaded else None)
    response = answers.page(page, policy=policy)
    response.headers["referrer-policy"] = "strict-origin-when-cross-origin"
    if not loaded:
        response.headers["cross-origin-embedder-policy"] = "require-corp"
    return response


def _inserted_frame(incoming: Incoming, wiring: Wiring, address: str) -> Response:
    """Answer ``embed/other?a=…``: lead a frame that a script inserted to its placeholder.

    The script could not seal the address, so we do, for a third party's web address and a
    frame on a page of this site: what it may show is still what the configuration names.
    """
    answers = Answers(incoming, wiring)
    blocked = wiring.access(incoming.caller.place, Consent()).blocked(address)
    web = address.startswith(("https://", "http://"))
    if blocked is None or not web or not _fills_own_frame(incoming):
        return answers.error(404)
    service = blocked.service.id if blocked.service else UNKNOWN_SERVICE
    page = referring_page(incoming.headers, incoming.caller.place)
    facts = {"u": address, "f": "", "p": page, _INSERTED: ""}
    if "s" in parse_qs(incoming.visited.query, keep_blank_values=True):
        facts["s"] = _parameter(incoming.visited.query, "s")
    return answers.see_other(sealed_frame_url(wiring, service, facts))


def _fills_own_frame(incoming: Incoming) -> bool:
    return is_own_frame(incoming.headers, incoming.caller.place)


def frame_of(facts: Mapping[str, str]) -> Frame:
    """The frame that the gate sealed into an address."""
    return Frame(
        url=facts["u"],
        page=facts.get("p", ""),
        title=facts.get("t", ""),
        allow=facts.get("a"),
        fullscreen="f" in facts,
        referrerpolicy=facts.get("r"),
        sandbox=facts.get("s"),
        small="m" in facts,
        direct="d" in facts,
    )


def _frame_policy(service: Service | None) -> str:
    """What the page inside the frame may load: itself, and the one provider if it is allowed."""
    sources = "".join(f" {source}" for source in service_sources(service)) if service else ""
    return (
        f"default-src 'self'; frame-src 'self'{sources}; base-uri 'none'; object-src 'none';"
        " form-action 'self'; frame-ancestors 'self'"
    )


def _is_granted(
    incoming: Incoming, wiring: Wiring, service: str, token: str, *, now: float
) -> bool:
    grant = wiring.grants.open(_parameter(incoming.visited.query, "g"), now=now)
    return grant == {"service": service, "frame": _digest(token)}


def _facts(wiring: Wiring, service: str, token: str) -> Mapping[str, str] | None:
    """The frame in a token; None where we did not seal it for this very service."""
    facts = wiring.frames.open(token)
    return facts if facts and facts.get("i") == service else None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _parameter(query: str, name: str) -> str:
    try:
        return parse_qs(query, max_num_fields=_MOST_PARAMETERS).get(name, [""])[0]
    except ValueError:  # more of them than any address of ours has
        return ""
