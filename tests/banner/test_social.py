"""The social bar with the providers' own buttons, where the configuration wants them."""

from dataclasses import replace

import pytest

from consentgate.banner import Fragments
from consentgate.banner.texts import shipped_locales
from consentgate.catalogue import Lookup, load_catalogue
from consentgate.catalogue.share_buttons import Shared, share_buttons
from consentgate.model import Consent
from tests.banner.test_fragments import elements

SERVICES = {"facebook": {}, "x": {}, "linkedin": {}, "pinterest-widgets": {}}
BAR = {"providers": ["facebook", "x", "linkedin", "pinterest", "youtube"], "buttons": "two-clicks"}


@pytest.fixture
def two_clicks(make_banner):
    return make_banner(services=SERVICES, social=BAR)


def states(bar):
    return [place["data-cg-social"] for place in elements(bar).named("li", **{"class": "cg-own"})]


def test_each_waits_with_its_initials_and_a_form_of_its_own(two_clicks, undecided):
    bar, end = two_clicks.social_bar(undecided, "top"), two_clicks.social_end(undecided)
    assert states(bar) == ["idle"] * 4
    pressed = [b for b in elements(bar).named("button") if "aria-pressed" in b]
    assert [b["aria-pressed"] for b in pressed] == ["false"] * 4
    assert [b["value"] for b in pressed] == ["once"] * 4
    forms = {form["id"] for form in elements(end).named("form")}
    assert forms == {button["form"] for button in pressed}
    assert elements(end).named("script") == []
    assert b"fb-share-button" not in bar
    assert elements(end).named("input", name="back", value="/jobs?page=2")


def test_what_is_granted_once_is_armed_and_what_is_agreed_to_is_on(two_clicks, undecided):
    consent = Consent(frozenset({"x"}), decided=True, once=frozenset({"facebook"}))
    visit = replace(undecided, consent=consent, nonce="n0nce")
    bar, end = two_clicks.social_bar(visit, "top"), two_clicks.social_end(visit)
    assert states(bar) == ["armed", "on", "idle", "idle"]
    assert b'data-href="https://www.example.com/jobs?page=2"' in bar
    assert b"twitter-share-button" in bar
    assert b"IN/Share" not in bar
    scripts = elements(end).named("script")
    assert [script["src"].split("/")[2] for script in scripts] == [
        "connect.facebook.net",
        "platform.twitter.com",
    ]
    assert all(script["nonce"] == "n0nce" for script in scripts)


@pytest.mark.parametrize(
    "changes", [{"shared": True}, {"back": ""}], ids=["for everybody", "not to be loaded again"]
)
def test_where_nothing_can_be_granted_once_the_links_stay(two_clicks, undecided, changes):
    visit = replace(undecided, **changes)
    assert states(two_clicks.social_bar(visit, "top")) == []
    assert len(elements(two_clicks.social_bar(visit, "top")).named("a")) == 5
    assert two_clicks.social_end(visit) == b""


@pytest.mark.parametrize(
    ("services", "changes"),
    [
        ({"youtube": {}}, {}),
        (SERVICES, {"profiles": dict.fromkeys(BAR["providers"], "https://a.example/")}),
        (SERVICES, {"buttons": "links"}),
    ],
    ids=["nobody can agree to it", "the site's own profile", "not asked for"],
)
def test_otherwise_it_is_the_plain_bar(make_banner, undecided, services, changes):
    banner = make_banner(services=services, social={**BAR, **changes})
    assert states(banner.social_bar(undecided, "top")) == []
    assert banner.social_end(undecided) == b""


def test_its_style_sheet_costs_nobody_else(make_banner, two_clicks, undecided):
    assert b"/social." in two_clicks.head(undecided)
    assert b"/social." not in make_banner().head(undecided)


def test_filled_in_it_is_what_would_be_rendered(two_clicks, undecided):
    fragments = Fragments(two_clicks)
    consent = Consent(frozenset({"x", "linkedin"}), decided=True, once=frozenset({"facebook"}))
    for back in ("/a?b=c&d=%26", '/"><script>', "/"):
        visit = replace(undecided, consent=consent, back=back, nonce="<n>")
        for _ in range(2):
            assert fragments.social_bar(visit, "top") == two_clicks.social_bar(visit, "top")
            assert fragments.social_end(visit) == two_clicks.social_end(visit)
    assert all(fragments._forms.values()), "every way of writing is known"


SHARED = Shared('https://a.example/?b="><script>', "https://x.example/", "<b>", "&", "en")


@pytest.mark.parametrize("name", share_buttons())
def test_what_a_page_is_called_ends_no_attribute(name):
    element = share_buttons()[name].element(SHARED)
    assert "<b>" not in element
    assert '"><script>' not in element
    assert "{" not in element


@pytest.mark.parametrize("name", share_buttons())
def test_each_button_belongs_to_the_service_that_claims_its_script(name):
    own, lookup = share_buttons()[name], Lookup(load_catalogue().services.values())
    for language in shipped_locales():
        host, _, path = own.script_url(language).removeprefix("https://").partition("/")
        claimed = lookup.by_url(host, "/" + path.partition("#")[0])
        assert [service.id for service in claimed] == [own.service]
        assert "{" not in own.settings(language)


def test_the_languages_are_named_as_the_providers_name_them():
    facebook = share_buttons()["facebook"]
    named = [facebook.script_url(tag).split("/")[3] for tag in ("de", "pt-BR", "zh-Hant")]
    assert named == ["de_DE", "pt_BR", "zh_TW"]
    assert share_buttons()["linkedin"].settings("nb") == "lang: nb_NO"
