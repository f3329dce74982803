"""What a page says of the browser's privacy signals, and of selling and sharing."""

from __future__ import annotations

from collections.abc import Iterator

from consentgate.banner.categories import category_words
from consentgate.banner.texts import Locale
from consentgate.banner.visit import Visit
from consentgate.config import Config
from consentgate.model import Consent, Signal

PROPERTIES = {Signal.GPC: "globalPrivacyControl", Signal.DNT: "doNotTrack"}
"""Where a script finds each signal on ``navigator``; it is sent where the value is 1 or true."""


def refused_titles(config: Config, locale: Locale) -> str:
    """The categories in use that a signal refuses, as one enumeration; empty for none."""
    in_use = {service.category for service in config.refused_by_signals}
    return _listed(config, locale, in_use)


def signal_words(config: Config, locale: Locale, visit: Visit) -> str:
    """That the signals this visitor's browser sends are honoured, or what was said against them."""
    refused = refused_titles(config, locale)
    if not (visit.signals and refused):
        return ""
    asked = " ".join(locale(f"signal.{signal}") for signal in sorted(visit.signals))
    kept = {s.category for s in config.refused_by_signals if s.id in visit.consent.allowed}
    if kept:
        return f"{asked} {locale('signal.kept', titles=_listed(config, locale, kept))}"
    return f"{asked} {locale('signal.honoured', titles=refused)}"


def possible_signals(config: Config, locale: Locale) -> Iterator[tuple[str, str]]:
    """For a page that cannot know its visitor: what to say of each signal, by its property."""
    refused = refused_titles(config, locale)
    for signal in sorted(config.honoured_signals) if refused else ():
        words = f"{locale(f'signal.{signal}')} {locale('signal.honoured', titles=refused)}"
        yield PROPERTIES[signal], words


def shared_signals(config: Config) -> dict[str, str]:
    """What ``signals.js`` has to know to honour a signal that is newer than a choice."""
    refused = [bit for bit, s in enumerate(config.optional) if s in config.refused_by_signals]
    if not (config.honoured_signals and refused):
        return {}
    return {
        "data-cg-signals": " ".join(PROPERTIES[s] for s in sorted(config.honoured_signals)),
        "data-cg-refused": " ".join(map(str, refused)),
    }


def _listed(config: Config, locale: Locale, ids: set[str]) -> str:
    titles = [
        category_words(config, category, locale, Consent()).title
        for category in config.categories
        if category.id in ids
    ]
    return locale.listed([locale("quote", text=title) for title in titles]) if titles else ""
