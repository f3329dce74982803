"""Where the still picture of a film is to be had, of the services whose addresses say so.

Only these hosts are ever asked for one, whatever an answer says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import quote, urlsplit


@dataclass(frozen=True, slots=True)
class PosterSource:
    """One picture: ``url`` gives it, or where ``described`` JSON that names it (oEmbed).

    ``hosts`` are all that may be asked on the way, redirects included.
    """

    url: str
    hosts: frozenset[str]
    described: bool = False


@dataclass(frozen=True, slots=True)
class _Rule:
    """``film`` reads a film's id from the path of its frame; ``{film}`` in ``url`` takes it."""

    film: re.Pattern[str]
    url: str
    hosts: frozenset[str]
    described: bool = False


_RULES: Mapping[str, _Rule] = MappingProxyType(
    {
        "youtube": _Rule(
            re.compile(r"/(?:embed|v)/(?!videoseries|live_stream)([A-Za-z0-9_-]{11})/?"),
            "https://i.ytimg.com/vi/{film}/hqdefault.jpg",
            frozenset({"i.ytimg.com"}),
        ),
        "vimeo": _Rule(
            re.compile(r"/video/(\d{4,12})/?"),
            "https://vimeo.com/api/oembed.json?width=960&url="
            + quote("https://vimeo.com/", safe="")
            + "{film}",
            frozenset({"vimeo.com", "i.vimeocdn.com"}),
            described=True,
        ),
        "dailymotion": _Rule(
            re.compile(r"/embed/video/(x?[a-z0-9]{5,10})/?"),
            "https://www.dailymotion.com/thumbnail/video/{film}",
            frozenset({"www.dailymotion.com", "s1.dmcdn.net", "s2.dmcdn.net"}),
        ),
    }
)

SERVICES_WITH_POSTERS = frozenset(_RULES)
"""The ids of the services of whose films a picture can be fetched."""


def film_in(service: str, frame_url: str) -> str:
    """The id of the film that a frame shows; empty where none can be told."""
    rule = _RULES.get(service)
    found = rule.film.fullmatch(urlsplit(frame_url).path) if rule else None
    return found[1] if found else ""


def poster_source(service: str, film: str) -> PosterSource | None:
    """Where the picture of a film is; None for a service or an id that has none."""
    rule = _RULES.get(service)
    if rule is None or not re.fullmatch(r"[A-Za-z0-9_-]{1,20}", film):
        return None
    return PosterSource(rule.url.replace("{film}", film), rule.hosts, rule.described)
