"""Every sentence a visitor reads, in every language that is shipped, and the choice between them.

A language is one file ``locales/<tag>.json``: a flat object of keys and sentences with named
gaps (``{title}``). All files have the same keys and gaps.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from consentgate.model import Text

_PREFERENCE = re.compile(
    r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*)\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*"
)
_DURATION = re.compile(r"(\d+) (second|minute|hour|day|week|month|year)s?")
_ONE = "1"


@dataclass(frozen=True, slots=True)
class Locale:
    """One language: its tag and its sentences. ``locale("link.back")`` gives one of them."""

    tag: str
    sentences: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """The sentence of a key, its gaps filled."""
        return self.sentences[key].format_map(values)

    def __contains__(self, key: str) -> bool:
        return key in self.sentences

    @property
    def dir(self) -> str:
        """The direction of the script: ``ltr`` or ``rtl``."""
        return self.sentences["dir"]

    def pick(self, text: Text) -> str:
        """The words of a configured text in this language, else in the nearest there is.

        ``""`` fits every language; after it come English and then whatever is there.
        """
        for tag in (self.tag, self.tag.partition("-")[0], "", "en"):
            if words := text.get(tag):
                return words
        return next(iter(text.values()), "")

    def listed(self, phrases: Sequence[str]) -> str:
        """Phrases as one enumeration: ``a, b and c``."""
        *head, last = phrases
        return ", ".join(head) + self("and") + last if head else last

    def lifetime(self, prose: str) -> str:
        """A lifetime of the catalogue (``13 months``) in this language; other prose as it is."""
        if f"lifetime.{prose}" in self:
            return self(f"lifetime.{prose}")
        duration = _DURATION.fullmatch(prose)
        if duration is None:
            return prose
        number, unit = duration.groups()
        return self(f"lifetime.{unit}.{'one' if number == _ONE else 'many'}", n=number)


@cache
def shipped_locales() -> Mapping[str, Locale]:
    """Every language of the package by its tag; the files are read once."""
    folder = resources.files("consentgate.banner") / "locales"
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    tags = [file.name.removesuffix(".json") for file in files if file.name.endswith(".json")]
    return {
        tag: Locale(tag, json.loads((folder / f"{tag}.json").read_text(encoding="utf-8")))
        for tag in tags
    }


def negotiate(spoken: Sequence[str], page_lang: str, accept_language: str) -> str:
    """The language to speak: the page's, else the visitor's first that we speak, else ours.

    ``spoken`` holds the languages to choose from, the default first. ``accept_language`` is the
    request header (RFC 9110, section 12.5.4); what is malformed in it is passed over.
    """
    for tag in (page_lang, *_by_preference(accept_language)):
        if found := _nearest(tag, spoken):
            return found
    return spoken[0]


def _by_preference(header: str) -> Iterable[str]:
    ranges = [match for part in header.split(",") if (match := _PREFERENCE.fullmatch(part))]
    weighed = [(float(match[2] or 1), match[1]) for match in ranges]
    return (tag for weight, tag in sorted(weighed, key=lambda pair: -pair[0]) if weight > 0)


def _nearest(tag: str, spoken: Sequence[str]) -> str | None:
    """``de-AT`` → ``de-AT``, else ``de``, else any other German."""
    wanted = tag.lower().replace("_", "-")
    primary = wanted.partition("-")[0]
    lowered = {own.lower(): own for own in spoken}
    related = (own for low, own in lowered.items() if primary and low.partition("-")[0] == primary)
    return lowered.get(wanted) or lowered.get(primary) or next(related, None)
