"""What a script element is, by the type that it has when its element is prepared.

Source: WHATWG HTML, section 4.12.1.1 "Processing model" ("prepare the script element").
"""

from __future__ import annotations

import json
import re

from consentgate.gate.blanks import BLANK
from consentgate.gate.html import Tag

_JAVASCRIPT = re.compile(
    r"(?:module|(?:text|application)/(?:x-)?(?:java|ecma)script|text/javascript1\.[0-5]"
    r"|text/(?:jscript|livescript))\Z"
)
# One that never ends takes all the rest, or looking for its end would be quadratic.
_JSON_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\Z|\\\Z)', re.DOTALL)
_URL_DATA = frozenset({"importmap", "speculationrules", "webbundle"})
_EDGES = re.compile(rf"\A[{BLANK}]++|(?<![{BLANK}])[{BLANK}]++\Z")


def is_code(tag: Tag) -> bool:
    """Whether a browser runs what is in this script, or what it names."""
    return _JAVASCRIPT.match(_type(tag)) is not None


def is_url_data(tag: Tag) -> bool:
    """Whether this script is data from which a browser takes addresses."""
    return _type(tag) in _URL_DATA


def is_speculation(tag: Tag) -> bool:
    """Whether this script is rules by which a browser fetches pages ahead of a click."""
    return _type(tag) == "speculationrules"


def json_strings(code: bytes) -> tuple[str, ...]:
    """Every string in a piece of JSON, whether that is well formed or not."""
    text = code.decode("utf-8", "replace")
    strings = []
    for literal in _JSON_STRING.findall(text):
        try:
            strings.append(str(json.loads(literal, strict=False)))
        except ValueError:
            strings.append(literal[1:-1])
    return tuple(strings)


def _type(tag: Tag) -> str:
    declared = tag.get("type")
    if declared is None:
        language = tag.get("language")
        declared = f"text/{_EDGES.sub('', language)}" if language else ""
    return _EDGES.sub("", declared).lower() or "text/javascript"
