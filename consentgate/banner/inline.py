"""Which scripts stand inside the page, in one element: one nonce or hash admits them all.

They have to run before anything else of the page does, so none of them may be loaded. What
depends on the visitor is in the attributes of the element and never in its text, whose hash
therefore depends on nothing but the parts.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from consentgate.banner.consent_mode import tag_ids
from consentgate.banner.signals import shared_signals
from consentgate.config import Config
from consentgate.model import Consent

ANALYTICS = "google-analytics"

_BEFORE_TAGS: Mapping[str, frozenset[str]] = MappingProxyType(
    {"masking.js": frozenset({ANALYTICS})}
)
"""What has to run before the tags of these services do, by file, in the order to run in."""


def inline_parts(config: Config, consent: Consent, *, shared: bool) -> tuple[str, ...]:
    """The files that make up the inline script for a visitor, or for everybody if ``shared``.

    A page for everybody has each part that a visitor's consent can call for, and the part
    finds out for itself.
    """
    fitted = shared and bool(config.optional)
    configured = config.service_ids
    called_for = configured if fitted else frozenset(filter(consent.allows, configured))
    return (
        *(("signals.js",) if fitted and shared_signals(config) else ()),
        *(("shared.js",) if fitted else ()),
        "boot.js",
        *(name for name, services in _BEFORE_TAGS.items() if services & called_for),
        *(("consent_mode.js",) if tag_ids(config) & called_for else ()),
    )


def part_data(config: Config, *, fitted: bool) -> Mapping[str, str]:
    """What those parts have to know in a page for everybody: whose consent they wait for.

    The service, and its properties, each of which a visitor may have opted out of.
    """
    analytics = next((service for service in config.services if service.id == ANALYTICS), None)
    return {"data-cg-mask": " ".join((ANALYTICS, *analytics.ids))} if fitted and analytics else {}
