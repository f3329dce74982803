"""The policy derived from consent, and which responses it belongs on."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentgate.catalogue import load_catalogue
from consentgate.catalogue.lookup import CONSENT_TOOL
from consentgate.gate.csp import (
    MAX_POLICY_BYTES,
    PROXY_POLICY_BYTES,
    belongs_on,
    consent_policy,
    reporting,
)
from consentgate.gate.sources import service_sources
from consentgate.sites import host_matches, is_public_suffix, registrable_domain
from tests.gate.given import access, service

TUBE = service(
    "youtube",
    "i.ytimg.com",
    "*.ytimg.com",
    shared=("www.youtube.com",),
    paths=("/embed/*", "/embed/videoseries", "/iframe_api", "/vi/*/x", "/a b;c,d"),
)
PLUGINS = service(
    "facebook", "static.fbcdn.test", shared=("connect.facebook.test",), paths=("/*/sdk.js", "/tr")
)
PAYMENT = service("payment", "js.pay.test", category="necessary")
ALL = (TUBE, PLUGINS, PAYMENT)

KEYWORDS = ["'self'", "'unsafe-eval'", "'unsafe-inline'", "blob:", "data:"]


def policy_for(*services, **visitor):
    return consent_policy(access(*services, **visitor), services=services)


def sources_for(*services, **visitor):
    name, *sources = policy_for(*services, **visitor).split(" ")
    assert name == "default-src"
    return sources


def test_without_consent_only_the_site_itself_is_open():
    assert policy_for(*ALL) == (
        "default-src 'self' 'unsafe-eval' 'unsafe-inline' blob: data: *.example.com:* example.com:*"
        " wss://*.example.com:* wss://example.com:*"
    )


def test_the_site_policy_restricts_loads_and_nothing_else():
    policy = policy_for(*ALL, allowed={"youtube"})
    assert ";" not in policy
    assert policy.startswith("default-src ")


def test_an_allowed_service_opens_its_hosts_and_shared_hosts_by_path_only():
    opened = set(sources_for(*ALL, allowed={"youtube"})) - set(sources_for(*ALL))
    assert opened == {
        "*.ytimg.com",
        "ytimg.com",
        "wss://*.ytimg.com",
        "wss://ytimg.com",
        "www.youtube.com/embed/",
        "www.youtube.com/iframe_api",
        "www.youtube.com/vi/",
        "www.youtube.com/a%20b%3Bc%2Cd",
    }


def test_a_wildcard_in_the_first_segment_opens_the_whole_shared_host():
    opened = set(sources_for(*ALL, allowed={"facebook"})) - set(sources_for(*ALL))
    assert opened == {
        "connect.facebook.test",
        "static.fbcdn.test",
        "wss://connect.facebook.test",
        "wss://static.fbcdn.test",
    }


def test_a_family_opens_each_members_shared_hosts_by_that_members_paths():
    first = service("family", shared=("g.test",), paths=("/collect",))
    second = service("family", shared=("t.test",), paths=("/gtag/js", "/x/*.js"))
    family = replace(first, matches=first.matches + second.matches)
    assert service_sources(family) == ["g.test/collect", "t.test/gtag/js", "t.test/x/"]


def test_a_shared_host_that_no_other_service_claims_is_opened_whole():
    sole = replace(TUBE.matches[0], sole_hosts=frozenset({"www.youtube.com"}))
    sources = service_sources(replace(TUBE, matches=(sole,)))
    assert sources == ["*.ytimg.com", "www.youtube.com", "ytimg.com"]


def test_web_sockets_are_named_only_for_services_that_use_them():
    silent = replace(TUBE, matches=(replace(TUBE.matches[0], sockets=False),))
    policy = policy_for(silent, allowed={"youtube"})
    assert "*.ytimg.com" in policy
    assert re.findall(r"wss://\S+", policy) == ["wss://*.example.com:*", "wss://example.com:*"]


def test_the_policy_of_a_usual_site_leaves_room_in_a_proxys_buffer():
    catalogue = load_catalogue().services
    usual = ("google-analytics", "google-tag-manager", "youtube", "facebook", "x", "google-maps")
    services = [catalogue[name] for name in usual]
    visitor = access(*catalogue.values(), allowed=usual)
    policy = consent_policy(visitor, services=services)
    assert len(policy) < 2000
    assert "www.youtube.com" in policy.split(" ")
    assert "www.google.com/maps/" in policy.split(" ")
    assert not {"run.app", "*.run.app", "www.google.com"} & set(policy.split(" "))


def test_a_shared_host_without_a_path_opens_nothing():
    assert service_sources(service("odd", shared=("g.test",))) == []


def test_a_grant_for_one_page_counts_and_a_service_that_nobody_configured_does_not():
    assert "js.pay.test" in sources_for(*ALL, once={"payment"})
    visitor = access(*ALL, allowed={"payment"})
    assert "js.pay.test" not in consent_policy(visitor, services=(TUBE, PLUGINS))


def test_no_policy_while_unknown_third_parties_are_only_reported():
    assert policy_for(*ALL, report_unknown=True) is None


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("example.com", {"example.com:*", "*.example.com:*"}),
        ("www.shop.example.co.uk", {"example.co.uk:*", "*.example.co.uk:*"}),
        ("mine.github.io", {"mine.github.io:*", "*.mine.github.io:*"}),
        ("github.io", {"github.io:*"}),
        ("localhost", {"localhost:*"}),
        ("127.0.0.1", {"127.0.0.1:*"}),
        ("[::1]", set()),
        ("evil.test; script-src *", set()),
        ("a,b.test", set()),
        ("", set()),
    ],
)
def test_the_sites_own_hosts_are_open_on_every_port_and_strangers_hosts_are_not(host, own):
    sources = sources_for(host=host)
    assert set(sources) == {*KEYWORDS, *own, *(f"wss://{each}" for each in own)}


def test_on_a_plain_http_page_the_sockets_are_those_of_its_scheme():
    assert sources_for(host="localhost", scheme="http") == [
        *KEYWORDS,
        "localhost:*",
        "ws://localhost:*",
    ]


def test_own_hosts_are_open_like_the_site_itself():
    added = set(sources_for(own_hosts={"cdn.example.net", "*.img.test"})) - set(sources_for())
    hosts = {"cdn.example.net:*", "img.test:*", "*.img.test:*"}
    assert added == hosts | {f"wss://{host}" for host in hosts}


def test_own_hosts_are_never_collapsed_into_the_provider_that_serves_them():
    crowd = [service(f"s{number}", f"host{number}.site{number}.test") for number in range(80)]
    own = {"a.shared-cdn.test", "b.shared-cdn.test"}
    policy = policy_for(*crowd, allowed={each.id for each in crowd}, own_hosts=own)
    assert "a.shared-cdn.test:*" in policy
    assert "*.shared-cdn.test" not in policy


def test_what_another_source_covers_is_left_out():
    nested = service("nested", "*.b.test", "x.a.b.test", "*.a.b.test", "b.test", "other.test")
    assert service_sources(nested) == ["*.b.test", "b.test", "other.test"]
    paths = service("paths", shared=("h.test", "*.h.test"), paths=("/a/*", "/a/b", "/a", "/ab"))
    assert service_sources(paths) == [
        "*.h.test/a",
        "*.h.test/a/",
        "*.h.test/ab",
        "h.test/a",
        "h.test/a/",
        "h.test/ab",
    ]
    own = service("own", "stats.example.com")
    assert sources_for(own, allowed={"own"}) == sources_for(own)


def test_a_pattern_that_no_source_can_say_is_left_out():
    assert (
        service_sources(service("odd", "mc.us*.list.test", "a b.test", "x.test;y", "ü.test")) == []
    )


def test_order_and_repetition_of_services_do_not_matter():
    names = {each.id for each in ALL}
    assert policy_for(*ALL, allowed=names) == policy_for(*reversed(ALL), *ALL, allowed=names)


# --- Long lists


def crowd(number, hosts=6):
    return tuple(
        service(f"s{i}", *(f"host-{j}.service-{i}.test" for j in range(hosts)))
        for i in range(number)
    )


def everyone(services):
    return policy_for(*services, allowed={each.id for each in services})


def test_a_short_list_names_every_host():
    policy = everyone(crowd(5))
    assert len(policy) <= MAX_POLICY_BYTES
    assert "host-3.service-4.test" in policy
    assert "*.service-" not in policy


def test_a_long_list_names_each_site_once():
    policy = everyone(crowd(30))
    assert len(policy) <= MAX_POLICY_BYTES
    assert "*.service-29.test" in policy
    assert "wss://*.service-29.test" in policy
    assert "host-" not in policy


def test_a_longer_list_goes_without_the_sockets_of_services_but_keeps_the_sites_own():
    policy = everyone(crowd(80))
    assert len(policy) <= MAX_POLICY_BYTES
    assert "*.service-79.test" in policy
    assert re.findall(r"wss://\S+", policy) == ["wss://*.example.com:*", "wss://example.com:*"]


def test_the_longest_list_goes_without_bare_domains_but_for_those_named_themselves():
    crowded = (*crowd(160), service("a", "*.wild.test"), service("b", "*.bare.test", "bare.test"))
    sources = everyone(crowded).split(" ")
    assert "*.wild.test" in sources
    assert "wild.test" not in sources
    assert {"*.bare.test", "bare.test"} <= set(sources)
    assert {"*.example.com:*", "example.com:*"} <= set(sources)


def test_a_public_suffix_a_lone_host_and_a_path_are_never_widened():
    special = service("run", "x.run.app", "y.run.app", "*.appspot.com", "lone.site.test")
    shared = service("maps", shared=("www.google.test", "a.google.test"), paths=("/maps/*",))
    sources = everyone((*crowd(80), special, shared)).split(" ")
    assert {"x.run.app", "y.run.app", "*.appspot.com", "lone.site.test"} <= set(sources)
    assert {"www.google.test/maps/", "a.google.test/maps/"} <= set(sources)
    assert not {"*.run.app", "*.site.test", "*.google.test"} & set(sources)


def test_a_site_below_which_something_is_refused_is_never_named_whole():
    refused = service("refused", "pixel.service-3.test")
    crowded = crowd(30)
    visitor = access(*crowded, refused, allowed={each.id for each in crowded})
    sources = consent_policy(visitor, services=crowded).split(" ")
    assert "*.service-4.test" in sources
    assert "*.service-3.test" not in sources
    assert {"host-0.service-3.test", "host-5.service-3.test"} <= set(sources)


def test_a_shared_pattern_stays_with_its_paths_where_something_below_is_refused():
    shared = service("shared", shared=("*.site.test",), paths=("/a/*",))
    refused = service("refused", "pixel.site.test")
    crowded = (*crowd(165), shared)
    visitor = access(*crowded, refused, allowed={each.id for each in crowded})
    assert "*.site.test/a/" in consent_policy(visitor, services=crowded).split(" ")
    assert "*.site.test" in everyone(crowded).split(" ")


def test_the_longest_list_names_lone_hosts_by_their_site_and_leaves_rented_ones_out():
    special = service("special", "static.lone.test", "x.run.app")
    rented = service("rented", shared=("*.run.app",), paths=("/collect",))
    sources = everyone((*crowd(250), special, rented)).split(" ")
    assert "*.lone.test" in sources
    assert "x.run.app" in sources
    assert not [source for source in sources if source.startswith("*.run.app")]
    assert "*.run.app/collect" in everyone((*crowd(80), rented)).split(" ")


def test_a_domain_whose_www_is_named_goes_in_the_longest_list_only():
    twins = service("twins", "twin.test", "www.twin.test", "bare.test", "cdn.bare.test")
    shorter, longest = everyone((*crowd(80), twins)), everyone((*crowd(250), twins))
    assert {"twin.test", "bare.test"} <= set(shorter.split(" "))
    assert "twin.test" not in longest.split(" ")
    assert {"*.twin.test", "*.bare.test", "bare.test"} <= set(longest.split(" "))


def test_dead_services_go_last_of_all():
    dead = replace(service("dead", "*.dead.test"), legacy=True)
    assert "*.dead.test" in everyone((*crowd(80), dead)).split(" ")
    assert "*.dead.test" not in everyone((*crowd(250), dead)).split(" ")


# --- The whole catalogue

CATALOGUE = load_catalogue().services
ASKABLE = tuple(each for each in CATALOGUE.values() if each.category != CONSENT_TOOL)


def agreed_to(services, **visitor):
    known = access(*CATALOGUE.values(), allowed={each.id for each in services}, **visitor)
    return consent_policy(known, services=services)


def test_the_header_fits_a_proxys_buffer_with_every_service_of_the_catalogue_accepted():
    policy = agreed_to(ASKABLE)
    reports, endpoint = reporting("/_gate", policy, secure=True)
    assert MAX_POLICY_BYTES < len(policy) < PROXY_POLICY_BYTES
    assert (reports, endpoint) == ("", "")


@pytest.mark.parametrize(
    "refused", ["google-maps", "google-ads", "facebook", "linkedin-insight", "reddit-pixel"]
)
def test_whoever_refuses_one_service_keeps_its_hosts_shut_however_long_the_list(refused):
    policy = agreed_to([each for each in ASKABLE if each.id != refused])
    allowed = [m for s in ASKABLE if s.id != refused for m in s.matches]
    claimed = frozenset(host for match in allowed for host in match.hosts)
    hosts = {
        host.removeprefix("*.")
        for match in CATALOGUE[refused].matches
        for host in match.hosts
        if not host_matches(host.removeprefix("*."), claimed)
    }
    assert hosts
    assert not [host for host in hosts if admits(policy, host)]


def test_a_host_of_several_services_is_opened_by_path_while_one_of_them_is_refused():
    policy = agreed_to([each for each in ASKABLE if each.id != "google-maps"])
    sources = policy.split(" ")
    assert not {"*.google.com", "www.google.com", "www.google.com/maps/"} & set(sources)
    assert "www.google.com/recaptcha/api2/" in sources


def sole_hosts_of(match):
    return [host for host in match.hosts if host not in match.shared_hosts]


def test_no_other_consent_tool_is_ever_open():
    policy = agreed_to(ASKABLE)
    tools = [each for each in CATALOGUE.values() if each.category == CONSENT_TOOL]
    hosts = {host.removeprefix("*.") for t in tools for m in t.matches for host in sole_hosts_of(m)}
    assert hosts
    assert not [host for host in hosts if admits(policy, host)]


def test_hosts_of_older_code_are_the_last_to_be_left_out():
    older = {host.removeprefix("*.") for s in ASKABLE for m in s.matches for host in m.older_hosts}
    assert older
    long = agreed_to(ASKABLE)
    assert not [host for host in older if admits(long, host)]
    few = agreed_to([s for s in ASKABLE if any(m.older_hosts for m in s.matches)])
    assert all(admits(few, host) for host in older)


@pytest.mark.parametrize(
    ("secure", "expected"),
    [
        (
            True,
            (
                "; report-uri /_gate/reports; report-to consentgate",
                'consentgate="/_gate/reports"',
            ),
        ),
        (False, ("; report-uri /_gate/reports", "")),
    ],
)
def test_a_header_tells_the_browser_where_to_report(secure, expected):
    assert reporting("/_gate", "default-src 'self'", secure=secure) == expected


_LABELS = st.sampled_from(["a", "b", "c", "www"])
_SITES = st.sampled_from(["x.test", "y.co.uk", "run.app", "z.run.app", "example.com", "app"])
_HOSTS = st.builds(
    lambda wild, labels, site: ".".join((*wild, *labels, site)),
    st.sampled_from([(), ("*",)]),
    st.lists(_LABELS, max_size=3),
    _SITES,
)
_SERVICES = st.lists(st.lists(_HOSTS, min_size=1, max_size=4), max_size=6).map(
    lambda found: tuple(service(f"s{i}", *hosts) for i, hosts in enumerate(found))
)


def admits(policy, host):
    return any(
        source == host or (source.startswith("*.") and host.endswith(source[1:]))
        for source in policy.replace(":*", "").split(" ")
    )


@given(_SERVICES, st.sets(st.integers(0, 5)), _HOSTS)
def test_a_short_policy_opens_a_host_exactly_when_the_site_or_an_allowed_service_has_it(
    services, chosen, pattern
):
    host = pattern.replace("*", "wild")
    allowed = {each.id for i, each in enumerate(services) if i in chosen}
    claimed = frozenset(
        each for s in services if s.id in allowed for match in s.matches for each in match.hosts
    )
    expected = registrable_domain(host) == "example.com" or host_matches(host, claimed)
    assert admits(policy_for(*services, allowed=allowed), host) == expected


@given(_SERVICES)
def test_the_list_is_sorted_and_holds_nothing_twice(services):
    sources = everyone(services).split(" ")[len(KEYWORDS) + 1 :]
    assert sources == sorted(set(sources))


def test_a_public_suffix_is_what_strangers_share():
    assert all(map(is_public_suffix, ["com", "co.uk", "run.app", "github.io", "localhost"]))
    assert not any(map(is_public_suffix, ["example.com", "mine.github.io", "www.example.co.uk"]))


# --- Where the policy belongs


@pytest.mark.parametrize(
    "content_type",
    [
        "text/html; charset=utf-8",
        "TEXT/HTML",
        "application/xhtml+xml",
        "text/xml",
        "application/rss+xml",
        "image/svg+xml",
        "Image/SVG+XML;charset=utf-8",
        "text/javascript",
        "application/javascript; charset=utf-8",
        "application/x-ecmascript",
        "application/pdf",
        "text/plain",
        "application/octet-stream",
        "multipart/x-mixed-replace; boundary=x",
        "unknown/unknown",
        "nonsense",
        "",
    ],
)
def test_it_belongs_on_what_can_become_a_document_or_a_worker(content_type):
    assert belongs_on(content_type, "")
    assert belongs_on(content_type, "empty")


@pytest.mark.parametrize(
    "content_type",
    [
        "image/png",
        "image/avif",
        "font/woff2",
        "application/font-woff",
        "text/css; charset=utf-8",
        "application/json",
        "application/ld+json",
        "application/problem+json; charset=utf-8",
        "text/event-stream",
        "audio/ogg",
        "VIDEO/mp4",
        "application/wasm",
    ],
)
def test_it_stays_off_what_neither_runs_nor_loads_unless_it_is_opened_as_a_page(content_type):
    assert not belongs_on(content_type, "")
    assert not belongs_on(content_type, "image")
    assert belongs_on(content_type, "document")


@pytest.mark.parametrize(
    "destination",
    ["document", "iframe", "frame", "object", "embed", "worker", "sharedworker", "serviceworker"],
)
def test_it_belongs_on_whatever_the_browser_calls_a_document_or_a_worker(destination):
    assert belongs_on("image/png", destination)
