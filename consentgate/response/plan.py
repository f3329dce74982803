"""What the responder has to know of one request: for whom its answer may be rendered, and how."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from consentgate.gate.access import Access
from consentgate.gate.cookies import OwnCookies
from consentgate.gate.embeds import Embeds
from consentgate.gate.html import Inserts
from consentgate.response.variants import Header


@dataclass(frozen=True, slots=True, eq=False)
class Rendering:
    """One of the two ways in which a page can leave: for its visitor, or one for everybody.

    ``policy`` goes out as a header, where it is not empty. ``boot_hash`` is the CSP hash source of
    the inline script, ``script_hashes`` are those of the files that it comes with.
    """

    access: Access
    policy: str
    boot_hash: str
    script_hashes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """What all requests have in common whose answers are gated alike, whatever the address.

    Equal to itself only: what is remembered of it is remembered by identity.
    ``canonical_policy`` is nobody's, for what is no page; ``gate_url`` is the absolute address
    of our own endpoints. ``reports`` is what each policy of ours in a header ends with, and
    ``report_endpoint`` the member of ``Reporting-Endpoints`` that it names, if any. ``observing``
    is a policy that stops nothing and only tells, where no policy of ours stops. ``vary`` are the
    request headers that a personal page depends on, ``vary_kept`` further ones where a browser may
    keep it without asking.
    """

    personal: Rendering
    shared: Rendering
    own_cookies: OwnCookies
    keep_visit: bool
    canonical_policy: str
    gate_url: str
    reports: str = ""
    report_endpoint: str = ""
    observing: str = ""
    vary: tuple[str, ...] = ("Cookie",)
    vary_kept: tuple[str, ...] = ()


class Fitting(Protocol):
    """What decides upon the tags of one page and what is put into it, while it streams by."""

    @property
    def embeds(self) -> Embeds:
        """The decisions."""

    @property
    def inserts(self) -> Inserts:
        """The banner."""

    @property
    def personal(self) -> bool:
        """Whether something was put in, so far, that is this one visitor's and nobody else's."""


class Request(NamedTuple):
    """What the headers of an answer depend on besides themselves; for many requests the same.

    ``authorised`` ones get no shared answer. What a script has ``fetched``, a service worker may
    store: a whole page then leaves as everybody's, lest it bring a grant back after its
    withdrawal.
    """

    variant: Variant
    method: str
    fetch_dest: str
    authorised: bool = False
    fetched: bool = False


class Plan(Protocol):
    """One request and its visitor.

    Which of the two renderings the answer takes is known when the answer's headers are.
    ``address`` stands for what a rendering depends on besides its variant. ``revalidates`` holds
    the keys of the renderings whose entity tags the request carried. ``refused_cookies`` are
    Set-Cookie values which expire what the request carried without consent, or write the consent
    itself anew; ``document_headers`` go out with a whole personal page only (they take back a
    notice that has been shown).
    """

    request: Request
    address: Hashable
    revalidates: frozenset[str]
    refused_cookies: tuple[bytes, ...]
    document_headers: tuple[Header, ...]

    def fit(self, rendering: Rendering, nonce: str, page_lang: Callable[[], str]) -> Fitting:
        """What gates a page: its policy's nonce, and its language once that is known."""

    def key(self, *, everybody: bool) -> str:
        """Names a rendering in entity tags, everybody's or the visitor's own: 12 hex digits."""
