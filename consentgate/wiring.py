"""Everything that one configuration decides, computed at start-up: a request only looks up."""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote

from consentgate.assets import Assets
from consentgate.banner import SCRIPTS, Banner, Fragments, Frame, Visit
from consentgate.config import Config
from consentgate.consent import ConsentCookie, Seal
from consentgate.decision import local_path
from consentgate.discovery import Undeclared
from consentgate.gate.access import Access
from consentgate.gate.cookies import OwnCookies
from consentgate.gate.csp import consent_policy
from consentgate.ip import NOBODY, TrustedProxies
from consentgate.model import Consent
from consentgate.placement import Placement, shared_domain
from consentgate.proofs import Notice
from consentgate.shortening import Shortening
from consentgate.sites import FirstParty

logger = logging.getLogger("consentgate")

_POLICIES_KEPT = 512
_PLACES_KEPT = 1024
_NOTICES_KEPT = 512
_INLINE_SCRIPTS_KEPT = 32
_URL_SAFE = "/%:@!$&'()*+,;=?[]"


class Place(NamedTuple):
    """The visitor's host as the browser sees it, from trusted forwarding headers or the scope."""

    scheme: str
    host: str
    port: str

    @property
    def origin(self) -> str:
        """Scheme, host and port as the ``Origin`` header writes them."""
        return f"{self.scheme}://{self.host}" + (f":{self.port}" if self.port else "")


class Visited(NamedTuple):
    """The visitor's URL as the browser sees it.

    ``path`` is percent-decoded, ``raw_path`` and ``query`` stand as they were sent.
    """

    place: Place
    path: str
    query: str
    raw_path: str = ""

    @property
    def origin(self) -> str:
        """That of the place."""
        return self.place.origin

    @property
    def target(self) -> str:
        """Path and query, to be led back to; empty where ``local_path`` would refuse them.

        Percent-encoded as sent, for a decoded path is another one (``/a%3Fb``), and may lead to
        another host (``/%5Cevil.example``).
        """
        path = self.raw_path or quote(self.path, safe=_URL_SAFE.replace("%", "").replace("?", ""))
        target = f"{path}?{self.query}" if self.query else path
        return local_path(quote(target, safe=_URL_SAFE, encoding="latin-1", errors="replace"))


class Wiring:
    """The parts of a running gate, built from one configuration and never changed after."""

    def __init__(
        self, config: Config, *, secrets: Sequence[str], mount: str, debug: bool = False
    ) -> None:
        self.config = config
        self.mount = mount
        self.debug = debug
        self.assets = Assets()
        self.banner = Banner(config, self.assets, mount, debug=debug)
        self.fragments = Fragments(self.banner)
        self.cookie = ConsentCookie(
            secrets,
            optional=config.optional,
            necessary=config.necessary,
            revision=config.revision,
            max_age_seconds=config.policy.ask_again_after_seconds,
        )
        self.frames = Seal(secrets, purpose="frame")
        self.posters = Seal(secrets, purpose="poster")
        self.grants = Seal(secrets, purpose="once")
        proxies = config.ip.trusted_proxies
        self.trusted = TrustedProxies(proxies) if proxies else NOBODY
        bits = config.ip.keep_bits
        self.shortening = Shortening(self.trusted, bits.v4, bits.v6)
        self.own_cookies = OwnCookies.of(
            config.first_party_cookies, block_unknown=config.unknown.cookies == "block"
        )
        self.undeclared = Undeclared(config)
        self.own_hosts = frozenset(config.site.own_hosts)
        self.policy = lru_cache(maxsize=_POLICIES_KEPT)(self._policy)
        self.observing = lru_cache(maxsize=_POLICIES_KEPT)(self._observing)
        self.notice = lru_cache(maxsize=_NOTICES_KEPT)(self._notice)
        self.script_hashes = tuple(f"'{self.assets.integrity(name)}'" for name in SCRIPTS)
        self._hash_source = lru_cache(maxsize=_INLINE_SCRIPTS_KEPT)(_hash_source)
        self.placement = lru_cache(maxsize=_PLACES_KEPT)(self._placement)
        self._warned_of_sharing = False

    def inline_hash(self, consent: Consent, *, shared: bool) -> str:
        """The CSP hash source of the inline script for this visitor, or for everybody."""
        return self._hash_source(self.banner.inline_script(consent, shared=shared))

    def _placement(self, place: Place) -> Placement:
        """Where the consent cookies of a visitor there stand."""
        secure = place.scheme == "https" or bool(self.config.site.https)
        return Placement(place.host, secure, self.shared_domain(place.host))

    def shared_domain(self, host: str) -> str | None:
        """The domain that this host shares its consent with, if it does.

        A host that cannot is named in the log, the first one only: the name is the visitor's.
        """
        setting = self.config.site.share_consent
        domain = shared_domain(setting, host)
        if setting and domain is None and not self._warned_of_sharing:
            self._warned_of_sharing = True
            logger.warning(
                "site.share_consent is set, but %r shares no domain with other hosts of yours;"
                " it keeps a consent of its own",
                host,
            )
        return domain

    def access(self, place: Place, consent: Consent) -> Access:
        """Which addresses this visitor's consent opens on this host."""
        return self._access(place.host, place.scheme, consent)

    def _access(self, host: str, scheme: str, consent: Consent) -> Access:
        return Access(
            first_party=FirstParty(host, self.own_hosts),
            lookup=self.config.lookup,
            consent=consent,
            scheme=scheme,
            report_unknown=self.config.unknown.third_party == "report",
        )

    def _policy(self, host: str, scheme: str, allowed: frozenset[str]) -> str:
        """The derived policy for a host and the ids of the services that may run."""
        access = self._access(host, scheme, Consent(allowed=allowed))
        services = [service for service in self.config.services if service.id in allowed]
        return consent_policy(access, services=services) or ""

    def _observing(self, host: str, scheme: str) -> str:
        """While unknown third parties pass: the policy that only tells of them, for everybody."""
        if self.config.unknown.third_party != "report":
            return ""
        everything = Consent(allowed=self.config.service_ids)
        access = self._access(host, scheme, everything)
        strict = replace(access, report_unknown=False)
        return consent_policy(strict, services=self.config.services) or ""

    def _notice(self, lang: str, layer: str, service_id: str) -> Notice:
        """What a visitor reads before deciding, in one language, with the facts behind it."""
        visit = Visit(lang=lang)
        service = self.config.lookup.services.get(service_id)
        match layer:
            case "preferences":
                shown = self.banner.preferences_page(visit)
            case "do-not-sell":
                shown = self.banner.do_not_sell_page(visit, done=False)
            case "signal":
                heard = self.config.honoured_signals
                told = replace(visit, consent=Consent(decided=True), note="signal", signals=heard)
                shown = self.banner.body_start(told).decode("ascii")
            case "placeholder":
                shown = self.banner.embed_page(visit, service, Frame(url=""), loaded=False)
            case "social-bar":
                shown = self.banner.social_bar(replace(visit, back="/"), "inline").decode("ascii")
            case "opt-out" if service:
                shown = self.banner.opt_out_page(visit, service, done=False)
            case _:
                shown = self.banner.body_start(visit).decode("ascii")
        config = self.config
        return Notice(
            controller=config.site.controller or config.site.name,
            contact=config.site.contact,
            recipients=tuple(sorted({s.provider.name for s in config.services})),
            retention=config.proofs.retention,
            shown=shown,
            configuration=config.digest,
            policy=config.policy.version,
        )


def _hash_source(script: str) -> str:
    """What admits this inline script by its content (CSP3, section 2.3.1)."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
