"""What a running site stops that nobody declared: told once in the log, and counted."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import NamedTuple

from consentgate.config import Config
from consentgate.discovery.counts import Kind
from consentgate.discovery.declaring import declaration_of, undeclared_service
from consentgate.discovery.tally import Tally
from consentgate.discovery.violations import MARKUP, Violation, is_public_name
from consentgate.gate.access import Blocked, Stopped
from consentgate.sites import Url

logger = logging.getLogger("consentgate")

_NAMES_KEPT = 1000
_KINDS_KEPT = 1024
_PAGES_KEPT = 512
_LONGEST_PATH = 512
_HOST_NAME = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]")


class Discoveries:
    """Names each third party and each cookie once per process that nobody declared.

    Holds names only, never an address, a page, a value or a visitor; at most 1,000 of them.
    How often third parties were stopped goes to the ``tally``. What a browser reports is counted
    and not named in the log: anybody can send it.
    """

    def __init__(self, tally: Tally | None = None) -> None:
        self._tally = tally
        self._seen: set[str] = set()

    def report_blocked(
        self, stopped: Collection[Blocked], undeclared: Undeclared, *, now: float = 0
    ) -> None:
        """Log and count those of the stopped that the configuration should know of."""
        if isinstance(stopped, Stopped):  # of a page that is remembered: it comes again and again
            found = undeclared.on_page(stopped)
        else:
            found = undeclared.among(stopped)
        if found.kinds and self._tally is not None:
            self._tally.count(found.kinds, now)
        if not self._seen.issuperset(found.hosts):
            self._name(found.blocked)

    def report_violations(
        self, violations: Iterable[Violation], undeclared: Undeclared, *, now: float
    ) -> None:
        """Count what policies stopped, as browsers say, and the configuration does not know."""
        kinds = undeclared.kinds((each.url, each.directive) for each in violations)
        if kinds and self._tally is not None:
            self._tally.count(kinds, now)

    def report_cookies(self, names: Iterable[str]) -> None:
        """Log the cookies that the application sets and nobody has classified."""
        for name in names:
            if self._is_new(f"cookie {name}"):
                entry = {"category": "necessary", "purpose": "…", "lifetime": "session"}
                logger.warning(
                    "the cookie %r is not classified. If the site needs it, add under"
                    ' "first_party_cookies": %s: %s',
                    name,
                    json.dumps(name),
                    json.dumps(entry, ensure_ascii=False),
                )

    def close(self) -> None:
        """Write down what is counted so far. Blocks."""
        if self._tally is not None:
            self._tally.flush()

    def _name(self, stopped: Iterable[Blocked]) -> None:
        for blocked in stopped:
            host = blocked.url.host
            if host in self._seen or not _HOST_NAME.fullmatch(host) or not self._is_new(host):
                continue  # a comment of a visitor may name what no host is called
            logger.warning(
                "blocked %s: no service of the configuration claims it. To ask visitors for"
                ' their consent, add under "services": %s',
                host,
                declaration_of(blocked),
            )

    def _is_new(self, name: str) -> bool:
        if name in self._seen or len(self._seen) >= _NAMES_KEPT:
            return False
        self._seen.add(name)
        return True


class _Found(NamedTuple):
    """What was stopped on a page and is not declared: hosts, and what they count as."""

    blocked: tuple[Blocked, ...]
    hosts: frozenset[str]
    kinds: tuple[Kind, ...]


class Undeclared:
    """What one configuration does not declare."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._kinds = lru_cache(_KINDS_KEPT)(self._kind_of)
        self.on_page = lru_cache(_PAGES_KEPT)(self.among)

    def kinds(self, stopped: Iterable[tuple[Url, str]]) -> tuple[Kind, ...]:
        """What they count as, each with the way in which it was stopped."""
        return tuple(kind for url, way in stopped if (kind := self._kind(url, way)))

    def among(self, stopped: Collection[Blocked]) -> _Found:
        """Those of the stopped; ``on_page`` remembers them with the page."""
        declared = self.config.service_ids
        blocked = tuple(b for b in stopped if not b.service or b.service.id not in declared)
        hosts = frozenset(b.url.host for b in blocked)
        return _Found(blocked, hosts, self.kinds((b.url, MARKUP) for b in blocked))

    def _kind(self, url: Url, way: str) -> Kind | None:
        if len(url.path) > _LONGEST_PATH:
            return self._kind_of(url.host, url.path, way)
        return self._kinds(url.host, url.path, way)

    def _kind_of(self, host: str, path: str, way: str) -> Kind | None:
        """What an address counts as; None where it is declared, or nobody can look it up."""
        if not is_public_name(host):
            return None
        service = undeclared_service(host, path, self.config)
        return None if service is None else Kind(host, way, service)
