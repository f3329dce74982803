"""The social bar: plain links, so that no provider hears of a visitor who does not click."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import quote

from consentgate.banner.texts import Locale
from consentgate.config import Config


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider in the bar; ``share`` lacks only the page's address, empty where there is none."""

    title: str
    initials: str
    share: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """One button of the bar; ``outward`` ones open the provider's site in a new tab."""

    initials: str
    label: str
    href: str
    outward: bool


PROVIDERS: Mapping[str, Provider] = MappingProxyType(
    {
        "facebook": Provider("Facebook", "f", "https://www.facebook.com/sharer/sharer.php?u="),
        "x": Provider("X", "X", "https://twitter.com/intent/tweet?url="),
        "linkedin": Provider(
            "LinkedIn", "in", "https://www.linkedin.com/sharing/share-offsite/?url="
        ),
        "instagram": Provider("Instagram", "IG"),
        "youtube": Provider("YouTube", "YT"),
    }
)


def social_links(config: Config, page_url: str, preferences_url: str, locale: Locale) -> list[Link]:
    """The buttons of the bar on the page with this absolute URL.

    Each leads to the site's own profile if the configuration knows one, else it shares the
    page. A provider that has no share link leads to the settings, where it can be allowed.
    """
    profiles = config.social.profiles
    return [
        _profile(PROVIDERS[name], profiles[name], locale)
        if name in profiles
        else _link(PROVIDERS[name], page_url, preferences_url, locale)
        for name in config.social.providers
    ]


def _profile(provider: Provider, address: str, locale: Locale) -> Link:
    label = locale("social.profile", title=provider.title)
    return Link(provider.initials, label, address, outward=True)


def _link(provider: Provider, page_url: str, preferences_url: str, locale: Locale) -> Link:
    if not provider.share:
        label = locale("social.settings", title=provider.title)
        return Link(provider.initials, label, preferences_url, outward=False)
    label = locale("social.share", title=provider.title)
    return Link(provider.initials, label, provider.share + quote(page_url, safe=""), outward=True)
