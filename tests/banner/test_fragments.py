"""What is put into the application's own pages."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from consentgate.config.fields import SHIPPED_LANGUAGES

PURPOSES = ("extras such as maps", "measure visits", "measure advertising", "videos and posts")


class Elements(HTMLParser):
    """Start tags with their attributes, in document order."""

    def __init__(self, markup):
        super().__init__()
        self.all = []
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        self.all.append((tag, dict(attrs)))

    def named(self, tag, **attributes):
        return [
            found for name, found in self.all if name == tag and attributes.items() <= found.items()
        ]


def elements(markup):
    return Elements(markup.decode() if isinstance(markup, bytes) else markup)


def test_the_boot_script_stands_first_and_unchanged_and_nothing_runs_before_the_second(
    banner, undecided
):
    head = banner.head(undecided).decode()
    boot = re.match(r"<script [^>]*>(.*?)</script>", head, re.DOTALL)
    assert boot[1] == banner.assets.boot
    assert [name for name, _ in elements(head).all] == ["script", "script", "link", "script"]
    second = elements(head).named("script")[1]
    assert second["src"] == banner.assets.url("connect.js", "/_gate")
    assert second.keys() == {"src", "integrity"}, "it is not deferred"


def test_a_nonce_is_on_every_script(banner, undecided):
    head = elements(banner.head(replace(undecided, nonce='n"1')))
    assert [script.get("nonce") for script in head.named("script")] == ['n"1'] * 3
    assert not any("nonce" in s for s in elements(banner.head(undecided)).named("script"))


def test_files_are_served_with_the_colours_of_the_site(make_banner, undecided):
    banner = make_banner(banner={"theme": {"accent": "#ffee00"}})
    style = elements(banner.head(undecided)).named("link")[0]["href"]
    assert b"--cg-accent:#ffee00" in banner.assets.get(style.rpartition("/")[2]).body


@pytest.mark.parametrize("lang", SHIPPED_LANGUAGES)
@pytest.mark.parametrize("fragment", ["head", "body_start", "body_end", "declaration"])
def test_fragments_are_ascii_in_every_language(banner, undecided, lang, fragment):
    made = getattr(banner, fragment)(replace(undecided, lang=lang))
    assert isinstance(made, bytes)
    assert made.isascii()


def test_no_fragment_or_page_holds_inline_style_or_handlers(banner, undecided, decided):
    for visit in (undecided, decided):
        start, end = banner.body_start(visit), banner.body_end(visit)
        pages = (banner.preferences_page(visit), banner.cookies_page(visit))
        for markup in (banner.head(visit), start, end, *pages):
            for _, attributes in elements(markup).all:
                assert "style" not in attributes
                assert not any(name.startswith("on") for name in attributes)


def test_the_first_layer_is_a_named_region_with_one_form(banner, undecided):
    first = elements(banner.body_start(undecided))
    name, section = first.all[0]
    assert name == "section"
    assert section["aria-labelledby"] == first.named("h2")[0]["id"]
    assert "data-nosnippet" in section
    assert "role" not in section
    assert first.named("form") == [{"class": "cg-in", "method": "post", "action": "/_gate/choice"}]


def test_the_heading_names_the_site_and_the_text_every_purpose(banner, undecided):
    first = banner.body_start(undecided).decode()
    assert "Cookies on M&#252;ller &amp; S&#246;hne" in first
    for purpose in PURPOSES:
        assert purpose in first


def test_only_purposes_in_use_are_named(make_banner, undecided):
    first = make_banner(services={"youtube": {}}).body_start(undecided).decode()
    assert "videos and posts" in first
    assert "measure" not in first


def test_refusing_looks_and_weighs_the_same_as_accepting(banner, undecided):
    first = elements(banner.body_start(undecided))
    reject, accept, choose = first.named("button")
    assert (reject.pop("value"), accept.pop("value")) == ("reject-all", "accept-all")
    assert reject == accept == {"class": "cg-button", "type": "submit", "name": "decision"}
    assert (choose["formmethod"], choose["formaction"]) == ("get", "/_gate/preferences")
    assert "name" not in choose


def test_words_of_the_site_do_not_hide_the_purposes(make_banner, undecided):
    first = make_banner(banner={"text": "Yum <b>cookies</b>!"}).body_start(undecided).decode()
    assert "Yum &lt;b&gt;cookies&lt;/b&gt;!" in first
    for purpose in PURPOSES:
        assert purpose in first


def test_a_category_of_the_site_is_named_by_its_title(make_banner, undecided):
    banner = make_banner(
        categories={"support": {"title": {"en": "Help"}}},
        services={"youtube": {"category": "support"}},
    )
    assert "services for &#8220;Help&#8221;" in banner.body_start(undecided).decode()


def test_the_way_back_is_escaped(banner, undecided):
    hostile = replace(undecided, back='/"><script>alert(1)</script>')
    for markup in (banner.body_start(hostile), banner.body_end(hostile), banner.head(hostile)):
        assert b"<script>alert" not in markup
    assert elements(banner.body_start(hostile)).named("input")[0]["value"] == hostile.back


def test_a_decision_takes_the_first_layer_away(banner, decided):
    assert not elements(banner.body_start(decided)).named("section")
    reopen = elements(banner.body_end(decided)).named("aside")[0]
    assert "hidden" not in reopen


def test_the_button_back_waits_hidden_for_a_decision(banner, undecided):
    assert "hidden" in elements(banner.body_end(undecided)).named("aside")[0]


def test_a_site_can_do_without_the_button_back(make_banner, decided):
    banner = make_banner(banner={"reopen": "none"})
    assert b"cg-reopen" not in banner.body_end(decided)


@pytest.mark.parametrize("note", ["given", "refused", "partial", "withdrawn", "erased"])
def test_a_decision_is_confirmed_on_the_next_page(banner, decided, note):
    shown = banner.body_start(replace(decided, note=note)).decode()
    title, text = banner.note_text(decided, note)
    assert title in shown
    assert text in shown
    assert elements(shown).named("a", href="/jobs")


def test_a_made_up_note_is_not_shown(banner, decided):
    plain = banner.body_start(decided)
    assert banner.body_start(replace(decided, note="you won")) == plain


def test_without_optional_services_nobody_is_asked(make_banner, undecided):
    banner = make_banner(services={}, social={})
    assert banner.body_start(undecided) == b""
    assert banner.body_end(undecided) == b""


def test_share_links_contact_nobody_until_they_are_clicked(banner, undecided):
    bar = elements(banner.social_bar(undecided, "top"))
    assert {name for name, _ in bar.all} == {"nav", "ul", "li", "a"}
    facebook, x, linkedin, instagram, youtube = bar.named("a")
    for link, host in ((facebook, "facebook.com"), (x, "twitter.com"), (linkedin, "linkedin.com")):
        assert f"{host}/" in link["href"]
        assert link["href"].endswith("https%3A%2F%2Fwww.example.com%2Fjobs%3Fpage%3D2")
        assert (link["target"], link["rel"]) == ("_blank", "noopener noreferrer")
    for link in (instagram, youtube):
        assert link["href"].startswith("/_gate/preferences")
    assert all(link["aria-label"] for link in bar.named("a"))


def test_a_button_leads_to_the_profile_of_the_site_where_it_has_one(make_banner, undecided):
    profile = "https://www.youtube.com/@example"
    social = {"providers": ["youtube", "x"], "profiles": {"youtube": profile}}
    youtube, x = elements(make_banner(social=social).social_bar(undecided, "top")).named("a")
    assert (youtube["href"], youtube["target"], youtube["rel"]) == (
        profile,
        "_blank",
        "noopener noreferrer",
    )
    assert youtube["aria-label"].startswith("YouTube profile of this site")
    assert "intent/tweet" in x["href"]


def test_bars_stand_where_the_site_wants_them(make_banner, decided):
    banner = make_banner(social={"providers": ["x"], "positions": ["bottom"]})
    assert b"cg-social" not in banner.body_start(decided)
    assert b"cg-social--bottom" in banner.body_end(decided)
