"""For all tests of the gates: they run on both scanners."""

import pytest

from tests.gate.on_both import engine

__all__ = ["engine"]


@pytest.fixture(scope="session", autouse=True)
def _on_both(engine: str) -> None:
    """Runs each test once on either."""
