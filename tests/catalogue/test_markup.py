"""Which element belongs to which service."""

import pytest

from consentgate.catalogue import load_catalogue
from consentgate.catalogue.markup import MarkupIndex, parse_selector
from consentgate.model import Match, Provider, Service


def service(name, *selectors):
    return Service(name, name, "social", Provider(name), matches=(Match(markup=selectors),))


@pytest.mark.parametrize(
    ("selector", "tag", "attributes"),
    [
        ("gmp-map", "gmp-map", {}),
        (".fb-like", "div", {"class": "wide fb-like"}),
        ("#disqus_thread", "div", {"id": "disqus_thread"}),
        ("[data-tf-live]", "div", {"data-tf-live": ""}),
        ("a[data-pin-do]", "a", {"data-pin-do": "buttonPin"}),
        ('script[type="IN/Share"]', "script", {"type": "IN/Share"}),
        ("link[rel=preconnect]", "link", {"rel": "preconnect"}),
        ('a[href*="x.com/"][class]', "a", {"href": "https://x.com/me", "class": "b"}),
        ('a[href^="https:"]', "a", {"href": "https://x.com/me"}),
        ('a[href$="/me"]', "a", {"href": "https://x.com/me"}),
        ('a[rel~="b"]', "a", {"rel": "a b"}),
        ("fb\\:like", "fb:like", {"href": "/"}),
        (".badge-base.LI-profile-badge", "div", {"class": "LI-profile-badge badge-base"}),
        ('[class="a b"]', "div", {"class": "a b"}),
    ],
)
def test_an_element_is_found_by_its_selector(selector, tag, attributes):
    found = MarkupIndex([service("first", ".other"), service("it", selector)]).find(tag, attributes)
    assert found.service.id == "it"
    assert found.selector == selector


@pytest.mark.parametrize(
    ("selector", "tag", "attributes"),
    [
        (".fb-like", "div", {"class": "fb-like-box"}),
        (".fb-like", "div", {"id": "fb-like"}),
        ("blockquote.twitter-tweet", "div", {"class": "twitter-tweet"}),
        ('script[type="IN/Share"]', "script", {"type": "in/share"}),
        ("#disqus_thread", "div", {"id": "disqus_thread2"}),
        (".h-captcha[data-sitekey]", "div", {"class": "h-captcha"}),
        ('[href*="x"]', "a", {"href": "y"}),
    ],
)
def test_an_element_that_only_looks_alike_is_not_found(selector, tag, attributes):
    assert MarkupIndex([service("it", selector)]).find(tag, attributes) is None


@pytest.mark.parametrize("selector", ["noscript>img", "a b", "a, b", "a:hover", "a[b|=c]", "*", ""])
def test_other_forms_of_selectors_are_left_aside(selector):
    assert parse_selector(selector) is None


def test_the_first_service_wins_and_then_its_first_selector():
    index = MarkupIndex([service("one", "a[b]", ".c"), service("two", ".c")])
    assert index.find("a", {"class": "c", "b": ""}).selector == "a[b]"
    assert index.find("p", {"class": "c"}).service.id == "one"


def test_the_catalogue_is_understood_but_for_what_stands_within_noscript():
    for known in load_catalogue().services.values():
        for selector in (selector for match in known.matches for selector in match.markup):
            assert parse_selector(selector) or selector.startswith("noscript>"), selector
