"""The settings of the file, section by section; the docstring of each is its description."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from consentgate.config.addresses import (
    BitsOfV4,
    BitsOfV6,
    Link,
    Network,
    OwnHost,
    Sharing,
    SitePath,
)
from consentgate.config.durations import (
    DAY,
    duration_months,
    duration_seconds,
    first_day_within,
)
from consentgate.config.fields import Colour, Day, Duration, Line, Name, TextField

SocialProvider = Literal["facebook", "x", "linkedin", "pinterest", "instagram", "youtube"]


class Settings(BaseModel):
    """A group of settings: immutable, and without a place for unknown ones."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True
    )


class Authority(Settings):
    """The supervisory authority that a visitor can complain to."""

    name: Name
    """The authority's name."""
    url: Link = ""
    """The address of its website."""


class SiteSettings(Settings):
    """Who runs the site, and which hosts are its own."""

    name: Line = ""
    """The name of the site, as the banner's heading shows it. Needed with optional services."""
    controller: Line = ""
    """The company that answers for the data (the controller), with its address."""
    contact: Line = ""
    """How to reach the controller: an e-mail address, a telephone number or a page."""
    dpo: Line = ""
    """How to reach the data protection officer."""
    authority: Authority | None = None
    """The supervisory authority that a visitor can complain to."""
    privacy_url: Link = ""
    """Where the privacy notice is: a path of the site or an http(s) address."""
    imprint_url: Link = ""
    """Where the imprint is: a path of the site or an http(s) address."""
    own_hosts: tuple[OwnHost, ...] = ()
    """More hosts of your own, such as a CDN. They are never blocked."""
    share_consent: Sharing = False
    """Whether the hosts of one domain share one consent; true, or the domain."""
    https: bool | None = None
    """Whether visitors use https. null: seen from the request and its proxies."""


class Edition(Settings):
    """One version of the site's policy."""

    version: Name
    """The version, as in policy.version."""
    date: Day
    """The day on which it was written or last reviewed."""
    effective: Day | None = None
    """The day from which it holds."""
    changes: TextField = {}
    """What changed, in a sentence."""
    reviewed_by: Line = ""
    """Who reviewed it."""
    approved_by: Line = ""
    """Who approved it."""


class PolicySettings(Settings):
    """The version of the policy that visitors agree to, and how long a choice lasts."""

    version: Line = ""
    """The version in force; it is kept in each proof. Needed with optional services."""
    history: tuple[Edition, ...] = ()
    """All versions, oldest first, as the cookie page lists them."""
    ask_again_after: Duration = "6 months"
    """How long a choice lasts before the visitor is asked again; 24 months at most."""

    @property
    def ask_again_after_seconds(self) -> int:
        """How long a choice lasts, in seconds."""
        return duration_seconds(self.ask_again_after)


class Theme(Settings):
    """Colours of the banner."""

    accent: Colour = "#1d4f91"
    """The colour of buttons and links; black or white text is picked to stay readable."""


class BannerSettings(Settings):
    """Where the banner stands and what it says. Its buttons are not settings."""

    position: Literal["bottom", "top"] = "bottom"
    """The edge of the window that the banner stands at."""
    reopen: Literal["bottom-start", "bottom-end", "none"] = "bottom-start"
    """The corner of the button that opens the choices again; none for a link of your own."""
    theme: Theme = Theme()
    """Colours of the banner."""
    text: TextField = {}
    """Words in place of the banner's first sentence. Purposes and buttons stay as they are."""


class SocialSettings(Settings):
    """The bar of share buttons, which contacts nobody before a click."""

    providers: tuple[SocialProvider, ...] = ()
    """The providers in the bar, in this order."""
    positions: tuple[Literal["top", "bottom"], ...] = ()
    """Where a bar is put into each page; empty for only where the page marks a place."""
    profiles: dict[SocialProvider, Link] = Field(default_factory=dict)
    """The site's own pages there, by provider; the button leads to it instead of sharing."""
    buttons: Literal["links", "two-clicks"] = "links"
    """Plain links, or the providers' own buttons: a first click loads one, a second uses it."""


class UnknownSettings(Settings):
    """What happens to what neither the catalogue nor this file knows."""

    third_party: Literal["block", "report"] = "block"
    """Unknown third parties: blocked, or let through and reported while you roll out."""
    cookies: Literal["report", "block"] = "report"
    """Unknown cookies of the site itself: let through and reported, or blocked."""


class KeepBits(Settings):
    """How much of an address the application sees."""

    v4: BitsOfV4 = 24
    """Leading bits of an IPv4 address that are kept; 24 at most."""
    v6: BitsOfV6 = 48
    """Leading bits of an IPv6 address that are kept; 48 at most."""


class IpSettings(Settings):
    """How visitors' addresses are anonymised before the application sees them."""

    trusted_proxies: tuple[Network, ...] = ()
    """Proxies of your own, whose forwarding headers are believed."""
    keep_bits: KeepBits = KeepBits()
    """How much of an address the application sees."""
    full_address_paths: tuple[SitePath, ...] = ()
    """Paths whose handlers see the full address, against fraud and abuse."""


class ConsentTypes(Settings):
    """The category or service that has to be agreed to for each of Google's consent types."""

    ad_storage: str = "marketing"
    """Cookies and the like for advertising."""
    ad_user_data: str = "marketing"
    """Sending data of visitors to Google for advertising."""
    ad_personalization: str = "marketing"
    """Advertising that fits the visitor."""
    analytics_storage: str = "analytics"
    """Cookies and the like for statistics."""
    functionality_storage: str = "functional"
    """What supports the site's functions, such as the language."""
    personalization_storage: str = "functional"
    """What fits the site to the visitor, such as recommended videos."""
    security_storage: str = "necessary"
    """What protects the visitor, such as logging in."""


class SignalsSettings(Settings):
    """What the browser's own privacy signals do, and what providers are told."""

    gpc: Literal["refuse-marketing", "ignore"] = "refuse-marketing"
    """What Global Privacy Control does: refuse the categories named here, or nothing."""
    dnt: Literal["ignore", "refuse-marketing"] = "ignore"
    """What the old Do Not Track header does."""
    refused_categories: tuple[str, ...] = Field(default=("marketing", "social"), min_length=1)
    """The categories that a signal, and "do not sell or share", refuses."""
    gpc_since: Day | None = None
    """The day from which the site says that it honours Global Privacy Control."""
    do_not_sell_link: bool = False
    """Whether visitors find a link to a page on which one button refuses these categories."""
    do_not_sell_text: TextField = {}
    """The words of that link and page in place of the built-in ones."""
    google_consent_mode: bool = True
    """Whether Google's tags, once allowed, are told what was agreed to (basic mode)."""
    google_consent_types: ConsentTypes = ConsentTypes()
    """What each of Google's consent types follows."""


class ProofsSettings(Settings):
    """What is kept to prove the visitors' decisions."""

    retention: Duration = "36 months"
    """How long a proof is kept; never shorter than policy.ask_again_after."""
    address: Literal["omit", "network"] = "omit"
    """Whether a proof holds the visitor's network (as ip.keep_bits leaves it) or no address."""

    @property
    def retention_seconds(self) -> int:
        """How long a proof is kept, in seconds."""
        return duration_seconds(self.retention)

    def first_day(self, today: date) -> date:
        """The oldest day (UTC) whose proofs are still kept.

        Months and years are those of the calendar: a proof is kept through the same day of the
        last month, or its last day where it is shorter. Never for less than a choice lasts for
        which ``policy.ask_again_after`` says the same: there each month has 30.4375 days.
        """
        days = -(-self.retention_seconds // DAY)
        by_months = first_day_within(duration_months(self.retention), today)
        return min(by_months, today - timedelta(days=days))
