"""The social bar: plain links, or the providers' own buttons once a visitor has asked for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple
from urllib.parse import quote

from markupsafe import Markup

from consentgate.banner.embed import short_name
from consentgate.banner.texts import Locale
from consentgate.banner.visit import Visit
from consentgate.catalogue.share_buttons import ShareButton, Shared, share_buttons
from consentgate.config import Config
from consentgate.config.settings import SocialProvider
from consentgate.model import Service


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider in the bar; ``share`` lacks only the page's address, empty where there is none."""

    title: str
    initials: str
    share: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """One place in the bar, as a link; ``outward`` ones open the provider's site in a new tab."""

    initials: str
    label: str
    href: str
    outward: bool


@dataclass(frozen=True, slots=True)
class Button:
    """One place in the bar, as the provider's own button, with the ``link`` for who wants no more.

    It is ``idle`` until it is asked for, then ``armed`` on that page alone, or ``on`` until it is
    switched off. ``label`` says what a click on the initials does, ``provider`` who hears of it;
    ``element`` is the provider's own, empty while it is idle.
    """

    link: Link
    title: str
    service: Service
    state: Literal["idle", "armed", "on"]
    label: str
    provider: str
    element: Markup


class Script(NamedTuple):
    """A provider's script, and the text in its element by which some are set."""

    url: str
    text: str


PROVIDERS: Mapping[str, Provider] = MappingProxyType(
    {
        "facebook": Provider("Facebook", "f", "https://www.facebook.com/sharer/sharer.php?u="),
        "x": Provider("X", "X", "https://twitter.com/intent/tweet?url="),
        "linkedin": Provider(
            "LinkedIn", "in", "https://www.linkedin.com/sharing/share-offsite/?url="
        ),
        "pinterest": Provider(
            "Pinterest", "P", "https://www.pinterest.com/pin/create/button/?url="
        ),
        "instagram": Provider("Instagram", "IG"),
        "youtube": Provider("YouTube", "YT"),
    }
)


def social_places(
    config: Config, visit: Visit, preferences_url: str, locale: Locale
) -> list[Link | Button]:
    """What stands in the bar, in its order.

    A link leads to the site's own profile if the configuration knows one, else it shares the
    page. A provider that has no share link leads to the settings, where it can be allowed.
    """
    buttons = _own_buttons(config, visit)
    places: list[Link | Button] = []
    for name in config.social.providers:
        link = _link(name, config, visit, preferences_url, locale)
        if name in buttons:
            places.append(_button(name, link, *buttons[name], visit, locale))
        else:
            places.append(link)
    return places


def social_services(config: Config, visit: Visit) -> list[Service]:
    """The services that can be switched on or off in the bar."""
    return [service for _, service in _own_buttons(config, visit).values()]


def social_scripts(config: Config, visit: Visit) -> list[Script]:
    """The scripts of the buttons that are armed or on."""
    return [
        Script(own.script_url(visit.lang), own.settings(visit.lang))
        for own, service in _own_buttons(config, visit).values()
        if visit.consent.allows(service.id)
    ]


def _own_buttons(config: Config, visit: Visit) -> dict[str, tuple[ShareButton, Service]]:
    """The buttons of the bar that are more than a link, to this visitor on this page.

    None in a page for everybody, where nothing is granted once; nor, before it is on, where the
    page cannot be loaded again.
    """
    social, optional = config.social, {service.id: service for service in config.optional}
    if social.buttons != "two-clicks" or visit.shared:
        return {}
    offered: dict[str, tuple[ShareButton, Service]] = {}
    for name in social.providers:
        own = share_buttons().get(name)
        service = optional.get(own.service) if own and name not in social.profiles else None
        if own and service and (visit.back or visit.consent.allows(service.id)):
            offered[name] = own, service
    return offered


def _button(
    name: SocialProvider,
    link: Link,
    own: ShareButton,
    service: Service,
    visit: Visit,
    locale: Locale,
) -> Button:
    title, provider = PROVIDERS[name].title, short_name(service)
    live = visit.consent.allows(service.id)
    shared = Shared(visit.page_url, link.href, link.label, link.initials, visit.lang)
    loads = locale("social.load", title=title, provider=provider)
    return Button(
        link=link,
        title=title,
        service=service,
        state=("on" if service.id in visit.consent.allowed else "armed") if live else "idle",
        label=locale("social.off", title=title) if live else loads,
        provider=provider,
        element=own.element(shared) if live else Markup(),
    )


def _link(
    name: SocialProvider, config: Config, visit: Visit, preferences_url: str, locale: Locale
) -> Link:
    provider = PROVIDERS[name]
    if address := config.social.profiles.get(name):
        label = locale("social.profile", title=provider.title)
        return Link(provider.initials, label, address, outward=True)
    if not provider.share:
        label = locale("social.settings", title=provider.title)
        return Link(provider.initials, label, preferences_url, outward=False)
    label = locale("social.share", title=provider.title)
    href = provider.share + quote(visit.page_url, safe="")
    return Link(provider.initials, label, href, outward=True)
