"""The catalogue's own words in every shipped language: one file of texts per language.

A service names the kind of thing it is (``video``, ``audience``) and a cookie the use it has;
the sentence comes from ``data/texts.<language>.json``. A new language is one new file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TypeAlias

from consentgate.model import Text

_DATA = Path(__file__).with_name("data")
_ANYTHING = "other"
_SORTS = {
    "bluesky-embed": "post",
    "klaviyo": "newsletter",
    "pinterest-widgets": "pin",
    "reddit-embed": "post",
    "tiktok-embed": "video",
}
"""Services that are not like the others of their kind: what a placeholder of theirs stands for."""

_Texts: TypeAlias = Mapping[str, Mapping[str, str]]


@cache
def _languages() -> Mapping[str, _Texts]:
    files = sorted(_DATA.glob("texts.*.json"))
    return {file.name.split(".")[1]: json.loads(file.read_bytes()) for file in files}


def purpose(kind: str, title: str) -> Text:
    """What a service of this kind does for the site, in one sentence; empty if unknown."""
    return {
        language: texts["purposes"][kind].format(title=title)
        for language, texts in _languages().items()
        if kind in texts["purposes"]
    }


def placeholder(kind: str, title: str, company: str, *, service: str = "") -> Text:
    """What stands in the place of content that is not loaded yet.

    It says where the content comes from and who learns the visitor's address when it is
    loaded. ``company`` is the short name (``Google``); an unknown ``kind`` gets a general
    sentence. A few are told apart by the id of the ``service``.
    """
    known = company in title or title in company
    source = title if known else f"{title} ({company})"
    sentences = {}
    for language, texts in _languages().items():
        templates = texts["placeholders"]
        template = templates.get(_SORTS.get(service, kind), templates[_ANYTHING])
        sentences[language] = template.format(source=source, company=company or title)
    return sentences


def cookie_purpose(use: str) -> Text:
    """What a cookie is for; empty if the use is unknown."""
    return {
        language: texts["cookies"][use]
        for language, texts in _languages().items()
        if use in texts["cookies"]
    }
