"""The catalogue's files, read once into services."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import NotRequired, TypedDict

from consentgate.catalogue import names, wording
from consentgate.model import NECESSARY, Cookie, Match, Party, Provider, Service, Storage
from consentgate.sites import is_public_suffix

_HERE = Path(__file__).parent
_DATA = _HERE / "data"
_SERVICES = _HERE / "services"


class _ProviderFacts(TypedDict):
    company: str
    name: str
    address: str
    country: str


class _Head(TypedDict):
    """What a family and a service have in common."""

    title: str
    category: str
    kind: str
    provider: str
    privacy_url: str


class _MatchFile(TypedDict):
    hosts: list[str]
    older_hosts: NotRequired[list[str]]
    shared_hosts: list[str]
    paths: list[str]
    inline: list[str]
    markup: list[str]
    sockets: bool


class _CookieFile(TypedDict):
    name: str
    lifetime: str
    party: str
    storage: str
    purpose: str


class _ServiceFile(_Head):
    id: str
    family: str
    legacy: bool
    note: str
    match: _MatchFile
    cookies: list[_CookieFile]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything a configuration may name, and names for the rest.

    ``services`` holds single services and families by id, in the order of their ids; the
    members of a family are not in it.
    """

    services: Mapping[str, Service]

    def host_name(self, host: str) -> names.HostName | None:
        """Who is said to run a host that no service claims. For reports, never for a decision."""
        return names.host_name(host)

    def cookie_name(self, name: str) -> names.CookieName | None:
        """What a cookie of this name is said to be. For reports, never for a decision."""
        return names.cookie_name(name)


@cache
def load_catalogue() -> Catalogue:
    """The catalogue of this package; its files are read on the first call."""
    providers: Mapping[str, _ProviderFacts] = json.loads((_DATA / "providers.json").read_bytes())
    families: Mapping[str, _Head] = json.loads((_DATA / "families.json").read_bytes())
    files = [_read(path) for path in sorted(_SERVICES.glob("*.json"))]
    services = [
        _service(file["id"], file, [file], providers) for file in files if not file["family"]
    ]
    for name, head in families.items():
        members = [file for file in files if file["family"] == name]
        service = _service(name, head, members, providers)
        services.append(replace(service, members=tuple(file["id"] for file in members)))
    services.sort(key=lambda service: service.id)
    shared = _hosts_of_several(services)
    services = [_with_sole_hosts(service, shared) for service in services]
    return Catalogue(MappingProxyType({service.id: service for service in services}))


def _hosts_of_several(services: Sequence[Service]) -> frozenset[str]:
    """The hosts that more than one service claims."""
    claims = Counter(
        host for service in services for host in {h for m in service.matches for h in m.hosts}
    )
    return frozenset(host for host, claimants in claims.items() if claimants > 1)


def _with_sole_hosts(service: Service, of_several: frozenset[str]) -> Service:
    """Below a public suffix (``*.run.app``) live strangers: such a host is never one's own."""
    matches = (
        replace(
            match,
            sole_hosts=frozenset(
                host
                for host in match.shared_hosts - of_several
                if not is_public_suffix(host.removeprefix("*."))
            ),
        )
        for match in service.matches
    )
    return replace(service, matches=tuple(matches))


def _read(path: Path) -> _ServiceFile:
    file: _ServiceFile = json.loads(path.read_bytes())
    return file


def _service(
    service_id: str,
    head: _Head,
    files: Sequence[_ServiceFile],
    providers: Mapping[str, _ProviderFacts],
) -> Service:
    facts = providers[head["provider"]]
    kind, title = head["kind"], head["title"]
    purpose = wording.purpose(kind, title)
    return Service(
        id=service_id,
        title=title,
        category=head["category"],
        provider=Provider(facts["name"], facts["address"], facts["country"], head["privacy_url"]),
        matches=tuple(_match(file["match"]) for file in files),
        cookies=tuple(_cookies(files)),
        purpose=purpose,
        placeholder=wording.placeholder(
            kind, title, facts["company"] or facts["name"], service=service_id
        ),
        # What the catalogue itself calls necessary brings its reason: it says what it is for.
        reason=purpose if head["category"] == NECESSARY else {},
        legacy=all(file["legacy"] for file in files),
        kind=kind,
    )


def _match(file: _MatchFile) -> Match:
    older = file.get("older_hosts", [])
    return Match(
        hosts=(*file["hosts"], *older, *file["shared_hosts"]),
        older_hosts=frozenset(older),
        shared_hosts=frozenset(file["shared_hosts"]),
        paths=tuple(file["paths"]),
        inline=tuple(file["inline"]),
        markup=tuple(file["markup"]),
        sockets=file["sockets"],
    )


def _cookies(files: Sequence[_ServiceFile]) -> Iterator[Cookie]:
    """The cookies of all members; one that several set is told once."""
    seen = set()
    for file in files:
        for entry in file["cookies"]:
            key = (entry["name"], entry["party"], entry["storage"])
            if key in seen:
                continue
            seen.add(key)
            yield Cookie(
                name=entry["name"],
                lifetime=entry["lifetime"],
                party=Party(entry["party"]),
                purpose=wording.cookie_purpose(entry["purpose"]),
                storage=Storage(entry["storage"]),
            )
