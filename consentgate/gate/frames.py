"""What a frame in the markup looks like, for the page of ours that takes its place."""

from __future__ import annotations

import re

from consentgate.gate.html import Tag
from consentgate.sites import Url

_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_PIXELS = frozenset({"0", "1", "0px", "1px"})


def is_hidden(tag: Tag) -> bool:
    """Whether a frame shows nothing: a pixel in disguise, where a placeholder would be noise."""
    if tag.get("hidden") is not None or _HIDDEN.search(tag.get("style") or ""):
        return True
    return (tag.get("width") or "") in _PIXELS or (tag.get("height") or "") in _PIXELS


def _is_small(tag: Tag) -> bool:
    """Under 300 by 150, the size of a frame that declares none: no room for two buttons."""
    width, height = tag.get("width") or "", tag.get("height") or ""
    return (width.isdecimal() and int(width) < 300) or (  # noqa: PLR2004  CSS pixels
        height.isdecimal() and int(height) < 150  # noqa: PLR2004  CSS pixels
    )


def frame_facts(tag: Tag, url: Url, source: str) -> dict[str, str]:
    """What the placeholder needs to build the frame that the markup asked for.

    A key is there only where the attribute is: an empty ``sandbox`` is the strictest one.
    """
    facts = {
        "u": _absolute(url, source.strip()),
        "a": tag.get("allow"),
        "f": tag.get("allowfullscreen"),
        "r": tag.get("referrerpolicy"),
        "s": tag.get("sandbox"),
        "t": tag.get("title"),
        "m": "" if _is_small(tag) else None,
        "d": "" if _talks_to_page(tag, url) else None,
    }
    return {key: value for key, value in facts.items() if value is not None}


def _talks_to_page(tag: Tag, url: Url) -> bool:
    """Whether a frame would not work inside a frame of ours: its messages would not arrive."""
    sandbox = tag.get("sandbox")
    isolated = sandbox is not None and "allow-same-origin" not in sandbox.lower()
    return isolated or "enablejsapi" in url.query


def _absolute(url: Url, source: str) -> str:
    """The frame's address in full: it will stand on a page of ours, under another base."""
    if "://" in source:
        return source
    if source.startswith("//"):
        return f"{url.scheme}:{source}"
    query = f"?{url.query}" if url.query else ""
    return f"{url.scheme}://{url.host}{url.path}{query}"
