"""Every sentence a visitor reads, in every language that is shipped, and the choice between them.

A language is one file ``locales/<tag>.json``: a flat object of keys and sentences with named
gaps (``{title}``). All files have the same keys and gaps. How a language counts and lists comes
from the Unicode CLDR (UTS 35), through Babel.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

import babel
from babel.core import get_global
from babel.lists import format_list
from babel.units import format_unit

from consentgate.model import Text

_PREFERENCE = re.compile(
    r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*)\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*"
)
_DURATION = re.compile(r"(\d+) (second|minute|hour|day|week|month|year)s?")
_CLDR = {"en": "en_GB"}
"""The words of the package are British, and so are its lists: without a comma before 'and'."""

_ALIASES = {"no": "nb", "nn": "nb", "iw": "he"}
"""Tags that browsers send for a language that goes by another one here."""

_ISOLATE, _END_ISOLATE = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
"""Around what is put into a sentence (UAX 9, section 2.4), where HTML has ``<bdi>``."""

_SCRIPT_LENGTH = 4
_TAGS_KEPT = 1024


@dataclass(frozen=True, slots=True)
class Locale:
    """One language: its tag and its sentences. ``locale("link.back")`` gives one of them."""

    tag: str
    sentences: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """The sentence of a key, its gaps filled."""
        return self.sentences[key].format_map(
            {name: self.isolated(value) for name, value in values.items()}
        )

    def __contains__(self, key: str) -> bool:
        return key in self.sentences

    @property
    def dir(self) -> str:
        """The direction of the script: ``ltr`` or ``rtl``."""
        return _cldr(self.tag).text_direction

    def isolated(self, value: object) -> str:
        """A value that keeps its own order of characters inside of a right-to-left sentence."""
        return str(value) if self.dir == "ltr" else f"{_ISOLATE}{value}{_END_ISOLATE}"

    def country(self, code: str) -> str:
        """The name of a country in this language; a code that the CLDR does not know as it is."""
        return str(_cldr(self.tag).territories.get(code, code))

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
        isolated = [self.isolated(phrase) for phrase in phrases]
        return format_list(isolated, locale=_cldr(self.tag))

    def lifetime(self, prose: str) -> str:
        """A lifetime of the catalogue (``13 months``) in this language; other prose as it is."""
        if f"lifetime.{prose}" in self:
            return self(f"lifetime.{prose}")
        duration = _DURATION.fullmatch(prose)
        if duration is None:
            return prose
        number, unit = int(duration[1]), duration[2]
        own = f"lifetime.{unit}.{_cldr(self.tag).plural_form(number)}"
        return self(own, n=number) if own in self else _counted(number, unit, self.tag)


@cache
def _cldr(tag: str) -> babel.Locale:
    return babel.Locale.parse(_CLDR.get(tag, tag.replace("-", "_")))


def _counted(number: int, unit: str, tag: str) -> str:
    """``13 months``, in full where the CLDR tells it apart from the short form."""
    name = f"duration-{unit}"
    long = format_unit(number, name, locale=_cldr(tag))
    return format_unit(number, name, "short", locale=_cldr(tag)) if name in long else long


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


def negotiate(spoken: tuple[str, ...], page_lang: str, accept_language: str) -> str:
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


@lru_cache(maxsize=_TAGS_KEPT)
def _nearest(tag: str, spoken: tuple[str, ...]) -> str | None:
    """``de-AT`` → ``de-AT``, else ``de``, else any other German, in the same script first."""
    primary, *rest = tag.lower().replace("_", "-").split("-")
    named = _ALIASES.get(primary, primary)
    lowered = {own.lower(): own for own in spoken}
    for candidate in ("-".join((named, *rest)), f"{named}-{_script(named, rest)}", named):
        if candidate in lowered:
            return lowered[candidate]
    related = (own for low, own in lowered.items() if named and low.split("-")[0] == named)
    return next(related, None)


def _script(language: str, rest: Sequence[str]) -> str:
    """The script of a tag, else the likely one (UTS 35, 'Likely Subtags'): zh-TW has ``hant``."""
    named = next((part for part in rest if len(part) == _SCRIPT_LENGTH), "")
    region = rest[0].upper() if rest else ""
    likely = get_global("likely_subtags")
    full = likely.get(f"{language}_{region}") or likely.get(language) or ""
    return named or full.partition("_")[2].partition("_")[0].lower()
