"""The list of what was stopped undeclared, for people and for machines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from consentgate.config import Config
from consentgate.discovery.counts import Sighting
from consentgate.discovery.declaring import Suggestion, suggestion_for, undeclared_service


@dataclass(frozen=True, slots=True)
class Find:
    """One host of one service, with all the ways in which it was stopped."""

    suggestion: Suggestion
    sightings: tuple[Sighting, ...]

    @property
    def count(self) -> int:
        """How often it was stopped, in whatever way."""
        return sum(sighting.count for sighting in self.sightings)

    @property
    def first(self) -> str:
        """The first day."""
        return min(sighting.first for sighting in self.sightings)

    @property
    def last(self) -> str:
        """The last day."""
        return max(sighting.last for sighting in self.sightings)


def finds(sightings: Iterable[Sighting], config: Config | None) -> tuple[Find, ...]:
    """What is still undeclared, the most frequent first; all of it without a configuration."""
    grouped: dict[tuple[str, str], list[Sighting]] = {}
    for sighting in sightings:
        if config is None or _undeclared(sighting, config):
            key = (sighting.kind.host, sighting.kind.service)
            grouped.setdefault(key, []).append(sighting)
    taken = {*(c.id for c in config.categories), *config.service_ids} if config else set()
    found = []
    for (host, service), seen in grouped.items():
        suggestion = suggestion_for(host, service, taken)
        if not service:
            taken.add(suggestion.id)
        found.append(Find(suggestion, tuple(seen)))
    return tuple(sorted(found, key=lambda find: (-find.count, find.suggestion.host)))


def _undeclared(sighting: Sighting, config: Config) -> bool:
    """Whether the file, as it is by now, still names nobody for a host."""
    kind = sighting.kind
    if kind.service:
        return all(service.id != kind.service for service in config.services)
    return undeclared_service(kind.host, "/", config) is not None


def listed(found: Iterable[Find]) -> Iterator[str]:
    """Lines for people: who it is, how it was stopped, and what to add."""
    for find in found:
        suggestion = find.suggestion
        ways = ", ".join(f"{s.kind.way} {s.count}" for s in find.sightings)
        days = find.first if find.first == find.last else f"{find.first} to {find.last}"
        yield ""
        yield f"{suggestion.host}: {suggestion.who}"
        yield f"  stopped {days}: {ways}"
        if not suggestion.json:
            yield "  It stays blocked. Take it out of your pages."
        elif suggestion.known:
            yield f"  {suggestion.json}"
        else:
            yield f"  {suggestion.json}"
            yield "  Write who runs it and what you use it for before you publish this."


def listed_for_machines(found: Iterable[Find]) -> list[dict[str, object]]:
    """The same as JSON values."""
    return [
        {
            "host": find.suggestion.host,
            "who": find.suggestion.who if find.suggestion.known else None,
            "count": find.count,
            "first": find.first,
            "last": find.last,
            "ways": {sighting.kind.way: sighting.count for sighting in find.sightings},
            "id": find.suggestion.id or None,
            "entry": find.suggestion.entry,
        }
        for find in found
    ]
