"""Where browsers send what a policy of ours has stopped."""

from __future__ import annotations

import logging

from starlette.responses import Response
from starlette.types import Receive

from consentgate.discovery import REPORT_TYPES, BadReportError, Discoveries, read_violations
from consentgate.endpoints.origin import is_same_origin
from consentgate.endpoints.throttle import Throttle
from consentgate.incoming import Incoming
from consentgate.sites import FirstParty
from consentgate.wiring import Wiring

logger = logging.getLogger("consentgate")

MAX_REPORT_BYTES = 65_536
_HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


class Inbox:
    """Takes reports in: same origin where the browser says so, bounded, and counted.

    ``throttle`` is apart from the one of choices, so that a flood of reports refuses nobody's
    choice: a page sends its reports together, and a site of some size has many visitors.
    """

    def __init__(self, discoveries: Discoveries, throttle: Throttle | None = None) -> None:
        self._discoveries = discoveries
        self._throttle = throttle or Throttle(per_prefix=60, overall=1200)

    async def take(
        self, incoming: Incoming, wiring: Wiring, receive: Receive, *, now: float
    ) -> Response:
        """Answer ``POST reports``.

        204 for what was counted or left out, 400 for what is no report, 403 for one from another
        site, 413 above 64 KB, 429 above the limit. No answer has a body.
        """
        if not _may_be_ours(incoming):
            return _answer(403)
        if not self._throttle.admits(incoming.network, now=now):
            return _answer(429)
        if _media_type(incoming) not in REPORT_TYPES:
            return _answer(400)
        body = await _read(receive)
        if body is None:
            return _answer(413)
        site = FirstParty(incoming.caller.place.host, wiring.own_hosts)
        try:
            observed = wiring.config.unknown.third_party == "report"
            violations = read_violations(body, site, observed=observed)
        except BadReportError as error:
            logger.debug("refused a report: %s", error)
            return _answer(400)
        self._discoveries.report_violations(violations, wiring.undeclared, now=now)
        return _answer(204)


def _may_be_ours(incoming: Incoming) -> bool:
    """Whether nothing says that the report comes from elsewhere.

    The Reporting API sends neither ``Sec-Fetch-Site`` nor ``Origin`` in every engine.
    """
    told = {"sec-fetch-site", "origin"} & set(incoming.headers.keys())
    return not told or is_same_origin(incoming.headers, incoming.caller.place)


def _media_type(incoming: Incoming) -> str:
    return incoming.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _read(receive: Receive) -> bytes | None:
    """The body; None above the limit, and empty where the client goes away."""
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b""
        body += bytes(message.get("body", b""))
        if len(body) > MAX_REPORT_BYTES:
            return None
        if not message.get("more_body"):
            return body


def _answer(status: int) -> Response:
    return Response(status_code=status, headers=_HEADERS)
