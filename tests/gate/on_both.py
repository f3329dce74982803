"""The scanners that tests run on, one after the other."""

from collections.abc import Iterator

import pytest

from consentgate.gate import rulings
from consentgate.gate.html import scanner, tags
from tests.gate.html.soup import FUNCTIONS, NOT_BUILT


@pytest.fixture(scope="session", params=["python", "c"])
def engine(request: pytest.FixtureRequest) -> Iterator[str]:
    """The scanner that the tests run on, by its name."""
    chosen = scanner.PYTHON if request.param == "python" else scanner.C
    if chosen is None:
        pytest.skip(NOT_BUILT)
    with pytest.MonkeyPatch.context() as patch:
        for function in FUNCTIONS:
            patch.setattr(scanner, function, getattr(chosen, function))
        # What the other one has read is not to be remembered.
        rulings._rulings.cache_clear()
        tags._remembered_tag.cache_clear()
        yield chosen.name
