"""What nobody declared is named once, with JSON that declares it."""

import json
import logging

import pytest

from consentgate.catalogue import load_catalogue
from consentgate.config import load_config
from consentgate.discovery import Discoveries, declaration_of, is_under
from consentgate.gate.access import Blocked
from consentgate.sites import Url

SITE = {"site": {"name": "Example", "privacy_url": "/privacy"}, "policy": {"version": "1"}}


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
    config = load_config(SITE | {"services": {"vimeo": {}}})
    discoveries = Discoveries()
    with caplog.at_level(logging.WARNING, "consentgate"):
        for _ in range(2):
            stopped = [blocked("player.vimeo.com", "vimeo"), blocked("nobody.example")]
            discoveries.report_blocked(stopped, config)
    assert len(caplog.records) == 1
    assert "nobody.example" in caplog.text


@pytest.mark.parametrize("host", ["x\x1b[2J", "x\u2028y", 'x"', "%65vil", "", "a..b", "x\x85y"])
def test_what_no_host_is_called_never_reaches_the_log(
    host: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "consentgate"):
        Discoveries().report_blocked([blocked(host)], load_config(SITE))
        Discoveries().report_cookies(["a\x85b"])
    (record,) = caplog.records
    assert "\x85" not in record.getMessage()


def test_memory_is_bounded(caplog: pytest.LogCaptureFixture) -> None:
    discoveries = Discoveries()
    with caplog.at_level(logging.WARNING, "consentgate"):
        discoveries.report_cookies(f"name{number}" for number in range(5000))
    assert len(caplog.records) == 1000


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
