"""The vendors' own embed codes: one file per form, written from what the vendor publishes.

``fixtures/<service>.html``, or ``fixtures/<service>.<form>.html`` where a vendor publishes
several. A file begins with a comment of ``key: value`` lines:

* ``source``: the address of the vendor's instructions, or ``UNVERIFIED`` where none was found;
* ``idle``, where the code contacts nobody until something happens: why.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from consentgate.catalogue import load_catalogue

FOLDER = Path(__file__).with_name("fixtures")
UNVERIFIED = "from general knowledge, unverified"

_HEAD = re.compile(r"<!--\n(?P<facts>.*?)-->\n", re.DOTALL)
_LOADS_WITHOUT_SCRIPT = re.compile(r"<noscript>(?:(?!</noscript>).)*<(?:img|iframe)\b", re.DOTALL)
_PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{name}</title>'
    '<link rel="icon" href="data:,"></head><body>\n{code}\n</body></html>'
)


@dataclass(frozen=True, slots=True)
class Fixture:
    """One form of one service's embed code."""

    name: str
    member: str
    """The catalogue's file; the same as the service unless that is a family."""
    service: str
    """What a configuration calls it."""
    code: str = field(repr=False)
    source: str
    idle: str

    @property
    def page(self) -> str:
        """A page with nothing on it but this code."""
        return _PAGE.format(name=self.name, code=self.code)

    @property
    def label(self) -> str:
        """The name as a part of a host name."""
        return self.name.replace(".", "-")

    @property
    def works_without_script(self) -> bool:
        """Whether there is something in it for a browser without JavaScript."""
        return _LOADS_WITHOUT_SCRIPT.search(self.code) is not None


def _families() -> Mapping[str, str]:
    services = load_catalogue().services.values()
    return {member: service.id for service in services for member in service.members}


def _read(file: Path, families: Mapping[str, str]) -> Fixture:
    text = file.read_text(encoding="utf-8")
    head = _HEAD.match(text)
    assert head, f"{file.name} does not begin with a comment that names its source"
    facts = dict(line.split(": ", 1) for line in head["facts"].splitlines())
    member = file.name.split(".")[0]
    return Fixture(
        name=file.name.removesuffix(".html"),
        member=member,
        service=families.get(member, member),
        code=text[head.end() :],
        source=facts.pop("source"),
        idle=facts.pop("idle", ""),
    )


def read_fixtures() -> dict[str, Fixture]:
    """All of them by name, in alphabetical order."""
    families = _families()
    read = (_read(file, families) for file in sorted(FOLDER.glob("*.html")))
    return {fixture.name: fixture for fixture in read}


FIXTURES = read_fixtures()
