"""A page for everybody: a script finds in it what the server would say of its visitor."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentgate.banner import Visit
from consentgate.banner.boot import boot_data
from consentgate.banner.shared import consent_table
from consentgate.config import load_config
from consentgate.consent import ConsentCookie
from consentgate.gate.access import Access
from consentgate.gate.csp import consent_policy
from consentgate.model import Keep
from consentgate.sites import FirstParty

CONFIG = load_config(
    {
        "site": {"name": "S", "privacy_url": "/p", "own_hosts": ["cdn.example.net"]},
        "policy": {"version": "1"},
        "services": {
            name: {}
            for name in ("google-analytics", "meta-pixel", "youtube", "google-maps", "hotjar")
        },
        "first_party_cookies": {
            "shown": {"category": "analytics", "purpose": "Counts.", "lifetime": "1 day"},
            "sold_*": {"category": "marketing", "purpose": "Sells.", "lifetime": "1 day"},
            "kept": {"category": "necessary", "purpose": "Works.", "lifetime": "1 day"},
        },
    }
)
COOKIE = ConsentCookie(
    ["secret"],
    optional=CONFIG.optional,
    necessary=CONFIG.necessary,
    revision=CONFIG.revision,
    max_age_seconds=9,
)
IDS = [service.id for service in CONFIG.optional]
NAMES = ["_ga", "_ga_X", "_fbp", "_hjid", "shown", "sold_1", "kept", "other"]
KEYS = ["_hjSession", "_hjSessionUser_1", "other"]
HOSTS = [
    "www.youtube.com",
    "i.ytimg.com",
    "www.google-analytics.com",
    "stats.g.doubleclick.net",
    "static.hotjar.com",
    "connect.facebook.net",
    "maps.googleapis.com",
    "cdn.example.net",
    "www.example.com",
    "nobody.example",
]


def consent_to(granted):
    return COOKIE.consent(granted, subject="0f" * 16, decided_at=1, keep=Keep.LASTING)


def open_rows(state):
    """The rows that ``shared.js`` finds open, by its own arithmetic."""
    digits = state.partition(".")[2]
    agreed = lambda bit: int(digits[bit >> 2 ^ 1], 16) >> (bit & 3) & 1  # noqa: E731
    return [row for row in json.loads(consent_table(CONFIG)) if all(map(agreed, row[0]))]


def fitted(undecided, state):
    """The boot script's patterns as ``shared.js`` makes them."""
    data = boot_data(CONFIG, undecided, "/_gate")
    rows = open_rows(state)
    cookies, keys, hosts = ("|".join(row[field] for row in rows) for field in (2, 3, 4))
    return {
        "cookies": f"(?!(?:{cookies})$){data['data-cg-cookies']}",
        "keys": f"(?!(?:{keys})$){data['data-cg-keys']}",
        "hosts": f"{data['data-cg-hosts']}|^(?:{hosts})$",
    }


@given(st.sets(st.sampled_from(IDS)))
def test_the_table_says_what_the_server_says_of_every_choice(granted):
    consent = consent_to(granted)
    nobody = Visit("en", "/", COOKIE.undecided, origin="https://www.example.com")
    found = fitted(nobody, COOKIE.state(consent))
    told = boot_data(CONFIG, replace(nobody, consent=consent), "/_gate")
    for part, words in (("cookies", NAMES), ("keys", KEYS), ("hosts", HOSTS)):
        for word in words:
            here = re.search(found[part], word) is not None
            assert here == (re.search(told[f"data-cg-{part}"], word) is not None), (part, word)


@given(st.sets(st.sampled_from(IDS)))
def test_the_policy_is_the_one_of_the_header(granted):
    consent = consent_to(granted)
    first_party = FirstParty("www.example.com", frozenset(CONFIG.site.own_hosts))

    def policy(of):
        access = Access(first_party, CONFIG.lookup, of, "http")
        return consent_policy(access, services=CONFIG.services).split()

    added = " ".join(row[5] for row in open_rows(COOKIE.state(consent))).split()
    assert set(policy(COOKIE.undecided) + added) == set(policy(consent))


@given(st.sets(st.sampled_from(IDS)))
def test_services_and_whole_categories_are_named(granted):
    consent = consent_to(granted)
    named = {row[1] for row in open_rows(COOKIE.state(consent))}
    assert named == (consent.allowed | consent.categories) - CONFIG.necessary - {"necessary"}


@pytest.fixture
def shared(undecided):
    return replace(undecided, shared=True, policy="default-src 'self'")


def test_the_page_carries_the_table_and_both_ways_to_the_policy(banner, shared):
    head = banner.head(shared).decode()
    assert banner.assets.joined(("shared.js", "boot.js")) in head
    assert "data-cg-table" in head
    policy = "default-src &#39;self&#39;"
    assert f'data-cg-policy="{policy}"' in head
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    assert f"<noscript>{meta}</noscript>" in head
    assert head.startswith("<script")
    assert "/_gate/assets/activate." in head


def test_a_page_for_one_visitor_carries_none_of_it(banner, undecided):
    head = banner.head(undecided).decode()
    for part in ("data-cg-table", "data-cg-policy", "noscript", "activate.", "cgTable"):
        assert part not in head


def test_the_banner_is_there_but_hidden_and_leads_who_has_no_script_to_the_settings(banner, shared):
    start = banner.body_start(shared).decode()
    assert 'id="cg" hidden' in start
    assert 'name="back" value="/_gate/preferences?back=/jobs%3Fpage%3D2"' in start


def test_the_declaration_speaks_of_nobodys_choice(banner, shared, undecided):
    assert "You have not decided yet" in banner.declaration(undecided).decode()
    assert "You have not decided yet" not in banner.declaration(shared).decode()


def test_with_nothing_to_agree_to_there_is_nothing_to_find_out(make_banner, shared):
    head = make_banner(services={}, social={}).head(shared).decode()
    assert "data-cg-table" not in head
    assert "activate." not in head


def test_where_third_parties_are_only_reported_there_is_no_policy(banner, shared):
    head = banner.head(replace(shared, policy="")).decode()
    assert 'data-cg-policy=""' in head
    assert "<noscript>" not in head
