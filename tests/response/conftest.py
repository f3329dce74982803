"""For the tests of answers: those that gate HTML run on both scanners."""

import pytest

from tests.gate.on_both import engine

__all__ = ["engine"]

ON_BOTH = {"test_memo", "test_nonces", "test_opening", "test_over_a_socket", "test_responder"}


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Marks the files that gate HTML."""
    if isinstance(collector, pytest.Module) and collector.path.stem in ON_BOTH:
        collector.add_marker(pytest.mark.usefixtures("engine"))
