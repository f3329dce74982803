"""The configuration in force, as the rest of consentgate reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from consentgate.catalogue.lookup import Lookup
from consentgate.config.settings import (
    BannerSettings,
    IpSettings,
    PolicySettings,
    ProofsSettings,
    SignalsSettings,
    SiteSettings,
    SocialSettings,
    UnknownSettings,
)
from consentgate.model import NECESSARY, Category, Service, Signal, Text

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class FirstPartyCookie:
    """A cookie that the site's own application sets; ``name`` is a case-sensitive glob."""

    name: str
    category: str
    purpose: Text
    lifetime: str


@dataclass(frozen=True)
class Config:
    """A checked configuration: immutable, shared by all requests.

    ``services`` are the configured ones in the file's order; ``lookup`` knows all others of
    the catalogue too. ``categories`` begin with the built-in ones, whose texts here are only
    what the file puts in their place. ``digest`` changes with any setting, ``revision`` only
    when visitors have to be asked again. ``warnings`` say what is
    allowed and still doubtful, one line each, beginning with the key of the setting.
    """

    source: str
    site: SiteSettings
    policy: PolicySettings
    languages: tuple[str, ...]
    banner: BannerSettings
    social: SocialSettings
    unknown: UnknownSettings
    ip: IpSettings
    signals: SignalsSettings
    proofs: ProofsSettings
    categories: tuple[Category, ...]
    services: tuple[Service, ...]
    first_party_cookies: tuple[FirstPartyCookie, ...]
    exempt_paths: tuple[str, ...]
    lookup: Lookup
    digest: str
    revision: str
    warnings: tuple[str, ...] = ()

    @cached_property
    def optional(self) -> tuple[Service, ...]:
        """The services that need consent, by id: the order of the bits in the cookie."""
        return optional_services(self.services)

    @cached_property
    def optional_ids(self) -> frozenset[str]:
        """The ids of the services that need consent."""
        return frozenset(service.id for service in self.optional)

    @cached_property
    def service_ids(self) -> frozenset[str]:
        """The ids of all services that the site declares."""
        return frozenset(service.id for service in self.services)

    @cached_property
    def necessary(self) -> frozenset[str]:
        """The ids of the services that run without consent, each with its written reason."""
        return frozenset(s.id for s in self.services if s.category == NECESSARY)

    @cached_property
    def honoured_signals(self) -> frozenset[Signal]:
        """The signals of browsers that this site obeys."""
        said = {Signal.GPC: self.signals.gpc, Signal.DNT: self.signals.dnt}
        return frozenset(signal for signal, does in said.items() if does == "refuse-marketing")

    @cached_property
    def gpc_since(self) -> date | None:
        """The day of the statement that Global Privacy Control is honoured.

        Where none is written, that of the policy in force: the newest of its history, else a
        version that is a day.
        """
        if self.signals.gpc_since or self.policy.history:
            newest = (edition.date for edition in self.policy.history)
            return self.signals.gpc_since or max(newest)
        try:
            version = self.policy.version
            return date.fromisoformat(version) if _DAY.fullmatch(version) else None
        except ValueError:
            return None

    @cached_property
    def refused_by_signals(self) -> tuple[Service, ...]:
        """The optional services that a signal, or "do not sell or share", refuses."""
        refused = self.signals.refused_categories
        return tuple(s for s in self.optional if s.category in refused)

    @cached_property
    def ids_refused_by_signals(self) -> frozenset[str]:
        """The ids of the services that a signal refuses."""
        return frozenset(service.id for service in self.refused_by_signals)

    @cached_property
    def offers_do_not_sell(self) -> bool:
        """Whether visitors find the button against selling and sharing, and it does anything."""
        return self.signals.do_not_sell_link and bool(self.refused_by_signals)

    def in_category(self, category_id: str) -> tuple[Service, ...]:
        """The configured services of a category, in the file's order."""
        return tuple(s for s in self.services if s.category == category_id)


def optional_services(services: tuple[Service, ...]) -> tuple[Service, ...]:
    """Those of the services that need consent, sorted by id."""
    needing_consent = (s for s in services if s.category != NECESSARY)
    return tuple(sorted(needing_consent, key=lambda s: s.id))
