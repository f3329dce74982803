"""The share buttons that providers still publish themselves, in their own markup.

What a provider's instructions give is kept as data, with gaps for the page and its language.
Those who publish none any more, or none that shares a page, are not here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from markupsafe import Markup

_FILE = Path(__file__).with_name("data") / "share-buttons.json"


@dataclass(frozen=True, slots=True)
class Shared:
    """What a button is to share, and what stands in its place until its script has come.

    ``url`` is the page's absolute address, ``link`` where the provider shares it without a
    script; ``language`` is one of the package's.
    """

    url: str
    link: str
    label: str
    initials: str
    language: str


@dataclass(frozen=True, slots=True)
class ShareButton:
    """A provider's own button: its markup, and the script that brings it to life.

    ``service`` is the id of the catalogue's service that has to be agreed to. Some scripts read
    their settings from the text in their element, ``script_text``.
    """

    service: str
    source: str
    markup: str
    script: str
    script_text: str

    def element(self, shared: Shared) -> Markup:
        """The provider's element for this page, everything in its gaps escaped."""
        return Markup(self.markup).format(  # noqa: S704  the catalogue's own words
            url=shared.url,
            link=shared.link,
            label=shared.label,
            initials=shared.initials,
            language=shared.language,
        )

    def script_url(self, language: str) -> str:
        """The address of the script for one of the package's languages."""
        return self.script.format(locale=_locales()[language])

    def settings(self, language: str) -> str:
        """The text in the script's element, for a language; empty for most."""
        return self.script_text.format(locale=_locales()[language])


@cache
def share_buttons() -> Mapping[str, ShareButton]:
    """Every such button by the name that a configuration has for its provider."""
    entries = json.loads(_FILE.read_text(encoding="utf-8"))["buttons"]
    return MappingProxyType({name: ShareButton(**entry) for name, entry in entries.items()})


@cache
def _locales() -> Mapping[str, str]:
    """How providers call the package's languages."""
    locales: dict[str, str] = json.loads(_FILE.read_text(encoding="utf-8"))["locales"]
    return locales
