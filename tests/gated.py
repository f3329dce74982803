"""An application behind a gate of the tests, and the proofs that are written there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from consentgate import ConsentGateMiddleware
from tests.live_server import App
from tests.proofs.samples import rows


def with_one_service(
    host: str, *, category: str = "analytics", **match: object
) -> dict[str, object]:
    """The configuration of a site with one service on this host; ``match``: by what else."""
    return {
        "site": {"name": "A site", "privacy_url": "/privacy"},
        "policy": {"version": "1"},
        "services": {
            "one": {
                "title": "One",
                "category": category,
                "provider": {"name": "One"},
                "purpose": "Tests.",
                "match": {"hosts": [host], **match},
            }
        },
    }


def behind_gate(
    app: App, folder: Path, config: Mapping[str, object] | Path, **options: object
) -> ConsentGateMiddleware:
    """The application behind the gate; its proofs lie in the folder."""
    return ConsentGateMiddleware(
        app,
        config=config,
        secret="a secret of the tests, long enough",
        database=f"sqlite:///{folder}/proofs.db",
        **options,
    )


def proofs_in(folder: Path) -> list[dict[str, object]]:
    """The proofs of a gated application so far, oldest first, without those that were erased."""
    return [json.loads(body) for (body,) in rows(folder / "proofs.db", "body") if body]
