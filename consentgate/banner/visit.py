"""What a page needs to know about one visitor, and what a placeholder about its frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from consentgate.model import Consent, Signal


@dataclass(frozen=True, slots=True)
class Visit:
    """One visitor on one page.

    ``lang`` is one that the banner speaks (see ``Banner.language``). ``back`` is the page's own
    local path with its query, empty where it did not answer a GET and so cannot be loaded
    again. ``state`` is the value of the readable state cookie for this consent, ``nonce`` that
    of the application's script policy. ``origin`` is ``https://host`` as the visitor sees it;
    ``note`` names the confirmation to show, such as ``refused``. ``shared``: the page is one
    for everybody, which scripts fit to its visitor, and ``policy`` what it may load until then.
    ``signals`` are those of the browser that the site honours.
    """

    lang: str
    back: str = ""
    consent: Consent = field(default_factory=Consent)
    state: str = ""
    nonce: str = ""
    origin: str = ""
    note: str = ""
    shared: bool = False
    policy: str = ""
    signals: frozenset[Signal] = frozenset()

    @property
    def page_url(self) -> str:
        """The page's whole address, to be shared; the first page's where it has none."""
        return self.origin + (self.back or "/")


@dataclass(frozen=True, slots=True)
class Frame:
    """An ``<iframe>`` of a page whose address the gate has replaced by a placeholder.

    ``url`` is where it led; ``allow``, ``fullscreen``, ``referrerpolicy`` and ``sandbox`` are
    its attributes, None where the markup has none (an empty ``sandbox`` is the strictest).
    ``page`` is the local path of the page that holds it. ``small`` frames have room for one
    button only. ``direct`` frames cannot be wrapped in another one (a player's script talks to
    them), so to load once means to load the whole page again with them. ``poster`` is the
    address, on this site, of a picture to stand behind the words; empty without one.
    """

    url: str
    page: str = "/"
    title: str = ""
    allow: str | None = None
    fullscreen: bool = False
    referrerpolicy: str | None = None
    sandbox: str | None = None
    small: bool = False
    direct: bool = False
    poster: str = ""

    @property
    def attributes(self) -> Mapping[str, str]:
        """The attributes of the inner frame: exactly what the markup gave, and no more."""
        given = {
            "src": self.url,
            "title": self.title or None,
            "allow": self.allow,
            "allowfullscreen": "" if self.fullscreen else None,
            "referrerpolicy": self.referrerpolicy,
            "sandbox": self.sandbox,
        }
        return {name: value for name, value in given.items() if value is not None}
