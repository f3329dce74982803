"""Removing the cookies that a browser holds already."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from consentgate.gate.expiry import MAX_HEADERS, expiring_headers, known_names
from consentgate.gate.set_cookie import read_set_cookie
from consentgate.sites import registrable_domain
from tests.gate.given import service


def test_each_name_is_expired_host_only_and_on_every_domain_of_the_site():
    assert expiring_headers(["_ga"], "a.shop.example.co.uk") == [
        b"_ga=; Max-Age=0; Path=/",
        b"_ga=; Max-Age=0; Path=/; Domain=example.co.uk",
        b"_ga=; Max-Age=0; Path=/; Domain=a.shop.example.co.uk",
        b"_ga=; Max-Age=0; Path=/; Domain=shop.example.co.uk",
    ]


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "[::1]", "co.uk", "github.io", "bad host"]
)
def test_a_host_without_a_registrable_domain_is_expired_host_only(host):
    assert expiring_headers(["a"], host) == [b"a=; Max-Age=0; Path=/"]


def test_the_directories_of_the_page_come_last_and_the_deepest_first():
    assert expiring_headers(["a"], "example.com", path="/x/y z/page") == [
        b"a=; Max-Age=0; Path=/",
        b"a=; Max-Age=0; Path=/; Domain=example.com",
        b"a=; Max-Age=0; Path=/x/y%20z",
        b"a=; Max-Age=0; Path=/x/y%20z; Domain=example.com",
        b"a=; Max-Age=0; Path=/x",
        b"a=; Max-Age=0; Path=/x; Domain=example.com",
        b"a=; Max-Age=0; Path=/x/y%20z/page",
        b"a=; Max-Age=0; Path=/x/y%20z/page; Domain=example.com",
        b"a=; Max-Age=0; Path=/x/y%20z/",
        b"a=; Max-Age=0; Path=/x/y%20z/; Domain=example.com",
        b"a=; Max-Age=0; Path=/x/",
        b"a=; Max-Age=0; Path=/x/; Domain=example.com",
    ]
    deep = expiring_headers(["a"], "localhost", path="/1/2/3/4/5/6")
    assert [header.partition(b"Path=")[2] for header in deep] == [
        b"/",
        b"/1/2/3/4/5",
        b"/1/2/3/4",
        b"/1/2/3",
        b"/1/2/3/4/5/6",
        b"/1/2/3/4/5/",
        b"/1/2/3/4/",
        b"/1/2/3/",
    ]


def test_what_the_browser_did_not_send_is_looked_for_under_paths_first():
    assert expiring_headers(["a"], "example.com", path="/x/", unseen=["b"]) == [
        *expiring_headers(["a"], "example.com", path="/x/"),
        b"b=; Max-Age=0; Path=/x",
        b"b=; Max-Age=0; Path=/x; Domain=example.com",
        b"b=; Max-Age=0; Path=/x/",
        b"b=; Max-Age=0; Path=/x/; Domain=example.com",
        b"b=; Max-Age=0; Path=/",
        b"b=; Max-Age=0; Path=/; Domain=example.com",
    ]


def test_over_https_the_jar_of_partitioned_cookies_is_emptied_too():
    assert expiring_headers(["a"], "www.example.com", path="/x/", secure=True) == [
        b"a=; Max-Age=0; Path=/",
        b"a=; Max-Age=0; Path=/; Domain=example.com",
        b"a=; Max-Age=0; Path=/; Secure; Partitioned",
        b"a=; Max-Age=0; Path=/; Domain=example.com; Secure; Partitioned",
        b"a=; Max-Age=0; Path=/; Domain=www.example.com",
        b"a=; Max-Age=0; Path=/x",
        b"a=; Max-Age=0; Path=/x; Domain=example.com",
        b"a=; Max-Age=0; Path=/x/",
        b"a=; Max-Age=0; Path=/x/; Domain=example.com",
        b"a=; Max-Age=0; Path=/x; Secure; Partitioned",
        b"a=; Max-Age=0; Path=/x/; Secure; Partitioned",
    ]
    assert expiring_headers(["__Host-a"], "www.example.com", path="/x/", secure=True) == [
        b"__Host-a=; Max-Age=0; Path=/; Secure",
        b"__Host-a=; Max-Age=0; Path=/; Secure; Partitioned",
    ]


def test_a_path_cannot_end_the_attribute_it_stands_in():
    headers = expiring_headers(["a"], "localhost", path="/x; Domain=evil.test\r\nX: y/page")
    assert len(headers) == 4
    assert all(b"\n" not in header and header.count(b";") == 2 for header in headers)


def test_prefixed_names_keep_the_attributes_that_their_prefix_demands():
    assert expiring_headers(["__Host-a", "__Secure-b"], "example.com", path="/x/y") == [
        b"__Host-a=; Max-Age=0; Path=/; Secure",
        b"__Secure-b=; Max-Age=0; Path=/; Secure",
        b"__Secure-b=; Max-Age=0; Path=/; Domain=example.com; Secure",
        b"__Secure-b=; Max-Age=0; Path=/x; Secure",
        b"__Secure-b=; Max-Age=0; Path=/x; Domain=example.com; Secure",
        b"__Secure-b=; Max-Age=0; Path=/x/y; Secure",
        b"__Secure-b=; Max-Age=0; Path=/x/y; Domain=example.com; Secure",
        b"__Secure-b=; Max-Age=0; Path=/x/; Secure",
        b"__Secure-b=; Max-Age=0; Path=/x/; Domain=example.com; Secure",
    ]


def test_beyond_the_limit_every_name_still_has_its_likeliest_place():
    names = [f"n{number}" for number in range(30)]
    headers = expiring_headers(names, "www.example.com")
    assert len(headers) == MAX_HEADERS
    assert [read_set_cookie(header).name for header in headers[:30]] == names
    assert sum(map(len, headers)) < 3000


@pytest.mark.parametrize("name", ["", "a;b", "a=b", "a b", "a\r\nX", "\u20ac", "a\x7f"])
def test_a_name_that_no_header_can_carry_is_left_out(name):
    assert expiring_headers([name, "ok"], "localhost") == [b"ok=; Max-Age=0; Path=/"]


@given(
    st.lists(st.text(st.characters(max_codepoint=255), min_size=1, max_size=6), max_size=8),
    st.sampled_from(["example.com", "www.example.com", "a.b.c.foo.run.app", "localhost"]),
    st.text(st.characters(max_codepoint=255), max_size=20),
)
@example(["a"], "example.com", "//")
@example(["a"], "example.com", "/a//b")
def test_every_header_removes_one_of_the_names_on_this_site_only(names, host, path):
    headers = expiring_headers(names, host, path=path)
    assert len(set(headers)) == len(headers) <= MAX_HEADERS
    for header in headers:
        cookie = read_set_cookie(header)
        assert cookie.is_deletion(now=0)
        assert cookie.name in names
        assert cookie.domain == "" or registrable_domain(cookie.domain) == registrable_domain(host)


def test_the_names_of_services_are_those_seen_first_and_then_the_exact_ones():
    analytics = service(
        "ga", cookies=("_ga", "_ga_*", "_gid"), third_cookies=("uid",), storage=("_ga_local",)
    )
    seen = b"sid=1; _ga_ABC=2; uid=3; _gid=4; _ga_ABC=5; _ga_local; ga-disable-X=1"
    assert known_names([analytics], seen) == (("_ga_ABC", "_gid"), ("_ga",))
    assert known_names([], seen) == ((), ())


def test_our_cookies_and_opt_outs_are_never_named_for_removal():
    greedy = service("greedy", cookies=("*", "cg", "matomo_ignore", "sessionid"))
    assert known_names([greedy], b"cg_state=1; __Host-cg=2; csrftoken=3; x=4") == (("x",), ())


def test_long_names_do_not_make_the_head_too_large():
    names = [f"_ga_{letter * 1000}" for letter in "abcdefgh"]
    headers = expiring_headers(names, "www.example.com", path="/a/b/c")
    assert headers
    assert sum(map(len, headers)) <= 4096
