"""What a visitor's consent rests on: when it changes, the visitor is asked again.

Meaning is the optional services, the category, purpose and recipient of each, and how long
each of their cookies lives. Colours, the banner's words and the order of the file are none.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

from consentgate.catalogue import load_catalogue
from consentgate.config.durations import longest_seconds
from consentgate.config.schema import ConfigFile
from consentgate.model import Cookie, Service, Text

REVISION_LENGTH = 12

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a visitor agrees to with one service. Lifetimes are in seconds, else in words."""

    category: str
    purpose: tuple[tuple[str, str], ...]
    kind: str
    recipient: tuple[str, str]
    lifetimes: tuple[tuple[str, int | str], ...]


def meaning_of(service: Service) -> Meaning:
    """The meaning of one service; spelling, spacing and punctuation of its words are none.

    Where the catalogue gives the purpose, its meaning is the kind of service: a new wording or
    translation of this package asks nobody again.
    """
    known = load_catalogue().services.get(service.id)
    from_catalogue = known is not None and known.purpose == service.purpose
    return Meaning(
        category=service.category,
        purpose=() if from_catalogue else _words_by_language(service.purpose),
        kind=service.kind,
        recipient=(_words(service.provider.name), service.provider.country),
        lifetimes=tuple(sorted(map(_lifetime, service.cookies), key=repr)),
    )


def revision_of(optional: Iterable[Service]) -> str:
    """12 hex digits that change with the meaning of the optional services and nothing else."""
    meanings = {service.id: asdict(meaning_of(service)) for service in optional}
    return _sha256(meanings)[:REVISION_LENGTH]


def digest_of(file: ConfigFile, services: Iterable[Service]) -> str:
    """SHA-256, in hex, of every setting in force, the catalogue's share included."""
    settings = file.model_dump(mode="json", exclude={"schema_url", "services"})
    return _sha256({"settings": settings, "services": [asdict(s) for s in services]})


def differences(old: Iterable[Service], new: Iterable[Service]) -> Iterator[str]:
    """Why visitors who agreed to the old optional services are asked again, if they are."""
    before = {service.id: service for service in old}
    after = {service.id: service for service in new}
    yield from (f"services.{id_}: added." for id_ in sorted(after.keys() - before.keys()))
    yield from (f"services.{id_}: removed." for id_ in sorted(before.keys() - after.keys()))
    for id_ in sorted(before.keys() & after.keys()):
        was, now = meaning_of(before[id_]), meaning_of(after[id_])
        if was.category != now.category:
            yield f'services.{id_}: the category is "{now.category}", it was "{was.category}".'
        if (was.purpose, was.kind) != (now.purpose, now.kind):
            yield f"services.{id_}: another purpose."
        if was.recipient != now.recipient:
            yield f"services.{id_}: another recipient."
        if was.lifetimes != now.lifetimes:
            yield f"services.{id_}: another lifetime of a cookie."


def _lifetime(cookie: Cookie) -> tuple[str, int | str]:
    return cookie.name, longest_seconds(cookie.lifetime) or cookie.lifetime


def _words_by_language(text: Text) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((language, _words(words)) for language, words in text.items()))


def _words(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))


def _sha256(value: object) -> str:
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), default=sorted)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()
