"""The cookie declaration: one table per category, and what else a policy page has to say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from consentgate.banner.categories import all_category_words, category_words, granted_titles
from consentgate.banner.texts import Locale
from consentgate.banner.visit import Visit
from consentgate.config import Config
from consentgate.consent import (
    NOTE_COOKIE,
    NOTE_SECONDS,
    ONCE_COOKIE,
    ONCE_SECONDS,
)
from consentgate.model import NECESSARY, Category, Cookie, Party, Provider, Service, Storage, Text
from consentgate.placement import Placement, shared_domain


@dataclass(frozen=True, slots=True)
class Row:
    """One cookie, or one service that sets none."""

    name: str
    set_by: str
    purpose: str
    lifetime: str
    party: str


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one category."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class NecessaryService:
    """A third party that runs without consent: why, and on which paths."""

    title: str
    reason: Text
    provider: Provider
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """A time for a ``<time>`` element: ``machine`` for programs, ``words`` for readers."""

    machine: str
    words: str


def tables(config: Config, locale: Locale, visit: Visit) -> tuple[Table, ...]:
    """The tables of all categories that hold a cookie or a service."""
    made = (
        Table(
            category_words(config, category, locale, visit.consent).title,
            tuple(_rows(config, category, locale, visit)),
        )
        for category in config.categories
    )
    return tuple(table for table in made if table.rows)


def necessary_services(config: Config) -> tuple[NecessaryService, ...]:
    """The third parties that the site says it cannot do without."""
    return tuple(
        NecessaryService(
            service.title,
            service.reason,
            service.provider,
            tuple(path for match in service.matches for path in match.paths),
        )
        for service in config.services
        if service.category == NECESSARY
    )


def version_line(config: Config, locale: Locale) -> str:
    """The policy's version, with its date where the history knows it; empty without a version."""
    version = config.policy.version
    if not version:
        return ""
    for edition in reversed(config.policy.history):
        if edition.version == version:
            return locale("declaration.version_date", version=version, date=edition.date)
    return locale("declaration.version", version=version)


def moment(unix_seconds: int) -> Moment:
    """A moment in UTC, written so that every language reads it alike."""
    at = datetime.fromtimestamp(unix_seconds, UTC)
    return Moment(at.strftime("%Y-%m-%dT%H:%M:%SZ"), at.strftime("%Y-%m-%d %H:%M UTC"))


def _rows(config: Config, category: Category, locale: Locale, visit: Visit) -> Iterator[Row]:
    if category.id == NECESSARY and config.optional:
        yield from _own_rows(config, locale, visit)
    for own in config.first_party_cookies:
        if own.category == category.id:
            yield Row(
                own.name,
                locale("declaration.this_site"),
                locale.pick(own.purpose),
                locale.lifetime(own.lifetime),
                locale("declaration.party.first"),
            )
    for service in config.in_category(category.id):
        yield from _service_rows(service, locale)


def _service_rows(service: Service, locale: Locale) -> Iterator[Row]:
    set_by = f"{service.title}, {service.provider.name}"
    if not service.cookies:
        none = locale("declaration.none")
        party = locale("declaration.party.third")
        yield Row(none, set_by, locale.pick(service.purpose), "", party)
    for cookie in service.cookies:
        party = "first" if cookie.party is Party.FIRST else "third"
        yield Row(
            _name(cookie, locale),
            set_by,
            locale.pick(cookie.purpose) or locale.pick(service.purpose),
            locale.lifetime(service.lifetime_limit or cookie.lifetime),
            locale(f"declaration.party.{party}"),
        )


def _own_rows(config: Config, locale: Locale, visit: Visit) -> Iterator[Row]:
    """The cookies of the gate itself, none of which is set before the visitor clicks."""
    host = urlsplit(visit.origin).hostname or ""
    secure = visit.origin.startswith("https:")
    domain = shared_domain(config.site.share_consent, host)
    signed, readable = Placement(host, secure, domain).names
    lasting = config.policy.ask_again_after
    for name, key, lifetime in (
        (signed, "choice", lasting),
        (readable, "state", lasting),
        (NOTE_COOKIE, "note", f"{NOTE_SECONDS} seconds"),
        (ONCE_COOKIE, "once", f"{ONCE_SECONDS} seconds"),
    ):
        yield Row(
            name,
            locale("declaration.this_site"),
            locale(f"declaration.own.{key}"),
            locale.lifetime(lifetime),
            locale("declaration.party.first"),
        )


def _name(cookie: Cookie, locale: Locale) -> str:
    if cookie.storage is Storage.LOCAL_STORAGE:
        return locale("declaration.local_storage", name=cookie.name)
    return cookie.name


def declared(config: Config, locale: Locale, visit: Visit) -> Mapping[str, object]:
    """Everything that the declaration says."""
    return {
        "version": version_line(config, locale),
        "history": tuple(reversed(config.policy.history)),
        "optional": config.optional,
        "tables": tables(config, locale, visit),
        "necessary_services": necessary_services(config),
        "exempt_paths": config.exempt_paths,
        **own_choice(config, locale, visit),
    }


def own_choice(config: Config, locale: Locale, visit: Visit) -> Mapping[str, object]:
    """What the visitor agreed to, and when."""
    titles = granted_titles(all_category_words(config, locale, visit.consent))
    return {"granted": titles, "decided_at": moment(visit.consent.decided_at)}


def people(config: Config, locale: Locale) -> list[tuple[str, str, str]]:
    """Whom a visitor can turn to: label, words and link of each that is configured."""
    site = config.site
    rows = [
        ("controller", site.controller, ""),
        ("contact", site.contact, ""),
        ("dpo", site.dpo, ""),
    ]
    if site.authority:
        rows.append(("authority", site.authority.name, site.authority.url))
    return [(locale(f"preferences.{key}"), words, url) for key, words, url in rows if words]
