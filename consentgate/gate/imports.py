"""The style sheets that a ``<style>`` begins by importing: browsers look ahead for them.

Chromium fetches what ``@import`` names at the beginning of a ``<style>`` while scripts before it
still run, and so before the first script of a page for everybody has put the policy in. It looks
no further than the first thing that is neither ``@import`` nor a comment, ``@charset`` or
``@layer``. ``<!--`` is such a thing, and means nothing to whoever reads the style itself (CSS
Syntax Level 3, section 5.4.1, "<CDO-token>").
"""

from __future__ import annotations

import re

from consentgate.gate.html import Tag

_SPACE = rb"\t\n\f\r "
_GAP = rb"[" + _SPACE + rb"]++|/\*(?:[^*]++|\*(?!/))*+\*/"
_URL = rb"url\([" + _SPACE + rb"]*+"
_STRING = rb"\"[^\"]*+\"|'[^']*+'"
_AHEAD = re.compile(
    rb"(?:" + _GAP + rb"|@(?:charset|layer)[^;{]*+;)*+@import(?:" + _GAP + rb")*+"
    rb"(?:" + _URL + rb"(?P<unquoted>[^" + _SPACE + rb")\"']++)"
    rb"|(?:" + _URL + rb")?+(?P<quoted>" + _STRING + rb"))"
    rb"(?:" + _STRING + rb"|[^;\"'])*+(?:;|\Z)",
    re.IGNORECASE,
)


def imports_ahead(tag: Tag, code: bytes) -> tuple[str, ...]:
    """What this ``<style>`` imports before anything else stands in it, as it writes it."""
    if (tag.get("type") or "text/css").strip().lower() != "text/css":
        return ()
    found, position = [], 0
    while match := _AHEAD.match(code, position):
        address = match["unquoted"] or match["quoted"][1:-1]
        found.append(address.decode("utf-8", "replace"))
        position = match.end()
    return tuple(found)


def nothing_ahead(tag: Tag) -> bytes:
    """What stands first in a style, so that nobody looks ahead in it."""
    return b"&lt;!--" if tag.foreign else b"<!--"
