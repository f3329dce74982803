from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentgate.catalogue import Lookup, load_catalogue
from consentgate.model import Cookie, Match, Party, Provider, Service, Storage

CATALOGUE = load_catalogue()
LOOKUP = Lookup(CATALOGUE.services.values())


def service(
    name: str, match: Match, *, category: str = "functional", cookies: tuple[Cookie, ...] = ()
) -> Service:
    return Service(name, name, category, Provider(name), (match,), cookies)


def ids(services: Iterable[Service]) -> list[str]:
    return [found.id for found in services]


@pytest.mark.parametrize(
    ("host", "path", "expected"),
    [
        ("www.youtube.com", "/embed/dQw4w9WgXcQ", ["youtube"]),
        ("www.youtube-nocookie.com", "/embed/dQw4w9WgXcQ", ["youtube"]),
        ("i.ytimg.com", "/vi/x/hq.jpg", ["youtube"]),
        ("www.google-analytics.com", "/urchin.js", ["google-analytics"]),
        ("ssl.google-analytics.com", "/ga.js", ["google-analytics"]),
        ("www.google-analytics.com", "/analytics.js", ["google-analytics"]),
        ("www.googletagmanager.com", "/gtag/js", ["google-analytics"]),
        ("region1.google-analytics.com", "/g/collect", ["google-analytics"]),
        ("stats.g.doubleclick.net", "/dc.js", ["google-analytics"]),
        ("www.googletagmanager.com", "/gtm.js", ["google-tag-manager"]),
        ("www.googletagmanager.com", "/ns.html", ["google-tag-manager"]),
        ("connect.facebook.net", "/en_US/sdk.js", ["facebook"]),
        ("www.facebook.com", "/plugins/like.php", ["facebook"]),
        ("connect.facebook.net", "/en_US/fbevents.js", ["meta-pixel"]),
        ("www.facebook.com", "/tr", ["meta-pixel"]),
        ("www.instagram.com", "/p/abc/embed", ["instagram"]),
        ("platform.twitter.com", "/widgets.js", ["x"]),
        ("platform.x.com", "/embed/Tweet.html", ["x"]),
        ("static.ads-twitter.com", "/uwt.js", ["x-pixel"]),
        ("platform.linkedin.com", "/in.js", ["linkedin"]),
        ("snap.licdn.com", "/li.lms-analytics/insight.min.js", ["linkedin-insight"]),
        ("www.google.com", "/recaptcha/api.js", ["recaptcha"]),
        ("www.google.com", "/maps/embed", ["google-maps"]),
        ("fonts.googleapis.com", "/css2", ["google-fonts"]),
        ("cdn.jsdelivr.net", "/npm/bootstrap@5", ["public-cdn"]),
        ("abc-uc.a.run.app", "/gtm.js", ["google-analytics"]),
    ],
)
def test_a_known_address_belongs_to_its_service(host: str, path: str, expected: list[str]) -> None:
    assert ids(LOOKUP.by_url(host, path)) == expected


@pytest.mark.parametrize(
    ("host", "path"),
    [
        ("example.com", "/"),
        ("www.google.com", "/search"),
        ("www.facebook.com", "/"),
        ("notyoutube.com", "/embed/x"),
        ("www.youtube.com.evil.example", "/embed/x"),
        ("my-own-backend-uc.a.run.app", "/api/jobs"),
        ("", "/"),
    ],
)
def test_an_unknown_address_belongs_to_nobody(host: str, path: str) -> None:
    assert LOOKUP.by_url(host, path) == ()


def test_the_best_claim_wins_in_the_documented_order() -> None:
    wild = service("wild", Match(hosts=("*.x.test",)))
    wild_path = service("wild-path", Match(hosts=("*.x.test",), paths=("/p",)))
    exact = service("exact", Match(hosts=("a.x.test",)))
    exact_path = service("exact-path", Match(hosts=("a.x.test",), paths=("/p",)))
    ladder = [wild, wild_path, exact, exact_path]
    for length in range(1, 5):
        lookup = Lookup(ladder[:length])
        assert lookup.by_url("a.x.test", "/p") == (ladder[length - 1],)
    assert Lookup(ladder).by_url("a.x.test", "/q") == (exact, exact_path)
    assert Lookup(ladder).by_url("b.x.test", "/q") == (wild, wild_path)


def test_a_wildcard_covers_the_domain_itself_and_all_below() -> None:
    lookup = Lookup([service("s", Match(hosts=("*.x.test",)))])
    assert ids(lookup.by_url("x.test", "/")) == ["s"]
    assert ids(lookup.by_url("a.b.x.test", "/")) == ["s"]
    assert lookup.by_url("yx.test", "/") == ()


def test_a_shared_host_counts_together_with_a_path_only() -> None:
    match = Match(("*.x.test", "y.test"), frozenset({"*.x.test", "y.test"}), ("/p/*",))
    lookup = Lookup([service("s", match)])
    assert ids(lookup.by_url("a.x.test", "/p/1")) == ["s"]
    assert ids(lookup.by_url("y.test", "/p/1")) == ["s"]
    assert lookup.by_url("a.x.test", "/q") == lookup.by_url("y.test", "/q") == ()


def test_ties_come_in_the_order_of_the_services() -> None:
    services = [service(name, Match(hosts=("x.test",))) for name in ("c", "a", "b")]
    assert ids(Lookup(services).by_url("x.test", "/")) == ["c", "a", "b"]


def test_a_configured_host_is_not_lost_to_a_path_of_the_catalogue() -> None:
    own = service("own-cdn", Match(hosts=("cdn.jsdelivr.net",)), category="necessary")
    services = [own, *CATALOGUE.services.values()]
    url = ("cdn.jsdelivr.net", "/npm/bootstrap@5")
    assert ids(Lookup(services).by_url(*url)) == ["public-cdn"]
    configured = Lookup(services, configured=frozenset({"own-cdn"}))
    assert ids(configured.by_url(*url)) == ["own-cdn", "public-cdn"]


@pytest.mark.parametrize("name", sorted(CATALOGUE.services))
def test_every_host_of_a_service_can_lead_to_it(name: str) -> None:
    for match in CATALOGUE.services[name].matches:
        for host in match.hosts:
            concrete = host.replace("*.", "some-host.")
            paths = ["/", *(glob.replace("*", "1") for glob in match.paths)]
            found = {
                s
                for path in paths
                for s in ids(Lookup([CATALOGUE.services[name]]).by_url(concrete, path))
            }
            assert found == {name}, host


@pytest.mark.parametrize("name", sorted(CATALOGUE.services))
def test_every_signature_leads_to_its_service(name: str) -> None:
    signatures = [s for match in CATALOGUE.services[name].matches for s in match.inline]
    if name == "cloudflare-edge":
        assert all(LOOKUP.by_inline(s.encode()) == () for s in signatures)
        return
    for signature in signatures:
        assert name in ids(LOOKUP.by_inline(b"var x = " + signature.encode() + b";"))


@pytest.mark.parametrize(
    "code",
    [b"", b"this.t()", b"normalizE(1)", b"loadStripe(key)", b"_FBQ = 1", b"var data = [1, 2];"],
)
def test_an_applications_own_code_is_left_alone(code: bytes) -> None:
    assert LOOKUP.by_inline(code) == ()


def test_a_signature_after_a_longer_word_is_still_found() -> None:
    assert ids(LOOKUP.by_inline(b"this.t(); s.t()")) == ["adobe-analytics"]


def test_a_script_too_long_to_remember_is_read_all_the_same() -> None:
    assert ids(LOOKUP.by_inline(b" " * 100_000 + b"fbq('init', '1')")) == ["meta-pixel"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("_ga", ["google-analytics"]),
        ("_ga_ABC123", ["google-analytics"]),
        ("__utmz", ["google-analytics"]),
        ("FPID", ["google-analytics"]),
        ("_gcl_au", ["google-ads", "google-analytics"]),
        ("_fbp", ["meta-pixel"]),
        ("li_fat_id", ["linkedin-insight"]),
        ("_pk_id.1.1fff", ["matomo", "piwik-pro"]),
        ("visitor_id12345", ["pardot"]),
        ("visitor_id12345-hash", ["pardot"]),
        ("mp_abc_mixpanel", ["mixpanel"]),
    ],
)
def test_a_first_party_cookie_of_a_service_is_known(name: str, expected: list[str]) -> None:
    assert ids(LOOKUP.by_cookie(name)) == expected


APPLICATION_COOKIES = """
    csrftoken sessionid messages session JSESSIONID PHPSESSID connect.sid laravel_session
    XSRF-TOKEN uid uuid lang locale language theme token auth user id i C m d mc ts optout
    access_token refresh_token remember_token visitor_id stg_sessionid stg_csrftoken
    BIGipServerpool AWSALB AWSALBTG django_language _session_id _csrf country currency cart
    guest_id PREF player csv hist sess cid __Host-cg cg_state
""".split()  # noqa: SIM905  a list of words reads better so


@pytest.mark.parametrize("name", APPLICATION_COOKIES)
def test_a_cookie_that_an_application_may_use_belongs_to_nobody(name: str) -> None:
    assert LOOKUP.by_cookie(name) == ()


@pytest.mark.parametrize("name", ["__cf_bm", "cf_clearance", "_cfuvid", "__cflb", "__cfruid"])
def test_the_cookies_of_the_sites_own_network_are_never_gated(name: str) -> None:
    claims = [
        owner.id
        for owner in CATALOGUE.services.values()
        if any(cookie.name == name for cookie in owner.cookies)
    ]
    assert "cloudflare-edge" in claims
    assert LOOKUP.by_cookie(name) == ()


@pytest.mark.parametrize("name", ["CookieConsent", "OptanonConsent", "tarteaucitron"])
def test_the_record_of_another_consent_tool_is_never_gated(name: str) -> None:
    assert LOOKUP.by_cookie(name) == ()


def test_a_network_that_a_site_calls_optional_is_gated() -> None:
    cookie = Cookie("__cf_bm", "30 minutes", Party.FIRST)
    network = service("network", Match(paths=("/cdn-cgi/*",)), cookies=(cookie,))
    assert Lookup([network]).by_cookie("__cf_bm") == (network,)


@given(
    party=st.sampled_from(list(Party)),
    storage=st.sampled_from(list(Storage)),
    category=st.sampled_from(["necessary", "functional", "marketing", "consent"]),
)
def test_only_first_party_cookies_of_gated_services_answer(
    party: Party, storage: Storage, category: str
) -> None:
    cookie = Cookie("acme_*", "1 year", party, storage=storage)
    acme = service("acme", Match(hosts=("acme.test",)), category=category, cookies=(cookie,))
    answers = bool(Lookup([acme]).by_cookie("acme_1"))
    assert answers == (party is Party.FIRST and storage is Storage.COOKIE and category != "consent")


def test_self_hosted_trackers_answer_with_the_services_that_are_known() -> None:
    assert ids(LOOKUP.by_own_path("/stats/matomo.php", "idsite=1")) == ["matomo"]
    assert ids(LOOKUP.by_own_path("/x", "v=2&tid=G-ABC123")) == ["google-analytics"]
    assert LOOKUP.by_own_path("/collect", "") == ()
    assert Lookup([]).by_own_path("/matomo.js", "") == ()


@given(host=st.text(max_size=30), path=st.text(max_size=30), code=st.binary(max_size=200))
def test_no_input_is_too_strange(host: str, path: str, code: bytes) -> None:
    LOOKUP.by_url(host, path)
    LOOKUP.by_own_path(path, host)
    LOOKUP.by_inline(code)
    LOOKUP.by_cookie(host)
