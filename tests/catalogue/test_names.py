import csv
from pathlib import Path

import pytest

import consentgate.catalogue
from consentgate.catalogue import load_catalogue

CATALOGUE = load_catalogue()
DATA = Path(consentgate.catalogue.__file__).parent / "data"


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_data_sets_are_whole() -> None:
    assert len(rows("cookie-names.csv")) == 2264
    assert len(rows("third-party-hosts.csv")) == 3132


def test_every_host_pattern_answers_with_its_own_row() -> None:
    for row in rows("third-party-hosts.csv"):
        found = CATALOGUE.host_name(row["host"].removeprefix("*."))
        assert found is not None
        below = CATALOGUE.host_name(row["host"].replace("*.", "some-host."))
        assert below is not None
        assert below.host == row["host"]


def test_every_cookie_name_is_found() -> None:
    for row in rows("cookie-names.csv"):
        found = CATALOGUE.cookie_name(row["name"].replace("*", "1"))
        assert found is not None, row
        assert row["name"].startswith(found.name.removesuffix("*"))


@pytest.mark.parametrize("host", ["example.com", "com", "", "notdoubleclick.net"])
def test_an_unknown_host_has_no_name(host: str) -> None:
    assert CATALOGUE.host_name(host) is None


def test_a_host_below_a_pattern_has_its_name() -> None:
    found = CATALOGUE.host_name("ad.something.doubleclick.net")
    assert found is not None
    assert (found.company, found.category) == ("Google", "ad")


def test_an_exact_host_does_not_name_its_subdomains() -> None:
    exact = CATALOGUE.host_name("adservice.google.com.au")
    assert exact is not None
    assert exact.host == "adservice.google.com.au"
    assert CATALOGUE.host_name("x.adservice.google.com.au") != exact


def test_a_prefix_fits_longer_names_and_an_exact_name_does_not() -> None:
    prefix = CATALOGUE.cookie_name("_dc_gtm_UA-1-1")
    assert prefix is not None
    assert (prefix.name, prefix.match) == ("_dc_gtm_", "prefix")
    assert CATALOGUE.cookie_name("CookieConsent") is not None
    assert CATALOGUE.cookie_name("CookieConsentX") is None


def test_the_longest_prefix_wins() -> None:
    found = CATALOGUE.cookie_name("_gat_gtag_UA_1_1")
    assert found is not None
    assert found.name == "_gat_gtag_"


@pytest.mark.parametrize("name", ["", "nobody-knows-this-one"])
def test_an_unknown_cookie_has_no_name(name: str) -> None:
    assert CATALOGUE.cookie_name(name) is None
