"""What a response's own headers may make a browser load."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentgate.gate.header_list import members
from consentgate.gate.links import (
    gate_headers,
    gate_link,
    gate_refresh,
    gate_speculation_rules,
    refresh_targets,
)
from consentgate.gate.reporting import gate_report_to, gate_report_uri, gate_reporting_endpoints
from tests.gate.given import access, service

FONTS = service("google-fonts", "fonts.googleapis.com", "fonts.gstatic.com")
TUBE = service("youtube", shared=("www.youtube.com",), paths=("/embed/*",))

NOBODY = access(FONTS, TUBE)
FONTS_ALLOWED = access(FONTS, TUBE, allowed={"google-fonts"})


@pytest.mark.parametrize(
    "value",
    [
        b"</app.css>; rel=preload; as=style",
        b"<https://cdn.example.com/app.js>; rel=modulepreload",
        b'<https://other.test/next>; rel="canonical"',
        b'<https://other.test/feed>; rel=alternate; title="a, <b>; rel=preload"',
        b"<https://other.test/>",
        b'<https://other.test/>; rel=author; title="rel=preload"',
        b"<data:text/css,a>; rel=stylesheet",
        b",, </a>;rel=preload ,",
        b"",
    ],
)
def test_a_link_that_loads_from_nowhere_else_is_the_same_header(value):
    assert gate_link(value, NOBODY) is value


@pytest.mark.parametrize(
    "relation",
    [
        b"preload",
        b"PRELOAD",
        b'"preload"',
        b'"canonical prefetch"',
        b"modulepreload",
        b"prefetch",
        b"prerender",
        b"preconnect",
        b"dns-prefetch",
        b"stylesheet",
        b'"alternate stylesheet"',
        b'"shortcut icon"',
        b"icon",
        b"manifest",
        b"next",
        b"search",
        b"compression-dictionary",
        b'"pre\\load"',
    ],
)
def test_every_relation_that_loads_is_stopped_without_consent(relation):
    value = b"<https://fonts.gstatic.com/a.woff2>; rel=" + relation
    assert gate_link(value, NOBODY) is None
    assert gate_link(value, FONTS_ALLOWED) is value


@pytest.mark.parametrize(
    "target",
    [
        b"https://fonts.gstatic.com/",
        b"//fonts.gstatic.com",
        b"https:fonts.gstatic.com",
        b"\\\\fonts.gstatic.com\\a",
        b" \thttps://fonts.gstatic.com",
        b"https://user@FONTS.GSTATIC.COM:443/",
        b"https://unknown.test/a,b",
    ],
)
def test_a_target_is_read_as_a_browser_reads_it(target):
    assert gate_link(b"<" + target + b">; rel=preconnect", NOBODY) is None


@pytest.mark.parametrize(
    "value",
    [
        b"<//evil.test/a>; rel='preconnect'",
        b"<//evil.test/a>; rel='x preconnect'",
        b"</a>; rel=preload; imagesrcset='//evil.test/a 2x'",
        b"""</a>; title='"', <//evil.test/a>; rel=preconnect; x='"'""",
    ],
)
def test_single_quotes_are_read_as_webkit_reads_them_too(value):
    assert gate_link(value, NOBODY) is None


def test_two_lines_whose_quotes_have_no_end_make_no_link_together():
    lines = [b'</a>; x="b', b'</a>; rel=preload; x=", <//evil.test/a>; rel=preload; y=a']
    assert gate_headers([(b"link", line) for line in lines], NOBODY) == []
    endpoints = [b'a="https://evil.test/', b'"']
    assert gate_headers([(b"reporting-endpoints", line) for line in endpoints], NOBODY) == []


def test_only_the_refused_links_leave_and_the_rest_keeps_its_bytes():
    value = (
        b"</a,b.css>;  rel=preload; as=style,<https://fonts.gstatic.com>; rel=preconnect ,"
        b'\t<https://other.test/x>; rel="license"; title="a\\", <//evil.test>; rel=preload"'
    )
    assert gate_link(value, NOBODY) == (
        b"</a,b.css>;  rel=preload; as=style,"
        b'\t<https://other.test/x>; rel="license"; title="a\\", <//evil.test>; rel=preload"'
    )


def test_a_space_or_a_second_relation_does_not_hide_the_one_that_loads():
    for parameters in (
        b" ; rel = preload",
        b";x;;rel=canonical;REL=preload",
        b";title='a;rel=preload",
    ):
        assert gate_link(b"<//evil.test/a>" + parameters, NOBODY) is None


def test_the_candidates_of_imagesrcset_count_as_targets():
    value = b'</a.png>; rel=preload; as=image; imagesrcset="/a.png 1x, //evil.test/b.png 2x"'
    assert gate_link(value, NOBODY) is None
    own = b'</a.png>; rel=preload; as=image; imagesrcset="/a.png 1x, /b.png 2x"'
    assert gate_link(own, NOBODY) is own


@pytest.mark.parametrize(
    "broken",
    [b"https://evil.test/; rel=preload", b"<https://evil.test/; rel=preload", b'x</a>; rel="y'],
)
def test_a_link_that_does_not_parse_is_dropped_and_what_stands_before_it_stays(broken):
    assert gate_link(broken, NOBODY) is None
    assert gate_link(b"</a.css>; rel=preload, " + broken, NOBODY) == b"</a.css>; rel=preload"


_LINKS = st.builds(
    lambda target, relation, more: f"<{target}>; rel={relation}{more}",
    st.sampled_from(
        ["/a,b", "https://www.example.com/", "//evil.test/x", "https://fonts.gstatic.com", "b"]
    ),
    st.sampled_from(["preload", '"next x"', "canonical", "preconnect", '"a, b"']),
    st.sampled_from(["", '; title="x, y; <z>"', "; as=style", ' ; imagesrcset="//evil.test/i 1x"']),
)
_LINK_HEADERS = st.lists(_LINKS, min_size=1, max_size=5).map(", ".join).map(str.encode)


@given(_LINK_HEADERS)
def test_gating_twice_is_gating_once_and_never_adds_a_byte(value):
    once = gate_link(value, NOBODY)
    assert len(once or b"") <= len(value)
    assert once is None or gate_link(once, NOBODY) is once
    for member in members((once or b"").decode()):
        assert member.strip(" ") in value.decode()


@given(_LINK_HEADERS)
def test_with_nothing_to_gate_a_header_is_the_same_object(value):
    assert gate_link(value, access(report_unknown=True)) is value


@given(st.binary(max_size=40))
def test_any_bytes_survive_being_taken_apart(value):
    text = value.decode("latin-1")
    assert ",".join(members(text)) == text
    gated = gate_link(value, NOBODY)
    assert gated is None or gated is value or len(gated) < len(value)


@pytest.mark.parametrize(
    ("value", "target"),
    [
        ("5", ""),
        ("5; url=/next", "/next"),
        ("0;URL='https://evil.test/a'", "https://evil.test/a"),
        ('0, url = "https://evil.test/a" trailing', "https://evil.test/a"),
        (" \n3.5 https://evil.test/", "https://evil.test/"),
        (".5;https://evil.test/", "https://evil.test/"),
        ("0;'//evil.test", "//evil.test"),
        ("0;url=//evil.test/'quoted'", "//evil.test/'quoted'"),
        ("0;urlx", "urlx"),
        ("url=https://evil.test/", ""),
        ("5x; url=https://evil.test/", "https://evil.test/"),
        ("", ""),
    ],
)
def test_the_target_of_a_refresh_is_the_browsers(value, target):
    assert refresh_targets(value) == ((target,) if target else ())


BLANKS = [chr(code) for code in range(0x3001) if not chr(code).strip()] + ["\0", "\ufeff"]


@pytest.mark.parametrize("blank", BLANKS, ids=ascii)
@pytest.mark.parametrize(
    "form",
    [
        "{}0;url=//evil.test/",
        "0{};url=//evil.test/",
        "0;{}url=//evil.test/",
        "0;url{}=//evil.test/",
        "0;url={}//evil.test/",
        "0{}//evil.test/",
        "0;url='{}//evil.test/'",
        "-0{};;,{}url{}={}{}'{}//evil.test/",
    ],
)
def test_what_any_browser_takes_for_white_space_hides_no_target(blank, form):
    assert "//evil.test/" in refresh_targets(form.replace("{}", blank))
    for charset in ("latin-1", "utf-8") if blank < "\u0100" else ("utf-8",):
        value = form.replace("{}", blank).encode(charset)
        assert gate_refresh(value, NOBODY) is None


def test_a_quoted_target_ends_at_the_next_quote_or_at_the_last():
    # Some browsers go to the former, others to the latter.
    near, far = "//evil.test", "//evil.test'@www.example.com/"
    assert refresh_targets(f"0;url='{far}'") == (near, far)
    assert refresh_targets(f"0;url='{near}' x") == (near,)
    assert refresh_targets('0;url="') == ()
    assert gate_refresh(b"0;'//www.example.com'.evil.test/'", NOBODY) is None


def test_a_refresh_that_leaves_for_a_blocked_address_is_dropped_and_others_stay():
    away = b"0; url=https://fonts.gstatic.com/"
    home = b"0; url=https://shop.example.com/"
    assert gate_refresh(away, NOBODY) is None
    assert gate_refresh(away, FONTS_ALLOWED) is away
    assert gate_refresh(home, NOBODY) is home
    assert gate_refresh(b"30", NOBODY) == b"30"


@pytest.mark.parametrize("target", [b"data:text/html,<p>", b"'Data:image/svg+xml,<svg>'"])
def test_a_refresh_to_a_document_in_an_address_is_dropped_while_anybody_is_stopped(target):
    value = b"0;url=" + target
    assert gate_refresh(value, NOBODY) is None
    assert gate_refresh(value, access(report_unknown=True)) is value
    assert gate_refresh(b"0;url=data:text/plain,x", NOBODY) is not None


@pytest.mark.parametrize("value", [b'"/rules.json"', b'"//evil.test/x"', b'"/a", "/b"', b"?"])
def test_speculation_rules_in_a_file_are_left_out_while_anybody_is_stopped(value):
    anybody = access(FONTS, allowed=("google-fonts",), report_unknown=True)
    assert gate_speculation_rules(value, NOBODY) is None
    assert gate_speculation_rules(value, FONTS_ALLOWED) is None
    assert gate_speculation_rules(value, access(FONTS, report_unknown=True)) is None
    assert gate_speculation_rules(value, anybody) is value


def test_a_report_group_with_a_foreign_endpoint_is_taken_out_whole():
    own = b'{"group":"own", "max_age":60,"endpoints":[{"url":"https://www.example.com/r"}]}'
    foreign = b'{"max_age":60,"endpoints":[{"url":"/r"},{"url":"https://collector.test/r"}]}'
    assert gate_report_to(own + b", " + foreign, NOBODY) == own
    assert gate_report_to(foreign, NOBODY) is None
    assert gate_report_to(own, NOBODY) == own


@pytest.mark.parametrize("value", [b"{", b'{"a":1}x', b"nonsense"])
def test_a_report_to_that_is_no_json_is_dropped(value):
    assert gate_report_to(value, NOBODY) is None


@pytest.mark.parametrize("value", [b"{}", b"1, null", b'{"endpoints": "x"}', b'{"endpoints":[1]}'])
def test_an_odd_report_to_without_an_endpoint_stays(value):
    assert gate_report_to(value, NOBODY) is value


def test_foreign_reporting_endpoints_are_taken_out():
    value = b'own="/r", csp="https://collector.test/r", "x"="https://www.example.com/?a,b"'
    assert (
        gate_reporting_endpoints(value, NOBODY) == b'own="/r", "x"="https://www.example.com/?a,b"'
    )


def test_network_error_logging_goes_with_the_group_that_it_reports_to():
    nel = (b"NEL", b'{"report_to":"default","max_age":60}')
    report_to = (b"Report-To", b'{"max_age":60,"endpoints":[{"url":"https://collector.test/r"}]}')
    own = (b"report-to", b'{"group":"own","max_age":60,"endpoints":[{"url":"/r"}]}')
    assert gate_headers([nel, report_to, own], NOBODY) == [own]
    assert gate_headers([nel, own], NOBODY) == [nel, own]
    assert gate_headers([(b"nel", b"broken")], NOBODY) == [(b"nel", b"broken")]


def test_a_policy_reports_to_no_collector_without_consent_and_is_else_untouched():
    policy = (
        b"default-src 'self'; report-uri https://collector.test/r /own ;img-src *,"
        b"report-uri //collector.test/r"
    )
    assert gate_report_uri(policy, NOBODY) == b"default-src 'self'; report-uri /own ;img-src *"
    for same in (b"default-src 'self'; report-uri /own", b"report-to x", b" ;; "):
        assert gate_report_uri(same, NOBODY) is same
    assert gate_report_uri(b"report-uri //collector.test/r", NOBODY) is None


def test_gating_a_report_uri_twice_changes_nothing_more():
    once = gate_report_uri(b"img-src *; Report-URI //a.test; script-src 'self' ", NOBODY)
    assert once == b"img-src *; script-src 'self'"
    assert gate_report_uri(once, NOBODY) is once


def test_one_pass_keeps_the_order_the_names_and_every_other_header():
    kept = [
        (b"Content-Type", b"text/html"),
        (b"location", b"https://pay.test/"),
        (b"Set-Cookie", b"_ga=1"),
        (b"Clear-Site-Data", b'"cookies"'),
        (b"SourceMap", b"https://maps.test/a.map"),
        (b"LINK", b"</a.css>; rel=preload"),
    ]
    refused = [
        (b"Link", b"<https://fonts.gstatic.com>; rel=preconnect"),
        (b"Refresh", b"1;url=//evil.test/"),
        (b"speculation-rules", b'"//evil.test/r.json"'),
        (b"Content-Security-Policy-Report-Only", b"report-uri https://evil.test/csp"),
    ]
    mixed = [header for pair in zip(refused, kept, strict=False) for header in pair] + kept[4:]
    assert gate_headers(iter(mixed), NOBODY) == kept
    assert gate_headers(kept, NOBODY) == kept


def test_headers_that_no_browser_reads_break_nothing():
    deep = b"[" * 100_000
    assert gate_headers([(b"report-to", deep), (b"nel", deep)], NOBODY) == [(b"nel", deep)]
    nel = (b"nel", b'{"report_to": ["a"]}')
    assert gate_headers([nel], NOBODY) == [nel]


def test_a_refresh_of_endless_digits_is_read_in_one_go():
    assert refresh_targets("0" * 500_000) == ()
    assert refresh_targets("0" * 500_000 + "; url=/next") == ("/next",)
    assert refresh_targets("0" + " ;" * 250_000) == ()
