"""The headers of what is no page of ours, but may become a document or a worker all the same.

It has one of two policies: its visitor's, and then no cache brings it back to somebody who agreed
to other things; or the one that is nobody's, and then it is as cacheable as the application said.
Its entity tag tells which of the two was sent, so that a confirmation says the same.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from starlette.datastructures import MutableHeaders

from consentgate.gate.csp import ACTIVE_DESTINATIONS, belongs_on
from consentgate.gate.links import gate_headers
from consentgate.response.bodies import essence, is_html, is_saved, is_sniffed, media_type
from consentgate.response.cache_control import cache_control, is_shared, is_unshared
from consentgate.response.plan import Request, Variant
from consentgate.response.variants import (
    NEVER_DOCUMENTS,
    keep_from_caches_between,
    make_personal,
)

_NOT_MODIFIED = 304
_POLICY = "content-security-policy"
_EMPTY = frozenset({204, 205})
_LASTING = "serviceworker"
_WORKERS = frozenset({_LASTING, "sharedworker", "worker"})
_UNTOLD = ""  # over plain http, and by older browsers
_ACTIVE = ACTIVE_DESTINATIONS | {_UNTOLD}
_MARKUP = re.compile(r"text/html|[^/]+/(?:[^/]+\+)?xml|text/xsl")
_SCRIPT = re.compile(r"(?:text|application)/(?:x-)?(?:ecma|j|java|live)script[\d.]*")


def guard(
    headers: MutableHeaders,
    request: Request,
    keys: tuple[str, str],
    status: int,
    asked: Collection[str] = (),
) -> None:
    """Put a policy on what is no page of ours, if it may become a document or a worker.

    ``keys`` name the visitor's rendering and everybody's in entity tags, ``asked`` those of them
    that the request asked about. What a cache between may bring back to others, by its own rules
    where none are told, names nobody that one visitor agreed to.
    """
    _put_policy(headers, request, keys, status, asked)
    if not is_unshared(cache_control(headers)):
        headers.raw[:] = gate_headers(headers.raw, request.variant.shared.access)


def _put_policy(
    headers: MutableHeaders,
    request: Request,
    keys: tuple[str, str],
    status: int,
    asked: Collection[str],
) -> None:
    told, destination = media_type(headers), request.fetch_dest
    idle = destination not in _ACTIVE | {"script"}
    if status == _NOT_MODIFIED and not told and idle and _POLICY not in headers:
        return  # what is stored keeps the policies that it has, or its having none
    if not belongs_on(told, destination):
        return
    variant = request.variant
    key, _ = keys
    confirms = status == _NOT_MODIFIED
    personal = key in asked if confirms else _is_personal(headers, request, status)
    if destination in NEVER_DOCUMENTS and is_html(headers) and not confirms:
        # Only what is shown is asked for in a coding that can be undone: this must not come back
        # from a cache to be shown.
        headers["cache-control"] = "no-store"
        keep_from_caches_between(headers)
    if personal:
        make_personal(headers, key, variant.vary, variant.vary_kept)
    add_policy(headers, variant, variant.personal.policy if personal else variant.canonical_policy)
    if _MARKUP.fullmatch(essence(headers)):  # no policy covers the hosts of links
        forbid_lookups(headers)


def confirms_worker(request: Request) -> bool:
    """Whether what is confirmed may be a worker's script: of those none has everybody's tag."""
    return request.fetch_dest in _WORKERS


def add_policy(headers: MutableHeaders, variant: Variant, policy: str) -> None:
    """Add a policy of ours, else the one that only tells, and where to report to."""
    mode = "" if policy else "-report-only"
    if told := policy or variant.observing:
        headers.append(f"{_POLICY}{mode}", told + variant.reports)
        if variant.report_endpoint:
            headers.append("reporting-endpoints", variant.report_endpoint)


def forbid_lookups(headers: MutableHeaders) -> None:
    """Have no browser look up the hosts of a document's links ahead of a click."""
    headers["x-dns-prefetch-control"] = "off"


def _is_personal(headers: MutableHeaders, request: Request, status: int) -> bool:
    """Whether this answer needs its visitor's policy.

    What shared caches may store has nobody's, and so has what a script fetched, because a
    service worker may store it; and the service worker itself, because it keeps the policy that
    it was installed with until its script changes (Service Workers, "Update"). Where the browser
    does not say what it will become, nobody's stays cacheable: it opens nothing.
    """
    variant, destination = request.variant, request.fetch_dest
    if request.fetched or destination == _LASTING or status in _EMPTY:
        return False
    if is_shared(cache_control(headers)):
        return False
    if not _runs(headers, destination):
        return False
    usual = variant.personal if destination == _UNTOLD else variant.shared
    return usual.policy != variant.canonical_policy


def _runs(headers: MutableHeaders, destination: str) -> bool:
    """Whether something in it can load anything: a worker, or a document with markup.

    Other documents (a PDF, text, what is saved) keep their tags, so that a download is resumed.
    """
    if destination in _WORKERS:
        return True
    if is_saved(headers):
        return False
    told = essence(headers)
    if is_sniffed(headers) or _MARKUP.fullmatch(told):
        return destination in _ACTIVE
    return destination == _UNTOLD and _SCRIPT.fullmatch(told) is not None
