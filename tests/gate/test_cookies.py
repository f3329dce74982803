"""Which cookies reach the application, and which the browser may keep."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentgate.gate.cookies import (
    OwnCookies,
    gate_request_cookies,
    gate_set_cookie,
)
from consentgate.gate.set_cookie import cookie_date, read_set_cookie
from consentgate.model import Keep
from tests.gate.given import access, service

ANALYTICS = service(
    "google-analytics", cookies=("_ga", "_ga_*", "_gid", "FPID"), storage=("ga-store",)
)
OTHER_USER = service("heatmap", cookies=("_gid", "_hj*", "crisp-client/*"))
GENERIC = service("network", third_cookies=("uid", "sessionid", "csrftoken", "JSESSIONID"))
LIMITED = service("chat", category="functional", cookies=("chat_id",), lifetime_limit="session")
NEEDED = service("payment", category="necessary", cookies=("__stripe_mid",))
ALL = (ANALYTICS, OTHER_USER, GENERIC, LIMITED, NEEDED)

NOBODY = access(*ALL, allowed={"payment"})
EVERYBODY = access(*ALL, allowed={each.id for each in ALL})
NONE_DECLARED = OwnCookies()
NOW = 1_800_000_000.0


def refused_in(header, visitor=NOBODY, own=NONE_DECLARED):
    return gate_request_cookies(header, visitor, own)


def verdict_on(header, visitor=NOBODY, own=NONE_DECLARED, **more):
    return gate_set_cookie(header, visitor, own, now=NOW, **more)


# --- The request's Cookie header


def test_cookies_of_services_without_consent_leave_and_the_others_keep_order_and_bytes():
    header = b'_ga=GA1.2.3; theme="dark;  x=1;_gid=2;  lang = de ; _hjSession_9=a=b'
    assert refused_in(header) == (
        b'theme="dark;  x=1;  lang = de',
        ("_ga", "_gid", "_hjSession_9"),
    )


def test_with_consent_the_header_keeps_its_bytes():
    header = b"_ga=1; _gid=2; _hjid=3; chat_id=4"
    assert refused_in(header, EVERYBODY) == (header, ())


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"a=1",
        b"a",
        b"=value",
        b"_ga",
        b"; ;;a=1;",
        b"a=1;a=2",
        b"sessionid=x; csrftoken=y; uid=z; JSESSIONID=1; messages=m; session=s",
        b"__Host-session=1; __Secure-sessionid=2",
        b"_GA=1; _gab=2; x_ga=3",
        b"ga-store=1",
        b"ga-disable-UA-1-1=true; ga-disable-G-ABC=true; matomo_ignore=1",
        b"BIGipServerpool=1",
        b"__stripe_mid=1",
        b"\xc3\xa4=\xff; b=\x00",
        b"a[b]=1; c%2Fd=2",
    ],
)
def test_what_no_service_is_known_to_set_first_party_passes_untouched(header):
    assert refused_in(header) == (header, ())


@pytest.mark.parametrize(
    "ours", ["__Host-cg", "__Secure-cg", "cg", "cg_state", "cg_note", "cg_once"]
)
def test_our_own_cookies_are_hidden_from_the_application_and_never_to_be_expired(ours):
    assert refused_in(f"a=1; {ours}=x.y; b=2".encode()) == (b"a=1; b=2", ())
    assert refused_in(f"{ours}=x".encode(), EVERYBODY) == (b"", ())


def test_when_nothing_is_left_the_header_is_empty():
    assert refused_in(b"_ga=1;_gid=2; ") == (b"", ("_ga", "_gid"))


def test_a_refused_name_is_taken_out_every_time_and_named_once():
    assert refused_in(b"_ga=1; a=1; _ga=2; _ga") == (b"a=1; _ga", ("_ga",))


def test_a_percent_encoded_name_is_recognised():
    assert refused_in(b"crisp-client%2Fsession%2Fx=1; a=1") == (
        b"a=1",
        ("crisp-client%2Fsession%2Fx",),
    )


def test_a_name_that_two_services_use_passes_when_one_of_them_is_allowed():
    visitor = access(*ALL, allowed={"heatmap"})
    assert refused_in(b"_gid=1; _ga=2", visitor) == (b"_gid=1", ("_ga",))


def test_a_grant_for_one_page_lets_the_services_cookies_through():
    assert refused_in(b"chat_id=1", access(*ALL, once={"chat"})) == (b"chat_id=1", ())


def test_the_sites_own_declaration_beats_the_catalogue_in_both_directions():
    own = OwnCookies(
        (("_hj*", "necessary"), ("stats_*", "analytics"), ("stats_login", "necessary"))
    )
    header = b"_hjid=1; stats_1=2; stats_login=3"
    assert refused_in(header, own=own) == (b"_hjid=1; stats_login=3", ("stats_1",))
    consenting = access(*ALL, categories={"analytics"})
    assert refused_in(header, consenting, own) == (header, ())


def test_declarations_are_read_from_the_configurations_objects():
    @dataclass(frozen=True)
    class Declared:
        name: str
        category: str
        lifetime: str

    own = OwnCookies.of([Declared("cart*", "necessary", "session")])
    assert own == OwnCookies((("cart*", "necessary"),))


def test_a_declared_name_with_brackets_fits_itself():
    own = OwnCookies((("cart[items]", "analytics"),))
    assert own.category("cart[items]") == "analytics"


_NAMES = st.sampled_from(
    ["_ga", "_ga_X", "_gid", "sid", "sessionid", "cg", "", "é", "_hjid", "a b"]
)
_VALUES = st.text(alphabet='ab= "\\,%', max_size=8)
_PAIRS = st.builds(lambda name, value: f"{name}={value}", _NAMES, _VALUES) | _VALUES
_COOKIE_HEADERS = st.lists(_PAIRS, max_size=6).map("; ".join).map(lambda s: s.encode("latin-1"))


@given(_COOKIE_HEADERS)
def test_gating_a_request_twice_is_gating_it_once_and_never_adds_a_byte(header):
    kept, names = refused_in(header)
    assert len(kept) <= len(header)
    assert refused_in(kept) == (kept, ())
    assert not {"_ga", "_gid", "cg"} & {
        piece.partition("=")[0].strip(" \t")
        for piece in kept.decode("latin-1").split(";")
        if "=" in piece
    }
    assert len(set(names)) == len(names)


@given(st.binary(max_size=60))
def test_a_request_header_of_any_bytes_loses_only_whole_pieces(header):
    kept, _ = refused_in(header)
    pieces = [piece.strip(b" \t") for piece in header.split(b";")]
    assert all(piece.strip(b" \t") in pieces for piece in kept.split(b";"))


# --- The application's Set-Cookie headers


@pytest.mark.parametrize(
    "header",
    [
        b"sessionid=abc; HttpOnly; Max-Age=1209600; Path=/; SameSite=Lax",
        b"csrftoken=abc; expires=Sat, 20 Nov 2027 10:00:00 GMT; Path=/",
        b"session=eyJ; path=/; Max-Age=1209600; httponly; samesite=lax",
        b"messages=.e; HttpOnly",
        b"uid=17; Domain=example.com",
        b"ga-disable-G-ABC=true; Max-Age=31536000",
        b"__stripe_mid=1; Max-Age=10",
        b"cg_state=abc; Path=/",
    ],
)
def test_the_sites_own_cookies_pass_as_they_are(header):
    verdict = verdict_on(header)
    assert verdict.header is header


@pytest.mark.parametrize(
    "header",
    [
        b"_ga=GA1.1.2",
        b"_ga=GA1.1.2; Max-Age=63072000; Path=/; Domain=example.com",
        b"_ga=1; Domain=.Example.COM",
        b"_ga=1; domain=www.example.com; Secure",
        b"  _ga  = 1",
        b"_ga_ABC=",
        b"_ga=1; Max-Age=0; Max-Age=100",
        b"_ga=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60",
        b"_ga=1; Max-Age=never",
        b"_ga=1; Max-Age=",
        b"_ga=1; Expires=yesterday",
        b"_ga=1; Domain=foreign.test; Domain=example.com",
        b"_ga=1; Domain=foreign.test",
        b"_ga=1; Domain=other.example.com",
        b"_ga=1; Domain",
        b"FPID=1; HttpOnly",
        b"crisp-client%2Fsession=1",
        b"=_ga=1",
        b" \t=  _ga=1; Path=/",
        b'_ga="1; Path=/"; Max-Age=9',
        b"_ga=1; Secure; Partitioned; SameSite=None",
        b"_ga=" + b"1" * 8192,
        b"_ga=\xc3\xa4\xff; Path=/",
        b"_ga=1; Expires=Sunday, 06-Nov-44 08:49:37 GMT",
        b"_ga=1; Expires=Sun Nov  6 08:49:37 2044",
        b"_ga=1; MAX-AGE=99999999999999999999999",
    ],
)
def test_a_cookie_of_a_service_without_consent_is_dropped_with_the_reason(header):
    verdict = verdict_on(header)
    assert verdict.header is None
    assert verdict.reason.endswith("has no consent")
    assert not verdict.unknown


@pytest.mark.parametrize(
    "header",
    [
        b"_ga=; Max-Age=0; Path=/",
        b"_ga=x; max-age=-1",
        b"_ga=; Max-Age=1; Max-Age=0",
        b"_ga=; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        b"_ga=; expires=Thu, 01-Jan-70 00:00:00 GMT; Max-Age=soon",
        b"_gid=deleted; expires=Sun, 06 Nov 1994 08:49:37 GMT; Domain=.example.com",
    ],
)
def test_removing_a_cookie_is_always_allowed(header):
    assert verdict_on(header).header is header


def test_a_proxy_that_hides_the_host_opens_no_way_for_a_cookie():
    visitor = access(*ALL, host="127.0.0.1")
    assert verdict_on(b"_ga=1; Domain=www.example.com", visitor).header is None
    assert verdict_on(b"sessionid=1; Domain=www.example.com", visitor).header is not None


@pytest.mark.parametrize(
    "header",
    [b"", b"=", b" ; Path=/", b"_ga", b"=_ga", b"_ga=1\r\nX: y", b"_ga=\x001", b"_g\x7fa=1"],
)
def test_what_no_browser_takes_for_a_named_cookie_passes_untouched(header):
    verdict = verdict_on(header)
    assert verdict.header is header
    assert not verdict.unknown


def test_an_unknown_cookie_passes_and_is_reported_by_its_name():
    header = b"basket=3; Max-Age=60"
    verdict = verdict_on(header)
    assert (verdict.header, verdict.name, verdict.unknown) == (header, "basket", True)
    assert not verdict_on(b"sessionid=1").unknown
    assert not verdict_on(b"_ga=1", EVERYBODY).unknown
    assert not verdict_on(b"basket=1", own=OwnCookies((("basket", "necessary"),))).unknown


def test_consent_for_this_visit_takes_the_lifetime_of_optional_cookies_and_nothing_else():
    visitor = access(*ALL, allowed={"google-analytics", "payment"}, keep=Keep.VISIT)
    header = (
        b"_ga=a=b ;EXPIRES=Sat, 20 Nov 2027 10:00:00 GMT; Path=/x; max-age = 9 ;SameSite=Lax; Odd "
    )
    assert verdict_on(header, visitor).header == b"_ga=a=b ; Path=/x;SameSite=Lax; Odd "
    for untouched in (b"_ga=1; Path=/", b"__stripe_mid=1; Max-Age=9", b"basket=1; Max-Age=9"):
        assert verdict_on(untouched, visitor).header is untouched


def test_the_caller_may_say_that_consent_is_for_this_visit():
    header = b"_ga=1; Max-Age=9"
    assert verdict_on(header, EVERYBODY).header is header
    assert verdict_on(header, EVERYBODY, keep_visit=True).header == b"_ga=1"


def test_a_limit_of_the_service_shortens_its_cookies_to_the_session():
    assert verdict_on(b"chat_id=1; Max-Age=9; Path=/", EVERYBODY).header == b"chat_id=1; Path=/"
    assert verdict_on(b"chat_id=1; Path=/", EVERYBODY).header == b"chat_id=1; Path=/"


def test_a_grant_for_one_page_leaves_no_lasting_cookie():
    visitor = access(*ALL, once={"google-analytics"})
    assert verdict_on(b"_ga=1; Max-Age=9", visitor).header == b"_ga=1"


def test_a_removal_is_not_shortened_into_a_new_cookie():
    visitor = access(*ALL, allowed={"google-analytics"}, keep=Keep.VISIT)
    header = b"_ga=; Max-Age=0"
    assert verdict_on(header, visitor).header is header


def test_a_declared_cookie_follows_its_category():
    own = OwnCookies((("stats", "analytics"),))
    header = b"stats=1; Max-Age=9"
    assert verdict_on(header, own=own).header is None
    consenting = access(*ALL, categories={"analytics"})
    assert verdict_on(header, consenting, own).header is header
    assert verdict_on(header, consenting, own, keep_visit=True).header == b"stats=1"


@pytest.mark.parametrize(
    "name",
    [
        "sessionid",
        "csrftoken",
        "session",
        "remember_token",
        "AIOHTTP_SESSION",
        "QUART_AUTH",
        "fastapiusersauth",
        "PHPSESSID",
        "JSESSIONID",
        "XSRF-TOKEN",
        "__Host-session",
        "__Secure-PHPSESSID",
        "AWSALB",
        "AWSALBCORS",
        "__cf_bm",
        "cf_clearance",
    ],
)
def test_sessions_tokens_and_load_balancers_pass_whatever_else_does_not(name):
    strict = OwnCookies(block_unknown=True)
    greedy = access(service("greedy", cookies=("*",)))
    verdict = verdict_on(f"{name}=1; Max-Age=9".encode(), greedy, strict, keep_visit=True)
    assert (verdict.header, verdict.unknown) == (f"{name}=1; Max-Age=9".encode(), False)
    assert refused_in(f"{name}=1".encode(), greedy, strict) == (f"{name}=1".encode(), ())


_SET_COOKIES = st.builds(
    lambda name, value, attributes: ";".join((f"{name}={value}", *attributes)).encode(),
    st.sampled_from(["_ga", "_gid", "sid", "chat_id", "__stripe_mid", ""]),
    st.text(alphabet='ab= ,"', max_size=5),
    st.lists(
        st.sampled_from(
            [
                " Max-Age=9",
                "max-age=0",
                " Expires=Sat, 20 Nov 2027 10:00:00 GMT",
                " Path=/",
                "",
                " Domain=example.com",
                " Domain=foreign.test",
                "Secure",
                " Max-Age=x",
                "EXPIRES = Sunday, 06-Nov-44 08:49:37 GMT",
                "\tPartitioned",
                ' max-age="9"',
            ]
        ),
        max_size=5,
    ),
)


@given(_SET_COOKIES, st.sampled_from([NOBODY, EVERYBODY]), st.booleans())
def test_a_verdict_is_final_and_never_adds_a_byte(header, visitor, keep_visit):
    verdict = verdict_on(header, visitor, keep_visit=keep_visit)
    if verdict.header is not None:
        assert len(verdict.header) <= len(header)
        again = verdict_on(verdict.header, visitor, keep_visit=keep_visit)
        assert again.header is verdict.header


@given(_SET_COOKIES)
def test_what_is_shortened_loses_its_lifetime_and_not_a_byte_more(header):
    verdict = verdict_on(header, EVERYBODY, keep_visit=True)
    if verdict.header is header:
        return
    lifetime = [
        part
        for part in header.split(b";")[1:]
        if part.partition(b"=")[0].strip(b" \t").lower() in {b"max-age", b"expires"}
    ]
    rest = [part for part in header.split(b";") if part not in lifetime]
    assert lifetime
    assert verdict.header == b";".join(rest)


@given(st.binary(max_size=60))
def test_any_bytes_get_a_verdict_and_are_not_mangled(header):
    assert verdict_on(header).header in {None, header}


# --- Reading what the application sends


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784111777),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 784111777),
        ("Sun Nov  6 08:49:37 1994", 784111777),
        ("06 november 1994 8:49:37", 784111777),
        ("Thu, 01-Jan-1970 00:00:00 GMT", 0),
        ("Thu, 01 Jan 1970 00:00:00 +0900", 0),
        ("Tue, 19 Jan 38 03:14:07 GMT", 2147483647),
        ("", None),
        ("0", None),
        ("never", None),
        ("Mon, 30 Feb 2026 00:00:00 GMT", None),
        ("Thu, 01 Jan 1600 00:00:00 GMT", None),
        ("Thu, 01 Jan 1970 25:00:00 GMT", None),
        ("Thu, 01 Jan 1970", None),
    ],
)
def test_dates_are_read_in_every_form_that_browsers_read(text, seconds):
    assert cookie_date(text) == seconds


def test_an_endless_max_age_does_not_overflow():
    cookie = read_set_cookie(b"a=1; Max-Age=" + b"9" * 1000)
    assert cookie.max_age_seconds > 0
    assert read_set_cookie(b"a=1; Max-Age=-" + b"9" * 1000).is_deletion(NOW)


def test_an_attribute_that_browsers_find_too_long_removes_nothing():
    assert verdict_on(b"_ga=1; Max-Age=-" + b"9" * 1024).header is None
    assert verdict_on(b"_ga=1" + b"; a" * 40 + b"; Max-Age=0").header is not None
