"""What stands before a widget, and what its buttons send."""

from dataclasses import replace

import pytest

from consentgate.catalogue import load_catalogue
from consentgate.config.fields import SHIPPED_LANGUAGES
from tests.banner.test_fragments import elements

CATALOGUE = load_catalogue().services
FACEBOOK, X = CATALOGUE["facebook"], CATALOGUE["x"]
PHRASING = {"a", "button", "link", "span"}


@pytest.fixture
def box(banner, undecided):
    return elements(banner.widget(undecided, FACEBOOK, line=False, styled=True))


def test_a_box_says_who_gets_what_and_offers_two_ways(box, banner, undecided):
    words = banner.widget(undecided, FACEBOOK, line=False, styled=True).decode()
    assert "Loading it sends your IP address to Meta." in words
    assert "Meta Platforms Ireland" in words
    once, always = box.named("button")
    assert (once["name"], once["value"]) == ("decision", "once")
    assert (always["name"], always["value"]) == ("decision", "allow")
    assert once["class"] == always["class"]
    assert box.named("div", **{"data-cg-widget": "facebook"})[0]["aria-label"] == "Facebook"
    assert box.named("a")[0]["href"] == FACEBOOK.provider.privacy_url


def test_its_buttons_belong_to_a_form_elsewhere(box, banner, undecided):
    """A form within a form of the site's would be dropped, and the button would send that one."""
    assert box.named("form") == []
    forms = elements(banner.widget_forms(undecided, [FACEBOOK]))
    (form,) = forms.named("form")
    assert {button["form"] for button in box.named("button")} == {form["id"]}
    assert (form["method"], form["action"]) == ("post", "/_gate/choice")
    sent = {field["name"]: field["value"] for field in forms.named("input")}
    assert sent == {"service": "facebook", "back": "/jobs?page=2"}


def test_a_line_does_not_end_the_paragraph_that_it_stands_in(banner, undecided):
    line = elements(banner.widget(undecided, FACEBOOK, line=True, styled=True))
    assert {name for name, _ in line.all} <= PHRASING
    assert [button["value"] for button in line.named("button")] == ["once", "allow"]


def test_a_page_gets_the_style_sheet_once(banner, undecided):
    for line in (True, False):
        first = elements(banner.widget(undecided, FACEBOOK, line=line, styled=True))
        later = elements(banner.widget(undecided, FACEBOOK, line=line, styled=False))
        (link,) = first.named("link", rel="stylesheet")
        assert banner.assets.get(link["href"].rpartition("/")[2])
        assert later.named("link") == []


@pytest.mark.parametrize("line", [True, False])
def test_nobody_can_agree_to_what_the_site_does_not_name(banner, undecided, line):
    made = banner.widget(undecided, X, line=line, styled=False)
    assert b"This site has not said what it is for" in made
    assert elements(made).named("button") == []
    assert banner.widget_forms(undecided, [X]) == b""


def test_a_page_that_answers_a_form_cannot_be_loaded_once_more(banner, undecided):
    posted = replace(undecided, back="")
    for line in (True, False):
        made = elements(banner.widget(posted, FACEBOOK, line=line, styled=False))
        assert [button["value"] for button in made.named("button")] == ["allow"]


def test_a_page_for_everybody_has_no_grant_for_one_page(banner, undecided):
    shared = replace(undecided, shared=True)
    made = elements(banner.widget(shared, FACEBOOK, line=False, styled=False))
    assert [button["value"] for button in made.named("button")] == ["allow"]
    (form,) = elements(banner.widget_forms(shared, [FACEBOOK])).named("form")
    assert form["class"] == "cg", "so that the script sends it"


def test_a_share_link_shares_the_address_or_else_the_page(banner, undecided):
    link = elements(
        banner.widget_share(undecided, FACEBOOK, "https://a.example/?b&c", styled=False)
    ).named("a")[0]
    assert link["href"].endswith("sharer.php?u=https%3A%2F%2Fa.example%2F%3Fb%26c")
    assert link["rel"] == "noopener noreferrer"
    link = elements(banner.widget_share(undecided, FACEBOOK, "", styled=False)).named("a")[0]
    assert link["href"].endswith("?u=https%3A%2F%2Fwww.example.com%2Fjobs%3Fpage%3D2")


def test_a_provider_without_share_links_gets_none(banner, undecided):
    assert banner.widget_share(undecided, CATALOGUE["youtube"], "", styled=False) == b""


@pytest.mark.parametrize("lang", SHIPPED_LANGUAGES)
def test_it_is_ascii_in_every_language(banner, undecided, lang):
    spoken = replace(undecided, lang=lang)
    for line in (True, False):
        assert banner.widget(spoken, FACEBOOK, line=line, styled=True).isascii()
    assert banner.widget_share(spoken, FACEBOOK, "", styled=True).isascii()
