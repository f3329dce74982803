"""Caching of a page that depends on the visitor: validators that name their variant.

A page is another document for each state of consent, so its entity tag carries the variant
key, and a validator of another variant never reaches the application (RFC 9110, sections 8.8
and 13; RFC 9111, section 5.2).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders

Header = tuple[bytes, bytes]

_ENTITY_TAG = re.compile(rb'(?:W/)?"[^"]*"')
_OURS = re.compile(rb'W/"([^"]*)-cg([sw])([0-9a-f]{12})"')
_CONDITIONS = frozenset({b"if-none-match", b"if-modified-since", b"if-range"})
_DOCUMENT_DESTINATIONS = frozenset({"document", "iframe", "frame", "embed", "object"})
_SHARED = re.compile(r"(?:^|[\s,])(?:public|s-maxage)\b", re.IGNORECASE)
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?[1-9]", re.IGNORECASE)
_UNSHARED = re.compile(r"(?:^|[\s,])(?:private|no-store)\b", re.IGNORECASE)


def variant_key(*parts: str) -> str:
    """Twelve hex digits that stand for everything the rendering of a page depends on."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def variant_tag(etag: bytes, key: str) -> bytes:
    """The entity tag of this variant of a page: weak, because the bytes are no longer the app's."""
    strength = b"w" if etag.startswith(b"W/") else b"s"
    opaque = etag.removeprefix(b"W/").strip(b'"')
    return b'W/"%b-cg%b%b"' % (opaque, strength, key.encode())


@dataclass(frozen=True, slots=True)
class Conditional:
    """The request's headers for the app; ``ours``: it asked with the tag of a gated page."""

    headers: list[Header]
    ours: bool


def conditional_request(headers: Iterable[Header], key: str, *, navigates: bool) -> Conditional:
    """Translate the validators of this variant and drop those of any other.

    A navigation loses every validator that is not ours: what it would revalidate was stored
    before the gate stood there. Ranges of documents are not asked for either.
    """
    kept: list[Header] = []
    tags: list[bytes] = []
    ours = foreign = False
    for name, value in headers:
        if name == b"if-none-match":
            for tag in _ENTITY_TAG.findall(value):
                match = _OURS.fullmatch(tag)
                if match is None:
                    tags += [] if navigates else [tag]
                elif match[3] == key.encode():
                    ours = True
                    tags.append(b'%b"%b"' % (b"W/" if match[2] == b"w" else b"", match[1]))
                else:
                    foreign = True
        elif not (navigates and name == b"range"):
            kept.append((name, value))
    if navigates or ours or foreign:
        kept = [header for header in kept if header[0] not in _CONDITIONS]
    if tags:
        kept.append((b"if-none-match", b", ".join(tags)))
    return Conditional(kept, ours)


def navigates(fetch_dest: str, accept: str) -> bool:
    """Whether the answer will be shown as a document, by fetch metadata or else by Accept."""
    return fetch_dest in _DOCUMENT_DESTINATIONS if fetch_dest else "text/html" in accept


def is_shared(cache_control: str) -> bool:
    """Whether a cache between server and visitor may store a response with this header."""
    if _UNSHARED.search(cache_control):
        return False
    return bool(_SHARED.search(cache_control) or _MAX_AGE.search(cache_control))


def make_personal(headers: MutableHeaders, key: str) -> None:
    """Mark a gated page as this visitor's: no shared cache stores it, no other variant fits it."""
    cache_control = headers.get("cache-control", "")
    validated = "etag" in headers or "last-modified" in headers
    if is_shared(cache_control) or (not cache_control and validated):
        headers["cache-control"] = "private, no-cache"
    elif not _UNSHARED.search(cache_control):
        headers["cache-control"] = f"{cache_control}, private" if cache_control else "private"
    if etag := headers.get("etag"):
        headers["etag"] = variant_tag(etag.encode("latin-1"), key).decode("latin-1")
    if "last-modified" in headers:  # it says when the app's page changed, not when ours did
        del headers["last-modified"]
    vary = headers.get("vary", "")
    if "cookie" not in vary.lower() and vary != "*":
        headers["vary"] = f"{vary}, Cookie" if vary else "Cookie"
