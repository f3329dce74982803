"""Which scripts stand in the page, for whom."""

import pytest

from consentgate.banner.inline import inline_parts, part_data
from consentgate.config import load_config
from consentgate.model import Consent

ANALYTICS = Consent(allowed=frozenset({"google-analytics"}))
SHARED = ("signals.js", "shared.js", "boot.js")
BEFORE_TAGS = ("masking.js", "consent_mode.js")


def configured(*services):
    return load_config(
        {
            "site": {"name": "Example", "privacy_url": "/privacy"},
            "policy": {"version": "1"},
            "services": {name: {} for name in services},
        }
    )


@pytest.mark.parametrize(
    ("consent", "parts"),
    [
        (Consent(), ("boot.js",)),
        (Consent(allowed=frozenset({"youtube"})), ("boot.js",)),
        (ANALYTICS, ("boot.js", *BEFORE_TAGS)),
        (Consent(once=frozenset({"google-analytics"})), ("boot.js", *BEFORE_TAGS)),
    ],
)
def test_addresses_are_masked_for_those_who_agreed_to_be_measured(consent, parts):
    assert inline_parts(configured("google-analytics", "youtube"), consent, shared=False) == parts


def test_a_page_for_everybody_has_every_part_and_says_whose_consent_it_waits_for():
    config = configured("google-analytics", "youtube")
    assert inline_parts(config, Consent(), shared=True) == (*SHARED, *BEFORE_TAGS)
    assert part_data(config, fitted=True) == {"data-cg-mask": "google-analytics"}
    assert part_data(config, fitted=False) == {}


def test_a_site_without_analytics_has_no_part_for_it():
    config = configured("youtube")
    assert inline_parts(config, Consent(), shared=True) == SHARED
    assert part_data(config, fitted=True) == {}
