"""``docs/services.md`` says what is; every service has a fixture, and each names its source."""

import pytest

from tests.services import table
from tests.services.fixtures import FIXTURES, UNVERIFIED
from tests.services.street import CONFIG

TOLD = {row[0].rpartition(" ")[2].strip("`"): row for row in table.rows()}
RECOGNISED = table._COLUMNS.index("markup")
# A plain link is followed or not; what the site's own network adds is never stopped.
LET_BE = {"whatsapp-link", "cloudflare-edge"}


def test_the_page_is_what_the_command_writes() -> None:
    written = table.PAGE.read_text(encoding="utf-8")
    assert written == table.page(), "run: python -m tests.services.table"


def test_every_service_of_the_catalogue_has_a_fixture_and_every_fixture_a_service() -> None:
    assert TOLD.keys() == {fixture.member for fixture in FIXTURES.values()}


@pytest.mark.parametrize("fixture", FIXTURES.values(), ids=lambda fixture: fixture.name)
def test_a_fixture_names_its_source_or_says_that_there_is_none(fixture) -> None:
    assert fixture.source.startswith(("https://", "http://")) or fixture.source == UNVERIFIED
    assert fixture.code.strip()


@pytest.mark.parametrize("member", sorted({f.member for f in FIXTURES.values()} - LET_BE))
def test_the_gate_recognises_every_embed_code_by_something(member: str) -> None:
    signs = TOLD[member][RECOGNISED : RECOGNISED + 3]
    assert any(sign.startswith("yes") for sign in signs), signs


def test_the_street_knows_every_service_that_can_be_named() -> None:
    assert len(CONFIG["services"]) > 100
