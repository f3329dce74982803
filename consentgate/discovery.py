"""What the site loads that its configuration does not name: told once, with the JSON to add."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Iterator

from consentgate.catalogue import load_catalogue
from consentgate.config import Config
from consentgate.gate.access import Blocked

logger = logging.getLogger("consentgate")

_API_DOCS_ROUTES = frozenset({"swagger_ui_html", "redoc_html"})
_NAMES_KEPT = 1000
_HOST_NAME = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]")


class Discoveries:
    """Names each third party and each cookie once per process that nobody declared.

    Holds names only, never an address, a page, a value or a visitor; at most 1,000 of them.
    """

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def report_blocked(self, stopped: Iterable[Blocked], config: Config) -> None:
        """Log those of the stopped that the configuration should know of and does not."""
        configured = {service.id for service in config.services}
        for blocked in stopped:
            host = blocked.url.host
            if blocked.service and blocked.service.id in configured:
                continue
            if not _HOST_NAME.fullmatch(host) or not self._is_new(host):
                continue  # a comment of a visitor may name what no host is called
            logger.warning(
                "blocked %s: no service of the configuration claims it. To ask visitors for"
                ' their consent, add under "services": %s',
                host,
                declaration_of(blocked),
            )

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

    def _is_new(self, name: str) -> bool:
        if name in self._seen or len(self._seen) >= _NAMES_KEPT:
            return False
        self._seen.add(name)
        return True


def declaration_of(blocked: Blocked) -> str:
    """The JSON that declares a stopped third party, as far as the catalogue knows it."""
    if blocked.service:
        return f'"{blocked.service.id}": {{}}'
    host = blocked.url.host
    known = load_catalogue().host_name(host)
    company = known.company if known else "name of the company"
    entry = {
        "title": known.entity if known else host,
        "category": "functional",
        "provider": {"name": company},
        "match": {"hosts": [host]},
    }
    return f'"{host.replace(".", "-")}": {json.dumps(entry)}'


def warn_of_api_docs(app: object, exempt_paths: tuple[str, ...]) -> None:
    """Say what to write when FastAPI's own documentation pages would come out blank.

    They load their scripts from a CDN, which nobody who reads them consented to.
    """
    missing = [path for path in _api_docs_paths(app) if not is_under(path, exempt_paths)]
    if missing:
        logger.warning(
            "%s load their scripts from a CDN and will be blank behind the gate. To leave them"
            ' ungated, write "exempt_paths": %s',
            " and ".join(missing),
            json.dumps([*exempt_paths, *missing]),
        )


def is_under(path: str, prefixes: tuple[str, ...]) -> bool:
    """Whether a path is one of the prefixes or lies below one."""
    for prefix in prefixes:
        if path.startswith(prefix) and (
            path == prefix or path.startswith(f"{prefix.rstrip('/')}/")
        ):
            return True
    return False


def _api_docs_paths(app: object) -> Iterator[str]:
    """Paths of FastAPI's documentation, looked for through the middlewares around the app."""
    layer: object | None = app
    for _ in range(50):
        routes = getattr(layer, "routes", None)
        if routes is not None:
            for route in routes:
                if getattr(route, "name", "") in _API_DOCS_ROUTES:
                    yield str(route.path)
            return
        layer = getattr(layer, "app", None)
        if layer is None:
            return
