"""Content-Type as browsers read it, whatever an application writes there.

Source: Fetch, "extract a MIME type" and "get, decode, and split"; MIME Sniffing, section 4.4
"Parsing a MIME type", whose forms of values hold for the rest too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

ANY = "*/*"
_SPACE = "\t\n\r "
_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"  # noqa: S105  no secret
# A string that its header cuts off ends there.
_STRING = r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)'
_LISTED = re.compile(rf'(?:[^",]|{_STRING})++', re.DOTALL)
# Chromium overlooks what is written behind the subtype, as in "text/html (old)".
_ESSENCE = re.compile(rf"[\t\n\r ]*({_TOKEN}/{_TOKEN})(?=[\t\n\r ;(]|\Z)[^;]*+")
_PARAMETER = re.compile(rf";[\t\n\r ]*+([^;=]*+)(?:=(?:({_STRING})[^;]*+|([^;]*+)))?+", re.DOTALL)
_IS_TOKEN = re.compile(rf"{_TOKEN}\Z")
_IS_VALUE = re.compile("[\t\x20-\x7e\x80-\xff]*\\Z")
_ESCAPED = re.compile(r'\\(.)|"', re.DOTALL)


class MediaType(NamedTuple):
    """A media type: ``essence`` in lower case, of each parameter the first value."""

    essence: str
    parameters: Mapping[str, str]

    def without(self, parameter: str) -> MediaType:
        """The same without this parameter, which is named in lower case."""
        left = {name: value for name, value in self.parameters.items() if name != parameter}
        return MediaType(self.essence, left)

    def __str__(self) -> str:
        return ";".join([self.essence, *(f"{n}={_written(v)}" for n, v in self.parameters.items())])


def media_type_of(values: Iterable[str]) -> MediaType | None:
    """The media type that these Content-Type headers tell, the last good one; None if none is."""
    return _extracted(", ".join(values))


@lru_cache(maxsize=128)
def _extracted(combined: str) -> MediaType | None:
    found = None
    for listed in _LISTED.findall(combined):
        parsed = parse(listed)
        if parsed is None or (found and parsed.essence == ANY):
            continue
        if found and parsed.essence == found.essence and "charset" in found.parameters:
            # One that is told again without a charset keeps it.
            charset = {"charset": found.parameters["charset"]}
            parsed = MediaType(parsed.essence, charset | dict(parsed.parameters))
        found = parsed
    return found


def parse(value: str) -> MediaType | None:
    """One media type as it is written in a header; None where it is none."""
    match = _ESSENCE.match(value)
    if match is None:
        return None
    parameters: dict[str, str] = {}
    for name, quoted, bare in _PARAMETER.findall(value, match.end()):
        told = _unquoted(quoted) if quoted else bare.rstrip(_SPACE)
        known = name.lower() in parameters or not _IS_TOKEN.match(name)
        if not known and (told or quoted) and _IS_VALUE.match(told):
            parameters[name.lower()] = told
    return MediaType(match[1].lower(), parameters)


def _unquoted(quoted: str) -> str:
    # What is not escaped is the quote at the end. A last "\\" escapes nothing and stays.
    return _ESCAPED.sub(lambda escaped: escaped[1] or "", quoted[1:])


def _written(value: str) -> str:
    if _IS_TOKEN.match(value):
        return value
    return '"' + re.sub(r'(["\\])', r"\\\1", value) + '"'
