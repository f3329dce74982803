"""What the file says of each service, category and cookie, before the catalogue is asked."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from consentgate.config.addresses import HostPattern, Link, UrlGlob
from consentgate.config.fields import (
    Country,
    Lifetime,
    Line,
    Name,
    Selector,
    Signature,
    StorageName,
    TextField,
    TrackingId,
)
from consentgate.config.settings import Settings


class CategoryEntry(Settings):
    """The words of a category: your own, or in place of a built-in one's."""

    title: TextField = Field(default_factory=dict)
    """The name of the category, as the visitor reads it."""
    description: TextField = Field(default_factory=dict)
    """What the services of the category are for, in a sentence."""


class ProviderEntry(Settings):
    """The company behind a service, as a declaration has to name it."""

    name: Name
    """The company's legal name."""
    address: Line = ""
    """Its address."""
    country: Country | None = None
    """Its country, in two capitals: "US"."""
    privacy_url: Link = ""
    """Where its privacy notice is."""


class MatchEntry(Settings):
    """How the service is recognised in a page."""

    hosts: tuple[HostPattern, ...] = ()
    """Hosts that it is loaded from: one host, or "*.host" for it and all below it."""
    paths: tuple[UrlGlob, ...] = ()
    """Only these paths on its hosts; "*" stands for anything."""
    inline: tuple[Signature, ...] = ()
    """Pieces of code that only this service's inline scripts hold."""
    markup: tuple[Selector, ...] = ()
    """CSS selectors of the elements that the service fills."""


class CookieEntry(Settings):
    """A cookie, or a localStorage key, of a service."""

    name: StorageName
    """Its name; "*" stands for anything: "acme_*"."""
    purpose: TextField = Field(default_factory=dict)
    """What it is for."""
    lifetime: Lifetime
    """How long it stays: "13 months", "session", or "persistent" for localStorage."""
    party: Literal["first", "third"]
    """Whose it is, seen from your site: first for your own domain, third for the provider's."""
    storage: Literal["cookie", "localStorage"] = "cookie"
    """Where the browser keeps it."""


class PlaceholderEntry(Settings):
    """What stands in the place of a blocked embed."""

    text: TextField = Field(default_factory=dict)
    """The sentence in the placeholder."""
    poster: bool = False
    """Whether your server fetches the film's picture, and shows it behind the sentence."""


class ServiceEntry(Settings):
    """A service. An id of the catalogue brings defaults for all of it."""

    title: Line = ""
    """The name of the service, as the visitor reads it."""
    category: str = ""
    """The category that the visitor agrees to it under."""
    provider: ProviderEntry | None = None
    """The company behind it."""
    purpose: TextField = Field(default_factory=dict)
    """What you use it for."""
    match: MatchEntry | None = None
    """How it is recognised. Adds to the catalogue; limits a necessary service."""
    cookies: tuple[CookieEntry, ...] = ()
    """Its cookies. One with a name of the catalogue replaces that one."""
    lifetime_limit: Literal["session"] | None = None
    """Turns its lasting cookies into ones that the browser forgets on closing."""
    placeholder: PlaceholderEntry | None = None
    """What stands in the place of a blocked embed."""
    ids: tuple[TrackingId, ...] = ()
    """Your own ids with the provider, such as "G-ABC123"; the opt-out needs them."""
    reason: TextField = Field(default_factory=dict)
    """Why the site cannot work without it. Needed where the category is necessary."""


class FirstPartyCookieEntry(Settings):
    """A cookie that your own application sets."""

    category: str
    """necessary for logins, baskets and the like; else the category that has to be agreed to."""
    purpose: TextField = Field(default_factory=dict)
    """What it is for."""
    lifetime: Lifetime
    """How long it stays: "13 months" or "session"."""
