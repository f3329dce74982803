"""Places in the markup that a provider's script would fill: what is to stand there meanwhile.

A script widget is an element without an address (a quotation, an empty ``<div>``) and, often
far from it, a script that turns it into a frame. The gate stops the script; the visitor's way
to load it stands beside the element.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from urllib.parse import parse_qs

from consentgate.catalogue.lookup import Lookup
from consentgate.gate.html import Tag
from consentgate.model import Service
from consentgate.sites import Url


class Shape(Enum):
    """How much room there is."""

    BOX = auto()  # a post, a timeline, a film: before the element, which says something itself
    INSIDE = auto()  # the same, in an empty element that has its size already
    LINE = auto()  # a button in a line of text
    SHARE = auto()  # a plugin that its provider has retired: a link does what it did


@dataclass(frozen=True, slots=True)
class Widget:
    """One place; ``address`` is what it shares, empty for the page itself.

    ``guessed``: another provider's script could ask for an element of this name as well.
    """

    service: Service
    shape: Shape
    address: str = ""
    guessed: bool = False


Place = Callable[[Widget], bytes]
"""What to put before a widget's element; nothing where the page has no room for it."""

KINDS = frozenset(
    {
        "audio",
        "captcha",
        "comments",
        "document",
        "form",
        "leads",
        "map",
        "payment",
        "reviews",
        "schedule",
        "share",
        "sign-in",
        "social",
        "video",
    }
)
"""What visitors come for. Nobody misses an advertisement, so no box asks for one."""

_BUTTONS = frozenset(
    {
        ".g_id_signin",
        ".g-signin2",
        ".fb-share-button",
        ".fb-follow",
        ".fb-save",
        ".fb-send",
        ".fb-login-button",
        "fb\\:share-button",
        "fb\\:follow",
        "fb\\:save",
        "fb\\:send",
        "fb\\:login-button",
        "a.twitter-share-button",
        "a.twitter-follow-button",
        "a.twitter-hashtag-button",
        "a.twitter-mention-button",
        'script[type="IN/Share"]',
        'script[type="IN/FollowCompany"]',
        'script[type="IN/Apply"]',
        "a[data-pin-do]",
        "[data-tf-popup]",
        ".a2a_kit",
        ".sharethis-inline-share-buttons",
        ".sharethis-inline-reaction-buttons",
        ".sharethis-inline-follow-buttons",
        # A sentence on a way to pay, beside the price.
        "klarna-placement",
        "[data-pp-message]",
        "paypal-message",
    }
)
# Left empty, with a width and a height of their own.
_SIZED = frozenset(
    {
        ".calendly-inline-widget",
        ".issuuembed",
        ".wistia_embed",
        "[data-tf-widget]",
        "gmp-map",
        "wistia-player",
    }
)
# A captcha may be bound to the button that sends its form, a film to a word of a sentence.
_PHRASING = frozenset({"button", "input", "label", "span"})
# Meta ended these two on 2026-02-10.
_RETIRED = frozenset({".fb-like", ".fb-comments", "fb\\:like", "fb\\:comments"})
_RETIRED_FRAME = re.compile(r"(?:/v\d+\.\d+)?/plugins/(?:like|comments)\.php\Z")
# The examples in Stripe's own instructions, in words that anybody would choose.
_GUESSED = frozenset({"#payment-element", "#card-element", "#express-checkout-element"})
# They put their player where they stand themselves.
_PLAYERS = frozenset({'script[data-video][src*="dailymotion.com/player/"]'})
# They float over the page or prepare it, wherever they stand.
_NO_PLACE = _PLAYERS | {"#fb-root", "#g_id_onload", ".calendly-badge-widget", ".fb-customerchat"}
# An element's id or the element itself follows, so they are calls and no mere mention.
_BUILDERS = re.compile(
    rb"new\s+(?:YT\.Player|Vimeo\.Player|Twitch\.(?:Embed|Player)|mapboxgl\.Map|google\.maps\.Map)\b"
    rb"|\b(?:dailymotion\s*\.createPlayer|MktoForms2\.loadForm|hbspt\.forms\.create"
    rb"|onSpotifyIframeApiReady|google\.maps\.importLibrary|L\.map|Calendly\.initInlineWidget"
    rb"|tf\.createWidget|(?:grecaptcha(?:\.enterprise)?|hcaptcha|turnstile)\.render"
    rb"|paypal\??\.(?:Button\.render|Buttons|CardFields|HostedButtons|HostedFields)"
    rb"|Klarna\.Payments\.load|elements\.create|initEmbeddedCheckout"
    rb"|google\.accounts\.id\.renderButton)\b"
)
_WEB = ("https://", "http://")


def find_widget(tag: Tag, lookup: Lookup) -> Widget | None:
    """The widget whose place this element is, whatever the visitor has agreed to."""
    attributes = tag.values
    found = lookup.by_markup(tag.name, attributes)
    if found is None or found.selector in _NO_PLACE or not _is_missed(found.service):
        return None
    if tag.name == "script" and not found.selector.startswith("script"):
        return None  # it is never shown: only a provider that looks for scripts has a place there
    if found.selector in _RETIRED:
        address = attributes.get("data-href") or attributes.get("href") or ""
        return Widget(found.service, Shape.SHARE, address if address.startswith(_WEB) else "")
    guessed = found.selector in _GUESSED
    return Widget(found.service, _shape(tag.name, found.selector), guessed=guessed)


def find_player(tag: Tag, lookup: Lookup) -> Widget | None:
    """The player that a script with an address puts where it stands itself."""
    found = lookup.by_markup(tag.name, tag.values)
    if found is None or found.selector not in _PLAYERS:
        return None
    return Widget(found.service, Shape.BOX)


def _shape(name: str, selector: str) -> Shape:
    if selector in _BUTTONS or name in _PHRASING:
        return Shape.LINE
    return Shape.INSIDE if selector in _SIZED else Shape.BOX


def retired_frame(service: Service | None, url: Url) -> Widget | None:
    """The plugin in a frame if its provider has retired it."""
    if service is None or service.id != "facebook" or not _RETIRED_FRAME.match(url.path):
        return None
    address = parse_qs(url.query).get("href", [""])[0]
    return Widget(service, Shape.SHARE, address if address.startswith(_WEB) else "")


def builds_widget(code: bytes, service: Service) -> bool:
    """Whether a service's inline script puts something there of which the markup says nothing."""
    return _is_missed(service) and _BUILDERS.search(code) is not None


def _is_missed(service: Service) -> bool:
    """Whether visitors come for it; for a service of the site's own they do, whatever it is."""
    return not service.kind or service.kind in KINDS
