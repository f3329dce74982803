"""Names of cookies: which ones pass whatever the visitor chose, and how a glob names others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import translate
from functools import lru_cache

from consentgate.consent import NOTE_COOKIE, ONCE_COOKIE, STATE_COOKIE

OURS = frozenset({"__Host-cg", "__Secure-cg", "cg", STATE_COOKIE, NOTE_COOKIE, ONCE_COOKIE})
"""The cookies of consentgate itself: the application never sees them, and they never expire."""

# Sessions, forged-request tokens and messages of the frameworks that consentgate is mounted in.
_FRAMEWORKS = (
    "sessionid",
    "csrftoken",
    "messages",
    "django_language",
    "session",
    "remember_token",
    "fastapiusersauth",
    "_xsrf",
)

# A refusal that the visitor left with the service itself: taking it away would undo the refusal.
_OPT_OUTS = (
    "ga-disable-*",
    "matomo_ignore",
    "mtm_consent_removed",
    "piwik_ignore",
    "__hs_do_not_track",
    "__hs_opt_out",
    "_cs_optout",
    "cto_optout",
    "optimizelyOptOut",
)

# Set by a load balancer in front of us after this response has left. The catalogue knows it from
# a vendor's own servers; taking the site's away would not keep it away, only break its sessions.
_EDGE = ("BIGipServer*",)

_ALWAYS = (*_FRAMEWORKS, *_OPT_OUTS, *_EDGE)


@lru_cache(maxsize=1024)
def name_pattern(glob: str) -> re.Pattern[str]:
    """The whole-name pattern for a case-sensitive cookie glob."""
    return re.compile(translate(glob))


_ALWAYS_PATTERN = re.compile("|".join(translate(glob) for glob in _ALWAYS))


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
