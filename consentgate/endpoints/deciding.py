"""What a decision does: the consent that follows it, and its proof before anything is granted.

Acknowledged means durable. Where the log cannot be written, a grant is refused whole and a
refusal is honoured all the same: in doubt, everything stays blocked.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from consentgate.consent import ONCE_SECONDS
from consentgate.decision import granted_by
from consentgate.endpoints.answers import Answers
from consentgate.errors import StorageError
from consentgate.incoming import Incoming
from consentgate.model import Choice, Consent, Decision, Keep
from consentgate.proofs import (
    Answer,
    Event,
    Method,
    Notice,
    ProofLog,
    Record,
    browser_of,
    choices_of,
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
        before = self.incoming.given
        after = self._consent_after()
        if self.choice.decision is Decision.ERASE:
            if before.subject:
                await self.log.erase(before.subject)
            return Outcome(self.choice, after, "erased")
        if self._changes_nothing(after):
            return Outcome(self.choice, before, "given" if before.subject else "refused")
        if not self.recorded:
            return Outcome(self.choice, after, "refused")
        previous = await self._last(before.subject)
        record = self._record(after, previous)
        if previous and _says_the_same(previous, record):
            return Outcome(self.choice, after, _NOTES[record.event])
        try:
            await self.log.put_notice(self._notice())
            await self.log.append(record)
        except StorageError:
            if self.choice.decision is Decision.ONCE or not after.allowed <= before.allowed:
                raise
            logger.exception("a refusal is honoured, and kept aside until the log can be written")
            await self.log.spool(record)
        return Outcome(self.choice, after, _NOTES[record.event])

    def _consent_after(self) -> Consent:
        before, choice = self.incoming.given, self.choice
        if choice.decision is Decision.ONCE:
            return before
        changes_one = choice.decision in {Decision.ALLOW, Decision.WITHDRAW}
        return self.wiring.cookie.consent(
            granted_by(choice, before, self.wiring.config),
            subject=before.subject or secrets.token_hex(16),
            decided_at=int(self.now),
            keep=before.keep if changes_one and before.decided else choice.keep,
        )

    def _changes_nothing(self, after: Consent) -> bool:
        before = self.incoming.given
        same = before.decided and before.allowed == after.allowed and before.keep is after.keep
        return same and self.choice.decision is not Decision.ONCE

    def _record(self, after: Consent, previous: Record | None) -> Record:
        incoming, once = self.incoming, self.choice.decision is Decision.ONCE
        subject = incoming.given.subject or after.subject
        answers = Answers(incoming, self.wiring)
        lasting_seconds = self.wiring.config.policy.ask_again_after_seconds
        return record_of(
            previous=previous,
            before=self._answers_before(),
            choices=self._answers(after),
            subject=subject,
            scope=Keep.ONCE if once else after.keep,
            method=Method(self.choice.decision.value, self._layer(), answers.wants_json),
            notice=self._notice().digest,
            lang=answers.visit().lang,
            gpc=incoming.gpc,
            ua=browser_of(incoming.headers.get("user-agent", "")),
            site=incoming.visited.host,
            network=incoming.network if self._keeps_network else None,
            valid_seconds=ONCE_SECONDS if once else lasting_seconds,
            clock=lambda: self.now,
        )

    def _answers(self, after: Consent) -> dict[str, Answer]:
        """What is said to each service; a one-page grant speaks of that service alone."""
        services = self.wiring.config.services
        if self.choice.decision is not Decision.ONCE:
            return choices_of(after, services)
        granted = replace(after, once=frozenset({self.choice.service}))
        return choices_of(granted, (s for s in services if s.id == self.choice.service))

    def _answers_before(self) -> dict[str, Answer] | None:
        """What the cookie says: the log may be out of reach, or a refusal has no subject."""
        before = self.incoming.given
        if not before.decided or self.choice.decision is Decision.ONCE:
            return None
        return choices_of(before, self.wiring.config.services)

    def _notice(self) -> Notice:
        lang = Answers(self.incoming, self.wiring).visit().lang
        return self.wiring.notice(lang, self._layer(), self.choice.service)

    @property
    def _keeps_network(self) -> bool:
        return self.wiring.config.proofs.address == "network"

    def _layer(self) -> str:
        """Where the button stood: by what stands only there, else by the page that sent it."""
        if self.layer:
            return self.layer
        if self.choice.decision in {Decision.ALLOW, Decision.ONCE}:
            return "placeholder"
        if self.choice.decision in {Decision.CUSTOM, Decision.WITHDRAW}:
            return "preferences"
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
    return previous.choices == record.choices and previous.scope is record.scope
