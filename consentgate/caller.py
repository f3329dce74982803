"""Who sends a request, as far as it says: consent, one-page grant, opt-outs, privacy signals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from consentgate.consent import NOTE_COOKIE, ONCE_COOKIE, cookie_names
from consentgate.gate.cookie_names import OURS, cookie_pairs
from consentgate.model import Consent, Signal
from consentgate.opt_out import opted_out, without_opted_out
from consentgate.placement import Placement
from consentgate.signals import after_signals
from consentgate.wiring import Place, Wiring

_NO_COOKIES: Mapping[str, str] = MappingProxyType({})


class Caller(NamedTuple):
    """One visitor on one host, whatever is asked for.

    ``held`` is what the cookie says; ``given`` what of it a signal of the browser leaves, with what
    is granted for this page, and ``state`` how the readable cookie tells it; ``consent`` is what
    counts of that, which is less where something was opted out of. ``signals`` are those sent that
    this site honours. ``secure``: the visitor is known to be on https. ``placement`` is where the
    consent cookies stand, ``misplaced`` what expires those that stand elsewhere. ``sent`` are
    all cookies as they were sent, ``cookies`` the last of each name.
    """

    place: Place
    secure: bool
    placement: Placement
    signals: frozenset[Signal]
    held: Consent
    given: Consent
    state: str
    consent: Consent
    sent: tuple[tuple[str, bytes], ...]
    cookies: Mapping[str, str]
    misplaced: tuple[bytes, ...]

    @property
    def overridden(self) -> bool:
        """Whether a signal has taken back something that the cookie still allows."""
        return self.held.allowed != self.given.allowed

    @property
    def note(self) -> str:
        """Which confirmation is due on the next page; empty for none."""
        return "signal" if self.overridden else self.cookies.get(NOTE_COOKIE, "")

    def hearing(self, signal: Signal, wiring: Wiring) -> Caller:
        """The same visitor, had this signal been sent too."""
        signals = self.signals | ({signal} & wiring.config.honoured_signals)
        left = after_signals(self.held, signals, wiring.config, wiring.cookie)
        given = replace(left, once=self.given.once)
        consent = without_opted_out(given, wiring.config.services, self.consent.opted_out)
        state = wiring.cookie.state(given) if given.decided else ""
        return self._replace(signals=signals, given=given, state=state, consent=consent)


def stranger(wiring: Wiring, place: Place, signals: frozenset[Signal]) -> Caller:
    """A visitor without any cookie: nothing is known but what the browser says of itself."""
    undecided = wiring.cookie.undecided
    given = after_signals(undecided, signals, wiring.config, wiring.cookie)
    placement = wiring.placement(place)
    return Caller(
        place=place,
        secure=placement.secure,
        placement=placement,
        signals=signals,
        held=undecided,
        given=given,
        state=wiring.cookie.state(given) if given.decided else "",
        consent=given,
        sent=(),
        cookies=_NO_COOKIES,
        misplaced=(),
    )


def known_by_cookies(
    wiring: Wiring,
    place: Place,
    signals: frozenset[Signal],
    header: bytes,
    path: str,
    *,
    now: float,
) -> Caller:
    """A visitor with cookies, all in one ``header``, on the page at a percent-decoded path."""
    placement = wiring.placement(place)
    pairs = tuple(cookie_pairs(header))
    sent = [(name, _value_in(piece)) for name, piece in pairs]
    cookies = dict(sent)
    held = wiring.cookie.undecided
    misplaced: tuple[bytes, ...] = ()
    if not OURS.isdisjoint(cookies):
        held = _read_consent(sent, wiring, placement, now=now)
        misplaced = _misplaced(sent, wiring, placement, held)
    given = after_signals(held, signals, wiring.config, wiring.cookie)
    state = wiring.cookie.state(given) if given.decided else ""
    given = _with_grant(given, cookies, path, wiring, now=now)
    services = wiring.config.services
    return Caller(
        place=place,
        secure=placement.secure,
        placement=placement,
        signals=signals,
        held=held,
        given=given,
        state=state,
        consent=without_opted_out(given, services, opted_out(services, cookies)),
        sent=pairs,
        cookies=cookies,
        misplaced=misplaced,
    )


def _with_grant(
    consent: Consent, cookies: Mapping[str, str], path: str, wiring: Wiring, *, now: float
) -> Consent:
    """With the service that was granted for this one page, if one was."""
    if ONCE_COOKIE not in cookies:
        return consent
    once = wiring.grants.open(cookies[ONCE_COOKIE], now=now) or {}
    if once.get("path") == path and once.get("service"):
        return replace(consent, once=frozenset({once["service"]}))
    return consent


def _value_in(pair: bytes) -> str:
    return pair.partition(b"=")[2].strip(b" \t").decode("latin-1")


def _read_consent(
    sent: Iterable[tuple[str, str]], wiring: Wiring, placement: Placement, *, now: float
) -> Consent:
    """Over https only the prefixed cookie counts: a script or a subdomain cannot set it.

    Of several with one name, as they stand on two domains after the sharing was switched on or
    off, the one that fits counts.
    """
    good, _ = cookie_names(secure=True, shared=placement.shared)
    names = {good} if placement.secure else {good, *placement.names[:1]}
    for name, value in sorted(sent, key=lambda pair: pair[0] != good):
        if name in names:
            consent = wiring.cookie.read(value, now=now, shared=placement.shared)
            if consent.decided:
                return consent
    return wiring.cookie.undecided


def _misplaced(
    sent: Iterable[tuple[str, str]], wiring: Wiring, placement: Placement, held: Consent
) -> tuple[bytes, ...]:
    """What expires our cookies that stand on another domain than they should."""
    readable = placement.names[1]
    own = f"{wiring.config.revision}."
    stale = not held.decided and any(n == readable and v.startswith(own) for n, v in sent)
    names = [name for name, _ in sent]
    return tuple(placement.cleared(names, decided=held.decided, stale=stale))
