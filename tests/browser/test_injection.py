"""A page's own script tries every way to a third party, in every engine and both variants.

Without the gate each way is seen to work, or is known to do nothing in that engine; behind the
gate none works but those that ``known.PASSES`` names and ``docs/enforcement.md`` explains.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.browser.engines import ENGINES, found_or_skipped
from tests.browser.injection import known, table
from tests.browser.injection.known import expected, measure_all
from tests.browser.injection.measuring import GROUPS, WAYS, Measured, Setting

GATED = [Setting.PERSONAL, Setting.SHARED]


@pytest.fixture(scope="module", params=ENGINES)
def engine_id(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def measured(
    engine_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[Setting, Measured]:
    """Every way, tried in one engine without a gate and in both variants."""
    return measure_all(found_or_skipped(engine_id), tmp_path_factory.mktemp(engine_id))


def test_without_the_gate_each_way_works_or_is_known_to_do_nothing(engine_id, measured):
    bare = measured[Setting.BARE]
    assert bare.untried == frozenset()
    assert bare.strangers <= {""}, "somebody was contacted by no way of ours"
    assert bare.reached == expected(engine_id, Setting.BARE)


@pytest.mark.parametrize("setting", GATED)
def test_behind_the_gate_no_way_works_but_the_documented_ones(engine_id, measured, setting):
    gated = measured[setting]
    assert gated.untried == frozenset(), "the gate stopped a script of the site's own"
    assert gated.strangers <= {""}
    assert gated.reached == expected(engine_id, setting)


def test_the_documented_table_is_what_was_measured(engine_id, measured):
    assert table.committed()[engine_id] == table.cells(measured), "run `make injection`"


def test_each_way_has_a_row_of_its_own():
    assert len(WAYS) == sum(len(group.ways) for group in GROUPS)
    titles = [way.title for way in WAYS.values()]
    assert sorted(titles) == sorted(set(titles))


@pytest.mark.parametrize("patterns", [known.NO_SUCH_THING, known.PASSES])
@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_known_is_known_of_ways_that_there_are(engine, patterns):
    stale = [p for p in patterns[engine] if not known.matching([p])]
    assert stale == []
    assert not known.matching(known.PASSES[engine]) & known.idle(engine)
