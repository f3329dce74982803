"""What nobody declared is named once, with JSON that declares it."""

import json
import logging
from pathlib import Path

import pytest

from consentgate.catalogue import load_catalogue
from consentgate.config import load_config
from consentgate.discovery import (
    CountFile,
    Discoveries,
    Tally,
    Undeclared,
    declaration_of,
    is_under,
)
from consentgate.discovery.counts import Kind
from consentgate.discovery.violations import Violation
from consentgate.gate.access import Blocked
from consentgate.sites import Url

SITE = {"site": {"name": "Example", "privacy_url": "/privacy"}, "policy": {"version": "1"}}


UNDECLARED = Undeclared(load_config(SITE))


def undeclared_beside(service: str) -> Undeclared:
    return Undeclared(load_config(SITE | {"services": {service: {}}}))


def blocked(host: str, service: str = "") -> Blocked:
    found = load_catalogue().services[service] if service else None
    return Blocked(Url("https", host, "/x"), found)


@pytest.mark.parametrize(
    "found",
    [
        blocked("player.vimeo.com", "vimeo"),
        blocked("widgets.undeclared.example"),
        blocked("adservice.google.com"),
    ],
)
def test_the_json_to_add_is_a_configuration_that_claims_the_host(found: Blocked) -> None:
    services = json.loads("{" + declaration_of(found) + "}")
    config = load_config(SITE | {"services": services})
    claimants = config.lookup.by_url(found.url.host, "/x")
    assert {service.id for service in claimants} & services.keys()


def test_each_host_is_named_once_and_configured_services_never(
    caplog: pytest.LogCaptureFixture,
) -> None:
    undeclared = undeclared_beside("vimeo")
    discoveries = Discoveries()
    with caplog.at_level(logging.WARNING, "consentgate"):
        for _ in range(2):
            stopped = [blocked("player.vimeo.com", "vimeo"), blocked("nobody.example")]
            discoveries.report_blocked(stopped, undeclared)
    assert len(caplog.records) == 1
    assert "nobody.example" in caplog.text


@pytest.mark.parametrize("host", ["x\x1b[2J", "x\u2028y", 'x"', "%65vil", "", "a..b", "x\x85y"])
def test_what_no_host_is_called_never_reaches_the_log(
    host: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "consentgate"):
        Discoveries().report_blocked([blocked(host)], UNDECLARED)
        Discoveries().report_cookies(["a\x85b"])
    (record,) = caplog.records
    assert "\x85" not in record.getMessage()


def test_memory_is_bounded(caplog: pytest.LogCaptureFixture) -> None:
    discoveries = Discoveries()
    with caplog.at_level(logging.WARNING, "consentgate"):
        discoveries.report_cookies(f"name{number}" for number in range(5000))
    assert len(caplog.records) == 1000


# --- Counting


def counted(tmp_path: Path) -> tuple[Discoveries, CountFile]:
    file = CountFile(tmp_path / "counts")
    return Discoveries(Tally(file, after_seconds=3600)), file


def test_what_the_gate_and_what_policies_stop_is_counted_if_nobody_declared_it(
    tmp_path: Path,
) -> None:
    undeclared = undeclared_beside("vimeo")
    discoveries, file = counted(tmp_path)
    for day in (0, 86_400):
        stopped = [blocked("player.vimeo.com", "vimeo"), blocked("nobody.example")]
        discoveries.report_blocked(stopped, undeclared, now=day)
        reported = [
            Violation(Url("https", "nobody.example", "/x"), "img-src"),
            Violation(Url("https", "player.vimeo.com", "/x"), "frame-src"),
            Violation(Url("https", "www.google.com", "/recaptcha/api.js"), "script-src-elem"),
            Violation(Url("https", "www.google.com", "/maps/embed"), "frame-src"),
        ]
        discoveries.report_violations(reported, undeclared, now=day)
        discoveries.close()
    found = {s.kind: (s.count, s.first, s.last) for s in file.sightings()}
    both = (2, "1970-01-01", "1970-01-02")
    assert found == {
        Kind("nobody.example", "markup"): both,
        Kind("nobody.example", "img-src"): both,
        Kind("www.google.com", "script-src-elem", "recaptcha"): both,
        Kind("www.google.com", "frame-src", "google-maps"): both,
    }


def test_a_host_told_without_its_path_is_declared_by_any_service_that_has_it(
    tmp_path: Path,
) -> None:
    undeclared = undeclared_beside("google-maps")
    discoveries, file = counted(tmp_path)
    told = Violation(Url("https", "www.google.com", "/"), "frame-src")
    other = Violation(Url("https", "www.google.com", "/recaptcha/api.js"), "script-src-elem")
    discoveries.report_violations([told, other], undeclared, now=0)
    discoveries.close()
    assert [sighting.kind.service for sighting in file.sightings()] == ["recaptcha"]


@pytest.mark.parametrize("host", ["192.0.2.1", "[2001:db8::1]", "printer", "nas.local", "a_b..c"])
def test_what_is_no_public_name_is_never_counted(host: str, tmp_path: Path) -> None:
    discoveries, file = counted(tmp_path)
    discoveries.report_blocked([blocked(host), blocked("public.example")], UNDECLARED)
    discoveries.close()
    assert [sighting.kind.host for sighting in file.sightings()] == ["public.example"]


def test_reports_are_never_named_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    discoveries, _ = counted(tmp_path)
    with caplog.at_level(logging.DEBUG, "consentgate"):
        made_up = Violation(Url("https", "made-up.example", "/x"), "img-src")
        discoveries.report_violations([made_up], UNDECLARED, now=0)
    assert caplog.records == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/docs", True),
        ("/docs/", True),
        ("/docs/oauth2", True),
        ("/docsx", False),
        ("/", False),
        ("/x/docs", False),
    ],
)
def test_a_prefix_ends_at_a_slash(path: str, expected: bool) -> None:
    assert is_under(path, ("/docs",)) is expected
