"""Reports come from anybody: what is read of them, and what is not."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentgate.discovery import BadReportError, read_violations
from consentgate.discovery.violations import is_public_name
from consentgate.sites import FirstParty

SITE = FirstParty("www.example.com", frozenset({"cdn.example.net"}))
PAGE = "https://www.example.com/orders/17?name=Jane"


def old(**members: object) -> dict[str, object]:
    report = {
        "blocked-uri": "https://tracker.test/x.js?visitor=17",
        "effective-directive": "script-src-elem",
        "document-uri": PAGE,
        "disposition": "enforce",
        "original-policy": "default-src 'self'",
    }
    return {"csp-report": report | members}


def new(**members: object) -> dict[str, object]:
    body = {
        "blockedURL": "https://tracker.test/x.js?visitor=17",
        "effectiveDirective": "script-src-elem",
        "documentURL": PAGE,
        "disposition": "enforce",
    }
    return {"type": "csp-violation", "age": 1, "url": PAGE, "body": body | members}


def read(content: object) -> list[tuple[str, str]]:
    found = read_violations(json.dumps(content).encode(), SITE)
    return [(violation.url.host, violation.directive) for violation in found]


@pytest.mark.parametrize("content", [old(), new(), [new()]], ids=["old", "one", "new"])
def test_both_formats_tell_the_host_and_the_directive(content: object) -> None:
    assert read(content) == [("tracker.test", "script-src-elem")]


def test_an_older_browser_tells_the_directive_with_its_value() -> None:
    told = {"effective-directive": None, "violated-directive": "img-src 'self' data:"}
    assert read(old(**told)) == [("tracker.test", "img-src")]


def test_other_reports_of_the_same_delivery_are_left_out() -> None:
    other = {"type": "deprecation", "body": {"id": "x"}}
    hosts = ["wss://socket.test/a", "https://b.test", "http://b.test:8080/c"]
    delivered = [other, *(new(blockedURL=host) for host in hosts)]
    assert [host for host, _ in read(delivered)] == ["socket.test", "b.test", "b.test"]


@pytest.mark.parametrize(
    "blocked",
    [
        "inline",
        "eval",
        "data",
        "blob",
        "self",
        "",
        None,
        17,
        ["https://tracker.test"],
        "https://www.example.com/own",
        "https://static.example.com/own",
        "https://cdn.example.net/own",
        "chrome-extension://tracker.test/x.js",
        "file://tracker.test/x",
        "//tracker.test/x",
        "https://192.0.2.7/x",
        "https://[2001:db8::7]/x",
        "https://0x7f000001/x",
        "https://1.2.3.4.5/x",
        "https://localhost/x",
        "https://router.lan/x",
        "https://com/x",
        "https://co.uk/x",
        "https://a b.test/x",
        "https://tracker.test\u2028x/",
        "https://<b>.test/",
        "https://%65vil.test/",
        f"https://{'a' * 64}.test/",
        f"https://{'a.' * 130}test/",
        f"https://tracker.test/{'x' * 5000}",
    ],
)
def test_what_is_no_third_party_of_the_public_web_is_left_out(blocked: object) -> None:
    assert read(old(**{"blocked-uri": blocked})) == []
    assert read(new(blockedURL=blocked)) == []


@pytest.mark.parametrize(
    "members",
    [
        {"effectiveDirective": "frame-ancestors"},
        {"effectiveDirective": "x" * 9000},
        {"effectiveDirective": None},
        {"effectiveDirective": ["img-src"]},
        {"disposition": "report"},
        {"documentURL": "https://elsewhere.test/"},
        {"documentURL": "nonsense"},
        {"documentURL": 5},
    ],
)
def test_what_our_policy_on_our_page_did_not_stop_is_left_out(members: dict[str, object]) -> None:
    assert read(new(**members)) == []
    assert read([new(), new(**members)]) == [("tracker.test", "script-src-elem")]


def test_what_a_policy_only_observes_counts_while_the_unknown_passes() -> None:
    body = json.dumps([new(disposition="report"), new()]).encode()
    assert len(read_violations(body, SITE)) == 1
    assert len(read_violations(body, SITE, observed=True)) == 2


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b"17",
        b'"csp-report"',
        b'{"csp-report": []}',
        b'[{"type": "csp-violation"}]',
        b"[" * 60_000,
        b'{"csp-report":' * 10_000,
        b"[" + b"9" * 50_000 + b"]",
    ],
    ids=range(12),
)
def test_what_is_no_report_is_refused(body: bytes) -> None:
    with pytest.raises(BadReportError):
        read_violations(body, SITE)


def test_one_delivery_counts_fifty_times_at_most() -> None:
    crowd = [new(blockedURL=f"https://h{number}.test/") for number in range(300)]
    assert len(read(crowd)) == 50


def test_nothing_but_host_path_and_directive_is_kept() -> None:
    (found,) = read_violations(json.dumps(old()).encode(), SITE)
    assert "Jane" not in repr(found)
    assert "orders" not in repr(found)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["csp-report", "type", "body", "blockedURL", "blocked-uri", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(_JSON)
def test_no_json_is_too_odd(content: object) -> None:
    with contextlib.suppress(BadReportError):
        read(content)


@given(st.text(max_size=40))
def test_no_blocked_address_is_too_odd(text: str) -> None:
    for host, _ in read(new(blockedURL=f"https://{text}/")):
        assert is_public_name(host)
        assert host.isascii()
