"""What a request says of its visitor, whatever it says."""

import re
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentgate.audiences import Audiences
from consentgate.config import load_config
from consentgate.incoming import Incoming, Reader
from consentgate.model import Keep
from consentgate.wiring import Wiring

NOW = 1_800_000_000


def wiring(**site: object) -> Wiring:
    config = load_config(
        {
            "site": {"name": "Example", "privacy_url": "/privacy"} | site,
            "policy": {"version": "1"},
            "services": {"youtube": {}, "facebook": {}},
            "ip": {"trusted_proxies": ["10.0.0.0/8"]},
        }
    )
    return Wiring(config, secrets=("secret",), mount="/_gate")


WIRING = wiring()


@cache
def reader(with_wiring: Wiring) -> Reader:
    return Reader(with_wiring, Audiences(with_wiring))


def read(
    *headers: tuple[str, str], scheme: str = "http", with_wiring: Wiring = WIRING, **scope: object
) -> Incoming:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    found = {
        "type": "http",
        "method": "GET",
        "path": "/page",
        "query_string": b"",
        "scheme": scheme,
        "client": ("203.0.113.77", 4711),
        "headers": raw,
    }
    return reader(with_wiring).read(found | scope, now=NOW)


def signed(*granted: str, at: int = NOW) -> str:
    cookie = WIRING.cookie
    consent = cookie.consent(granted, subject="ab" * 16, decided_at=at, keep=Keep.LASTING)
    return cookie.write(consent)


def test_a_signed_cookie_is_the_consent() -> None:
    incoming = read(("host", "www.example.com"), ("cookie", f"a=1; cg={signed('youtube')}"))
    assert incoming.caller.consent.allows("youtube")
    assert not incoming.caller.consent.allows("facebook")
    assert incoming.caller.consent.subject == "ab" * 16


def test_over_https_only_the_prefixed_cookie_counts() -> None:
    plain = ("cookie", f"cg={signed('youtube')}")
    assert not read(plain, scheme="https").caller.consent.decided
    assert not read(plain, with_wiring=wiring(https=True)).caller.consent.decided
    prefixed = ("cookie", f"__Host-cg={signed('youtube')}")
    assert read(prefixed, scheme="https").caller.consent.decided
    assert read(prefixed).caller.consent.decided, "a proxy may have ended TLS without saying so"


def test_cookie_headers_that_a_browser_split_are_one() -> None:
    assert read(("cookie", "a=1"), ("cookie", f"cg={signed('youtube')}")).caller.consent.decided


@pytest.mark.parametrize("value", ["", "x", "." * 5000, "é", "AQ.AQ", f"{signed('youtube')}x"])
def test_anything_else_is_no_decision(value: str) -> None:
    assert not read(("cookie", f"cg={value}")).caller.consent.decided


def test_a_grant_for_one_page_counts_there_and_until_it_ends() -> None:
    payload = {"service": "youtube", "path": "/page"}
    good = WIRING.grants.seal_until(payload, NOW + 5)
    assert read(("cookie", f"cg_once={good}")).caller.consent.once == {"youtube"}
    assert read(("cookie", f"cg_once={good}"), path="/other").caller.consent.once == frozenset()
    late = WIRING.grants.seal_until(payload, NOW - 1)
    assert read(("cookie", f"cg_once={late}")).caller.consent.once == frozenset()
    frame = WIRING.frames.seal(payload)
    assert read(("cookie", f"cg_once={frame}")).caller.consent.once == frozenset()


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("www.example.com", "http://www.example.com"),
        ("WWW.Example.com:8000", "http://www.example.com:8000"),
        ("[::1]:8000", "http://[::1]:8000"),
        ("evil.example, www.example.com", "http://"),
        ("www.example.com/x", "http://"),
        ('"><script>', "http://"),
    ],
)
def test_the_host_is_read_strictly(host: str, origin: str) -> None:
    assert read(("host", host)).caller.place.origin == origin


def test_a_trusted_proxy_tells_scheme_host_and_address() -> None:
    told = (
        ("host", "inner"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "www.example.com"),
        ("x-forwarded-for", "198.51.100.23"),
    )
    incoming = read(*told, client=("10.1.2.3", 1), path="/_gate/choice")
    assert incoming.caller.place.origin == "https://www.example.com"
    assert incoming.network == "198.51.100.0"
    assert incoming.caller.secure
    stranger = read(*told, path="/_gate/choice")
    assert stranger.caller.place.origin == "http://inner"
    assert stranger.network == "203.0.113.0"


def test_signals_and_notes() -> None:
    incoming = read(("sec-gpc", "1"), ("cookie", "cg_note=given"), ("sec-fetch-dest", "Document"))
    assert incoming.gpc
    assert incoming.caller.note == "given"
    assert incoming.fetch_dest == "document"
    assert not read(("sec-gpc", "0")).gpc


def test_once_the_scope_is_anonymised_nothing_holds_the_address() -> None:
    """What is read of a request may stand in an error report."""
    headers = [
        (b"host", b"a.example"),
        (b"x-forwarded-for", b"198.51.100.23"),
        (b"forwarded", b"for=198.51.100.24"),
        (b"x-real-ip", b"203.0.113.78"),
    ]
    scope = {"type": "http", "path": "/", "client": ("203.0.113.77", 1), "headers": headers}
    incoming = reader(WIRING).read(scope, now=NOW)
    WIRING.shortening.anonymise(scope)
    assert re.findall(rb"(?:198|203)[0-9.]+", repr(incoming).encode()) == [
        b"198.51.100.0",
        b"198.51.100.0",
        b"203.0.113.0",
    ]


def test_an_older_browser_says_in_its_own_way_what_is_for_a_service_worker() -> None:
    def asked(*headers: tuple[str, str]) -> str:
        return read(*headers).standing.request.fetch_dest

    told = ("service-worker", "script")
    assert asked(told) == "serviceworker"
    assert asked(told, ("sec-fetch-dest", "script")) == "script"
    assert asked(("service-worker", "other")) == ""


HOSTS = ["www.example.com", "WWW.example.com:8000", "[::1]", "", "evil.example, b", "x" * 600]
LANGUAGES = ["", "de", "sv, en;q=0.5", "en" * 300]
CODINGS = ["", "gzip", "gzip, deflate, br, zstd", "compress", "GZIP;q=0.5"]
DESTINATIONS = ["", "document", "Empty", "image", "iframe"]


@given(
    host=st.none() | st.sampled_from(HOSTS),
    told=st.fixed_dictionaries(
        {},
        optional={
            "accept-language": st.sampled_from(LANGUAGES),
            "accept-encoding": st.sampled_from(CODINGS),
            "sec-fetch-dest": st.sampled_from(DESTINATIONS),
            "sec-gpc": st.sampled_from(["0", "1", "1, 1"]),
            "dnt": st.sampled_from(["0", "1"]),
            "user-agent": st.just("Mozilla/5.0"),
        },
    ),
    scheme=st.sampled_from(["http", "https"]),
    peer=st.sampled_from(["203.0.113.77", "10.1.2.3"]),
    method=st.sampled_from(["GET", "POST"]),
    path=st.sampled_from(["/page", "/_gate/choice"]),
)
def test_who_says_nothing_else_is_read_like_anybody(
    host: str | None, told: dict[str, str], scheme: str, peer: str, method: str, path: str
) -> None:
    """The look-up gives what the headers give one by one, whatever they are."""
    headers = ([] if host is None else [("host", host)]) + [*told.items()]
    scope = {"method": method, "path": path, "client": (peer, 4711)}
    found = []
    for more in ([], [("x-request-id", "1")]):
        incoming = read(*headers, *more, scheme=scheme, **scope)
        assert not (more and incoming.plain)
        found.append(incoming._replace(told={}, raw=[], plain=False))
    assert found[0] == found[1]


@pytest.mark.parametrize(
    "header",
    [
        ("cookie", "a=1"),
        ("Cookie", "a=1"),
        ("authorization", "Basic x"),
        ("range", "bytes=0-1"),
        ("If-None-Match", "*"),
        ("x-forwarded-for", "198.51.100.23"),
        ("Forwarded", "for=198.51.100.23"),
        ("service-worker-navigation-preload", "true"),
        ("host", "second.example"),
        ("Accept-Language", "de"),
    ],
)
def test_whoever_says_more_is_looked_at_closely(header: tuple[str, str]) -> None:
    ordinary = [("host", "www.example.com"), ("accept-language", "en")]
    assert read(*ordinary).plain
    assert not read(*ordinary, header).plain
    assert not read(*ordinary, method="HEAD").plain
