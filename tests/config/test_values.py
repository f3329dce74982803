"""What each kind of setting takes, and what it refuses."""

from collections.abc import Callable

import pytest

from consentgate.config import load_config
from consentgate.config.durations import DAY, MINUTE, MONTH, YEAR, duration_seconds, longest_seconds

Faults = Callable[..., list[str]]


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("6 months", 6 * MONTH),
        ("36 months", 3 * YEAR),
        ("13 months", 13 * MONTH),
        ("30 days", 30 * DAY),
        ("1 year", YEAR),
        ("90 minutes", 90 * MINUTE),
        ("1 week", 7 * DAY),
    ],
)
def test_a_duration_is_a_number_and_a_unit(words: str, seconds: int) -> None:
    assert duration_seconds(words) == seconds


def test_a_month_is_a_twelfth_of_a_year() -> None:
    assert 12 * MONTH == YEAR == 365.25 * DAY


@pytest.mark.parametrize(
    "words",
    [
        "",
        "half a year",
        "6",
        "months",
        "6months",
        "0 days",
        "-1 days",
        "1.5 years",
        "6 months ",
        "٦ months",
        "6 Months",
        "101 years",
        "99999 years",
        "session",
    ],
)
def test_anything_else_is_no_duration(words: str, faults: Faults) -> None:
    with pytest.raises(ValueError):
        duration_seconds(words)
    (told,) = faults(policy={"ask_again_after": words})
    assert told.startswith("policy.ask_again_after: ")
    assert 'like "6 months"' in told


@pytest.mark.parametrize(
    ("prose", "seconds"),
    [
        ("13 months EEA/UK, 24 months elsewhere", 24 * MONTH),
        ("24 hours", DAY),
        ("30 minutes to 1 year", YEAR),
        ("13-24 months", 24 * MONTH),
        ("session", None),
        ("persistent", None),
    ],
)
def test_the_longest_time_is_read_out_of_prose(prose: str, seconds: int | None) -> None:
    assert longest_seconds(prose) == seconds


@pytest.mark.parametrize("host", ["cdn.example.net", "*.example.co.uk", "localhost", "192.0.2.7"])
def test_a_host_pattern_is_a_host_or_a_star_before_one(host: str, faults: Faults) -> None:
    assert faults(site={"own_hosts": [host]}) == []


def test_a_host_is_kept_as_browsers_compare_it() -> None:
    config = load_config({"site": {"own_hosts": ["CDN.Example.net.", "*.Bücher.example"]}})
    assert config.site.own_hosts == ("cdn.example.net", "*.xn--bcher-kva.example")


@pytest.mark.parametrize(
    "host",
    [
        "https://cdn.example.net",
        "cdn.example.net/x",
        "cdn.example.net:443",
        "a@b.example",
        "*",
        "",
        "*.com",
        "*.co.uk",
        "*.github.io",
        "co.uk",
        "*.*.example.net",
        "a..b",
        "a b.example",
        "*.192.0.2.7",
        "*.",
        "cdn.*.net",
        "\u2025.example",
        "x" * 64 + ".example",
    ],
)
def test_anything_else_is_no_host_pattern(host: str, faults: Faults) -> None:
    (told,) = faults(site={"own_hosts": [host]})
    assert told.startswith("site.own_hosts[0]: ")
    service = {"title": "A", "category": "social", "provider": {"name": "A"}}
    (told,) = faults(services={"acme": service | {"match": {"hosts": [host], "inline": ["acme("]}}})
    assert told.startswith("services.acme.match.hosts[0]: ")


@pytest.mark.parametrize(
    "host", ["www.googletagmanager.com", "*.google-analytics.com", "*.google.com", "*.facebook.com"]
)
def test_a_known_third_party_cannot_be_called_a_host_of_ones_own(host: str, faults: Faults) -> None:
    (told,) = faults(site={"own_hosts": [host]})
    assert "is not a host of yours" in told


@pytest.mark.parametrize(
    "domain", ["com", "co.uk", "*.example.com", "192.0.2.7", "https://a.example"]
)
def test_consent_is_shared_below_a_domain_of_ones_own_only(domain: str, faults: Faults) -> None:
    (told,) = faults(site={"share_consent": domain})
    assert told.startswith("site.share_consent: ")
    assert faults(site={"share_consent": "example.co.uk"}) == []


@pytest.mark.parametrize("key", ["privacy_url", "imprint_url"])
@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "/\\evil",
        "privacy",
        " /privacy",
        "https://",
        "https://a b/",
        "http://[",
        "ftp://a.example/",
        "https://user@a.example/",
        '/"onclick=',
        "/a\nb",
    ],
)
def test_a_link_leads_to_a_page(key: str, link: str, faults: Faults) -> None:
    (told,) = faults(site={key: link})
    assert told.startswith(f"site.{key}: ")
    for good in (
        "/privacy",
        "/de/datenschutz?x=1#y",
        "https://example.com/privacy",
        "http://localhost:8000/p",
    ):
        assert faults(site={key: good}) == []


@pytest.mark.parametrize("key", ["exempt_paths", "full_address_paths"])
@pytest.mark.parametrize(
    "path", ["/", "//", "/.", "/./", "", "admin", "/*", "/a/*", "/a?b", "/a/../", "/\\", "/a b"]
)
def test_the_whole_site_is_never_exempt(key: str, path: str, faults: Faults) -> None:
    sections = {key: [path]} if key == "exempt_paths" else {"ip": {key: [path]}}
    (told,) = faults(**sections)
    assert f"{key}[0]: " in told
    assert faults(exempt_paths=["/docs", "/admin/"]) == []


@pytest.mark.parametrize("network", ["0.0.0.0/0", "::/0", "10.0.0.1/8", "proxy", "", "10.0.0.0/33"])
def test_a_trusted_proxy_is_a_network_and_not_everybody(network: str, faults: Faults) -> None:
    (told,) = faults(ip={"trusted_proxies": [network]})
    assert told.startswith("ip.trusted_proxies[0]: ")
    assert faults(ip={"trusted_proxies": ["10.0.0.0/8", "2001:db8::/32", "192.0.2.7"]}) == []


@pytest.mark.parametrize(
    ("kind", "bits"), [("v4", 25), ("v4", 32), ("v6", 49), ("v4", -1), ("v6", 10**20), ("v4", True)]
)
def test_no_more_of_an_address_is_kept_than_the_promise_says(
    kind: str, bits: int, faults: Faults
) -> None:
    (told,) = faults(ip={"keep_bits": {kind: bits}})
    assert told.startswith(f"ip.keep_bits.{kind}: ")
    assert faults(ip={"keep_bits": {"v4": 0, "v6": 48}}) == []
    assert faults(ip={"keep_bits": {"v4": 24, "v6": 0}}) == []


@pytest.mark.parametrize("colour", ["blue", "#12", "#12345", "1d4f91", "#1d4f91;}", "#gggggg"])
def test_the_accent_is_a_hex_colour(colour: str, faults: Faults) -> None:
    (told,) = faults(banner={"theme": {"accent": colour}})
    assert told.startswith("banner.theme.accent: ")


def test_a_short_colour_is_kept_in_full() -> None:
    config = load_config({"banner": {"theme": {"accent": "#1Af"}}})
    assert config.banner.theme.accent == "#11aaff"


def test_a_text_is_words_for_all_languages_or_words_by_language() -> None:
    words = load_config({"banner": {"text": "Hello"}}).banner.text
    by_language = load_config({"banner": {"text": {"en": "Hello", "pt-BR": "Olá"}}}).banner.text
    assert words == {"": "Hello"}
    assert by_language == {"en": "Hello", "pt-BR": "Olá"}


@pytest.mark.parametrize("text", [5, None, ["x"], {"English": "x"}, {"en": 5}, {"en": "a\x00b"}])
def test_anything_else_is_no_text(text: object, faults: Faults) -> None:
    (told,) = faults(banner={"text": text})
    assert told.startswith("banner.text")


@pytest.mark.parametrize(
    "day", ["21.11.2026", "2026-02-30", "2026-11-21T00:00", 20261121, "٢٠٢٦-11-21"]
)
def test_a_day_is_year_month_day(day: object, faults: Faults) -> None:
    (told,) = faults(policy={"history": [{"version": "1", "date": day}]})
    assert told.startswith("policy.history[0].date: ")


@pytest.mark.parametrize(
    ("section", "key"),
    [("banner", "buttons"), ("banner", "reject"), ("services", None), ("signals", "implied")],
)
def test_there_is_no_setting_for_consent_in_advance_or_for_hiding_the_refusal(
    section: str, key: str | None, faults: Faults
) -> None:
    words = ("default", "enabled", "granted", "opt_out", "preselected", "hide_reject", "implicit")
    for word in (key,) if key else words:
        settings = {"youtube": {word: True}} if section == "services" else {word: True}
        (told,) = faults(**{section: settings})
        assert "unknown setting" in told
