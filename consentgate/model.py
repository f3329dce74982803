"""The nouns of consentgate as frozen values. No behaviour beyond questions about themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

Text: TypeAlias = Mapping[str, str]
"""A text in several languages: BCP 47 tag → words. The tag ``""`` fits every language."""

NECESSARY = "necessary"
"""The one category that needs no consent (Directive 2002/58/EC, Art. 5(3), second sentence)."""


class Party(StrEnum):
    """Whose cookie it is, seen from the site that the visitor is on."""

    FIRST = "first"
    THIRD = "third"


class Storage(StrEnum):
    """Where a service keeps its name-value pair."""

    COOKIE = "cookie"
    LOCAL_STORAGE = "localStorage"


class Keep(StrEnum):
    """How long a choice lasts."""

    LASTING = "lasting"
    VISIT = "visit"
    ONCE = "once"


class Signal(StrEnum):
    """A wish that a browser sends along with every request, without being asked."""

    GPC = "gpc"
    """Global Privacy Control: ``Sec-GPC: 1`` (W3C, Global Privacy Control)."""
    DNT = "dnt"
    """Do Not Track: ``DNT: 1`` (W3C, Tracking Preference Expression, retired)."""


class Decision(StrEnum):
    """What a button on any of our pages says: the value of the form field ``decision``."""

    ACCEPT_ALL = "accept-all"
    REJECT_ALL = "reject-all"
    CUSTOM = "custom"
    ALLOW = "allow"
    ONCE = "once"
    WITHDRAW = "withdraw"
    ERASE = "erase"
    DO_NOT_SELL = "do-not-sell"
    SIGNAL = "signal"
    """No button: the browser's signal refuses what was allowed before it was sent."""


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie, or a localStorage key, that a service is known to set.

    ``name`` is a case-sensitive glob (``_ga_*``); ``lifetime`` is prose for the declaration,
    ``session`` where the browser forgets it on closing.
    """

    name: str
    lifetime: str
    party: Party
    purpose: Text = field(default_factory=dict)
    storage: Storage = Storage.COOKIE


@dataclass(frozen=True, slots=True)
class Provider:
    """The company behind a service, as a declaration has to name it (GDPR Art. 13(1)(e))."""

    name: str
    address: str = ""
    country: str = ""
    privacy_url: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """How a service is recognised.

    ``hosts`` are exact or ``*.d`` (d and every subdomain); those also in ``shared_hosts``
    belong to several services and count only together with one of ``paths`` (globs on the
    URL path, without query). ``sole_hosts`` are those of the shared ones that no other service
    of the catalogue claims: a policy, whose header is short, may open them whole.
    ``older_hosts`` are those that only older embed codes ask for. ``inline`` are
    case-sensitive substrings of an inline script; ``markup`` are CSS selectors of plugin markup.
    ``sockets``: pages talk to these hosts by web sockets too.
    """

    hosts: tuple[str, ...] = ()
    shared_hosts: frozenset[str] = frozenset()
    paths: tuple[str, ...] = ()
    inline: tuple[str, ...] = ()
    markup: tuple[str, ...] = ()
    sole_hosts: frozenset[str] = frozenset()
    older_hosts: frozenset[str] = frozenset()
    sockets: bool = False


@dataclass(frozen=True, slots=True)
class Service:
    """A third party, or a tool of the site's own, that needs a legal ground to run.

    A family such as ``google-analytics`` has one entry of ``matches`` per member, in the
    catalogue's order, and the members' cookies together. ``kind`` says what sort of thing it
    is (``video``, ``map``, ``audience``); empty where only a configuration knows the service.
    ``poster``: the server is to fetch a picture for its placeholders.
    """

    id: str
    title: str
    category: str
    provider: Provider
    matches: tuple[Match, ...] = ()
    cookies: tuple[Cookie, ...] = ()
    purpose: Text = field(default_factory=dict)
    placeholder: Text = field(default_factory=dict)
    reason: Text = field(default_factory=dict)
    ids: tuple[str, ...] = ()
    lifetime_limit: str = ""
    legacy: bool = False
    members: tuple[str, ...] = ()
    kind: str = ""
    poster: bool = False


@dataclass(frozen=True, slots=True)
class Category:
    """A purpose that the visitor can agree to on its own."""

    id: str
    title: Text
    description: Text


@dataclass(frozen=True, slots=True)
class Consent:
    """What one visitor agreed to, as the application sees it in ``request.state.consent``.

    ``allowed`` holds the ids of services, the necessary ones included; ``categories`` those
    categories of which every configured service is allowed. ``subject`` is the visitor's
    consent id (32 hex digits), None before a decision and after a refusal.
    ``decided_at`` is in Unix seconds. ``once`` are the services granted for this page only,
    ``opted_out`` those that this browser is never to load: they are in none of the others.
    ``signals`` are those that the browser sent when it was decided.
    """

    allowed: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset({NECESSARY})
    decided: bool = False
    subject: str | None = None
    decided_at: int = 0
    keep: Keep = Keep.LASTING
    once: frozenset[str] = frozenset()
    opted_out: frozenset[str] = frozenset()
    signals: frozenset[Signal] = frozenset()

    def allows(self, name: str) -> bool:
        """Whether the service, or every service of the category, with this id may run."""
        return name in self.allowed or name in self.once or name in self.categories


@dataclass(frozen=True, slots=True)
class Choice:
    """A decision as it arrived at the choice endpoint, checked against the configuration.

    ``allow`` holds ids of services (categories are expanded already) and is the whole choice
    for ``custom``; ``service`` names the one service of ``allow``, ``once`` or ``withdraw``.
    ``back`` is a local path, or empty where the page did not answer a GET. ``gpc``: our script
    saw Global Privacy Control in the browser, which may not have sent the header. ``layer`` is
    where the button stood, where its form says so.
    """

    decision: Decision
    allow: frozenset[str] = frozenset()
    service: str = ""
    keep: Keep = Keep.LASTING
    back: str = ""
    gpc: bool = False
    layer: str = ""
