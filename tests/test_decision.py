"""From a submitted form to a choice, and from a choice to what may run."""

from contextlib import suppress
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentgate.config import load_config
from consentgate.decision import BadChoiceError, granted_by, local_path, parse_choice
from consentgate.model import Choice, Consent, Decision, Keep

CONFIG = load_config(
    {
        "site": {"name": "Example Ltd", "privacy_url": "/privacy"},
        "policy": {"version": "1"},
        "services": {"google-analytics": {}, "youtube": {}, "facebook": {}},
    }
)
EVERYTHING = frozenset({"google-analytics", "youtube", "facebook"})


def parse(**fields: object) -> Choice:
    return parse_choice(urlencode(fields, doseq=True).encode(), CONFIG)


def test_a_category_stands_for_the_services_under_it() -> None:
    choice = parse(decision="custom", allow=["social", "google-analytics"], keep="visit", back="/x")
    assert choice == Choice(Decision.CUSTOM, EVERYTHING, "", Keep.VISIT, "/x")


def test_a_category_without_services_allows_nothing() -> None:
    assert parse(decision="custom", allow="marketing").allow == frozenset()


def test_what_is_necessary_cannot_be_chosen() -> None:
    assert parse(decision="custom", allow="necessary").allow == frozenset()


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"decision": "yes"},
        {"decision": ["accept-all", "reject-all"]},
        {"decision": "custom", "allow": "vimeo"},
        {"decision": "allow"},
        {"decision": "once"},
        {"decision": "once", "service": "social"},
        {"decision": "withdraw", "service": "vimeo"},
        {"decision": "custom", "keep": "once"},
        {"decision": "custom", "keep": "forever"},
        {"decision": "once", "service": "youtube", "layer": "placeholder"},
        {"decision": "custom", "allow": ["youtube"] * 500},
    ],
)
def test_what_no_page_of_ours_sends_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(BadChoiceError):
        parse(**fields)


def test_a_button_of_the_social_bar_says_where_it_stands() -> None:
    assert parse(decision="once", service="youtube", layer="social-bar").layer == "social-bar"
    assert parse(decision="once", service="youtube").layer == ""


@given(st.binary(max_size=300))
def test_any_body_is_a_choice_or_a_bad_choice(body: bytes) -> None:
    with suppress(BadChoiceError):
        assert isinstance(parse_choice(body, CONFIG), Choice)


BEFORE = Consent(allowed=frozenset({"youtube"}), decided=True)


@pytest.mark.parametrize(
    ("choice", "granted"),
    [
        (Choice(Decision.ACCEPT_ALL), EVERYTHING),
        (Choice(Decision.REJECT_ALL), frozenset()),
        (Choice(Decision.CUSTOM, frozenset({"facebook"})), {"facebook"}),
        (Choice(Decision.ALLOW, service="facebook"), {"facebook", "youtube"}),
        (Choice(Decision.ONCE, service="facebook"), {"youtube"}),
        (Choice(Decision.WITHDRAW, service="youtube"), frozenset()),
        (Choice(Decision.WITHDRAW, service="facebook"), {"youtube"}),
        (Choice(Decision.WITHDRAW), frozenset()),
        (Choice(Decision.ERASE), frozenset()),
    ],
)
def test_what_may_run_after_a_choice(choice: Choice, granted: frozenset[str]) -> None:
    assert granted_by(choice, BEFORE, CONFIG) == granted


@pytest.mark.parametrize("path", ["/", "/a/b?c=d#e", "/ü", "/a//b", "/%2f%2fevil.example"])
def test_a_path_of_this_site_is_kept(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "a",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "/a\r\nSet-Cookie: x=1",
        "/a\tb",
        "/a b",
        "/\x7f",
        " /a",
        "/" + "a" * 4000,
    ],
)
def test_a_path_that_may_lead_elsewhere_is_refused(path: str) -> None:
    assert local_path(path) == ""
