"""Whose a Google tag is: one file serves Analytics, Ads and Campaign Manager, told apart by id.

The kinds of id are those of Google's own list for the Google tag (``G-``, ``GT-``, ``AW-``,
``DC-``) and of Universal Analytics (``UA-``). A ``GT-`` tag may lead to any of them: it counts as
Analytics, unless the configuration gives its id to another service.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

ANALYTICS = "google-analytics"

_OWNERS: Mapping[str, str] = MappingProxyType(
    {
        "G": ANALYTICS,
        "UA": ANALYTICS,
        "GT": ANALYTICS,
        "AW": "google-ads",
        "DC": "google-campaign-manager",
    }
)
TAG_SERVICES = frozenset(_OWNERS.values())
"""The services whose tags are alike but for the id."""

_PATHS = ("/gtag/js", "/gtag/destination")
_IN_QUERY = re.compile(r"(?:\A|&)id=((?:G|UA|GT|AW|DC)-[A-Z0-9-]{4,})(?=&|\Z)")
_IN_CODE = re.compile(rb"""['"`]((?:G|UA|GT|AW|DC)-[A-Z0-9-]{4,})(?=['"`/])""")
# What the gateway serves has no file name. As they are given out, lest an article number count.
_WHOLE = re.compile(r"G-[A-Z0-9]{10}|GT-[A-Z0-9]{7,12}|AW-\d{9,11}|DC-\d{7,9}")


def is_tag_path(path: str) -> bool:
    """Whether a path ends as that of the Google tag does, under whatever prefix."""
    return path.endswith(_PATHS)


def ids_in_query(query: str) -> tuple[str, ...]:
    """The ids of Google tags in a query without its question mark."""
    return tuple(_IN_QUERY.findall(query))


def ids_in_code(code: bytes) -> tuple[str, ...]:
    """The ids of Google tags that stand as whole strings in a script, or before a slash."""
    return tuple(found.decode("ascii") for found in _IN_CODE.findall(code))


def is_gateway(path: str, query: str, configured: Mapping[str, str]) -> bool:
    """Whether an own address is where a tag gateway serves a tag: a bare folder, and an id.

    An id that the configuration names counts on any path.
    """
    return any(
        tag in configured or (path.endswith("/") and _WHOLE.fullmatch(tag))
        for tag in ids_in_query(query)
    )


def owners_of(ids: Iterable[str], configured: Mapping[str, str]) -> tuple[str, ...]:
    """The services that tags with these ids belong to, Analytics first; ``configured`` decides."""
    found = dict.fromkeys(configured.get(tag) or _OWNERS[tag.partition("-")[0]] for tag in ids)
    return tuple(sorted(found, key=lambda owner: owner != ANALYTICS))
