"""How long the policy of a site can get, and when to say so."""

from typing import Any

from consentgate.config import Config, load_config
from consentgate.gate.csp import MAX_POLICY_BYTES, PROXY_POLICY_BYTES
from consentgate.policy_size import longest_policy_bytes, size_warning


def config_with(*ids: str, **settings: Any) -> Config:
    named = {"site": {"name": "E", "privacy_url": "/p"}, "policy": {"version": "1"}}
    return load_config(named | {"services": {id_: {} for id_ in ids}} | settings)


def test_a_usual_site_is_told_nothing() -> None:
    config = config_with("google-analytics", "youtube")
    assert 1000 < longest_policy_bytes(config) < 1500
    assert size_warning(config) is None


def test_a_refusal_that_makes_the_list_longer_counts() -> None:
    """Two services of one site: with both agreed to, the site is named once."""
    hosts = {
        f"s{n}": {
            "title": "S",
            "category": "social",
            "provider": {"name": "S"},
            "match": {"hosts": [f"host-{h}.site-{n // 2}.example" for h in range(8)]},
        }
        for n in range(40)
    }
    config = config_with(services=hosts)
    with_all = len(hosts) // 2 * len(" *.site-10.example")
    assert with_all < MAX_POLICY_BYTES
    assert longest_policy_bytes(config) > with_all


def test_no_policy_has_no_length() -> None:
    reporting = config_with("youtube", unknown={"third_party": "report"})
    assert longest_policy_bytes(reporting) == 0


def test_the_warning_names_the_length_and_the_setting() -> None:
    hosts = [f"*.some-long-name-{number}.example" for number in range(200)]
    entry = {
        "title": "S",
        "category": "social",
        "provider": {"name": "S"},
        "match": {"hosts": hosts},
    }
    config = config_with(services={"s": entry})
    warning = size_warning(config)
    assert longest_policy_bytes(config) > PROXY_POLICY_BYTES
    assert warning is not None
    assert f"{longest_policy_bytes(config):,} bytes" in warning
