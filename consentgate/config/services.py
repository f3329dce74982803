"""The configured services: what the file says of each, laid over what the catalogue knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from consentgate.catalogue.lookup import CONSENT_TOOL
from consentgate.config.entries import CookieEntry, MatchEntry, ProviderEntry, ServiceEntry
from consentgate.model import NECESSARY, Cookie, Match, Party, Provider, Service, Storage
from consentgate.sites import host_matches


def configured_services(
    entries: Mapping[str, ServiceEntry], catalogue: Mapping[str, Service]
) -> tuple[Service, ...]:
    """The services that visitors can be asked about, in the file's order.

    Another consent tool is not among them: it stays blocked, whatever the file says of it.
    """
    return tuple(
        _service(id_, entry, catalogue.get(id_))
        for id_, entry in entries.items()
        if not is_consent_tool(id_, catalogue)
    )


def is_consent_tool(id_: str, catalogue: Mapping[str, Service]) -> bool:
    """Whether the catalogue knows this id as another consent tool."""
    return id_ in catalogue and catalogue[id_].category == CONSENT_TOOL


def effective_category(id_: str, entry: ServiceEntry, catalogue: Mapping[str, Service]) -> str:
    """The category that a service ends up in; empty where nobody names one."""
    if entry.category or id_ not in catalogue:
        return entry.category
    return catalogue[id_].category


def _service(id_: str, entry: ServiceEntry, known: Service | None) -> Service:
    base = known or Service(id=id_, title="", category="", provider=Provider(name=""))
    category = entry.category or base.category
    return replace(
        base,
        title=entry.title or base.title,
        category=category,
        provider=_provider(entry.provider) if entry.provider else base.provider,
        purpose=entry.purpose or base.purpose,
        matches=tuple(_matches(entry.match, base.matches, limit=category == NECESSARY)),
        cookies=_cookies(entry.cookies, base.cookies),
        placeholder=(entry.placeholder and entry.placeholder.text) or base.placeholder,
        reason=entry.reason or base.reason,
        ids=entry.ids or base.ids,
        lifetime_limit=entry.lifetime_limit or base.lifetime_limit,
        poster=bool(entry.placeholder and entry.placeholder.poster),
    )


def _provider(entry: ProviderEntry) -> Provider:
    return Provider(entry.name, entry.address, entry.country or "", entry.privacy_url)


def _matches(entry: MatchEntry | None, known: tuple[Match, ...], *, limit: bool) -> Iterator[Match]:
    """Where the catalogue knows the service, the file only tightens.

    An optional service is recognised by more than the catalogue says, never by less; of a
    necessary one nothing passes but what the file names.
    """
    if entry is None:
        yield from known
    elif known and limit:
        yield from dict.fromkeys(_limited(match, entry) for match in known)
    else:
        yield from known
        yield Match(
            hosts=entry.hosts,
            shared_hosts=frozenset(entry.hosts if entry.paths else ()),
            paths=entry.paths,
            inline=entry.inline,
            markup=entry.markup,
            sockets=True,
        )


def _limited(match: Match, entry: MatchEntry) -> Match:
    hosts = entry.hosts or match.hosts
    if entry.paths:
        shared = frozenset(hosts)
        return replace(
            match, hosts=hosts, shared_hosts=shared, sole_hosts=frozenset(), paths=entry.paths
        )
    shared = frozenset(h for h in hosts if host_matches(h.removeprefix("*."), match.shared_hosts))
    return replace(match, hosts=hosts, shared_hosts=shared, sole_hosts=frozenset())


def _cookies(entries: Iterable[CookieEntry], known: tuple[Cookie, ...]) -> tuple[Cookie, ...]:
    own = {entry.name: _cookie(entry) for entry in entries}
    return (*(cookie for cookie in known if cookie.name not in own), *own.values())


def _cookie(entry: CookieEntry) -> Cookie:
    return Cookie(
        name=entry.name,
        lifetime=entry.lifetime,
        party=Party(entry.party),
        purpose=entry.purpose,
        storage=Storage(entry.storage),
    )
