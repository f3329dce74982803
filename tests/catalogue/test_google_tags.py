"""One address, several services: Google tags by their ids."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consentgate.catalogue import Lookup, load_catalogue
from consentgate.catalogue.google_tags import ids_in_code, ids_in_query, is_gateway, owners_of

SERVICES = load_catalogue().services
LOOKUP = Lookup(SERVICES.values())
ANALYTICS, ADS, CAMPAIGNS = "google-analytics", "google-ads", "google-campaign-manager"
TAG_HOST = "www.googletagmanager.com"


def ids(services) -> list[str]:
    return [service.id for service in services]


def naming(service: str, *own_ids: str) -> Lookup:
    """The catalogue of a site that names its own ids for a service."""
    services = {**SERVICES, service: replace(SERVICES[service], ids=own_ids)}
    return Lookup(services.values())


@pytest.mark.parametrize("path", ["/gtag/js", "/gtag/destination"])
@pytest.mark.parametrize(
    ("query", "owner"),
    [
        ("id=G-ABC123DEF4", ANALYTICS),
        ("id=UA-12345-1", ANALYTICS),
        ("id=GT-ABC1234", ANALYTICS),
        ("id=AW-123456789", ADS),
        ("l=layer&id=AW-123456789&cx=c", ADS),
        ("id=DC-1234567", CAMPAIGNS),
        ("", ANALYTICS),
        ("id=", ANALYTICS),
        ("id=ZZ-123456", ANALYTICS),
        ("xid=AW-123456789", ANALYTICS),
    ],
)
def test_the_id_says_whose_a_google_tag_is(path: str, query: str, owner: str) -> None:
    assert ids(LOOKUP.by_url(TAG_HOST, path, query)) == [owner]


def test_the_configuration_can_give_a_tag_of_many_uses_to_one_service() -> None:
    lookup = naming(ADS, "GT-ABC1234")
    assert ids(lookup.by_url(TAG_HOST, "/gtag/js", "id=GT-ABC1234")) == [ADS]
    assert ids(lookup.by_url(TAG_HOST, "/gtag/js", "id=GT-OTHER12")) == [ANALYTICS]


def test_an_id_in_another_address_says_nothing() -> None:
    assert ids(LOOKUP.by_url(TAG_HOST, "/gtm.js", "id=AW-123456789")) == ["google-tag-manager"]
    assert LOOKUP.by_url("cdn.example", "/gtag/js", "id=AW-123456789") == ()


@pytest.mark.parametrize(
    ("configs", "owners"),
    [
        ("gtag('config', 'G-ABC123DEF4');", [ANALYTICS]),
        ("gtag('config', 'UA-12345-1', {});", [ANALYTICS]),
        ('gtag("config", "AW-123456789");', [ADS]),
        ("gtag('config','DC-1234567');", [CAMPAIGNS]),
        ("gtag('config', 'AW-123456789'); gtag('config', 'G-ABC123DEF4');", [ANALYTICS, ADS]),
        ("gtag('event', 'conversion', {'send_to': 'AW-123456789/AbC-D'});", [ADS]),
        ("gtag('config', id);", [ANALYTICS]),
    ],
)
def test_a_google_snippet_belongs_to_the_ids_in_it(configs: str, owners: list[str]) -> None:
    snippet = (
        "window.dataLayer = window.dataLayer || [];"
        f"function gtag(){{dataLayer.push(arguments);}} gtag('js', new Date()); {configs}"
    )
    assert ids(LOOKUP.by_inline(snippet.encode())) == owners


def test_other_services_in_the_same_script_keep_their_claim() -> None:
    code = b"gtag('config', 'AW-123456789'); fbq('init', '1')"
    assert ids(LOOKUP.by_inline(code)) == [ADS, "meta-pixel"]


def test_an_id_alone_makes_no_tag() -> None:
    assert LOOKUP.by_inline(b"order = 'AW-123456789'") == ()


@pytest.mark.parametrize(
    ("path", "query", "owner"),
    [
        ("/metrics/gtag/js", "id=AW-123456789", ADS),
        ("/metrics/gtag/destination", "id=DC-1234567", CAMPAIGNS),
        ("/metrics/", "id=G-ABC123DEF4", ANALYTICS),
        ("/a1b2c3/", "id=AW-123456789&l=dataLayer", ADS),
        ("/metrics/ga/g/c", "v=2&tid=G-ABC123DEF4&cid=1", ANALYTICS),
    ],
)
def test_a_tag_gateway_on_the_own_host_is_told_apart_too(path, query, owner) -> None:
    assert ids(LOOKUP.by_own_path(path, query)) == [owner]


@pytest.mark.parametrize("query", ["id=G-123", "id=G-ABC123DEF45", "id=AW-12", "sku=AW-123456789"])
def test_what_only_resembles_an_id_is_none_in_a_folder(query: str) -> None:
    assert LOOKUP.by_own_path("/articles/", query) == ()


def test_an_own_id_counts_on_any_path_of_the_site() -> None:
    assert LOOKUP.by_own_path("/t.js", "id=G-ABC123") == ()
    assert ids(naming(ANALYTICS, "G-ABC123").by_own_path("/t.js", "id=G-ABC123")) == [ANALYTICS]
    assert is_gateway("/t.js", "id=G-ABC123", {"G-ABC123": ANALYTICS})


def test_ids_are_read_whole() -> None:
    assert ids_in_query("a=1&id=G-ABC123&b=2&id=AW-123456") == ("G-ABC123", "AW-123456")
    assert ids_in_query("id=G-ABC123%20") == ()
    assert ids_in_code(b"""'G-ABC123' "UA-12-1" `AW-1234567/x` 'XG-ABC123' 'G-ABC 123'""") == (
        "G-ABC123",
        "UA-12-1",
        "AW-1234567",
    )
    assert owners_of((), {}) == ()
