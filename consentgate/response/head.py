"""The headers of an answer: what leaves at once, and what waits for the body to be told.

Pure functions of the application's headers and of the visitor's variant, so that headers which
recur are looked up. Cookies and the length of the body stay out of them: they differ from answer
to answer.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from typing import NamedTuple

from starlette.datastructures import MutableHeaders

from consentgate.gate.csp import extend_own_policy, nonce_of
from consentgate.gate.links import gate_headers
from consentgate.response.bodies import (
    declared_charset,
    is_html,
    is_saved,
    is_scannable,
    is_sniffed,
    media_type,
)
from consentgate.response.cache_control import cache_control, forbids_storing, is_shared
from consentgate.response.codings import codings_left, decoder_for
from consentgate.response.guard import add_policy, confirms_worker, forbid_lookups, guard
from consentgate.response.plan import Rendering, Request
from consentgate.response.variants import (
    DIGESTS,
    NEVER_DOCUMENTS,
    Header,
    keep_from_caches_between,
    make_personal,
    make_shared,
)

_BODILESS = frozenset({204, 205, 304})
_NOT_MODIFIED = 304
_OK = 200
_PARTIAL = 206
_HEADS_KEPT = 512
# They tell of bytes that the gate undoes, or puts others between.
_OF_THE_BYTES = DIGESTS | {b"content-encoding", b"accept-ranges"}


class Leaves(Enum):
    """When the headers of an answer leave."""

    AT_ONCE = auto()
    WITH_BODY = auto()
    NEVER = auto()
    """A page in part, or what a browser may take for one: only the whole can be gated."""


class _Told(Enum):
    """What the headers of an answer tell of it."""

    PART = auto()
    """A page in part, or what a browser may take for one."""
    AWAITED = auto()
    """Something of which the body tells more."""
    PAGE = auto()
    UNDECIDED = auto()
    """Something of which the body would tell more, had it one."""
    NO_PAGE = auto()


_LEAVES = {_Told.PART: Leaves.NEVER, _Told.AWAITED: Leaves.WITH_BODY}


class Opening(NamedTuple):
    """What the first bytes of a body tell: whether it is gated, and read as what.

    ``everybody``: it is rendered for nobody in particular. ``read_as`` is the page's charset,
    empty where it declares none.
    """

    gated: bool
    content_type: str
    everybody: bool
    read_as: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """The gated headers of an answer, without its cookies and its length.

    ``everybody``: it is made for nobody in particular, should it be a whole page, and leaves as
    cacheable as it came. ``shared``: a cache between may store it. ``keeps_length``: the body that
    the application measured is the one that leaves. ``reading`` stands for all that decides how
    the body is read, and whether a whole page of it is everybody's; ``memorable`` is false for a
    compressed one, and where the application forbids that it be stored. ``keys`` name the
    visitor's rendering and everybody's in entity tags, where the answer has such tags.
    ``kept_apart``: no cache between may store it, whatever it is.
    """

    request: Request
    keys: tuple[str, str]
    status: int
    leaves: Leaves
    raw: tuple[Header, ...]
    everybody: bool
    shared: bool
    keeps_length: bool
    encoding: str = ""
    nonce: str = ""
    declared: str = ""
    kept_apart: bool = False
    reading: Hashable = ()
    memorable: bool = False

    @property
    def needs_body(self) -> bool:
        """Whether its first bytes have a say in how it is read, or for whom it is made."""
        return self.everybody or self.request.fetched or not self.declared


@lru_cache(maxsize=_HEADS_KEPT)
def head_of(
    request: Request,
    revalidates: frozenset[str],
    keys: tuple[str, str],
    status: int,
    sets_cookies: bool,
    raw: tuple[Header, ...],
    expires_cookies: bool = False,
    sets_agreed: bool = False,
) -> Head:
    """Gate the headers of an answer; ``sets_cookies`` where any of its cookies leaves.

    ``keys`` as ``Head`` has them; ``revalidates`` those among them that the request asked about.
    ``expires_cookies``: unless it is shared, lines go out with it that expire its visitor's. They
    do not keep caches from storing it (RFC 9111, section 7.3). ``sets_agreed``: nor do cookies, and
    one of these leaves only because its visitor agreed to it.
    """
    variant, fetched = request.variant, request.fetched
    directives = cache_control(MutableHeaders(raw=list(raw)))
    shared = is_shared(directives)
    for_whom = variant.shared if shared or fetched else variant.personal
    headers = MutableHeaders(raw=gate_headers(raw, for_whom.access))
    can_be_shared = shared and not sets_cookies
    everybody, rendering = _for_whom(request, revalidates, keys, status, shared=can_be_shared)
    encoding = ", ".join(headers.getlist("content-encoding"))
    declared = declared_charset(media_type(headers)) if is_html(headers) else ""
    confirms = bool(revalidates) and (keys[1] in revalidates or not confirms_worker(request))
    told = _told_by(headers, request, status, encoding, confirms=confirms)
    match told:
        case _Told.PAGE:
            _mark_page(headers, request, keys, rendering, everybody=everybody)
        case _Told.UNDECIDED:
            _mark_undecided(headers, request, keys)
        case _Told.NO_PAGE:
            guard(headers, request, keys, status, revalidates)
    leaves = _LEAVES.get(told, Leaves.AT_ONCE)
    kept_apart = sets_agreed or (expires_cookies and not shared)
    if kept_apart and leaves is Leaves.AT_ONCE:
        keep_from_caches_between(headers)
    nonce = nonce_of(", ".join(headers.getlist("content-security-policy"))) or ""
    sniffing = headers.get("x-content-type-options", "")
    return Head(
        request=request,
        keys=keys,
        status=status,
        leaves=leaves,
        raw=tuple(headers.raw),
        everybody=everybody,
        shared=shared,
        keeps_length=told is _Told.NO_PAGE,
        encoding=encoding,
        nonce=nonce,
        declared=declared,
        kept_apart=kept_apart,
        reading=(media_type(headers), sniffing, everybody or fetched, nonce),
        memorable=not encoding and not forbids_storing(directives),
    )


def rendering_of(head: Head, opening: Opening) -> Rendering:
    """Whose page it is after all."""
    variant = head.request.variant
    return variant.shared if opening.everybody else variant.personal


@lru_cache(maxsize=_HEADS_KEPT)
def headers_of(head: Head, opening: Opening) -> tuple[Header, ...]:
    """The headers of a body that was waited for."""
    headers = MutableHeaders(raw=list(head.raw))
    if opening.content_type != media_type(headers):
        headers["content-type"] = opening.content_type
    if opening.gated:
        rendering = rendering_of(head, opening)
        # What is everybody's only because it was fetched had headers that are its visitor's.
        everybody = head.everybody and opening.everybody
        _mark_page(headers, head.request, head.keys, rendering, everybody=everybody)
    else:
        guard(headers, head.request, head.keys, head.status)
    if head.kept_apart:
        keep_from_caches_between(headers)
    return tuple(headers.raw)


def _told_by(
    headers: MutableHeaders, request: Request, status: int, encoding: str, *, confirms: bool
) -> _Told:
    """Settle what these headers tell; ``confirms``: a 304 is of a page of ours.

    A body in a coding that cannot be undone tells nothing.
    """
    html = is_html(headers)
    maybe_page = (html or is_sniffed(headers)) and not is_saved(headers)
    shown = html or request.fetch_dest not in NEVER_DOCUMENTS
    if status == _PARTIAL:
        return _Told.PART if maybe_page and shown else _Told.NO_PAGE
    if status == _NOT_MODIFIED and confirms:
        return _Told.PAGE
    if not maybe_page or decoder_for(encoding) is None:
        return _Told.NO_PAGE
    if request.method != "HEAD" and status not in _BODILESS:
        return _Told.AWAITED
    if html and is_scannable(declared_charset(media_type(headers))):
        return _Told.PAGE
    return _Told.NO_PAGE if status in _BODILESS else _Told.UNDECIDED


def _for_whom(
    request: Request,
    asked: frozenset[str],
    keys: tuple[str, str],
    status: int,
    *,
    shared: bool,
) -> tuple[bool, Rendering]:
    """Settle whose page this is, should it be one: its visitor's, or everybody's.

    A confirmation speaks of what is stored already, and so of the variant asked about. Where there
    is no body to tell, what is fetched counts as a document.
    """
    variant = request.variant
    shared = shared and request.method in {"GET", "HEAD"} and not request.authorised
    if status == _NOT_MODIFIED and asked:
        personal_key, shared_key = keys
        stored = shared_key in asked
        only = stored and personal_key not in asked
        everybody = shared and stored
        return everybody, variant.shared if everybody or only else variant.personal
    if status == _OK and shared:
        return True, variant.shared
    return False, variant.shared if request.fetched else variant.personal


def _mark_undecided(headers: MutableHeaders, request: Request, keys: tuple[str, str]) -> None:
    """Say of what a body would decide no more than holds either way.

    An answer to ``HEAD`` updates what is stored (RFC 9111, section 4.3.5).
    """
    make_personal(headers, keys[0], request.variant.vary, request.variant.vary_kept)
    told = _OF_THE_BYTES | {b"etag"}
    headers.raw[:] = [header for header in headers.raw if header[0] not in told]
    guard(headers, request, keys, _OK)


def _mark_page(
    headers: MutableHeaders,
    request: Request,
    keys: tuple[str, str],
    rendering: Rendering,
    *,
    everybody: bool,
) -> None:
    """Make these the headers of a gated page."""
    nonce = nonce_of(", ".join(headers.getlist("content-security-policy")))
    for index, (name, value) in enumerate(headers.raw):
        if name == b"content-security-policy":
            extended = extend_own_policy(
                value.decode("latin-1"),
                gate_url=request.variant.gate_url,
                inline_hash=rendering.boot_hash,
                nonce=nonce,
                script_hashes=rendering.script_hashes,
            )
            headers.raw[index] = (name, extended.encode("latin-1"))
    personal_key, shared_key = keys
    # Of a confirmation the rendering tells which of the two is stored.
    key = shared_key if rendering is request.variant.shared else personal_key
    if everybody:
        make_shared(headers, key)
    else:
        make_personal(headers, key, request.variant.vary, request.variant.vary_kept)
    left = codings_left(", ".join(headers.getlist("content-encoding")))
    headers.raw[:] = [header for header in headers.raw if header[0] not in _OF_THE_BYTES]
    if left:
        headers["content-encoding"] = left
    add_policy(headers, request.variant, rendering.policy)
    forbid_lookups(headers)
