"""What a configuration does with signals and other sites' tags, in lines for who wrote it."""

from __future__ import annotations

from collections.abc import Iterator

from consentgate.config.configuration import Config
from consentgate.model import Signal

_NAMES = {Signal.GPC: "Global Privacy Control", Signal.DNT: "Do Not Track"}


def signals_overview(config: Config) -> Iterator[str]:
    """One line for each thing that ``signals`` and ``site.share_consent`` decide."""
    refused = ", ".join(config.signals.refused_categories)
    for signal, name in _NAMES.items():
        does = f"refuses {refused}" if signal in config.honoured_signals else "is ignored"
        yield f"{name} {does}{_statement(config) if signal is Signal.GPC else ''}."
    link = "links to it" if config.signals.do_not_sell_link else "has no link to it"
    yield f"Do not sell or share: one button refuses {refused}; the banner {link}."
    yield _consent_mode(config)
    yield _sharing(config.site.share_consent)


def _statement(config: Config) -> str:
    if Signal.GPC not in config.honoured_signals:
        return ", and /.well-known/gpc.json is left to the application"
    since = f"since {config.gpc_since}" if config.gpc_since else "without a day"
    return f", and /.well-known/gpc.json says so {since}"


def _consent_mode(config: Config) -> str:
    if not config.signals.google_consent_mode:
        return "Google's tags are not told what was agreed to."
    types: dict[str, list[str]] = {}
    for type_, agreed in config.signals.google_consent_types:
        types.setdefault(agreed, []).append(type_)
    told = "; ".join(f"{agreed} for {', '.join(names)}" for agreed, names in types.items())
    return f"Google's tags are told what was agreed to: {told}."


def _sharing(setting: str | bool) -> str:
    if not setting:
        return "Each host asks for itself."
    domain = "the domain that a visitor is on" if setting is True else setting
    return f"One consent for all hosts of {domain}."
