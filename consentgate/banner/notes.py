"""The confirmations that follow a decision."""

from __future__ import annotations

from dataclasses import dataclass

from consentgate.banner.texts import Locale

NOTES = frozenset({"given", "refused", "partial", "withdrawn", "erased"})
SIGNAL = "signal"


@dataclass(frozen=True, slots=True)
class Note:
    """A heading and a sentence."""

    title: str
    text: str


def note(name: str, locale: Locale, signal: str = "") -> Note | None:
    """The confirmation with this name; None for a name that a visitor made up.

    ``signal`` is what is to be said of the visitor's signals, where one has withdrawn consent.
    """
    if name == SIGNAL and signal:
        return Note(locale("note.withdrawn.title"), signal)
    if name not in NOTES:
        return None
    return Note(locale(f"note.{name}.title"), locale(f"note.{name}.text"))
