"""Names for what no service claims: who stands behind a host, what a cookie is said to do.

For reports only. To know a name decides nothing: an unknown third party stays blocked. The
facts come from two open data sets (see NOTICE) and are read when the first question is asked.
Known faults of the cookie names, where the catalogue's services know better: ``_fbp`` is
first-party, ``_uetsid`` and ``_uetvid`` have other lifetimes, ``_hjSession_*``, ``_vwo_uuid``
and ``_vis_opt_*`` are not functional, ``FPID`` lasts two years; many rows name no domain.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_DATA = Path(__file__).with_name("data")


@dataclass(frozen=True, slots=True)
class HostName:
    """A host pattern (exact, or ``*.d`` for d and below) and who is said to run it."""

    host: str
    entity: str
    company: str
    category: str


@dataclass(frozen=True, slots=True)
class CookieName:
    """A cookie name, or the beginning of one where ``match`` is ``prefix``, and its use."""

    name: str
    match: str
    platform: str
    category: str
    domain: str
    retention: str
    controller: str


def host_name(host: str) -> HostName | None:
    """Who is said to run a host (lower case, no port); the longest pattern wins."""
    table = _host_table()
    if host in table:
        return table[host]
    labels = host.split(".")
    patterns = ("*." + ".".join(labels[start:]) for start in range(len(labels)))
    return next((table[pattern] for pattern in patterns if pattern in table), None)


def cookie_name(name: str) -> CookieName | None:
    """What a cookie of this name is said to be; an exact name wins, then the longest prefix."""
    exact, prefixes = _cookie_tables()
    if name in exact:
        return exact[name]
    beginnings = (name[:length] for length in range(len(name), 0, -1))
    return next((prefixes[part] for part in beginnings if part in prefixes), None)


@cache
def _host_table() -> Mapping[str, HostName]:
    with (_DATA / "third-party-hosts.csv").open(encoding="utf-8", newline="") as file:
        return {row["host"]: HostName(**row) for row in csv.DictReader(file)}


@cache
def _cookie_tables() -> tuple[Mapping[str, CookieName], Mapping[str, CookieName]]:
    exact: dict[str, CookieName] = {}
    prefixes: dict[str, CookieName] = {}
    with (_DATA / "cookie-names.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            entry = CookieName(**row)
            # A few rows write a prefix as a glob and call it exact.
            is_prefix = entry.match == "prefix" or entry.name.endswith("*")
            table = prefixes if is_prefix else exact
            table.setdefault(entry.name.removesuffix("*"), entry)
    return exact, prefixes
