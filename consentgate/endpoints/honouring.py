"""A signal that takes back an earlier consent: recorded and written down like any withdrawal."""

from __future__ import annotations

from consentgate.endpoints.choice import cookies_after
from consentgate.endpoints.deciding import Deciding
from consentgate.incoming import Incoming
from consentgate.model import Choice, Decision
from consentgate.proofs import ProofLog
from consentgate.wiring import Wiring


async def honour(
    incoming: Incoming, wiring: Wiring, log: ProofLog, *, now: float
) -> tuple[bytes, ...]:
    """The ``Set-Cookie`` values that go out with the page on which a signal is first heard.

    Both consent cookies are written anew, or the page would not fit the readable one and renew
    itself. Without a consent to take back there is nothing to record and nothing to set: who has
    decided nothing gets no identifier. A log that cannot be written stops no refusal.
    """
    if not incoming.caller.overridden:
        return incoming.caller.misplaced
    outcome = await Deciding(Choice(Decision.SIGNAL), incoming, wiring, log, now).carry_out()
    return tuple(cookies_after(outcome.consent, incoming, wiring, now=now))
