import importlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consentgate.proofs import browser_of, is_bot
from consentgate.proofs.browser import _parsed

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)
CRAWLER = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@pytest.mark.parametrize(
    ("user_agent", "browser"),
    [(FIREFOX, "Firefox/Linux"), (IPHONE, "Mobile Safari/iOS"), ("x", "Other/Other"), ("", "")],
)
def test_only_the_families_are_kept(user_agent, browser):
    assert browser_of(user_agent) == browser


def test_a_crawler_is_known_by_its_own_word():
    assert is_bot(CRAWLER)
    assert not is_bot(FIREFOX)
    assert not is_bot("")


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=700))
def test_any_text_is_read_without_raising(user_agent):
    assert isinstance(browser_of(user_agent), str)
    assert is_bot(user_agent) in {True, False}


def test_what_stands_beyond_the_cap_is_not_read():
    assert browser_of("x" * 512 + FIREFOX) == "Other/Other"
    assert browser_of(FIREFOX + "x" * 10_000_000) == "Firefox/Linux"


def test_a_parser_that_fails_costs_the_family_only(monkeypatch, caplog):
    def broken(name):
        raise RuntimeError

    monkeypatch.setattr(importlib, "import_module", broken)
    _parsed.cache_clear()
    assert browser_of("some private browser") == ""
    assert not is_bot("some private browser")
    assert "private" not in caplog.text
    _parsed.cache_clear()
