"""The confirmations that follow a decision."""

from __future__ import annotations

from dataclasses import dataclass

from consentgate.banner.texts import Locale

NOTES = frozenset({"given", "refused", "partial", "withdrawn", "erased", "signal"})


@dataclass(frozen=True, slots=True)
class Note:
    """A heading and a sentence."""

    title: str
    text: str


def note(name: str, locale: Locale, titles: str = "") -> Note | None:
    """The confirmation with this name; None for a name that a visitor made up.

    ``titles`` are the categories that a signal refuses, for the one that tells of it.
    """
    if name not in NOTES:
        return None
    return Note(locale(f"note.{name}.title"), locale(f"note.{name}.text", titles=titles))
