"""The cookie gate: what reaches the application in ``Cookie``, and the browser in ``Set-Cookie``.

Only a first-party cookie of a known service without consent is ever withheld. What nobody
classified passes, so that no login breaks on the day that consentgate is mounted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple, Protocol
from urllib.parse import unquote

from consentgate.gate.access import Access
from consentgate.gate.cookie_names import OURS, always_passes, cookie_pairs, name_pattern
from consentgate.gate.expiry import MAX_HEADERS, expiring_headers, known_names
from consentgate.gate.set_cookie import read_set_cookie
from consentgate.model import NECESSARY, Keep, Service

__all__ = [
    "MAX_HEADERS",
    "CookieVerdict",
    "DeclaredCookie",
    "OwnCookies",
    "cookie_passes",
    "expiring_headers",
    "gate_request_cookies",
    "gate_set_cookie",
    "known_names",
]


class DeclaredCookie(Protocol):
    """A cookie of the site's own application, as its configuration declares it."""

    @property
    def name(self) -> str:
        """A case-sensitive glob."""

    @property
    def category(self) -> str:
        """The category that has to be agreed to, or ``necessary``."""


@dataclass(frozen=True, slots=True)
class OwnCookies:
    """The cookies that the site declared as its own: pairs of name glob and category id.

    ``block_unknown`` withholds what nobody classified (``unknown.cookies: "block"``).
    """

    declared: tuple[tuple[str, str], ...] = ()
    block_unknown: bool = False

    @classmethod
    def of(cls, cookies: Iterable[DeclaredCookie], *, block_unknown: bool = False) -> OwnCookies:
        """The declarations of a configuration (``first_party_cookies``)."""
        return cls(tuple((cookie.name, cookie.category) for cookie in cookies), block_unknown)

    def category(self, name: str) -> str | None:
        """The category that a name was declared under; an exact name goes before a glob."""
        exact = (category for declared, category in self.declared if declared == name)
        fitting = (
            category for glob, category in self.declared if name_pattern(glob).fullmatch(name)
        )
        return next(chain(exact, fitting), None)


@dataclass(frozen=True, slots=True)
class CookieVerdict:
    """What becomes of one ``Set-Cookie`` header, and why, for the log.

    ``header`` is None where it is dropped, and the very same object where it passes. ``unknown``
    says that nobody classified the cookie: it passes, and the site's owner wants to hear of it.
    ``agreed``: it passes because this visitor agreed to it.
    """

    header: bytes | None
    name: str
    reason: str
    unknown: bool = False
    agreed: bool = False


@dataclass(frozen=True, slots=True)
class _Ruling:
    """What consent says of a name. ``optional`` cookies end with the visit if the consent does."""

    allowed: bool
    reason: str
    optional: bool = False
    session_only: bool = False
    unknown: bool = False


def cookie_passes(name: str, access: Access, own: OwnCookies) -> bool:
    """Whether consent lets a cookie of this name through, in either direction."""
    return _ruling(name, access, own).allowed


class Hidden(NamedTuple):
    """Which cookies of a request the application does not get to see.

    ``refused`` are to be expired. ``names`` has them and our own: the application has
    ``request.state.consent``.
    """

    refused: tuple[str, ...]
    names: frozenset[str]


def hidden_cookies(names: Iterable[str], passes: Callable[[str], bool]) -> Hidden:
    """Which of these to hide; ``passes`` as ``cookie_passes`` decides. No name stands for none."""
    refused = tuple(dict.fromkeys(name for name in names if name and not passes(name)))
    return Hidden(refused, OURS.union(refused))


def without_cookies(pairs: Sequence[tuple[str, bytes]], hidden: Hidden) -> bytes:
    """A ``Cookie`` header of these pairs without the hidden ones.

    The rest keeps its order and bytes; ``b""`` means that nothing is left and the header should go.
    """
    kept = [piece for name, piece in pairs if name not in hidden.names]
    header = b";".join(kept)
    return header if len(kept) == len(pairs) else header.strip(b"; \t")


def gate_request_cookies(
    header: bytes, access: Access, own: OwnCookies
) -> tuple[bytes, tuple[str, ...]]:
    """A ``Cookie`` header without the hidden cookies, and the names of the refused."""
    pairs = tuple(cookie_pairs(header))
    names = [name for name, _ in pairs]
    hidden = hidden_cookies(names, lambda name: cookie_passes(name, access, own))
    return without_cookies(pairs, hidden), hidden.refused


def gate_set_cookie(
    header: bytes,
    access: Access,
    own: OwnCookies,
    *,
    keep_visit: bool | None = None,
    now: float | None = None,
) -> CookieVerdict:
    """What becomes of a ``Set-Cookie`` header that the application sends.

    Dropped: a cookie of a service without consent. Passed: whatever removes a cookie. Shortened to
    the browser session, by taking out its lifetime and nothing else: an optional cookie of a
    visitor who consented for this visit only, and one of a service limited to the session.
    ``Domain`` decides nothing: behind a proxy that hides the host, a foreign one may be ours.
    Everything else passes, what no browser would accept included. ``keep_visit`` is by default
    what the consent says; ``now`` is in Unix seconds.
    """
    cookie = read_set_cookie(header)
    if cookie is None or not cookie.name:
        return CookieVerdict(header, "", "no cookie with a name")
    if cookie.is_deletion(time.time() if now is None else now):
        return CookieVerdict(header, cookie.name, "removes the cookie")
    ruling = _ruling(cookie.name, access, own)
    if not ruling.allowed:
        return CookieVerdict(None, cookie.name, ruling.reason, ruling.unknown)
    if keep_visit is None:
        keep_visit = access.consent.keep is not Keep.LASTING
    if cookie.is_persistent and (ruling.session_only or (ruling.optional and keep_visit)):
        reason = f"{ruling.reason}; for this visit only"
        return CookieVerdict(cookie.as_session(), cookie.name, reason, agreed=ruling.optional)
    return CookieVerdict(header, cookie.name, ruling.reason, ruling.unknown, ruling.optional)


def _ruling(name: str, access: Access, own: OwnCookies) -> _Ruling:
    if always_passes(name):
        return _Ruling(allowed=True, reason="the site's own")
    category = own.category(name)
    if category is not None:
        allowed = access.consent.allows(category)
        reason = f"declared as {category}" + ("" if allowed else ", which has no consent")
        return _Ruling(allowed, reason, optional=category != NECESSARY)
    services = _claimants(name, access)
    if not services:
        return _Ruling(allowed=not own.block_unknown, reason="unknown", unknown=True)
    return _service_ruling(services, access)


def _service_ruling(services: tuple[Service, ...], access: Access) -> _Ruling:
    """Consent to one of several services that use a name lets it pass."""
    allowed = [service for service in services if access.consent.allows(service.id)]
    if not allowed:
        return _Ruling(allowed=False, reason=f"{services[0].id} has no consent")
    lasting = [s for s in allowed if s.id in access.consent.allowed or s.category == NECESSARY]
    return _Ruling(
        allowed=True,
        reason=f"{allowed[0].id} has consent",
        optional=all(service.category != NECESSARY for service in allowed),
        # A grant for one page leaves nothing behind that outlives the visit.
        session_only=not lasting or all(s.lifetime_limit == "session" for s in lasting),
    )


def _claimants(name: str, access: Access) -> tuple[Service, ...]:
    """The services that use a cookie name, as it stands or percent-decoded."""
    services = access.lookup.by_cookie(name)
    if services or "%" not in name:
        return services
    return access.lookup.by_cookie(unquote(name))
