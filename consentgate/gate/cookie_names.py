"""Names of cookies: which ones pass whatever the visitor chose, and how a glob names others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import translate
from functools import lru_cache

from consentgate.consent import NOTE_COOKIE, ONCE_COOKIE, STATE_COOKIE

OURS = frozenset({"__Host-cg", "__Secure-cg", "cg", STATE_COOKIE, NOTE_COOKIE, ONCE_COOKIE})
"""The cookies of consentgate itself: the application never sees them, and they never expire."""

# Sessions, logins, forged-request tokens and messages under the names that the frameworks give them
# by default: those that consentgate is mounted in, and those that a proxying application passes on.
_FRAMEWORKS = (
    "sessionid",  # Django, as the next three
    "csrftoken",  # and Litestar, starlette-csrf
    "messages",
    "django_language",
    "session",  # Starlette, Flask, Quart, Litestar, Pyramid
    "remember_token",  # Flask-Login
    "QUART_AUTH",
    "AIOHTTP_SESSION",
    "fastapiusersauth",
    "fastapi-csrf-token",
    "_xsrf",  # Tornado
    "auth_tkt",
    "PHPSESSID",
    "JSESSIONID",
    "laravel_session",
    "XSRF-TOKEN",  # Laravel, Angular
    "connect.sid",
    "_csrf",  # Express
    "ASP.NET_SessionId",
    ".AspNetCore.Session",
    ".AspNetCore.Antiforgery.*",
)

# A refusal that the visitor left with the service itself: taking it away would undo the refusal.
_OPT_OUTS = (
    "ga-disable-*",
    "matomo_ignore",
    "mtm_consent_removed",
    "piwik_ignore",
    "plausible_ignore",
    "__hs_do_not_track",
    "__hs_opt_out",
    "_cs_optout",
    "cto_optout",
    "optimizelyOptOut",
)

# Set by a load balancer or the network in front of us after this response has left. The catalogue
# knows some from vendors' own servers; taking the site's away would not keep them away, only break
# its sessions or shut the visitor out.
_EDGE = (
    "BIGipServer*",
    "AWSALB*",
    "AWSELB*",
    "ARRAffinity*",
    "GCLB",
    "INGRESSCOOKIE",
    "__cf_bm",
    "__cflb",
    "__cfruid",
    "__cfwaitingroom*",
    "_cfuvid",
    "cf_clearance",
)

_ALWAYS = (*_FRAMEWORKS, *_OPT_OUTS, *_EDGE)


@lru_cache(maxsize=1024)
def name_pattern(glob: str) -> re.Pattern[str]:
    """The whole-name pattern for a case-sensitive cookie glob."""
    return re.compile(translate(glob))


_ALWAYS_PATTERN = re.compile("|".join(translate(glob) for glob in _ALWAYS))


def passing_names(glob: str) -> tuple[str, ...]:
    """Which of the names that always pass, as globs, a glob of a service would take along."""
    pattern = name_pattern(glob)
    return tuple(name for name in (*OURS, *_ALWAYS) if pattern.fullmatch(name))


def always_passes(name: str) -> bool:
    """Whether a cookie is never a service's: the site's own session, an opt-out, or ours."""
    bare = name.removeprefix("__Host-").removeprefix("__Secure-")
    return name in OURS or _ALWAYS_PATTERN.fullmatch(bare) is not None


def cookie_pairs(header: bytes) -> Iterator[tuple[str, bytes]]:
    """Each piece of a ``Cookie`` header with the cookie's name (RFC 6265bis, section 5.8.3).

    A cookie without ``=`` has no name; ``b";"`` joins the pieces to the same header again.
    """
    for piece in header.split(b";"):
        name, separator, _ = piece.partition(b"=")
        yield name.strip(b" \t").decode("latin-1") if separator else "", piece
