"""Google Consent Mode v2, basic: what Google's tags are told of a visitor's choice.

Seven consent types, each granted or denied, in a ``default`` and an ``update`` command
(developers.google.com/tag-platform/security/guides/consent). Basic means that no tag is there
before consent; that is the gate's work.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeAlias

from consentgate.config import Config
from consentgate.model import NECESSARY, Consent, Service

TAGS = frozenset(
    {
        "google-ad-manager",
        "google-ads",
        "google-adsense",
        "google-analytics",
        "google-campaign-manager",
        "google-optimize",
        "google-tag-manager",
    }
)
"""The services of the catalogue whose scripts read the commands."""

_LOADER = "www.googletagmanager.com"

Ways: TypeAlias = bool | list[list[str]]
"""How a type comes to be granted: True without consent; else by any of these sets of ids."""


def tag_ids(config: Config) -> frozenset[str]:
    """The configured services that read the commands, by whatever name; empty where unwanted."""
    if not config.signals.google_consent_mode:
        return frozenset()
    return frozenset(service.id for service in config.services if _reads(service))


def consent_mode_data(config: Config, consent: Consent, *, fitted: bool) -> Mapping[str, str]:
    """The attribute that ``consent_mode.js`` reads; ``fitted`` in a page for everybody.

    There the script works out which of the ways are open. In a visitor's own page it is told:
    an empty set for granted, none for denied.
    """
    tags = tag_ids(config)
    if not (tags if fitted else any(map(consent.allows, tags))):
        return {}
    ways = {type_: _ways(config, agreed) for type_, agreed in config.signals.google_consent_types}
    if not fitted:
        ways = {type_: _settled(found, consent) for type_, found in ways.items()}
    return {"data-cg-consent-mode": json.dumps(ways, separators=(",", ":"))}


def _reads(service: Service) -> bool:
    return service.id in TAGS or any(_LOADER in match.hosts for match in service.matches)


def _ways(config: Config, agreed: str) -> Ways:
    """A category is agreed to as a whole, or by all of Google's own services that are in it.

    Who allows Google Analytics and not the other tools of its category has allowed what
    ``analytics_storage`` is about. A category without a service was never asked about.
    """
    if agreed == NECESSARY or agreed in config.necessary:
        return True
    if any(service.id == agreed for service in config.optional):
        return [[agreed]]
    members = config.in_category(agreed)
    of_google = [service.id for service in members if _reads(service)]
    return [[agreed], *([of_google] if of_google else [])] if members else []


def _settled(ways: Ways, consent: Consent) -> Ways:
    if isinstance(ways, bool):
        return ways
    return [[]] if _open(ways, consent) else []


def _open(ways: Ways, consent: Consent) -> bool:
    return ways is True or any(all(map(consent.allows, ids)) for ids in ways or ())
