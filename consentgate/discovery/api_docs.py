"""FastAPI's own documentation pages, which load their scripts from a CDN."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

logger = logging.getLogger("consentgate")

_ROUTES = frozenset({"swagger_ui_html", "redoc_html"})


def warn_of_api_docs(app: object, exempt_paths: tuple[str, ...]) -> None:
    """Say what to write when FastAPI's own documentation pages would come out blank.

    They load their scripts from a CDN, which nobody who reads them consented to.
    """
    missing = [path for path in _paths(app) if not is_under(path, exempt_paths)]
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


def _paths(app: object) -> Iterator[str]:
    """Paths of FastAPI's documentation, looked for through the middlewares around the app."""
    layer: object | None = app
    for _ in range(50):
        routes = getattr(layer, "routes", None)
        if routes is not None:
            for route in routes:
                if getattr(route, "name", "") in _ROUTES:
                    yield str(route.path)
            return
        layer = getattr(layer, "app", None)
        if layer is None:
            return
