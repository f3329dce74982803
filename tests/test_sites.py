"""Whose address is it, as browsers read it."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentgate.sites import (
    FirstParty,
    Url,
    host_matches,
    host_of,
    is_public_suffix,
    outgoing_url,
    registrable_domain,
)

VECTORS = Path(__file__).parent.parent.parent / "shared" / "vectors" / "public-suffix"


CASE = re.compile(r"^checkPublicSuffix\('([^.'][^']*)', (?:'([^']+)'|null)\);", re.MULTILINE)


def published() -> list[tuple[str, str]]:
    """Cases of the public suffix list's own test file: host and registrable domain, if any."""
    path = VECTORS / "test_psl.txt"
    return CASE.findall(path.read_text("utf-8")) if path.is_file() else []


@pytest.mark.skipif(not published(), reason="the published vectors are not beside the checkout")
@pytest.mark.parametrize(("host", "domain"), published())
def test_published_vectors(host: str, domain: str) -> None:
    assert registrable_domain(host_of(host)) == host_of(domain or host)


@pytest.mark.parametrize("host", ["192.0.2.1", "[2001:db8::1]", "localhost", "co.uk", "com", ""])
def test_what_has_no_registrable_domain_is_a_site_of_its_own(host: str) -> None:
    assert registrable_domain(host) == host


@pytest.mark.parametrize(
    ("reference", "host", "path"),
    [
        ("https://a.example/x?y#z", "a.example", "/x"),
        ("//a.example", "a.example", "/"),
        ("///a.example/x", "a.example", "/x"),
        ("/\\a.example\\x", "a.example", "/x"),
        ("https:a.example/x", "a.example", "/x"),
        ("https:/a.example", "a.example", "/"),
        ("HTTPS://A.EXAMPLE.", "a.example", "/"),
        ("  \x00//a.example", "a.example", "/"),
        ("ht\ntp\t://a.ex\rample", "a.example", "/"),
        ("https://user:pass@a.example:8443/x", "a.example", "/x"),
        ("https://own.example@a.example/", "a.example", "/"),
        ("wss://a.example/socket", "a.example", "/socket"),
        ("https://ä.example/", "xn--4ca.example", "/"),
        ("https://[2001:DB8::1]:80/x", "[2001:db8::1]", "/x"),
    ],
)
def test_references_that_name_a_host(reference: str, host: str, path: str) -> None:
    url = outgoing_url(reference)
    assert url is not None
    assert (url.host, url.path) == (host, path)


@pytest.mark.parametrize(
    "reference",
    [
        "",
        "x",
        "/x",
        "./x",
        "?q=//a.example",
        "#//a.example",
        "x//a.example",
        "data:text/html,//a.example",
        "javascript:'//a.example'",
        "about:blank",
        "blob:https://a.example/1",
        "mailto:a@a.example",
    ],
)
def test_references_that_name_none(reference: str) -> None:
    assert outgoing_url(reference) is None


def test_a_reference_without_scheme_takes_that_of_the_page() -> None:
    assert outgoing_url("//a.example/x?q", "http") == Url("http", "a.example", "/x", "q")


@given(st.text(max_size=60))
def test_no_reference_is_too_odd(reference: str) -> None:
    url = outgoing_url(reference)
    assert url is None or url.path.startswith("/")


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("www.example.co.uk", True),
        ("example.co.uk", True),
        ("static.example.co.uk", True),
        ("cdn.example.net", True),
        ("a.img.example.net", True),
        ("img.example.net", True),
        ("other.co.uk", False),
        ("co.uk", False),
        ("example.net", False),
        ("notexample.co.uk", False),
    ],
)
def test_the_first_party_is_the_site_and_its_own_hosts(host: str, own: bool) -> None:
    first_party = FirstParty(
        "www.example.co.uk", frozenset({"cdn.example.net", "*.img.example.net"})
    )
    assert (host in first_party) is own


def test_neighbours_below_a_public_suffix_are_third_parties() -> None:
    assert "other.github.io" not in FirstParty("mine.github.io")
    assert "127.0.0.2" not in FirstParty("127.0.0.1")


@pytest.mark.parametrize(
    ("domain", "expected"),
    [("co.uk", True), ("run.app", True), ("localhost", True), ("example.com", False)],
)
def test_strangers_own_the_names_below_a_public_suffix(domain: str, expected: bool) -> None:
    assert is_public_suffix(domain) is expected


@given(st.from_regex(re.compile(r"[a-z]{1,5}(\.[a-z]{1,5}){1,3}"), fullmatch=True))
def test_a_wildcard_covers_its_domain_and_all_below(host: str) -> None:
    parent = host.partition(".")[2]
    assert host_matches(host, frozenset({f"*.{parent}"}))
    assert host_matches(parent, frozenset({f"*.{parent}"}))
    assert not host_matches(f"x{parent}", frozenset({f"*.{parent}"}))


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("straße.example", "xn--strae-oqa.example"),
        ("STRAẞE.example", "xn--strae-oqa.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("bücher。example", "xn--bcher-kva.example"),
        ("www.example\u3002", "www.example"),
        ("\uff57\uff57\uff57.example", "www.example"),
    ],
)
def test_an_international_host_is_written_as_browsers_do(written: str, host: str) -> None:
    assert host_of(written) == host
    assert host_of("strasse.example") != host_of("straße.example")


@pytest.mark.parametrize(
    "host", ["a." * 200 + "example", "ä" * 254, "ä." * 60 + "x", "[" + "1:" * 200]
)
def test_a_host_too_long_to_exist_belongs_to_nobody(host: str) -> None:
    url = outgoing_url(f"//{host}/x")
    assert url is not None
    assert url.host == "too-long.invalid"
    assert url.host not in FirstParty("a.example")
