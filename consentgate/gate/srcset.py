"""The addresses in a ``srcset`` or ``imagesrcset`` value."""

from __future__ import annotations

import re

# Parsing a srcset attribute: HTML, section 4.8.4.3.10. White space is ASCII only.
_URL = re.compile(r"[\t\n\f\r ,]*+([^\t\n\f\r ]++)")
# Descriptors end at the first comma outside parentheses; an open parenthesis swallows the rest.
_DESCRIPTORS = re.compile(r"(?:[^,(]++|\([^)]*+(?:\)|\Z))*+")


def srcset_urls(value: str) -> tuple[str, ...]:
    """Every URL reference that a browser finds in the list, in order.

    A comma belongs to the URL unless it ends it. Candidates with wrong descriptors are listed
    too: a browser ignores them, and a gate must not depend on that.
    """
    urls: list[str] = []
    position = 0
    while match := _URL.match(value, position):
        position = match.end()
        url = match[1].rstrip(",")
        urls.append(url)
        if url == match[1]:
            descriptors = _DESCRIPTORS.match(value, position)
            assert descriptors is not None  # noqa: S101  the pattern matches the empty string too
            position = descriptors.end()
    return tuple(urls)
