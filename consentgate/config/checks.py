"""Faults that only the whole file shows: what its parts, and the catalogue, say together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from consentgate.catalogue.lookup import CONSENT_TOOL
from consentgate.catalogue.posters import SERVICES_WITH_POSTERS
from consentgate.config.durations import MONTH
from consentgate.config.fields import KEBAB_CASE
from consentgate.config.ownership import cookie_owners
from consentgate.config.positions import Path
from consentgate.config.problems import Fault
from consentgate.config.schema import BUILT_IN_CATEGORIES, ConfigFile
from consentgate.config.services import effective_category, is_consent_tool
from consentgate.config.wording import did_you_mean, nearest, quoted
from consentgate.model import NECESSARY, Service

ASK_AGAIN_AT_MOST_SECONDS = 24 * MONTH

_LONGEST_ID = 64
# Names that other consent tools give to the same categories, singular and plural.
_ELSEWHERE: Mapping[str, str] = {
    "essential": NECESSARY,
    "required": NECESSARY,
    "technical": NECESSARY,
    "preferences": "functional",
    "performance": "analytics",
    "statistics": "analytics",
    "measurement": "analytics",
    "ads": "marketing",
    "advertising": "marketing",
    "targeting": "marketing",
    "media": "social",
    "videos": "social",
}

# Google's consent types that may be granted to everybody: what they cover can be necessary.
_WITHOUT_CONSENT = frozenset({"functionality_storage", "security_storage"})


@dataclass(frozen=True)
class Draft:
    """A file whose every value is good by itself, beside the catalogue.

    ``category_ids`` are those that may be named: the built-in ones and all the file writes,
    also where something in them is at fault.
    """

    file: ConfigFile
    catalogue: Mapping[str, Service]
    category_ids: tuple[str, ...]

    @cached_property
    def families(self) -> Mapping[str, str]:
        """Member of a family → the family that a file names."""
        return {member: s.id for s in self.catalogue.values() for member in s.members}

    def category_of(self, service_id: str) -> str:
        """The category that a service of the file ends up in."""
        return effective_category(service_id, self.file.services[service_id], self.catalogue)

    @cached_property
    def optional(self) -> frozenset[str]:
        """The ids of the services that visitors are asked about."""
        return frozenset(
            id_
            for id_ in self.file.services
            if not is_consent_tool(id_, self.catalogue) and self.category_of(id_) != NECESSARY
        )

    @cached_property
    def asked_about(self) -> frozenset[str]:
        """What a visitor can agree to: every category but the necessary one, and the services."""
        return self.optional.union(self.category_ids) - {NECESSARY}


def faults_in(draft: Draft) -> Iterator[Fault]:
    """Every fault that the parts of the file have together."""
    yield from _site(draft)
    yield from _repeats(draft.file)
    yield from _profiles(draft.file)
    yield from _times(draft.file)
    yield from _categories(draft)
    for id_ in draft.file.services:
        yield from _service_id(id_, draft)
        yield from _service(id_, draft)
    yield from _cookies(draft)
    yield from _signals(draft)


def _site(draft: Draft) -> Iterator[Fault]:
    site, policy = draft.file.site, draft.file.policy
    if draft.optional:
        if not site.name:
            yield Fault(("site", "name"), "missing. Write the name of your site for the banner.")
        if not site.privacy_url:
            message = 'missing. Write where your privacy notice is, like "/privacy".'
            yield Fault(("site", "privacy_url"), message)
        if not policy.version:
            message = 'missing. Write a version that proofs can name, like "2026-11-21".'
            yield Fault(("policy", "version"), message)


def _repeats(file: ConfigFile) -> Iterator[Fault]:
    lists: Mapping[Path, tuple[str, ...]] = {
        ("languages",): file.languages,
        ("social", "providers"): file.social.providers,
        ("social", "positions"): file.social.positions,
        ("signals", "refused_categories"): file.signals.refused_categories,
    }
    for path, items in lists.items():
        for index, item in enumerate(items):
            if item in items[:index]:
                message = f"{quoted(item)} is in the list twice. Keep one."
                yield Fault((*path, index), message)


def _profiles(file: ConfigFile) -> Iterator[Fault]:
    for provider in file.social.profiles:
        if provider not in file.social.providers:
            message = 'has no button. Name it in "providers" as well.'
            yield Fault(("social", "profiles", provider), message, at_key=True)


def _times(file: ConfigFile) -> Iterator[Fault]:
    asked, kept = file.policy.ask_again_after, file.proofs.retention
    asked_seconds = file.policy.ask_again_after_seconds
    if asked_seconds > ASK_AGAIN_AT_MOST_SECONDS:
        message = 'is too long for a choice to last; the most is "24 months".'
        yield Fault(("policy", "ask_again_after"), f"{quoted(asked)} {message}")
    if file.proofs.retention_seconds < min(asked_seconds, ASK_AGAIN_AT_MOST_SECONDS):
        message = f"is shorter than policy.ask_again_after ({quoted(asked)})"
        hint = "a proof has to outlive the choice that it proves."
        yield Fault(("proofs", "retention"), f"{quoted(kept)} {message}; {hint}")


def _categories(draft: Draft) -> Iterator[Fault]:
    for id_, entry in draft.file.categories.items():
        path = ("categories", id_)
        if not _is_id(id_):
            yield Fault(path, _not_an_id(nearest(id_, BUILT_IN_CATEGORIES)), at_key=True)
        elif id_ == CONSENT_TOOL:
            yield Fault(
                path, "this name is kept for other consent tools. Choose another.", at_key=True
            )
        elif id_ in draft.catalogue or id_ in draft.families:
            message = "this is a service of the catalogue. Choose another name for the category."
            yield Fault(path, message, at_key=True)
        elif id_ not in BUILT_IN_CATEGORIES and not entry.title:
            yield Fault((*path, "title"), "missing. A category of your own needs a title.")


def _service_id(id_: str, draft: Draft) -> Iterator[Fault]:
    path = ("services", id_)
    if id_ in draft.families:
        message = f"part of {quoted(draft.families[id_])} in the catalogue. Name that instead."
        yield Fault(path, message, at_key=True)
    elif not _is_id(id_):
        yield Fault(path, _not_an_id(nearest(id_, draft.catalogue)), at_key=True)
    elif id_ in draft.category_ids:
        yield Fault(path, "a category has this name. Choose another for the service.", at_key=True)
    elif id_ not in draft.catalogue:
        yield from _own_service(id_, draft)


def _own_service(id_: str, draft: Draft) -> Iterator[Fault]:
    entry, path = draft.file.services[id_], ("services", id_)
    if entry.match is None:
        guess = did_you_mean(nearest(id_, draft.catalogue))
        message = f'not in the catalogue, and no "match" says what to block.{guess}'
        yield Fault(path, message, at_key=True)
        if not (entry.title or entry.provider):
            return  # A misspelt id of the catalogue, most likely.
    for key in ("title", "category", "provider"):
        if not getattr(entry, key):
            message = "missing. A service that is not in the catalogue needs it."
            yield Fault((*path, key), message)
    if entry.match and not (entry.match.hosts or entry.match.inline or entry.match.markup):
        yield Fault((*path, "match"), 'says nothing to block. Write "hosts".')


def _service(id_: str, draft: Draft) -> Iterator[Fault]:
    entry, known = draft.file.services[id_], draft.catalogue.get(id_)
    path = ("services", id_)
    if is_consent_tool(id_, draft.catalogue):
        return
    if entry.category and entry.category not in draft.category_ids:
        yield Fault((*path, "category"), _no_category(entry.category, draft))
    if entry.placeholder and entry.placeholder.poster and id_ not in SERVICES_WITH_POSTERS:
        known_ones = ", ".join(sorted(SERVICES_WITH_POSTERS))
        message = f"no picture can be fetched for this service, only for: {known_ones}."
        yield Fault((*path, "placeholder", "poster"), message)
    necessary = draft.category_of(id_) == NECESSARY
    if necessary:
        yield from _necessary(id_, draft)
    limit_of_known = necessary and known is not None
    if entry.match and entry.match.paths and not entry.match.hosts and not limit_of_known:
        message = 'paths alone name nobody. Write "hosts" beside them.'
        yield Fault((*path, "match", "paths"), message)


def _necessary(id_: str, draft: Draft) -> Iterator[Fault]:
    entry, known = draft.file.services[id_], draft.catalogue.get(id_)
    path = ("services", id_)
    if not (entry.reason or (known and known.reason)):
        message = "missing. Nobody is asked about a necessary service: write why the site needs it."
        yield Fault((*path, "reason"), message)
    if known and known.category in {"analytics", "marketing", "social"}:
        message = (
            f"{quoted(known.title)} cannot be necessary: as {known.category} it needs consent."
        )
        yield Fault((*path, "category"), message)
    if entry.match and entry.match.inline:
        message = "a necessary service is not blocked, so it needs no code to be known by."
        yield Fault((*path, "match", "inline"), message)


def _cookies(draft: Draft) -> Iterator[Fault]:
    for name, entry in draft.file.first_party_cookies.items():
        path = ("first_party_cookies", name)
        if entry.category not in draft.category_ids:
            yield Fault((*path, "category"), _no_category(entry.category, draft))
        owners = cookie_owners(name, draft.catalogue)
        if claimed := [owner for owner in owners if owner.id in draft.optional]:
            message = f"a cookie of {quoted(claimed[0].id)}, which the visitor is asked about."
            yield Fault(path, message, at_key=True)


def _signals(draft: Draft) -> Iterator[Fault]:
    signals = draft.file.signals
    for index, category in enumerate(signals.refused_categories):
        path: Path = ("signals", "refused_categories", index)
        if category == NECESSARY:
            yield Fault(path, "no signal refuses what is necessary. Take it out of the list.")
        elif category not in draft.category_ids:
            yield Fault(path, _no_category(category, draft))
    for type_, agreed in signals.google_consent_types:
        path = ("signals", "google_consent_types", type_)
        if agreed not in {*draft.category_ids, *draft.file.services}:
            yield Fault(path, _no_category(agreed, draft, "category or service"))
        elif type_ not in _WITHOUT_CONSENT and agreed not in draft.asked_about:
            message = f"{quoted(agreed)} needs no consent, and {type_} does."
            yield Fault(path, f"{message} Name what visitors agree to.")


def _no_category(category: str, draft: Draft, kind: str = "category") -> str:
    names = {**_ELSEWHERE, **{id_: id_ for id_ in draft.category_ids}}
    guess = nearest(category, names)
    return f"there is no {kind} {quoted(category)}.{did_you_mean(guess and names[guess])}"


def _is_id(text: str) -> bool:
    return len(text) <= _LONGEST_ID and re.fullmatch(KEBAB_CASE[1:-1], text) is not None


def _not_an_id(guess: str | None) -> str:
    form = 'not an id. Write lower-case letters, digits and hyphens, like "acme-chat".'
    return form + did_you_mean(guess)
