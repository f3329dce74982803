"""What a record may hold of a User-Agent: the family of the browser and of the system."""

from __future__ import annotations

import importlib
import logging
from functools import lru_cache

_log = logging.getLogger("consentgate")

_LONGEST = 512


def browser_of(user_agent: str) -> str:
    """Family of browser and system, without versions: ``Firefox/Linux``.

    Unknown families read ``Other``; an empty or unreadable User-Agent gives the empty string.
    Never raises; only the first 512 characters count.
    """
    return _parsed(user_agent[:_LONGEST])[0]


def is_bot(user_agent: str) -> bool:
    """Whether a crawler names itself in the User-Agent. Never raises."""
    return _parsed(user_agent[:_LONGEST])[1]


@lru_cache(maxsize=256)
def _parsed(user_agent: str) -> tuple[str, bool]:
    """Browser and bot. The parser is loaded with the first decision, not at start-up."""
    if not user_agent:
        return "", False
    try:
        found = importlib.import_module("user_agents").parse(user_agent)
        return f"{found.browser.family}/{found.os.family}", bool(found.is_bot)
    except Exception:  # noqa: BLE001  a strange User-Agent must not cost a visitor the decision
        _log.warning("A User-Agent could not be read; its record goes without one.")
        return "", False
