"""From a file, or a dict, to a configuration; or to every fault of it at once."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from consentgate.catalogue import Lookup, load_catalogue
from consentgate.config.checks import Draft, faults_in
from consentgate.config.configuration import Config, FirstPartyCookie, optional_services
from consentgate.config.meaning import digest_of, revision_of
from consentgate.config.positions import Document, MalformedJsonError, read_json
from consentgate.config.problems import located
from consentgate.config.review import doubts_about
from consentgate.config.schema import BUILT_IN_CATEGORIES, ConfigFile
from consentgate.config.services import configured_services
from consentgate.config.validation import validated
from consentgate.config.wording import dotted
from consentgate.errors import ConfigError, Problem
from consentgate.model import Category

DICT_SOURCE = "<dict>"


def load_config(
    source: str | os.PathLike[str] | Mapping[str, object] | Config, *, today: date | None = None
) -> Config:
    """The configuration in a file or a dict; raises ConfigError with every fault of it.

    A loaded Config is handed back. ``today`` is the day that the warnings about the policy's
    history count from.
    """
    if isinstance(source, Config):
        return source
    today = today or datetime.now(tz=UTC).date()
    if isinstance(source, Mapping):
        return _load(DICT_SOURCE, _read_dict(source), today)
    name = os.fspath(source)
    return _load(name, _read_file(name), today)


def _read_file(name: str) -> Document:
    try:
        return read_json(Path(name).read_bytes())
    except MalformedJsonError as error:
        raise ConfigError(name, (error.problem,)) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(name, (Problem(0, 0, "", f"cannot be read: {reason}."),)) from None


def _read_dict(settings: Mapping[str, object]) -> Document:
    """A dict by way of JSON, so that it is held to the same rules as a file."""
    try:
        content = json.dumps(settings, allow_nan=False, default=_as_dict)
        return read_json(content.encode("ascii")).without_positions()
    except MalformedJsonError as error:
        raise ConfigError(DICT_SOURCE, (Problem(0, 0, "", error.problem.message),)) from None
    except (TypeError, ValueError, RecursionError) as error:
        problem = Problem(0, 0, "", f"holds what JSON cannot: {error}.")
        raise ConfigError(DICT_SOURCE, (problem,)) from None


def _as_dict(value: object) -> dict[str, object]:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a value of type {type(value).__name__}")


def _load(name: str, document: Document, today: date) -> Config:
    file, found = validated(document.value)
    draft = Draft(file, load_catalogue().services, _category_ids(document.value))
    # Of what is wrong by itself, no second fault is told that follows from it.
    further = (f for f in faults_in(draft) if not any(own.touches(f.path) for own in found))
    problems = sorted(located((*found, *further), document), key=lambda p: (p.line, p.column))
    if problems:
        raise ConfigError(name, tuple(dict.fromkeys(problems)))
    return _config(name, draft, today)


def _config(name: str, draft: Draft, today: date) -> Config:
    file, catalogue = draft.file, draft.catalogue
    services = configured_services(file.services, catalogue)
    own = frozenset(service.id for service in services)
    others = (service for service in catalogue.values() if service.id not in own)
    with_hosts = (id_ for id_, entry in file.services.items() if entry.match and entry.match.hosts)
    return Config(
        source=name,
        site=file.site,
        policy=file.policy,
        languages=file.languages,
        banner=file.banner,
        social=file.social,
        unknown=file.unknown,
        ip=file.ip,
        signals=file.signals,
        proofs=file.proofs,
        categories=tuple(_categories(file)),
        services=services,
        first_party_cookies=tuple(_first_party_cookies(file)),
        exempt_paths=file.exempt_paths,
        lookup=Lookup((*services, *others), configured=own.intersection(with_hosts)),
        digest=digest_of(file, services),
        revision=revision_of(optional_services(services)),
        warnings=tuple(f"{dotted(d.path)}: {d.message}" for d in doubts_about(draft, today)),
    )


def _category_ids(data: object) -> tuple[str, ...]:
    written = data.get("categories") if isinstance(data, dict) else None
    own = written if isinstance(written, dict) else {}
    return tuple(dict.fromkeys((*BUILT_IN_CATEGORIES, *own)))


def _categories(file: ConfigFile) -> Iterator[Category]:
    for id_ in dict.fromkeys((*BUILT_IN_CATEGORIES, *file.categories)):
        entry = file.categories.get(id_)
        yield Category(id_, entry.title if entry else {}, entry.description if entry else {})


def _first_party_cookies(file: ConfigFile) -> Iterator[FirstPartyCookie]:
    for name, entry in file.first_party_cookies.items():
        yield FirstPartyCookie(name, entry.category, entry.purpose, entry.lifetime)
