"""What a decision does: the consent that follows it, and its proof before anything is granted.

Acknowledged means durable. Where the log cannot be written, a grant is refused whole and a
refusal is honoured all the same: in doubt, everything stays blocked.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from math import ceil
from urllib.parse import urlsplit

from consentgate.consent import ONCE_SECONDS
from consentgate.decision import granted_by
from consentgate.endpoints.answers import Answers
from consentgate.errors import StorageError
from consentgate.incoming import Incoming
from consentgate.model import Choice, Consent, Decision, Keep, Signal
from consentgate.proofs import (
    Answer,
    Event,
    Method,
    Notice,
    ProofLog,
    Record,
    browser_of,
    choices_of,
    random_id,
    record_of,
)
from consentgate.wiring import Wiring

logger = logging.getLogger("consentgate")

_NOTES: Mapping[Event, str] = {
    Event.GIVEN: "given",
    Event.REFUSED: "refused",
    Event.PARTIAL: "partial",
    Event.WITHDRAWN: "withdrawn",
    Event.RENEWED: "given",
}

_CHANGING_SOME = frozenset({Decision.ALLOW, Decision.WITHDRAW, Decision.DO_NOT_SELL})
"""What leaves the rest of an earlier choice as it was, and how long it lasts too."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A choice that has been carried out: the consent after it, and which notice tells of it."""

    choice: Choice
    consent: Consent
    note: str


@dataclass(frozen=True, slots=True)
class Deciding:
    """One visitor's decision, on its way into the log. ``now`` is in Unix seconds.

    ``recorded`` is False for a refusal beyond what the throttle lets into the log: it is
    honoured all the same, and there was nothing before that it could take back. ``layer`` says
    where the button stood, if the choice itself and the page that sent it do not.
    """

    choice: Choice
    incoming: Incoming
    wiring: Wiring
    log: ProofLog
    now: float
    recorded: bool = True
    layer: str = ""

    async def carry_out(self) -> Outcome:
        """Record the choice and say what follows; raises StorageError for a grant unproven."""
        before, held = self.incoming.caller.given, self.incoming.caller.held
        after = self._consent_after()
        if self.choice.decision is Decision.ERASE:
            if held.subject:
                await self.log.erase(held.subject)
            return Outcome(self.choice, after, "erased")
        if self._changes_nothing(after):
            return Outcome(self.choice, before, "given" if held.subject else "refused")
        if not self.recorded:
            return Outcome(self.choice, after, "refused")
        previous = await self._last(held.subject)
        record = self._record(after, previous)
        if not (previous and _says_the_same(previous, record)):
            await self._prove(record, after)
        by_signal = self.choice.decision is Decision.SIGNAL
        return Outcome(self.choice, after, "signal" if by_signal else _NOTES[record.event])

    async def _prove(self, record: Record, after: Consent) -> None:
        """Make the record durable; raises StorageError only where it is the proof of a grant."""
        try:
            await self.log.put_notice(self._notice())
            await self.log.append(record)
        except StorageError:
            granted = not after.allowed <= self.incoming.caller.given.allowed
            if self.choice.decision is Decision.ONCE or granted:
                raise
            logger.exception("a refusal is honoured, and kept aside until the log can be written")
            await self.log.spool(record)

    def _consent_after(self) -> Consent:
        before, choice = self.incoming.caller.given, self.choice
        if choice.decision in {Decision.ONCE, Decision.SIGNAL}:
            return before
        changes_one = choice.decision in _CHANGING_SOME
        return self.wiring.cookie.consent(
            granted_by(choice, before, self.wiring.config),
            subject=self.incoming.caller.held.subject or secrets.token_hex(16),
            decided_at=int(self.now),
            keep=before.keep if changes_one and before.decided else choice.keep,
            signals=self.incoming.caller.signals,
        )

    def _changes_nothing(self, after: Consent) -> bool:
        before = self.incoming.caller.held
        same = before.decided and before.allowed == after.allowed and before.keep is after.keep
        # The same answer, now with a signal, is the explicit choice that prevails over it.
        told_anew = not after.signals <= before.signals and self._signals_refuse(after)
        return same and not told_anew and self.choice.decision is not Decision.ONCE

    def _signals_refuse(self, consent: Consent) -> bool:
        """Whether this consent allows anything that a signal would refuse."""
        return bool(consent.allowed & self.wiring.config.ids_refused_by_signals)

    def _record(self, after: Consent, previous: Record | None) -> Record:
        incoming, once = self.incoming, self.choice.decision is Decision.ONCE
        subject = incoming.caller.held.subject or after.subject
        answers = Answers(incoming, self.wiring)
        lasting_seconds = self.wiring.config.policy.ask_again_after_seconds
        if self.choice.decision is Decision.SIGNAL:  # what it leaves was agreed to before
            lasting_seconds -= ceil(self.now) - after.decided_at
        return record_of(
            previous=previous,
            before=self._answers_before(),
            choices=self._answers(after),
            subject=subject,
            scope=Keep.ONCE if once else after.keep,
            method=Method(self._control(), self._layer(), answers.wants_json),
            notice=self._notice().digest,
            lang=answers.visit().lang,
            gpc=incoming.gpc or self.choice.gpc,
            dnt=Signal.DNT in incoming.caller.signals,
            ua=browser_of(incoming.headers.get("user-agent", "")),
            site=incoming.caller.place.host,
            network=incoming.network if self._keeps_network else None,
            valid_seconds=ONCE_SECONDS if once else lasting_seconds,
            clock=lambda: self.now,
            new_id=self._signal_id if self.choice.decision is Decision.SIGNAL else random_id,
        )

    def _signal_id(self) -> str:
        """The same for every page that hears of a signal at once: the log takes in one of them."""
        held = self.incoming.caller.held
        heard = f"{held.subject} {held.decided_at} {self._control()}"
        return sha256(heard.encode("ascii")).hexdigest()[: len(random_id())]

    def _answers(self, after: Consent) -> dict[str, Answer]:
        """What is said to each service; a one-page grant speaks of that service alone.

        So does who had decided nothing and now says no to selling and sharing, and no more.
        """
        services = self.wiring.config.services
        if self.choice.decision is Decision.DO_NOT_SELL and not self.incoming.caller.held.decided:
            return choices_of(after, self.wiring.config.refused_by_signals)
        if self.choice.decision is not Decision.ONCE:
            return choices_of(after, services)
        granted = replace(after, once=frozenset({self.choice.service}))
        return choices_of(granted, (s for s in services if s.id == self.choice.service))

    def _answers_before(self) -> dict[str, Answer] | None:
        """What the cookie says: the log may be out of reach, or a refusal has no subject."""
        before = self.incoming.caller.held
        if not before.decided or self.choice.decision is Decision.ONCE:
            return None
        return choices_of(before, self.wiring.config.services)

    def _notice(self) -> Notice:
        lang = Answers(self.incoming, self.wiring).visit().lang
        return self.wiring.notice(lang, self._layer(), self.choice.service)

    @property
    def _keeps_network(self) -> bool:
        return self.wiring.config.proofs.address == "network"

    def _control(self) -> str:
        """What expressed the decision: a button, or the new one of the browser's signals."""
        if self.choice.decision is not Decision.SIGNAL:
            return self.choice.decision.value
        return min(
            self.incoming.caller.signals - self.incoming.caller.held.signals, default=Signal.GPC
        ).value

    def _layer(self) -> str:
        """Where the button stood: by what stands only there, else by the page that sent it."""
        if self.layer or self.choice.layer:
            return self.layer or self.choice.layer
        if self.choice.decision in {Decision.ALLOW, Decision.ONCE}:
            return "placeholder"
        if self.choice.decision in {Decision.CUSTOM, Decision.WITHDRAW}:
            return "preferences"
        if self.choice.decision in {Decision.DO_NOT_SELL, Decision.SIGNAL}:
            return self.choice.decision.value
        sender = urlsplit(self.incoming.headers.get("referer", "")).path
        return "preferences" if sender == f"{self.wiring.mount}/preferences" else "banner"

    async def _last(self, subject: str | None) -> Record | None:
        """The record in force; a log that cannot be read does not stop a withdrawal."""
        if subject is None:
            return None
        try:
            return await self.log.last(subject)
        except StorageError:
            logger.exception("the previous record could not be read")
            return None


def _says_the_same(previous: Record, record: Record) -> bool:
    """Whether the log holds this already: an old cookie may come back, the log is the authority."""
    same_signals = (previous.gpc, previous.dnt) == (record.gpc, record.dnt)
    same_choices = previous.choices == record.choices and previous.scope is record.scope
    return same_choices and same_signals
