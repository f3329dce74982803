"""How long a proof is kept: through which day, counted from that of the decision."""

from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentgate.config.settings import ProofsSettings

DAY = timedelta(days=1)


def is_kept(retention: str, decided: date, today: date) -> bool:
    return decided >= ProofsSettings(retention=retention).first_day(today)


@pytest.mark.parametrize(
    ("retention", "decided", "last_kept"),
    [
        ("18 months", "2023-03-01", "2024-09-01"),
        ("36 months", "2023-11-21", "2026-11-21"),
        ("3 years", "2023-11-21", "2026-11-21"),
        ("12 months", "2024-03-01", "2025-03-02"),  # 366 days, for a choice lasts 365.25
        ("2 years", "2022-06-15", "2024-06-15"),
        ("7 months", "2024-07-31", "2025-03-02"),  # seven times 30.4375 days, not 28 February
        ("1 month", "2026-03-31", "2026-05-01"),  # 31 days, not 30 April
        ("6 months", "2025-03-31", "2025-09-30"),
        ("4 years", "2020-02-29", "2024-02-29"),
        ("3 years", "2020-02-29", "2023-03-01"),
        ("6 months", "2026-03-01", "2026-09-01"),
        ("30 days", "2026-02-01", "2026-03-03"),
        ("400 days", "2025-10-17", "2026-11-21"),
        ("2 weeks", "2026-12-24", "2027-01-07"),
        ("25 hours", "2026-11-19", "2026-11-21"),
        ("100 years", "1926-11-21", "2026-11-21"),
    ],
)
def test_a_proof_is_kept_through_this_day_and_no_longer(
    retention: str, decided: str, last_kept: str
) -> None:
    first, last = date.fromisoformat(decided), date.fromisoformat(last_kept)
    assert is_kept(retention, first, last)
    assert not is_kept(retention, first, last + DAY)


def months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def end_of_choice(decided: date, seconds: int) -> date:
    """The day on which a choice ends that was made in the last second of a day."""
    return decided + timedelta(seconds=86_399 + seconds)


@given(st.dates(date(2000, 1, 1), date(2060, 1, 1)), st.integers(1, 100))
def test_months_end_on_the_same_day_or_where_a_choice_of_that_length_does(
    decided: date, months: int
) -> None:
    proofs = ProofsSettings(retention=f"{months} months")
    last = max(months_later(decided, months), end_of_choice(decided, proofs.retention_seconds))
    assert is_kept(proofs.retention, decided, last)
    assert not is_kept(proofs.retention, decided, last + DAY)
