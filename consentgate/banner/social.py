"""The social bar: plain links, so that no provider hears of a visitor who does not click."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import quote

from consentgate.banner.texts import Locale


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


def social_links(
    ids: Iterable[str], page_url: str, preferences_url: str, locale: Locale
) -> list[Link]:
    """The buttons for these providers on the page with this absolute URL.

    A provider that has no share link leads to the settings, where its service can be allowed.
    """
    return [_link(PROVIDERS[name], page_url, preferences_url, locale) for name in ids]


def _link(provider: Provider, page_url: str, preferences_url: str, locale: Locale) -> Link:
    if not provider.share:
        label = locale("social.settings", title=provider.title)
        return Link(provider.initials, label, preferences_url, outward=False)
    label = locale("social.share", title=provider.title)
    return Link(provider.initials, label, provider.share + quote(page_url, safe=""), outward=True)
