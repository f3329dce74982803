"""Grants are limited per address prefix and over all, and the limit wears off."""

import pytest

from consentgate.endpoints.throttle import Throttle


def test_a_prefix_has_a_burst_and_gets_it_back_with_time() -> None:
    throttle = Throttle(per_prefix=3, overall=100, refill_seconds=60)
    assert [throttle.admits("192.0.2.0", now=0) for _ in range(4)] == [True, True, True, False]
    assert throttle.admits("192.0.2.0", now=20)
    assert not throttle.admits("192.0.2.0", now=20)


def test_one_prefix_does_not_use_up_another() -> None:
    throttle = Throttle(per_prefix=1, overall=100)
    assert throttle.admits("192.0.2.0", now=0)
    assert throttle.admits("198.51.100.0", now=0)


def test_all_together_have_a_ceiling() -> None:
    throttle = Throttle(per_prefix=5, overall=2)
    assert [throttle.admits(str(i), now=0) for i in range(3)] == [True, True, False]


def test_a_clock_that_runs_backwards_gives_nothing_and_takes_nothing() -> None:
    throttle = Throttle(per_prefix=1, overall=10)
    assert throttle.admits("a", now=100)
    assert not throttle.admits("a", now=50)
    assert throttle.admits("a", now=111)


def test_memory_is_bounded_by_the_prefixes_kept() -> None:
    throttle = Throttle(per_prefix=1, overall=10_000, kept=10)
    assert all(throttle.admits(str(i), now=0) for i in range(500))
    assert len(throttle._buckets) == 10


@pytest.mark.parametrize(
    "proxy", ["127.0.0.0", "10.1.2.0", "172.17.0.0", "192.168.1.0", "::1", "fd00::"]
)
def test_visitors_behind_one_internal_address_share_no_limit_of_one(proxy: str) -> None:
    throttle = Throttle(per_prefix=1, overall=50)
    assert [throttle.admits(proxy, now=0) for _ in range(51)] == [True] * 50 + [False]


def test_an_address_that_nobody_knows_is_limited_as_one() -> None:
    throttle = Throttle(per_prefix=1)
    assert [throttle.admits("", now=0) for _ in range(2)] == [True, False]
