"""A site with services in every category, and visitors of it."""

import pytest

from consentgate.assets import Assets
from consentgate.banner import Banner, Visit
from consentgate.config import load_config
from consentgate.model import Consent

SITE = {
    "site": {
        "name": "Müller & Söhne",
        "controller": "Müller & Söhne GmbH",
        "dpo": "dpo@example.com",
        "authority": {"name": "The Authority", "url": "https://authority.example/"},
        "privacy_url": "/privacy",
        "imprint_url": "/imprint",
        "own_hosts": ["cdn.example.net"],
    },
    "policy": {"version": "2026-11-21"},
    "services": {
        "google-analytics": {"ids": ["G-ABC123"]},
        "meta-pixel": {},
        "youtube": {},
        "facebook": {},
        "google-maps": {},
    },
    "first_party_cookies": {
        "session": {"category": "necessary", "purpose": {"en": "Login"}, "lifetime": "session"}
    },
    "social": {
        "providers": ["facebook", "x", "linkedin", "instagram", "youtube"],
        "positions": ["top", "bottom"],
    },
    "exempt_paths": ["/docs"],
}


@pytest.fixture(scope="session")
def config():
    return load_config(SITE)


@pytest.fixture(scope="session")
def make_banner():
    return lambda **changes: Banner(load_config({**SITE, **changes}), Assets(), "/_gate")


@pytest.fixture(scope="session")
def banner(make_banner):
    return make_banner()


@pytest.fixture
def undecided():
    return Visit("en", "/jobs?page=2", Consent(), origin="https://www.example.com")


@pytest.fixture
def decided(config):
    consent = Consent(
        frozenset({"youtube", "google-analytics"}),
        categories=frozenset({"necessary", "analytics"}),
        decided=True,
        subject="0f" * 16,
        decided_at=1_795_000_000,
    )
    state = f"{config.revision}.03"
    return Visit("en", "/jobs", consent, state=state, origin="https://www.example.com")


@pytest.fixture
def refused(config):
    consent = Consent(decided=True, decided_at=1_795_000_000)
    return Visit("en", "/jobs", consent, state=f"{config.revision}.00")
