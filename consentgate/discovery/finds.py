"""What a running site stops that nobody declared: told once in the log, and counted."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable
from datetime import UTC, datetime

from consentgate.config import Config
from consentgate.discovery.counts import Kind
from consentgate.discovery.declaring import declaration_of, undeclared_service
from consentgate.discovery.tally import Tally
from consentgate.discovery.violations import MARKUP, Violation, is_public_name
from consentgate.gate.access import Blocked
from consentgate.sites import Url

logger = logging.getLogger("consentgate")

_NAMES_KEPT = 1000
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

    def report_blocked(self, stopped: Iterable[Blocked], config: Config, *, now: float = 0) -> None:
        """Log and count those of the stopped that the configuration should know of."""
        configured = {service.id for service in config.services}
        for blocked in stopped:
            host = blocked.url.host
            if blocked.service and blocked.service.id in configured:
                continue
            self._count(blocked.url, MARKUP, config, now)
            if not _HOST_NAME.fullmatch(host) or not self._is_new(host):
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
        for violation in violations:
            self._count(violation.url, violation.directive, config, now)

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

    def _count(self, url: Url, way: str, config: Config, now: float) -> None:
        if self._tally is None or not is_public_name(url.host):
            return
        service = undeclared_service(url, config)
        if service is not None:
            day = datetime.fromtimestamp(now, tz=UTC).date()
            self._tally.count(Kind(url.host, way, service), day)

    def _is_new(self, name: str) -> bool:
        if name in self._seen or len(self._seen) >= _NAMES_KEPT:
            return False
        self._seen.add(name)
        return True
