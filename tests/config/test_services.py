"""What the file says of a service, laid over what the catalogue knows."""

import pytest

from consentgate.catalogue import load_catalogue
from consentgate.config import load_config
from consentgate.model import Match, Service

BASE = {
    "site": {"name": "Example Ltd", "privacy_url": "/privacy"},
    "policy": {"version": "1"},
}
KNOWN = load_catalogue().services


def service(id_: str, entry: dict[str, object]) -> Service:
    return load_config(BASE | {"services": {id_: entry}}).services[0]


def test_an_empty_entry_is_the_catalogues_service() -> None:
    assert service("youtube", {}) == KNOWN["youtube"]


def test_each_setting_goes_before_the_catalogues() -> None:
    entry = {
        "title": "Films",
        "category": "marketing",
        "provider": {"name": "Films Ltd", "country": "IE"},
        "purpose": "show films",
        "placeholder": {"text": {"en": "A film."}},
        "ids": ["G-1"],
        "lifetime_limit": "session",
        "reason": "None.",
    }
    found = service("youtube", entry)
    assert (found.title, found.category, found.provider.name) == ("Films", "marketing", "Films Ltd")
    assert (found.purpose, found.placeholder) == ({"": "show films"}, {"en": "A film."})
    assert (found.ids, found.lifetime_limit, found.reason) == (("G-1",), "session", {"": "None."})
    assert found.matches == KNOWN["youtube"].matches


def test_an_optional_service_is_recognised_by_more_never_by_less() -> None:
    found = service("matomo", {"match": {"hosts": ["stats.example.net"], "paths": ["/m/*"]}})
    hosts = ("stats.example.net",)
    added = Match(hosts, frozenset(hosts), ("/m/*",), sockets=True)
    assert found.matches == (*KNOWN["matomo"].matches, added)


def test_of_a_necessary_service_nothing_passes_but_what_the_file_names() -> None:
    match = {"hosts": ["cdn.jsdelivr.net"], "paths": ["/npm/bootstrap@5*"]}
    entry = {"category": "necessary", "reason": "The menu.", "match": match}
    config = load_config(BASE | {"services": {"public-cdn": entry}})
    known = {host for match_ in KNOWN["public-cdn"].matches for host in match_.hosts}
    assert "cdn.jsdelivr.net" in known

    def claims(host: str, path: str) -> bool:
        return any(s.id == "public-cdn" for s in config.lookup.by_url(host, path))

    assert claims("cdn.jsdelivr.net", "/npm/bootstrap@5.3/dist/js/bootstrap.min.js")
    assert not claims("cdn.jsdelivr.net", "/npm/tracker.js")
    assert not any(claims(host, "/x.js") for host in known if not host.startswith("*"))


def test_a_limit_may_be_paths_on_the_catalogues_hosts() -> None:
    entry = {"category": "necessary", "reason": "Paying.", "match": {"paths": ["/v3/*"]}}
    config = load_config(BASE | {"services": {"stripe": entry}})
    assert config.lookup.by_url("js.stripe.com", "/v3/")[0].id == "stripe"
    assert config.lookup.by_url("js.stripe.com", "/other") == ()


def test_a_shared_host_of_the_catalogue_stays_limited_to_its_paths() -> None:
    shared = next(
        (id_, host)
        for id_, known in KNOWN.items()
        for match in known.matches
        for host in match.shared_hosts
        if known.category == "functional" and not host.startswith("*")
    )
    entry = {"category": "necessary", "reason": "Needed.", "match": {"hosts": [shared[1]]}}
    found = service(shared[0], entry)
    assert any(shared[1] in match.shared_hosts for match in found.matches)


def test_hosts_with_paths_are_shared_and_hosts_alone_are_not() -> None:
    own = {"title": "A", "category": "functional", "provider": {"name": "A"}}
    limited = service("acme", own | {"match": {"hosts": ["a.example"], "paths": ["/p/*"]}})
    whole = service("acme", own | {"match": {"hosts": ["a.example"]}})
    assert limited.matches[0].shared_hosts == {"a.example"}
    assert whole.matches[0].shared_hosts == frozenset()


def test_a_cookie_replaces_the_catalogues_of_that_name_and_no_other() -> None:
    cookie = {"name": "_ga", "lifetime": "13 months", "party": "first", "purpose": "counts"}
    own = {"name": "my_ga", "lifetime": "1 day", "party": "first"}
    found = service("google-analytics", {"cookies": [cookie, own]})
    before = {c.name: c for c in KNOWN["google-analytics"].cookies}
    after = {c.name: c for c in found.cookies}
    assert after.keys() == before.keys() | {"my_ga"}
    assert after["_ga"].lifetime == "13 months"
    assert after["_gid"] == before["_gid"]


@pytest.mark.parametrize("category", ["functional", "necessary"])
def test_another_consent_tool_stays_blocked_with_a_warning(category: str) -> None:
    entry = {"category": category, "reason": "Both."}
    config = load_config(BASE | {"services": {"cookiebot": entry, "youtube": {}}})
    assert [s.id for s in config.services] == ["youtube"]
    assert config.necessary == frozenset()
    assert config.lookup.services["cookiebot"] == KNOWN["cookiebot"]
    assert [w.partition(":")[0] for w in config.warnings] == ["services.cookiebot"]


def test_the_lookup_knows_the_configured_services_and_all_others() -> None:
    config = load_config(BASE | {"services": {"youtube": {"title": "Films"}}})
    assert config.lookup.services.keys() == KNOWN.keys()
    assert config.lookup.services["youtube"].title == "Films"
    assert config.lookup.services["vimeo"] is KNOWN["vimeo"]


def test_every_service_of_the_catalogue_can_be_configured() -> None:
    config = load_config(BASE | {"services": {id_: {} for id_ in KNOWN}})
    blocked = {id_ for id_, known in KNOWN.items() if known.category == "consent"}
    assert blocked
    assert {s.id for s in config.services} == KNOWN.keys() - blocked
    assert len(config.warnings) == len(blocked)
