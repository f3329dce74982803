"""Writes ``docs/services.md``: ``python -m tests.services.table``.

What a service's own embed codes are recognised by is not copied from the catalogue but found out:
each fixture goes through the HTML gate as an undecided visitor's page does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path

import consentgate.catalogue
from consentgate.catalogue.lookup import Lookup
from consentgate.gate.access import Access
from consentgate.gate.embeds import Embeds
from consentgate.gate.html import Edit, HtmlGate, Tag
from consentgate.gate.widgets import Shape, Widget
from consentgate.model import Consent, Party, Service, Storage
from consentgate.sites import FirstParty
from tests.services.fixtures import FIXTURES, UNVERIFIED, Fixture
from tests.services.street import LOOKUP

PAGE = Path(__file__).parents[2] / "docs" / "services.md"
_FILES = Path(consentgate.catalogue.__file__).parent / "services"

_HEAD = """# Services

Everything that the catalogue knows, and how. This page is written by
`python -m tests.services.table`, and a test compares it with the catalogue.

- **markup**, **inline**, **host**: what the vendor's own embed code is recognised by: a selector
  of a widget's place, the code of an inline script, the address of something that it loads. In
  brackets how many selectors, signatures and hosts the catalogue has; a dash where it has none.
- **in its place**: what a visitor sees who has not agreed. *box*, *line* and *link* stand beside
  or in a widget ([embeds](embeds.md)), *frame* is a page of ours in the frame; a dash: nothing
  that anybody came for.
- **cookies**: how many are known, first party and third party; *+ n* keys in the browser's storage.
- **source**: where the embed code that the tests run was found: the vendor's own instructions
  where they could be read, else a public copy. Bare it reaches the vendor, behind the gate nobody
  hears of an undecided visitor, and with consent to this service alone it works again.
"""
_HOSTS = ("hosts", "older_hosts", "shared_hosts")
_COLUMNS = (
    "service", "category", "provider", "markup", "inline", "host", "in its place", "cookies",
    "source",
)  # fmt: skip
_WORDS = {Shape.BOX: "box", Shape.INSIDE: "box", Shape.LINE: "line", Shape.SHARE: "link"}
NONE = "\N{EN DASH}"
_ORDER = ("frame", "box", "line", "link")


@dataclass(slots=True)
class Recognised:
    """By what the gate has recognised a service's embed codes, and what it put there."""

    markup: bool = False
    inline: bool = False
    host: bool = False
    places: set[str] = field(default_factory=set)


@cache
def _files() -> Mapping[str, Mapping[str, object]]:
    return {path.stem: json.loads(path.read_bytes()) for path in sorted(_FILES.glob("*.json"))}


def recognised(fixtures: Iterable[Fixture]) -> Recognised:
    """What the gate makes of these embed codes of one service."""
    found = Recognised()
    for fixture in fixtures:
        _look(fixture, found)
    return found


def _look(fixture: Fixture, found: Recognised) -> None:
    service = fixture.service

    def place(widget: Widget) -> bytes:
        if widget.service.id == service:
            found.places.add(_WORDS[widget.shape])
        return b"<i>"

    def frame(name: str, _: Mapping[str, str]) -> str:
        if name == service:
            found.places.add("frame")
        return f"/_gate/embed/{name}"

    _NOTING.service, _NOTING.found = service, found
    embeds = Embeds(
        Access(FirstParty(f"site-{next(_SITES)}.example.com", frozenset()), _NOTING, Consent()),
        embed_url=frame,
        gate_url="https://www.example.com/_gate/",
        preferences_url="/_gate/preferences",
        slots={},
        place=place,
    )
    gate = HtmlGate(_Watching(embeds, service, found))
    gate.feed(fixture.page.encode())
    gate.close()


class _Watching:
    """The gate's decisions, with a note of every tag and code that is a sign of the service."""

    def __init__(self, embeds: Embeds, service: str, found: Recognised) -> None:
        self._embeds, self._service, self._found = embeds, service, found

    def tag(self, tag: Tag) -> Edit | None:
        attributes = {each.name: each.value for each in reversed(tag.attributes)}
        place = LOOKUP.by_markup(tag.name, attributes)
        self._found.markup |= place is not None and place.service.id == self._service
        return self._embeds.tag(tag)

    def inline(self, tag: Tag, code: bytes) -> Edit | None:
        owners = {service.id for service in LOOKUP.by_inline(code)}
        self._found.inline |= self._service in owners
        return self._embeds.inline(tag, code)


class _Noting(Lookup):
    """The catalogue's look-ups, with a note of whether an address was the service's."""

    service: str
    found: Recognised

    def by_url(self, host: str, path: str, query: str = "") -> tuple[Service, ...]:
        services = super().by_url(host, path, query)
        self.found.host |= self.service in {service.id for service in services}
        return services


_NOTING = _Noting(LOOKUP.services.values())
_SITES = count()
"""A site for each look: what the gate has once ruled for one, it asks nobody about again."""


def rows() -> Iterator[tuple[str, ...]]:
    """One row per file of the catalogue, in alphabetical order."""
    for name, file in _files().items():
        fixtures = [fixture for fixture in FIXTURES.values() if fixture.member == name]
        found = recognised(fixtures)
        match = file["match"]
        service = LOOKUP.services[file["family"] or name]
        yield (
            f"{file['title']} `{name}`",
            file["category"],
            service.provider.name,
            _sign(found.markup, len(match["markup"])),
            _sign(found.inline, len(match["inline"])),
            _sign(found.host, sum(len(match.get(name, ())) for name in _HOSTS)),
            ", ".join(word for word in _ORDER if word in found.places) or NONE,
            _cookies(file["cookies"]),
            _sources(fixtures),
        )


def _sign(found: bool, known: int) -> str:
    return f"{'yes' if found else 'no'} ({known})" if known else NONE


def _cookies(cookies: list[Mapping[str, str]]) -> str:
    stored = [cookie for cookie in cookies if cookie["storage"] == Storage.LOCAL_STORAGE]
    first = sum(c["party"] == Party.FIRST for c in cookies if c not in stored)
    third = len(cookies) - len(stored) - first
    counts = [f"{first} / {third}"] if first or third else []
    return " + ".join([*counts, *([str(len(stored))] if stored else [])]) or NONE


def _sources(fixtures: list[Fixture]) -> str:
    addresses = dict.fromkeys(f.source for f in fixtures if f.source != UNVERIFIED)
    links = [f"[{number}]({address})" for number, address in enumerate(addresses, 1)]
    if any(fixture.source == UNVERIFIED for fixture in fixtures):
        links.append(UNVERIFIED)
    return ", ".join(links)


def page() -> str:
    """The whole of ``docs/services.md``."""
    table = [_COLUMNS, tuple("---" for _ in _COLUMNS), *rows()]
    lines = [f"| {' | '.join(row)} |" for row in table]
    idle = [f"- `{f.name}`: {f.idle}" for f in FIXTURES.values() if f.idle]
    quiet = ["", "## Embed codes that contact nobody by themselves", "", *idle]
    return "\n".join([_HEAD, *lines, *quiet]) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
