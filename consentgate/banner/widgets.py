"""What stands before a widget that a provider's script would fill."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from consentgate.banner.embed import placeholder_words, short_name
from consentgate.banner.social import PROVIDERS
from consentgate.banner.texts import Locale
from consentgate.banner.visit import Frame
from consentgate.model import Service

_NOTHING_KNOWN = Frame(url="")


def widget_values(service: Service, locale: Locale, *, configured: bool) -> Mapping[str, object]:
    """The words of a box or a line; without buttons where nobody can agree to the service."""
    if not configured:
        words = locale("embed.unknown.text", host=service.title)
    else:
        words = placeholder_words(service, _NOTHING_KNOWN, locale)
    return {
        "service": service,
        "words": words,
        "provider": short_name(service),
        "configured": configured,
    }


def share_link(service: Service, address: str) -> str:
    """Where to share an address with a provider's users; empty where it offers no such page."""
    provider = PROVIDERS.get(service.id)
    return provider.share + quote(address, safe="") if provider and provider.share else ""
