"""Proofs of consent: one record per decision, in a log that only grows."""

from consentgate.proofs.browser import browser_of, is_bot
from consentgate.proofs.log import ProofLog, open_log
from consentgate.proofs.notice import Notice
from consentgate.proofs.record import (
    Answer,
    Event,
    Method,
    Record,
    choices_of,
    event_of,
    random_id,
    record_of,
)

__all__ = [
    "Answer",
    "Event",
    "Method",
    "Notice",
    "ProofLog",
    "Record",
    "browser_of",
    "choices_of",
    "event_of",
    "is_bot",
    "open_log",
    "random_id",
    "record_of",
]
