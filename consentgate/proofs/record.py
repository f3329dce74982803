"""One decision as a record: what ISO/IEC TS 27560:2023 asks a proof of consent to hold."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256

from consentgate.model import NECESSARY, Consent, Keep, Service

VERSION = 1


class Event(StrEnum):
    """What a decision did to the consent that was there before."""

    GIVEN = "given"
    REFUSED = "refused"
    PARTIAL = "partial"
    WITHDRAWN = "withdrawn"
    RENEWED = "renewed"


class Answer(StrEnum):
    """What the visitor said to one service; ``exempt`` needs no consent, so nobody was asked."""

    GIVEN = "given"
    REFUSED = "refused"
    EXEMPT = "exempt"


@dataclass(frozen=True, slots=True)
class Method:
    """How the decision was expressed.

    ``control`` is the button (``accept-all``), ``layer`` where it stood (``banner``,
    ``preferences``, ``placeholder``, ``social-bar``, ``opt-out``), ``script`` whether JavaScript
    sent it.
    """

    control: str
    layer: str
    script: bool


@dataclass(frozen=True, slots=True)
class Record:
    """The proof of one decision. It holds no full address, no account and no URL.

    ``id`` and ``subject`` are 32 random hex digits; ``subject`` is None for a refusal by
    somebody who had never agreed. ``at`` and ``until`` are ISO 8601 in UTC with milliseconds.
    ``notice`` is the digest of what was shown, ``prev`` the record that this one replaces,
    ``ua`` family and system of the browser, ``site`` the host. ``network`` is None unless the
    configuration wants it: at most 24 bits of an IPv4 address, 48 of an IPv6 address. ``gpc``
    and ``dnt`` say whether the browser sent Global Privacy Control, and Do Not Track to a site
    that honours it.
    """

    id: str
    subject: str | None
    at: str
    until: str
    event: Event
    choices: Mapping[str, Answer]
    scope: Keep
    method: Method
    notice: str
    lang: str
    prev: str | None
    gpc: bool
    ua: str
    site: str
    network: str | None = None
    dnt: bool = False
    v: int = VERSION

    def to_dict(self) -> dict[str, object]:
        """The record as plain JSON values."""
        plain: dict[str, object] = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        method = self.method
        plain["event"] = self.event.value
        plain["scope"] = self.scope.value
        plain["choices"] = {name: answer.value for name, answer in self.choices.items()}
        plain["method"] = {
            "control": method.control,
            "layer": method.layer,
            "script": method.script,
        }
        return plain

    def to_bytes(self) -> bytes:
        """The one spelling that commitments are made of: sorted keys, no spaces, UTF-8."""
        return canonical_json(self.to_dict())

    @classmethod
    def from_bytes(cls, body: bytes | str) -> Record:
        """Read what ``to_bytes`` wrote; ValueError, KeyError or TypeError for other bytes."""
        plain = json.loads(body)
        plain["event"] = Event(plain["event"])
        plain["scope"] = Keep(plain["scope"])
        plain["choices"] = {name: Answer(answer) for name, answer in plain["choices"].items()}
        plain["method"] = Method(**plain["method"])
        return cls(**plain)


def canonical_json(value: object) -> bytes:
    """JSON with one spelling per value: sorted keys, no spaces, UTF-8."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8")


@dataclass(frozen=True, slots=True)
class Entry:
    """A record with the 16 random bytes that hide it in its commitment."""

    record: Record
    salt: bytes

    @property
    def commitment(self) -> bytes:
        """What the log keeps for good: SHA-256 of salt and body.

        Without the salt nobody finds the body by trying, so it may outlive both.
        """
        return sha256(self.salt + self.record.to_bytes()).digest()


def random_salt() -> bytes:
    """A new salt: 128 random bits."""
    return secrets.token_bytes(16)


def random_id() -> str:
    """A new record id or consent id: 128 random bits in hex."""
    return secrets.token_hex(16)


def utc_text(unix_seconds: float) -> str:
    """A time as records write it: ``2026-11-21T09:30:00.000Z``."""
    moment = datetime.fromtimestamp(unix_seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def choices_of(consent: Consent, services: Iterable[Service]) -> dict[str, Answer]:
    """What this consent says to each of these services."""
    return {service.id: _answer(consent, service) for service in services}


def _answer(consent: Consent, service: Service) -> Answer:
    if service.category == NECESSARY:
        return Answer.EXEMPT
    return Answer.GIVEN if consent.allows(service.id) else Answer.REFUSED


def event_of(previous: Mapping[str, Answer] | None, new: Mapping[str, Answer]) -> Event:
    """Name what these answers did to the previous ones (None: there were none).

    Taking something back and adding nothing is a withdrawal, of one service as of all; the same
    answers again renew the consent. Services that are no longer asked about do not count.
    """
    asked = {name for name, answer in new.items() if answer is not Answer.EXEMPT}
    given = {name for name in asked if new[name] is Answer.GIVEN}
    before = {name for name in asked if previous and previous.get(name) is Answer.GIVEN}
    if given < before:
        return Event.WITHDRAWN
    if not given:
        return Event.REFUSED
    if previous and all(previous.get(name) is new[name] for name in asked):
        return Event.RENEWED
    return Event.GIVEN if given == asked else Event.PARTIAL


def record_of(
    *,
    previous: Record | None,
    before: Mapping[str, Answer] | None = None,
    choices: Mapping[str, Answer],
    subject: str | None,
    scope: Keep,
    method: Method,
    notice: str,
    lang: str,
    gpc: bool,
    ua: str,
    site: str,
    network: str | None = None,
    dnt: bool = False,
    valid_seconds: int,
    clock: Callable[[], float] = time.time,
    new_id: Callable[[], str] = random_id,
) -> Record:
    """Build the record of a decision that is made now and holds for ``valid_seconds``.

    ``previous`` is the visitor's record in force; ``before`` what the visitor's cookie says where
    there is no such record, or none that can be read. A one-page grant stands beside that record
    and replaces nothing.
    """
    replaced = None if scope is Keep.ONCE else previous
    now = clock()
    return Record(
        id=new_id(),
        subject=subject,
        at=utc_text(now),
        until=utc_text(now + valid_seconds),
        event=event_of(replaced.choices if replaced else before, choices),
        choices=dict(choices),
        scope=scope,
        method=method,
        notice=notice,
        lang=lang,
        prev=replaced.id if replaced else None,
        gpc=gpc,
        ua=ua,
        site=site,
        network=network,
        dnt=dnt,
    )
