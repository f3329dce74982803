"""The purposes as a visitor reads them: built-in words, the site's own in their place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from consentgate.banner.texts import Locale
from consentgate.config import Config
from consentgate.model import Category, Consent, Provider, Service


@dataclass(frozen=True, slots=True)
class ServiceWords:
    """One service in the settings; ``allowed`` as the visitor chose before."""

    id: str
    title: str
    provider: Provider
    purpose: str
    reason: str
    cookies: tuple[str, ...]
    allowed: bool


@dataclass(frozen=True, slots=True)
class CategoryWords:
    """One category with its services; ``allowed`` means all of them."""

    id: str
    title: str
    description: str
    services: tuple[ServiceWords, ...]
    allowed: bool

    @property
    def partly(self) -> bool:
        """Whether the visitor allowed some of its services and not all."""
        return not self.allowed and any(service.allowed for service in self.services)


def category_words(
    config: Config, category: Category, locale: Locale, consent: Consent
) -> CategoryWords:
    """A category in the visitor's language, with what the visitor allowed in it so far."""
    services = tuple(
        _service_words(service, locale, consent) for service in config.in_category(category.id)
    )
    return CategoryWords(
        id=category.id,
        title=_title(category, locale),
        description=locale.pick(category.description) or _built_in(category, "description", locale),
        services=services,
        allowed=bool(services) and all(service.allowed for service in services),
    )


def optional_categories(config: Config) -> Iterator[Category]:
    """The categories that a visitor can agree to: those in which a service is configured."""
    in_use = {service.category for service in config.optional}
    return (category for category in config.categories if category.id in in_use)


def purposes(config: Config, locale: Locale) -> str:
    """All purposes that consent is asked for, as one enumeration inside a sentence."""
    return locale.listed([_purpose(category, locale) for category in optional_categories(config)])


def granted_titles(words: Sequence[CategoryWords]) -> list[str]:
    """What was allowed: whole categories by their name, else single services by theirs."""
    titles = []
    for category in words:
        if category.allowed:
            titles.append(category.title)
        else:
            titles += [service.title for service in category.services if service.allowed]
    return titles


def _service_words(service: Service, locale: Locale, consent: Consent) -> ServiceWords:
    return ServiceWords(
        id=service.id,
        title=service.title,
        provider=service.provider,
        purpose=locale.pick(service.purpose),
        reason=locale.pick(service.reason),
        cookies=tuple(dict.fromkeys(cookie.name for cookie in service.cookies)),
        allowed=service.id in consent.allowed,
    )


def _title(category: Category, locale: Locale) -> str:
    return locale.pick(category.title) or _built_in(category, "title", locale) or category.id


def _built_in(category: Category, part: str, locale: Locale) -> str:
    key = f"category.{category.id}.{part}"
    return locale(key) if key in locale else ""


def _purpose(category: Category, locale: Locale) -> str:
    key = f"banner.purpose.{category.id}"
    if key in locale and not category.title:
        return locale(key)
    quoted = locale("quote", text=_title(category, locale))
    return locale("banner.purpose.other", title=quoted)


def all_category_words(config: Config, locale: Locale, consent: Consent) -> list[CategoryWords]:
    """The words of every category that can be agreed to, in order."""
    return [
        category_words(config, category, locale, consent)
        for category in optional_categories(config)
    ]


def first_words(config: Config, locale: Locale) -> str:
    """The sentences of the first layer; behind words of the site's own, the purposes follow."""
    named = purposes(config, locale)
    if own := locale.pick(config.banner.text):
        return f"{own} {locale('banner.purposes', purposes=named)}"
    return locale("banner.text", purposes=named)
