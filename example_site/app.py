"""The example site as it is served: wrapped in consentgate, or bare for comparison."""

from __future__ import annotations

import os
from pathlib import Path

from starlette.types import ASGIApp

from example_site.site import create_app

__all__ = ["app", "create_app"]

CONFIG = Path(__file__).parent / "consentgate.json"


def _served() -> ASGIApp:
    """The site behind its gate; without it where ``CONSENTGATE=off`` is set."""
    site = create_app()
    if os.environ.get("CONSENTGATE", "").lower() == "off":
        return site
    # Only here, so that the bare site shows what a site is like that never heard of the gate.
    from consentgate import ConsentGateMiddleware  # noqa: PLC0415

    return ConsentGateMiddleware(site, config=CONFIG)


app = _served()
