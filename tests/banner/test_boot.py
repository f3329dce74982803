"""What the boot script is told: which names to refuse, which hosts are open."""

import re
from dataclasses import replace

import pytest

from consentgate.banner import Visit
from consentgate.banner.boot import asked_about, boot_data
from consentgate.config import load_config
from consentgate.model import Consent


def told(config, visit, name):
    return boot_data(config, visit, "/_gate")[f"data-cg-{name}"]


def refuses(config, visit, cookie):
    return re.search(told(config, visit, "cookies"), cookie) is not None


def opens(config, visit, host):
    return re.search(told(config, visit, "hosts"), host) is not None


@pytest.mark.parametrize("name", ["_ga", "_ga_ABC", "_fbp", "__utma"])
def test_undecided_means_that_known_first_party_names_are_refused(config, undecided, name):
    assert refuses(config, undecided, name)


@pytest.mark.parametrize("name", ["session", "csrftoken", "x_ga", "_gab", "datr", ""])
def test_the_sites_own_names_and_third_party_names_are_not_refused(config, undecided, name):
    assert not refuses(config, undecided, name)


def test_a_name_is_written_once_its_service_is_allowed(config, decided):
    assert not refuses(config, decided, "_ga")
    assert refuses(config, decided, "_fbp")


def test_a_one_page_grant_counts(config, undecided):
    once = replace(undecided, consent=Consent(once=frozenset({"meta-pixel"})))
    assert not refuses(config, once, "_fbp")
    assert refuses(config, once, "_ga")


def test_a_name_that_an_allowed_service_shares_may_be_written():
    shared = {"party": "first", "lifetime": "1 year"}
    own = {"category": "analytics", "provider": {"name": "A"}, "purpose": "Counts."}
    config = load_config(
        {
            "site": {"name": "S", "privacy_url": "/p"},
            "policy": {"version": "1"},
            "services": {
                "one": {
                    **own,
                    "title": "One",
                    "match": {"hosts": ["one.example"]},
                    "cookies": [{"name": "id*", **shared}],
                },
                "two": {
                    **own,
                    "title": "Two",
                    "match": {"hosts": ["two.example"]},
                    "cookies": [{"name": "id_two", **shared}],
                },
            },
        }
    )
    visit = Visit("en", "/", Consent(allowed=frozenset({"two"}), decided=True))
    assert not refuses(config, visit, "id_two")
    assert refuses(config, visit, "id_one")


def test_the_site_with_its_subdomains_and_own_hosts_is_open(config, undecided):
    for host in ("www.example.com", "example.com", "static.example.com", "cdn.example.net"):
        assert opens(config, undecided, host)
    for host in ("example.org", "evilexample.com", "xcdn.example.net", "www.youtube.com"):
        assert not opens(config, undecided, host)


def test_the_hosts_of_an_allowed_service_are_open(config, decided):
    assert opens(config, decided, "www.youtube.com")
    assert not opens(config, decided, "connect.facebook.net")


def test_report_mode_opens_what_no_configured_service_claims(undecided, make_banner):
    config = make_banner(unknown={"third_party": "report"})._config
    assert opens(config, undecided, "unheard.of")
    assert not opens(config, undecided, "www.youtube.com")


def test_patterns_are_read_alike_by_python_and_ecmascript(config, undecided):
    for name in ("cookies", "keys", "hosts"):
        pattern = told(config, undecided, name)
        assert not re.search(r"\(\?[^:!=]|\\[AZbBdDsSwW]|\(\?<", pattern)


def test_an_undecided_page_fits_no_bits(config, undecided):
    assert told(config, undecided, "state") == f"{config.revision}."


def test_a_page_that_answered_a_post_may_not_be_loaded_again(config, undecided):
    assert "data-cg-reload" in boot_data(config, undecided, "/_gate")
    assert "data-cg-reload" not in boot_data(config, replace(undecided, back=""), "/_gate")


def test_the_ids_that_a_page_may_rely_on(config, undecided, decided):
    assert told(config, decided, "allowed") == "analytics google-analytics necessary youtube"
    once = replace(undecided, consent=Consent(once=frozenset({"youtube"})))
    assert told(config, once, "allowed") == "necessary youtube"


def test_the_ids_that_can_be_agreed_to_are_services_and_then_their_categories(config):
    ids = asked_about(config)
    assert ids[: len(config.optional)] == tuple(service.id for service in config.optional)
    assert set(ids[len(config.optional) :]) == {s.category for s in config.optional}
    assert "necessary" not in ids


def test_a_service_that_claims_many_names_leaves_sessions_and_opt_outs_alone():
    own = {"category": "analytics", "provider": {"name": "A"}, "purpose": "Counts."}
    kept = {"party": "first", "lifetime": "1 year"}
    globs = ("se*", "ma*", "ga-*", "cg*", "__cf*")
    config = load_config(
        {
            "site": {"name": "S", "privacy_url": "/p"},
            "policy": {"version": "1"},
            "services": {
                "greedy": {
                    **own,
                    "title": "Greedy",
                    "match": {"hosts": ["greedy.example"]},
                    "cookies": [{"name": name, **kept} for name in globs],
                }
            },
        }
    )
    visit = Visit("en", "/", Consent())
    for name in ("second", "matter", "ga-enable", "cgi", "__cf"):
        assert refuses(config, visit, name)
    for name in ("sessionid", "matomo_ignore", "ga-disable-G-1", "cg_state", "__cf_bm"):
        assert not refuses(config, visit, name)
