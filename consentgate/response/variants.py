"""Caching of gated pages: whose a page is, and validators that name their variant.

A page is another document for each state of consent, and one more for everybody, so its entity
tag carries the variant key, and a validator of another variant never reaches the application
(RFC 9110, sections 8.8 and 13; RFC 9111, section 5.2).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders

from consentgate.response.cache_control import (
    cache_control,
    is_shared,
    lasts,
    revalidated,
    unshared,
)

Header = tuple[bytes, bytes]

_ENTITY_TAG = re.compile(rb'(?:W/)?"[^"]*"|^\*$')
_OURS = re.compile(rb'W/"([^"]*)-cg([sw])([0-9a-f]{12})"')
CONDITIONS = frozenset({b"if-match", b"if-none-match", b"if-modified-since"})
_MATCHES = frozenset({b"if-match", b"if-none-match"})
RANGES = frozenset({b"range", b"if-range"})
_READING = frozenset({"GET", "HEAD"})
_NONE: frozenset[str] = frozenset()
NEVER_DOCUMENTS = frozenset(
    {"audio", "font", "image", "manifest", "script", "style", "track", "video"}
)
"""What ``Sec-Fetch-Dest`` says of a request whose answer is shown as no document."""
_DOCUMENT_DESTINATIONS = frozenset(
    {"document", "embed", "fencedframe", "frame", "iframe", "object"}
)
# RFC 9530, RFC 3230, RFC 1864; unencoded-digest is a draft. A signature covers some of them, or
# headers that are others behind the gate (RFC 9421).
DIGESTS = frozenset(
    {
        b"content-digest",
        b"content-md5",
        b"digest",
        b"repr-digest",
        b"signature",
        b"signature-input",
        b"unencoded-digest",
    }
)
# They speak to caches between alone, and louder than Cache-Control (RFC 9213, which names the
# suffix). ``!no-store`` of Akamai's has a page stored whatever else it says.
_TARGETED = frozenset({b"edge-control", b"surrogate-control", b"x-accel-expires"})
_TARGETED_SUFFIX = b"-cache-control"


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
    """The request's headers for the app; ``ours``: of which variants it carried the tag."""

    headers: list[Header]
    ours: frozenset[str]


def conditional_request(
    headers: Iterable[Header], keys: Collection[str], *, method: str, navigates: bool
) -> Conditional:
    """Translate the validators of these variants and drop those of any other.

    There are two, because the answer alone tells whether it is for its visitor or for
    everybody, and a cache between asks with the tag of what it stored. A navigation loses every
    validator that is not ours: what it would revalidate was stored before the gate stood there.
    Ranges of documents are not asked for either.

    What a method changes is the application's own, of which every variant was made: it gets all
    its conditions, each tag of ours as the tag that the variant was made from. Without them
    ``If-None-Match: *`` would let a ``PUT`` overwrite what it must not (RFC 9110, section 13.1).
    """
    if method not in _READING:
        return Conditional([(name, _as_given(name, value)) for name, value in headers], _NONE)
    kept: list[Header] = []
    tags: list[bytes] = []
    ours: set[str] = set()
    foreign = False
    for name, value in headers:
        if name == b"if-none-match":
            for tag in _ENTITY_TAG.findall(value):
                match = _OURS.fullmatch(tag)
                if match is None:
                    tags += [] if navigates else [tag]
                elif (key := match[3].decode()) in keys:
                    ours.add(key)
                    tags.append(_given(match))
                else:
                    foreign = True
        elif not (navigates and name in RANGES):
            kept.append((name, _as_given(name, value, keys)))
    if navigates or ours or foreign:
        kept = [header for header in kept if header[0] != b"if-modified-since"]
    if tags:
        kept.append((b"if-none-match", b", ".join(dict.fromkeys(tags))))
    return Conditional(kept, frozenset(ours))


def _as_given(name: bytes, value: bytes, keys: Collection[str] | None = None) -> bytes:
    """A condition on entity tags, those of ours (of these variants, or of any) as the app's own."""
    if name not in _MATCHES:
        return value

    def given(match: re.Match[bytes]) -> bytes:
        return _given(match) if keys is None or match[3].decode() in keys else match[0]

    return _OURS.sub(given, value)


def _given(match: re.Match[bytes]) -> bytes:
    """The application's entity tag that one of ours was made from."""
    return b'%b"%b"' % (b"W/" if match[2] == b"w" else b"", match[1])


def navigates(fetch_dest: str, accept: str) -> bool:
    """Whether the answer will be shown as a document, by fetch metadata or else by Accept."""
    return fetch_dest in _DOCUMENT_DESTINATIONS if fetch_dest else "text/html" in accept


def is_targeted(name: bytes) -> bool:
    """Whether a header of this name, in lower case, speaks to caches of one kind alone."""
    return name in _TARGETED or name.endswith(_TARGETED_SUFFIX)


def without_digests(headers: Iterable[Header]) -> list[Header]:
    """The headers without those that vouch for bytes which the gate may have changed."""
    return [(name, value) for name, value in headers if name.lower() not in DIGESTS]


def make_personal(
    headers: MutableHeaders,
    key: str,
    depends_on: Iterable[str] = ("Cookie",),
    kept_for: Iterable[str] = (),
) -> None:
    """Mark a gated page as this visitor's: no shared cache stores it, no other variant fits it.

    ``kept_for`` are further request headers that it depends on where a browser may keep it without
    asking; where it asks, the entity tag tells, and a proxy's buffer has little room.
    """
    told = cache_control(headers)
    validated = "etag" in headers or "last-modified" in headers
    if is_shared(told) or (not told and validated):
        headers["cache-control"] = revalidated(told)
    keep_from_caches_between(headers)
    _mark_validators(headers, key)
    names = [name.strip() for name in ",".join(headers.getlist("vary")).split(",") if name.strip()]
    lowered = {name.lower() for name in names}
    depends_on = (*depends_on, *(kept_for if lasts(headers) else ()))
    if "*" not in names:
        names += [name for name in depends_on if name.lower() not in lowered]
        headers["vary"] = ", ".join(names)


def keep_from_caches_between(headers: MutableHeaders) -> None:
    """Let no shared cache store this; what its visitor's browser may do stays as it was told."""
    headers["cache-control"] = unshared(cache_control(headers))
    headers.raw[:] = [header for header in headers.raw if not is_targeted(header[0])]


def make_shared(headers: MutableHeaders, key: str) -> None:
    """Mark a gated page as everybody's: it may be stored just as the application said."""
    _mark_validators(headers, key)


def _mark_validators(headers: MutableHeaders, key: str) -> None:
    if etag := headers.get("etag"):
        headers["etag"] = variant_tag(etag.encode("latin-1"), key).decode("latin-1")
    if "last-modified" in headers:  # it says when the app's page changed, not when ours did
        del headers["last-modified"]
