"""What is proposed can be pasted: the file stays good, and the host is declared."""

from __future__ import annotations

import json

import pytest

from consentgate.catalogue import load_catalogue
from consentgate.catalogue.lookup import CONSENT_TOOL
from consentgate.config import load_config
from consentgate.discovery.counts import Kind, Sighting
from consentgate.discovery.declaring import suggestion_for, undeclared_service
from consentgate.discovery.listing import finds, listed, listed_for_machines

SITE = {"site": {"name": "Example", "privacy_url": "/privacy"}, "policy": {"version": "1"}}
CATALOGUE = load_catalogue().services
HOSTS = [
    "widgets.undeclared.example",
    "adservice.google.com.au",
    "x_y.z.test",
    "1.2.example",
    "a--b.example",
    f"{'very-' * 11}long.{'name.' * 20}example",
    "necessary.example",
    "xn--bcher-kva.example",
    "cdn.some.github.io",
]


def sighting(host: str, way: str = "img-src", service: str = "", count: int = 1) -> Sighting:
    return Sighting(Kind(host, way, service), count, "2026-11-20", "2026-11-21")


@pytest.mark.parametrize("host", HOSTS)
def test_an_unknown_host_is_declared_by_what_is_proposed(host: str) -> None:
    before = load_config(SITE)
    assert undeclared_service(host, "/x", before) == ""
    services = json.loads("{" + suggestion_for(host).json + "}")
    after = load_config(SITE | {"services": services})
    assert undeclared_service(host, "/x", after) is None
    assert len(after.optional) == 1


@pytest.mark.parametrize("id_", [s.id for s in CATALOGUE.values() if s.category != CONSENT_TOOL])
def test_every_service_of_the_catalogue_is_declared_by_its_id(id_: str) -> None:
    suggestion = suggestion_for("host.example", id_)
    config = load_config(SITE | {"services": json.loads("{" + suggestion.json + "}")})
    assert [service.id for service in config.services] == [id_]
    assert suggestion.who.startswith(CATALOGUE[id_].title)


def test_another_consent_tool_is_not_to_be_declared() -> None:
    suggestion = suggestion_for("consent.cookiebot.com", "cookiebot")
    assert suggestion.json == ""
    assert "consent tool" in suggestion.who
    assert "Take it out" in "\n".join(
        listed(finds([sighting("c.test", service="cookiebot")], None))
    )


def test_two_hosts_that_spell_alike_get_two_ids() -> None:
    config = load_config(SITE | {"services": {"a-b-example": own("c.example")}})
    found = finds([sighting("a.b.example"), sighting("a-b.example")], config)
    ids = [find.suggestion.id for find in found]
    assert len({*ids, "a-b-example"}) == 3
    services = {find.suggestion.id: find.suggestion.entry for find in found}
    load_config(SITE | {"services": services})


def own(host: str) -> dict[str, object]:
    return {
        "title": "Own",
        "category": "functional",
        "provider": {"name": "Own"},
        "match": {"hosts": [host]},
    }


def test_what_has_been_declared_since_is_no_longer_listed() -> None:
    seen = [
        sighting("www.google.com", service="recaptcha"),
        sighting("player.vimeo.com", service="vimeo"),
        sighting("widgets.undeclared.example"),
        sighting("other.example"),
    ]
    services = {"vimeo": {}, "widgets": own("*.undeclared.example")}
    found = finds(seen, load_config(SITE | {"services": services}))
    assert [find.suggestion.host for find in found] == ["other.example", "www.google.com"]


def test_ways_of_one_host_stand_together_and_the_most_frequent_first() -> None:
    seen = [
        sighting("rare.example", count=5),
        sighting("often.example", "markup", count=4),
        sighting("often.example", "script-src-elem", count=4),
    ]
    often, rare = listed_for_machines(finds(seen, None))
    assert often["host"] == "often.example"
    assert often["count"] == 8
    assert often["ways"] == {"markup": 4, "script-src-elem": 4}
    assert (rare["first"], rare["last"]) == ("2026-11-20", "2026-11-21")
    assert rare["who"] is None


def test_who_is_known_from_open_data_is_named() -> None:
    (find,) = finds([sighting("adservice.google.com.au")], None)
    assert find.suggestion.known
    assert "Google" in find.suggestion.who
    assert find.suggestion.entry["category"] == "marketing"
