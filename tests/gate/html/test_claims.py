"""Claims by their length answer as a list of them would."""

from hypothesis import given
from hypothesis import strategies as st

from consentgate.gate.html.claims import Claim, Claims

places = st.integers(0, 60)
spans = st.tuples(places, st.integers(0, 40)).map(lambda span: (span[0], sum(span)))


def placed(found: list[tuple[int, int]], expected: list[tuple[int, int]]) -> None:
    assert sorted(found) == sorted(expected)


def spans_of(claims: list[Claim]) -> list[tuple[int, int]]:
    return [(claim.start, claim.end) for claim in claims]


def all_of(many: list[tuple[int, int]]) -> Claims:
    claims = Claims()
    for start, end in many:
        claims.add(Claim(start, end, edited=False))
    return claims


@given(st.lists(spans), places, places)
def test_those_that_meet_a_place_are_found(
    many: list[tuple[int, int]], place: int, end: int
) -> None:
    claims = all_of(many)
    placed(spans_of([*claims.at(place)]), [s for s in many if s[0] == place])
    placed(spans_of([*claims.around(place)]), [s for s in many if s[0] < place < s[1]])
    placed(spans_of([*claims.within(place, end)]), [s for s in many if place < s[0] < end])


@given(st.lists(spans, min_size=1), st.data())
def test_what_is_removed_is_gone_and_nothing_else(
    many: list[tuple[int, int]], data: st.DataObject
) -> None:
    claims = all_of(many)
    gone = data.draw(st.sampled_from(many))
    claims.remove(Claim(*gone, edited=False))
    left = list(many)
    left.remove(gone)
    found = [claim for start in range(101) for claim in claims.at(start)]
    placed(spans_of(found), left)


@given(st.lists(spans), places)
def test_what_is_forgotten_ends_before_and_what_may_be_met_is_kept(
    many: list[tuple[int, int]], place: int
) -> None:
    claims = all_of(many)
    claims.forget(place)
    found = spans_of([claim for start in range(101) for claim in claims.at(start)])
    assert {span for span in many if span[1] > place} <= set(found) <= set(many)
    longest = max((end - start for start, end in many), default=0)
    assert all(start > place - 2 * longest - 2 for start, _ in found)


@given(st.lists(spans), places)
def test_places_move_with_the_data(many: list[tuple[int, int]], count: int) -> None:
    claims = all_of(many)
    claims.moved(count)
    found = [claim for start in range(-61, 101) for claim in claims.at(start)]
    placed(spans_of(found), [(start - count, end - count) for start, end in many])
