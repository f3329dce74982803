"""The analytics opt-out: the cookies by which a browser says that it is not to be measured.

``ga-disable-<property>=true`` is the convention of pages that offer an opt-out of Google
Analytics. Google's scripts do not read the cookie but a global of that name, which they honour
when it is set before they run; the gate honours the cookie itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from consentgate.model import Consent, Service

ANALYTICS = "google-analytics"
LASTS_SECONDS = 2 * 365 * 24 * 3600
"""As long as the longest cookie of what it is the opt-out of."""

_PREFIX = "ga-disable-"
_CONTAINER = re.compile(r"_ga_([A-Z0-9]{6,12})")
"""The cookie in which Google Analytics 4 keeps the session of the property ``G-…``."""


def opt_out_names(service: Service, cookies: Iterable[str]) -> tuple[str, ...]:
    """The cookies that opt this browser out of a service; none where there is no convention.

    One for each property that the configuration names, and for each that has measured this
    browser, as the names of its own cookies tell.
    """
    if service.id != ANALYTICS:
        return ()
    learned = (f"G-{found[1]}" for name in cookies if (found := _CONTAINER.fullmatch(name)))
    return tuple(dict.fromkeys(f"{_PREFIX}{tag}" for tag in (*service.ids, *learned)))


def opt_outs_held(cookies: Mapping[str, str]) -> tuple[str, ...]:
    """The opt-out cookies that a browser sends, whoever has set them."""
    return tuple([n for n, value in cookies.items() if value == "true" and n.startswith(_PREFIX)])


def opted_out(services: Iterable[Service], cookies: Mapping[str, str]) -> frozenset[str]:
    """The ids of the services that a browser has opted out of.

    That is one whose every configured property it opted out of; where the configuration names
    none, any property will do.
    """
    held = opt_outs_held(cookies)
    if not held:
        return frozenset()
    analytics = next((service for service in services if service.id == ANALYTICS), None)
    if analytics is None:
        return frozenset()
    out = all(f"{_PREFIX}{tag}" in held for tag in analytics.ids)
    return frozenset({ANALYTICS}) if out else frozenset()


def without_opted_out(
    consent: Consent, services: Iterable[Service], out: frozenset[str]
) -> Consent:
    """The consent as it counts: whatever was agreed to, what was opted out of stays off."""
    if not out:
        return consent
    categories = {service.category for service in services if service.id in out}
    return replace(
        consent,
        allowed=consent.allowed - out,
        categories=consent.categories - categories,
        once=consent.once - out,
        opted_out=out,
    )
