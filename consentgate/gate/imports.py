"""The style sheets that a ``<style>`` begins by importing: browsers look ahead for them.

Chromium fetches what ``@import`` names at the beginning of a ``<style>`` while scripts before it
still run, and so before the first script of a page for everybody has put the policy in. It looks
no further than the first thing that is neither a rule with ``@`` nor a comment. ``<!--`` is such
a thing, and means nothing to whoever reads the style itself (CSS Syntax Level 3, section 5.4.1,
"<CDO-token>").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from consentgate.gate.html import Tag

_SPACE = rb"\t\n\f\r "
_COMMENT = rb"/\*(?:[^*]++|\*(?!/))*+\*/"
_GAP = rb"[" + _SPACE + rb"]++|" + _COMMENT
_URL = rb"url\([" + _SPACE + rb"]*+"
_STRING = rb"\"[^\"]*+\"|'[^']*+'"
_AS_CSS = re.compile(
    rb"(?:" + _GAP + rb"|@(?!import)[a-z][^;{]*+;)*+@import(?:" + _GAP + rb")*+"
    rb"(?:" + _URL + rb"(?P<unquoted>[^" + _SPACE + rb")\"']++)"
    rb"|(?:" + _URL + rb")?+(?P<quoted>" + _STRING + rb"))"
    rb"(?:" + _STRING + rb"|[^;\"'])*+(?:;|\Z)",
    re.IGNORECASE,
)

# To Chromium a name ends at white space or a semicolon, whatever else it holds, and a value at
# white space, or at a semicolon behind its own end: a quote or a bracket. It takes no notice of
# one character behind a lone slash or @.
_ANY = rb"(?:[\0-\x7f]|[\x80-\xff]++)"
_WORD = rb"[^" + _SPACE + rb";]++"
_UNTIL = rb";?+(?:" + _WORD + rb"|(?<![^\\]%b);)*+"
_VALUE = b"|".join(
    (
        rb"\"" + _UNTIL % rb"\"",
        rb"'" + _UNTIL % rb"'",
        rb"[^" + _SPACE + rb";{\"']" + _UNTIL % rb"\)",
    )
)
_AS_CHROMIUM = re.compile(
    rb"(?:[" + _SPACE + rb"]++|" + _COMMENT + rb"|/(?!\*)" + _ANY + rb"|@(?![a-z])" + _ANY + rb")*+"
    rb"@(?:import[" + _SPACE + rb"]++(?P<value>" + _VALUE + rb")"
    rb"|(?=[a-z])" + _WORD + rb"(?:[" + _SPACE + rb"]++(?!\{)" + _WORD + rb")?+)"
    rb"[" + _SPACE + rb"]*+(?:(?!\{)" + _WORD + rb"(?:[" + _SPACE + rb"][^;{]*+)?+)?+(?P<end>;)?+",
    re.IGNORECASE,
)


def imports_ahead(code: bytes) -> tuple[str, ...]:
    """What a ``<style>`` may import before anything else stands in it, as it writes it.

    Whoever looks ahead minds neither the type of the style nor a null character.
    """
    code = code.replace(b"\0", b"")
    found = dict.fromkeys([*_imports_as_css(code), *_imports_as_chromium(code)])
    return tuple(address.decode("utf-8", "replace") for address in found)


def _imports_as_css(code: bytes) -> Iterator[bytes]:
    position = 0
    while match := _AS_CSS.match(code, position):
        yield match["unquoted"] or match["quoted"][1:-1]
        position = match.end()


def _imports_as_chromium(code: bytes) -> Iterator[bytes]:
    position = 0
    while match := _AS_CHROMIUM.match(code, position):
        address = _bare(match["value"] or b"")
        # What is still in quotes or brackets is a path on the site itself.
        if address and not address.lower().startswith((b'"', b"'", b"url(")):
            yield address
        if not match["end"]:
            return
        position = match.end()


def _bare(value: bytes) -> bytes:
    """The address within a value, which has no white space."""
    if value[:4].lower() == b"url(" and value.endswith(b")"):
        value = value[4:-1]
    if len(value) > 1 and value[:1] == value[-1:] and value[:1] in b"\"'":
        value = value[1:-1]
    return value


def nothing_ahead(tag: Tag) -> bytes:
    """What stands first in a style, so that nobody looks ahead in it."""
    return b"&lt;!--" if tag.foreign else b"<!--"
