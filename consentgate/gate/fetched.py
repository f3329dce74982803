"""What a browser fetches by itself, and from which attributes.

Source: WHATWG HTML, SVG 2, SVG Animations Level 2, and the attributes that browsers have kept from
before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from consentgate.gate.srcset import srcset_urls

FETCHED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "a": ("ping", "attributionsrc"),
        # What an animation gives to another element's address; no number leads anywhere.
        "animate": ("to", "from", "by", "values"),
        "area": ("ping", "attributionsrc"),
        "applet": ("codebase", "archive"),
        "audio": ("src",),
        # Every relative address would lead there: without it they stay on the site.
        "base": ("href",),
        "body": ("background",),
        "col": ("background",),
        "colgroup": ("background",),
        "embed": ("src",),
        "feimage": ("href", "xlink:href"),
        # Outside of drawings it is an img.
        "image": ("href", "xlink:href", "src", "srcset", "attributionsrc"),
        "img": ("src", "srcset", "attributionsrc"),
        "input": ("src",),
        "object": ("data", "codebase"),
        "set": ("to",),
        "source": ("src", "srcset"),
        "table": ("background",),
        "tbody": ("background",),
        "td": ("background",),
        "tfoot": ("background",),
        "th": ("background",),
        "thead": ("background",),
        "tr": ("background",),
        "track": ("src",),
        "use": ("href", "xlink:href"),
        "video": ("src", "poster"),
    }
)
"""The attributes with addresses, by element; those that need a closer look are not here."""


def _words(value: str) -> tuple[str, ...]:
    return tuple(value.split())


def _steps(value: str) -> tuple[str, ...]:
    return tuple(value.split(";"))


_URL_LISTS: Mapping[str, Callable[[str], tuple[str, ...]]] = MappingProxyType(
    {
        "attributionsrc": _words,
        "imagesrcset": srcset_urls,
        "ping": _words,
        "srcset": srcset_urls,
        "values": _steps,
    }
)


def addresses_in(attribute: str, value: str) -> tuple[str, ...]:
    """Every address that this value of an attribute names."""
    return _URL_LISTS[attribute](value) if attribute in _URL_LISTS else (value,)
