import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentgate.errors import ConsentGateError
from consentgate.ip import (
    TrustedProxies,
    client_address,
    forwarded_scheme_and_host,
    parse_address,
    visitor_address,
)
from consentgate.shortening import Shortening, anonymise

NOBODY = TrustedProxies()
PROXIES = TrustedProxies(["10.0.0.0/8", "2001:db8:ffff::/48"])

V4 = st.ip_addresses(v=4).map(str)
V6 = st.ip_addresses(v=6).map(str)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("203.0.113.77:4711", "203.0.113.0"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
        ("[2001:db8:1:2:3:4:5:6]", "2001:db8:1::"),
        ("[2001:db8:1:2:3:4:5:6]:443", "2001:db8:1::"),
        ("2001:db8:1:2:3:4:5:6%eth0", "2001:db8:1::"),
        ("::ffff:203.0.113.77", "203.0.113.0"),
        ("[::ffff:203.0.113.77]:80", "203.0.113.0"),
        ("2002:cb00:714d::1", "2002:cb00:7100::"),
        ("64:ff9b::203.0.113.77", "64:ff9b::cb00:7100"),
    ],
)
def test_an_address_loses_what_names_the_household(address, shown):
    assert anonymise(address) == shown


@pytest.mark.parametrize(
    "garbage",
    [
        "", " ", "unknown", "testclient", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4",
        " 1.2.3.4", "1.2.3.4 ", "1.2.3.4:", "1.2.3.4:123456", "1.2.3.4/24", "[1.2.3.4]:80",
        "[::1", "::1]", "[::1]x", "::1:2:3:4:5:6:7:8:9", "1.2.3.4, 5.6.7.8", "\u0661.2.3.4",
        "1.2.3.4\n", "[" * 5000, "::" + "%" + "x" * 5000,
    ],
)  # fmt: skip
def test_a_malformed_address_is_not_mended(garbage):
    assert anonymise(garbage) == ""


@given(V4, st.integers(0, 24))
def test_nothing_of_the_low_bits_of_ipv4_is_left(address, bits):
    shown = int(ipaddress.IPv4Address(anonymise(address, v4_bits=bits)))
    assert shown % 2 ** (32 - bits) == 0
    assert shown >> (32 - bits) == int(ipaddress.IPv4Address(address)) >> (32 - bits)


@given(V6)
def test_nothing_of_the_low_80_bits_of_ipv6_is_left(address):
    shown = anonymise(address)
    if ":" not in shown or shown.startswith("64:ff9b::"):
        return  # IPv4 in disguise, tested below
    assert int(ipaddress.IPv6Address(shown)) % 2**80 == 0


@given(
    V4,
    st.sampled_from(["::ffff:{}", "64:ff9b::{}", "{}"]),
    st.integers(0, 255),
)
def test_two_neighbours_look_the_same_however_ipv4_is_written(address, form, last):
    neighbour = address.rpartition(".")[0] + f".{last}"
    assert anonymise(form.format(address)) == anonymise(form.format(neighbour)) != ""


@given(V4, st.integers(0, 255), st.integers(0, 2**80 - 1))
def test_two_neighbours_look_the_same_over_6to4(address, last, rest):
    def over_6to4(v4, low):
        number = 0x2002 << 112 | int(ipaddress.IPv4Address(v4)) << 80 | low
        return anonymise(str(ipaddress.IPv6Address(number)))

    neighbour = address.rpartition(".")[0] + f".{last}"
    assert over_6to4(address, rest) == over_6to4(neighbour, 0) != ""


@given(st.one_of(V4, V6, st.text()), st.integers(0, 24), st.integers(0, 48))
def test_anonymising_twice_changes_nothing_more(text, v4_bits, v6_bits):
    once = anonymise(text, v4_bits=v4_bits, v6_bits=v6_bits)
    assert anonymise(once, v4_bits=v4_bits, v6_bits=v6_bits) == once


def test_trusted_proxies_are_addresses_networks_and_unix_sockets():
    trusted = TrustedProxies(["10.0.0.0/8", "192.0.2.1", "unix", "2001:db8::/32"])
    assert "10.1.2.3" in trusted
    assert "::ffff:10.1.2.3" in trusted
    assert "192.0.2.1" in trusted
    assert "2001:db8::1" in trusted
    assert "" in trusted
    assert "192.0.2.2" not in trusted
    assert "nonsense" not in trusted
    assert "" not in NOBODY


@pytest.mark.parametrize("word", ["10.0.0.1/8", "proxy.example", "*", "10.0.0.0/33"])
def test_a_network_that_is_none_is_refused_by_name(word):
    with pytest.raises(ConsentGateError, match="trusted proxies") as caught:
        TrustedProxies([word])
    assert f'"{word}"' in str(caught.value)


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "visitor"),
    [
        ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["6.6.6.6", "198.51.100.1", "10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", ["10.0.0.3", "10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", ["198.51.100.1", "garbage", "10.0.0.2"], ""),
        ("10.0.0.1", ["garbage", "198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.1:1234"], "198.51.100.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("", ["198.51.100.1"], ""),
    ],
)
def test_the_visitor_is_the_first_untrusted_address_from_the_right(peer, forwarded_for, visitor):
    assert client_address(peer, forwarded_for, PROXIES) == visitor


@given(st.lists(st.one_of(V4, V6, st.text(max_size=20)), max_size=6))
def test_an_untrusted_peer_is_believed_nothing(claims):
    assert client_address("203.0.113.7", claims, PROXIES) == "203.0.113.7"


@given(st.lists(V4, max_size=4))
def test_what_the_visitor_sends_does_not_change_who_it_is(claims):
    assert client_address("10.0.0.1", [*claims, "198.51.100.1"], PROXIES) == "198.51.100.1"


def scope_of(*headers, client=("203.0.113.77", 4711), **more):
    return {"type": "http", "client": client, "headers": list(headers), **more}


def test_the_visitor_of_a_scope_comes_from_either_header():
    peer = ("10.0.0.1", 1)
    assert visitor_address(scope_of(client=peer), PROXIES) == "10.0.0.1"
    listed = scope_of(
        (b"x-forwarded-for", b"6.6.6.6"),
        (b"x-forwarded-for", b"198.51.100.1,10.0.0.9"),
        client=peer,
    )
    assert visitor_address(listed, PROXIES) == "198.51.100.1"
    standard = scope_of((b"forwarded", b'for="[2001:db8::7]:99";proto=https'), client=peer)
    assert visitor_address(standard, PROXIES) == "2001:db8::7"
    hidden = scope_of((b"forwarded", b"for=_hidden"), client=peer)
    assert visitor_address(hidden, PROXIES) == ""


def test_a_scope_is_anonymised_in_place():
    headers = [
        (b"host", b"example.com"),
        (b"x-forwarded-for", b"203.0.113.77, 10.0.0.1, junk, 2001:db8:1:2::3"),
        (b"X-Real-IP", b"203.0.113.77"),
        (b"cf-connecting-ip", b"2001:db8:1:2::3"),
        (b"true-client-ip", b"not an address"),
        (b"x-forwarded-for", b"203.0.113.78:5678"),
        (b"cloudfront-viewer-address", b"203.0.113.77:9"),
    ]
    scope = {"type": "websocket", "client": ("203.0.113.77", 4711), "headers": headers}
    Shortening(PROXIES).anonymise(scope)
    assert scope["client"] == ("203.0.113.0", 0)
    assert scope["headers"] is headers
    assert headers == [
        (b"host", b"example.com"),
        (b"x-forwarded-for", b"203.0.113.0, 10.0.0.1, 2001:db8:1::"),
        (b"X-Real-IP", b"203.0.113.0"),
        (b"cf-connecting-ip", b"2001:db8:1::"),
        (b"x-forwarded-for", b"203.0.113.0"),
        (b"cloudfront-viewer-address", b"203.0.113.0"),
    ]


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.9.8.7"])
def test_loopback_and_trusted_proxies_stay_as_they_are(address):
    scope = scope_of((b"x-real-ip", address.encode()), client=(address, 4711))
    Shortening(PROXIES).anonymise(scope)
    assert scope["client"] == (address, 4711)
    assert scope["headers"] == [(b"x-real-ip", address.encode())]


@pytest.mark.parametrize(
    ("client", "shown"),
    [
        (None, None),
        (["203.0.113.77", 4711], ["203.0.113.0", 0]),
        (("testclient", 50000), ("", 0)),
        (("fe80::1%eth0", 1), ("fe80::", 0)),
    ],
)
def test_any_shape_of_client_is_anonymised(client, shown):
    scope = scope_of(client=client)
    Shortening(NOBODY).anonymise(scope)
    assert scope["client"] == shown
    assert type(scope["client"]) is type(shown)


@pytest.mark.parametrize("container", [tuple, iter])
def test_headers_need_not_be_a_list(container):
    scope = {"type": "http", "headers": container([[b"x-real-ip", b"203.0.113.77"]])}
    Shortening(NOBODY).anonymise(scope)
    assert [tuple(entry) for entry in scope["headers"]] == [(b"x-real-ip", b"203.0.113.0")]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (b"for=203.0.113.77;proto=https", b"for=203.0.113.0;proto=https"),
        (b'For="[2001:db8:1:2::3]:4711"', b'for="[2001:db8:1::]"'),
        (b'for="203.0.113.77:80";by=10.0.0.1', b"for=203.0.113.0;by=10.0.0.1"),
        (b"for=_hidden, for=unknown;by=_edge", b"for=_hidden, for=unknown;by=_edge"),
        (b'for="_hidden:4711"', b"for=_hidden"),
        (b'for=203.0.113.77;host="a\\"b"', b'for=203.0.113.0;host="a\\"b"'),
        (b"for=203.0.113.77, for=junk.example", b"for=203.0.113.0"),
        (b"proto=https", b"proto=https"),
        (b'for="[::ffff:203.0.113.77]"', b"for=203.0.113.0"),
    ],
)
def test_the_standard_header_keeps_all_but_the_household(value, shown):
    scope = scope_of((b"forwarded", value))
    Shortening(PROXIES).anonymise(scope)
    assert scope["headers"] == [(b"forwarded", shown)]


@pytest.mark.parametrize(
    "value",
    [
        b"for=2001:db8::1",
        b'for="203.0.113.77',
        b"for=203.0.113.77;for=203.0.113.78",
        b"203.0.113.77",
        b"for=junk",
        b'for="[fe80::1%eth0]"',
        b"for =203.0.113.77",
    ],
)
def test_a_malformed_standard_header_is_dropped(value):
    scope = scope_of((b"forwarded", value))
    Shortening(PROXIES).anonymise(scope)
    assert scope["headers"] == []


@given(
    st.lists(
        st.tuples(
            st.sampled_from([b"forwarded", b"x-forwarded-for", b"x-real-ip"]),
            st.one_of(
                st.binary(max_size=60),
                st.ip_addresses().map(lambda ip: f'for={ip}, for="[{ip}]", {ip}'.encode()),
                st.ip_addresses().map(lambda ip: f'for="[{ip}]";by={ip}'.encode()),
            ),
        ),
        max_size=4,
    )
)
def test_a_scope_anonymised_twice_is_the_same_and_never_raises(headers):
    scope = scope_of(*headers)
    Shortening(PROXIES).anonymise(scope)
    once = list(scope["headers"])
    Shortening(PROXIES).anonymise(scope)
    assert scope["headers"] == once


@given(V4.filter(lambda text: not text.startswith(("10.", "127."))), st.integers(1, 255))
def test_no_header_gives_the_last_octet_away(address, last):
    def seen(full):
        scope = scope_of(
            (b"x-forwarded-for", f"{full}, [::ffff:{full}]:80".encode()),
            (b"forwarded", f'for={full};by="{full}:80"'.encode()),
            (b"x-real-ip", full.encode()),
            client=(full, 80),
        )
        Shortening(PROXIES).anonymise(scope)
        return scope

    assert seen(address) == seen(address.rpartition(".")[0] + f".{last}")
    assert len(seen(address)["headers"]) == 3


@pytest.mark.parametrize(
    ("headers", "client", "expected"),
    [
        ([(b"host", b"Example.com")], "203.0.113.7", ("http", "example.com")),
        ([(b"host", b"localhost:8000")], "127.0.0.1", ("http", "localhost:8000")),
        ([(b"host", b"[::1]:8000")], "127.0.0.1", ("http", "[::1]:8000")),
        (
            [(b"host", b"a.example"), (b"x-forwarded-proto", b"https")],
            "203.0.113.7",
            ("http", "a.example"),
        ),
        (
            [(b"host", b"a.example:443"), (b"x-forwarded-proto", b"https")],
            "10.0.0.1",
            ("https", "a.example"),
        ),
        (
            [(b"host", b"inner"), (b"x-forwarded-host", b"a.example")],
            "10.0.0.1",
            ("http", "a.example"),
        ),
        (
            [(b"host", b"inner"), (b"forwarded", b"for=1.2.3.4;host=a.example;proto=https")],
            "10.0.0.1",
            ("https", "a.example"),
        ),
        (
            # Both proxies appended: the outer one's word is the second from the right.
            [
                (b"host", b"inner"),
                (b"x-forwarded-for", b"6.6.6.6, 198.51.100.1, 10.0.0.2"),
                (b"x-forwarded-proto", b"gopher, https, http"),
                (b"x-forwarded-host", b"evil.example, a.example, edge"),
            ],
            "10.0.0.1",
            ("https", "a.example"),
        ),
        (
            [(b"host", b"a.example"), (b"x-forwarded-proto", b"javascript")],
            "10.0.0.1",
            ("http", "a.example"),
        ),
        (
            [(b"host", b"inner"), (b"x-forwarded-host", b"a.example/x")],
            "10.0.0.1",
            ("http", ""),
        ),
    ],
)
def test_scheme_and_host_come_from_trusted_proxies_only(headers, client, expected):
    scope = scope_of(*headers, client=(client, 1), scheme="http")
    assert forwarded_scheme_and_host(scope, PROXIES) == expected


def test_a_proxy_on_a_unix_socket_can_be_trusted():
    scope = scope_of((b"host", b"a.example"), (b"x-forwarded-proto", b"https"), client=None)
    assert forwarded_scheme_and_host(scope, TrustedProxies(["unix"])) == ("https", "a.example")
    assert forwarded_scheme_and_host(scope, NOBODY) == ("http", "a.example")


def test_a_secure_websocket_belongs_to_an_https_page():
    scope = scope_of((b"host", b"a.example"), scheme="wss")
    assert forwarded_scheme_and_host(scope, NOBODY) == ("https", "a.example")


@pytest.mark.parametrize(
    "host",
    [
        b"", b"a b", b"a/b", b"a@b", b"a:b", b"a:99999", b"a..b", b".a", b"<x>", b"a,b", b"a\nb",
        b"[::1", b"[:::]", b"\xe4.example", b"a" * 64 + b".example", b"a." * 130 + b"example",
        b"a;b", b"a'b", b'a"b',
    ],
)  # fmt: skip
def test_a_malformed_host_is_no_host(host):
    assert forwarded_scheme_and_host(scope_of((b"host", host)), NOBODY)[1] == ""


def test_two_host_headers_are_no_host():
    scope = scope_of((b"host", b"a.example"), (b"host", b"b.example"))
    assert forwarded_scheme_and_host(scope, NOBODY)[1] == ""


@given(st.text())
def test_reading_an_address_never_raises(text):
    parsed = parse_address(text)
    assert parsed is None or parse_address(str(parsed)) == parsed
