"""Lengths of time as people write them: ``6 months``, ``30 days``, ``90 minutes``."""

from __future__ import annotations

import re
from datetime import date, timedelta

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY
MONTH = 2_629_800  # 30.4375 days, a twelfth of 365.25
YEAR = 12 * MONTH

SESSION = "session"
"""A cookie that the browser forgets on closing."""

PERSISTENT = "persistent"
"""Storage that has no expiry of its own, such as localStorage."""

_UNITS = {
    "second": 1,
    "minute": MINUTE,
    "hour": HOUR,
    "day": DAY,
    "week": WEEK,
    "month": MONTH,
    "year": YEAR,
}
_UNIT = "|".join(_UNITS)
_DURATION = re.compile(rf"([1-9][0-9]{{0,4}}) ({_UNIT})s?")
_IN_PROSE = re.compile(rf"([0-9]{{1,5}}) ?({_UNIT})s?\b")
_LONGEST = 100 * YEAR


def duration_seconds(words: str) -> int:
    """The length of ``6 months`` in seconds; ValueError for anything but a number and a unit."""
    number, unit = _parts(words)
    length = number * _UNITS[unit]
    if length > _LONGEST:
        raise ValueError(words)
    return length


def duration_months(words: str) -> int:
    """How many months of the calendar ``2 years`` is; 0 for a length in weeks or less."""
    number, unit = _parts(words)
    return number * {"month": 1, "year": 12}.get(unit, 0)


def first_day_within(months: int, today: date) -> date:
    """The oldest day from which so many months last until today.

    They end on the same day of the month, or on the last one of a shorter month.
    """
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    first = date(year, month + 1, 1)
    next_first = (first + timedelta(days=31)).replace(day=1)
    return min(first + timedelta(days=today.day - 1), next_first)


def longest_seconds(prose: str) -> int | None:
    """The longest time that a lifetime in prose names (``13 months to 2 years``), None for none."""
    return max((int(n) * _UNITS[unit] for n, unit in _IN_PROSE.findall(prose)), default=None)


def _parts(words: str) -> tuple[int, str]:
    match = _DURATION.fullmatch(words)
    if match is None:
        raise ValueError(words)
    return int(match[1]), match[2]
