"""What a running site stops that nobody declared: told once in the log, and counted."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Collection, Iterable
from datetime import date, timedelta
from functools import lru_cache, partial

from consentgate.config import Config
from consentgate.discovery.counts import Kind
from consentgate.discovery.declaring import declaration_of, undeclared_service
from consentgate.discovery.tally import Tally
from consentgate.discovery.violations import MARKUP, Violation, is_public_name
from consentgate.gate.access import Blocked
from consentgate.sites import Url

logger = logging.getLogger("consentgate")

_NAMES_KEPT = 1000
_KINDS_KEPT = 1024
_LONGEST_PATH = 512
_DAY_SECONDS = 24 * 60 * 60
_EPOCH = date(1970, 1, 1)
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
        self._config: Config | None = None
        self._kinds: Callable[[str, str, str], Kind | None] = lambda *_: None

    def report_blocked(self, stopped: Iterable[Blocked], config: Config, *, now: float = 0) -> None:
        """Log and count those of the stopped that the configuration should know of."""
        declared = config.service_ids
        unknown = [b for b in stopped if not b.service or b.service.id not in declared]
        self._count([(blocked.url, MARKUP) for blocked in unknown], config, now)
        for blocked in unknown:
            host = blocked.url.host
            if host in self._seen or not _HOST_NAME.fullmatch(host) or not self._is_new(host):
                continue  # a comment of a visitor may name what no host is called
            logger.warning(
                "blocked %s: no service of the configuration claims it. To ask visitors for"
                ' their consent, add under "services": %s',
                host,
                declaration_of(blocked),
            )

    def report_violations(
        self, violations: Iterable[Violation], config: Config, *, now: float
    ) -> None:
        """Count what policies stopped, as browsers say, and the configuration does not know."""
        self._count([(each.url, each.directive) for each in violations], config, now)

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

    def _count(self, stopped: Collection[tuple[Url, str]], config: Config, now: float) -> None:
        if self._tally is None or not stopped:
            return
        if config is not self._config:
            self._config, self._kinds = config, lru_cache(_KINDS_KEPT)(partial(_kind_of, config))
        kinds = [self._kind(url, way, config) for url, way in stopped]
        if found := [kind for kind in kinds if kind]:
            self._tally.count(found, _day_of(now // _DAY_SECONDS))

    def _kind(self, url: Url, way: str, config: Config) -> Kind | None:
        if len(url.path) > _LONGEST_PATH:
            return _kind_of(config, url.host, url.path, way)
        return self._kinds(url.host, url.path, way)

    def _is_new(self, name: str) -> bool:
        if name in self._seen or len(self._seen) >= _NAMES_KEPT:
            return False
        self._seen.add(name)
        return True


def _kind_of(config: Config, host: str, path: str, way: str) -> Kind | None:
    """What an address counts as; None for one that is declared, or that nobody can look up."""
    service = undeclared_service(host, path, config) if is_public_name(host) else None
    return None if service is None else Kind(host, way, service)


@lru_cache(maxsize=2)
def _day_of(days: float) -> date:
    """The UTC day so many days after the epoch of Unix."""
    return _EPOCH + timedelta(days=days)
