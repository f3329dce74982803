"""Reading one ``Set-Cookie`` value as a browser does (RFC 6265bis, sections 5.1.1 and 5.6)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_MAX_AGE = re.compile(r"-?[0-9]+")

_DATE_TOKEN = re.compile(r"[^\x09\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?![0-9])")
_DAY = re.compile(r"([0-9]{1,2})(?![0-9])")
_YEAR = re.compile(r"([0-9]{2,4})(?![0-9])")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LIFETIME = frozenset({"max-age", "expires"})
_LONGEST_ATTRIBUTE = 1024


@dataclass(frozen=True, slots=True)
class SetCookie:
    """One cookie on its way to the browser. ``domain`` is empty for a host-only cookie.

    ``name`` is the one that the browser will send: ``=_ga=1`` has no name and a value that is read
    as a cookie of that name. ``max_age_seconds`` and ``expires`` (Unix seconds) are None where the
    attribute is absent or means nothing. ``parts`` is the value between semicolons, for taking one
    out.
    """

    name: str
    domain: str
    max_age_seconds: int | None
    expires: float | None
    parts: tuple[str, ...]

    def is_deletion(self, now: float) -> bool:
        """Whether it removes the cookie from the browser; ``Max-Age`` beats ``Expires``."""
        if self.max_age_seconds is not None:
            return self.max_age_seconds <= 0
        return self.expires is not None and self.expires <= now

    @property
    def is_persistent(self) -> bool:
        """Whether it outlives the browser session."""
        return self.max_age_seconds is not None or self.expires is not None

    def as_session(self) -> bytes:
        """The same header without its lifetime; every other byte stays."""
        kept = [part for part in self.parts[1:] if _attribute(part)[0] not in _LIFETIME]
        return ";".join((self.parts[0], *kept)).encode("latin-1")


def read_set_cookie(header: bytes) -> SetCookie | None:
    """The cookie that a browser would take from this value; None where it takes none."""
    text = header.decode("latin-1")
    if _CONTROLS.search(text):
        return None
    parts = tuple(text.split(";"))
    sent = parts[0].lstrip(" \t")
    sent = sent.removeprefix("=")
    if not sent.strip(" \t"):
        return None
    name, separator, _ = sent.partition("=")
    attributes = _attributes(parts[1:])
    return SetCookie(
        name=name.strip(" \t") if separator else "",
        domain=attributes.get("domain", "").removeprefix(".").lower(),
        max_age_seconds=_seconds(attributes.get("max-age")),
        expires=cookie_date(attributes.get("expires", "")),
        parts=parts,
    )


def _attributes(parts: tuple[str, ...]) -> dict[str, str]:
    """What counts of the attributes: the last one of a name that means anything."""
    found: dict[str, str] = {}
    for attribute, content in map(_attribute, parts):
        if attribute == "max-age" and not _MAX_AGE.fullmatch(content):
            continue
        if attribute == "expires" and cookie_date(content) is None:
            continue
        if len(content) <= _LONGEST_ATTRIBUTE:
            found[attribute] = content
    return found


def cookie_date(text: str) -> float | None:
    """A date in any form that browsers read, in Unix seconds; None where they read none."""
    time: tuple[int, int, int] | None = None
    day = month = year = None
    for token in _DATE_TOKEN.findall(text):
        if time is None and (match := _TIME.match(token)):
            time = (int(match[1]), int(match[2]), int(match[3]))
        elif day is None and (match := _DAY.match(token)):
            day = int(match[1])
        elif month is None and token[:3].lower() in _MONTHS:
            month = _MONTHS.index(token[:3].lower()) + 1
        elif year is None and (match := _YEAR.match(token)):
            year = _full_year(int(match[1]))
    if time is None or day is None or month is None or year is None:
        return None
    return _timestamp(year, month, day, time)


def _full_year(year: int) -> int:
    if year < 70:  # noqa: PLR2004  the section's own pivot
        return year + 2000
    return year + 1900 if year < 100 else year  # noqa: PLR2004  two digits


def _timestamp(year: int, month: int, day: int, time: tuple[int, int, int]) -> float | None:
    if year < 1601:  # noqa: PLR2004  the section's own limit
        return None
    try:
        return datetime(year, month, day, *time, tzinfo=UTC).timestamp()
    except ValueError:
        return None


def _seconds(text: str | None) -> int | None:
    # Eighteen digits are more than a lifetime, and int() refuses very long ones.
    return None if text is None else int(text[:18])


def _attribute(part: str) -> tuple[str, str]:
    """An attribute's lower-case name and its value."""
    name, _, value = part.partition("=")
    return name.strip(" \t").lower(), value.strip(" \t")
