"""What a browser's privacy signal does to a consent: pure decisions.

Global Privacy Control says that a person wants no data sold or shared (W3C, Global Privacy
Control, "Legal Effects"). It speaks for whoever has not said otherwise while it was sent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from consentgate.config import Config
from consentgate.consent import ConsentCookie
from consentgate.model import Consent, Signal

_HEADERS = {Signal.GPC: "Sec-GPC", Signal.DNT: "DNT"}
_NONE: frozenset[Signal] = frozenset()
_BY_HEADER = {name.lower().encode("ascii"): signal for signal, name in _HEADERS.items()}


def sent_signals(
    headers: Iterable[tuple[bytes, bytes]], names: Mapping[bytes, bytes]
) -> frozenset[Signal]:
    """The signals among a request's headers; no value but ``1`` is one, and one is enough.

    ``names`` has the same headers by name.
    """
    if _BY_HEADER.keys().isdisjoint(names):
        return _NONE
    return frozenset(_BY_HEADER[n] for n, value in headers if n in _BY_HEADER and value == b"1")


def varying(config: Config) -> tuple[str, ...]:
    """The request headers that a personal page depends on, for ``Vary``."""
    return tuple(_HEADERS[signal] for signal in sorted(config.honoured_signals))


def after_signals(
    consent: Consent, signals: Collection[Signal], config: Config, cookie: ConsentCookie
) -> Consent:
    """What is left of a consent once the honoured ``signals`` have been heard.

    One that was sent when the visitor decided changes nothing: the explicit choice prevails. A
    new one takes back what it refuses. The rest stays as it was given, with its time.
    """
    if consent.signals.issuperset(signals):
        return consent
    refused = config.ids_refused_by_signals
    if refused.isdisjoint(consent.allowed):
        return consent
    left = cookie.consent(
        consent.allowed - refused,
        subject=consent.subject,
        decided_at=consent.decided_at,
        keep=consent.keep,
        signals=signals,
    )
    return replace(left, once=consent.once)
