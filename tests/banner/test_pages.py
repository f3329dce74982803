"""Our own pages: settings, declaration, placeholder, opt-out, errors."""

import re
from dataclasses import replace

import html5lib
import pytest

from consentgate.banner import Frame

FRAME = Frame("https://www.youtube.com/embed/abc?a=1&b=2", "/jobs?page=2")


def parse(page):
    return html5lib.HTMLParser(strict=False, namespaceHTMLElements=False).parse(page)


def found(page, path):
    return parse(page).findall(f".//{path}")


def every_page(banner, visit):
    youtube = banner._config.lookup.services["youtube"]
    analytics = banner._config.lookup.services["google-analytics"]
    yield banner.preferences_page(visit)
    yield banner.cookies_page(visit)
    yield banner.confirmation_page(visit, "given")
    for status in (400, 403, 404, 429, 503):
        yield banner.error_page(visit, status)
    for done in (True, False):
        yield banner.opt_out_page(visit, analytics, done)
    for frame in (FRAME, replace(FRAME, small=True)):
        yield banner.embed_page(visit, youtube, frame, loaded=False)
        yield banner.embed_page(visit, None, frame, loaded=False)


@pytest.mark.parametrize(("lang", "country"), [("en", "Ireland"), ("de", "Irland")])
def test_a_recipients_country_has_its_name(banner, undecided, lang, country):
    youtube = banner._config.lookup.services["youtube"]
    visit = replace(undecided, lang=lang)
    placeholder = banner.embed_page(visit, youtube, FRAME, loaded=False)
    for page in (placeholder, banner.preferences_page(visit)):
        assert re.search(rf"Google Ireland Limited, [^<]+, {country}\b", page)


def test_names_of_cookies_keep_their_order_in_any_script(banner, undecided):
    rows = found(banner.cookies_page(undecided), "table/tbody/tr")
    assert rows
    for row in rows:
        assert row.find("th/bdi") is not None
        assert row.find("td/bdi") is not None


@pytest.mark.parametrize("lang", ["en", "de", "sv"])
def test_every_page_works_under_a_strict_policy_and_names_itself(banner, decided, lang):
    for page in every_page(banner, replace(decided, lang=lang)):
        tree = parse(page)
        assert page.startswith("<!doctype html>")
        assert tree.get("lang") == lang
        assert tree.get("dir") == "ltr"
        assert tree.find(".//title").text.strip()
        assert tree.find(".//meta[@name='viewport']") is not None
        assert not tree.findall(".//script")
        assert not tree.findall(".//style")
        assert not tree.findall(".//*[@style]")


def test_headings_begin_with_one_h1_and_skip_no_level(banner, decided):
    for page in every_page(banner, decided):
        levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", page)]
        assert levels.count(1) == (1 if levels else 0)
        assert all(b - a <= 1 for a, b in zip([0, *levels], levels, strict=False))


def test_every_decision_is_posted_to_the_choice_endpoint(banner, decided):
    decisions = set()
    for page in every_page(banner, decided):
        for form in found(page, "form"):
            assert form.get("method") == "post"
            assert form.get("action") in {"/_gate/choice", "/_gate/opt-out/google-analytics"}
            buttons = form.findall(".//button")
            assert buttons
            for button in buttons:
                assert (button.get("type"), button.get("name")) == ("submit", "decision")
                decisions.add(button.get("value"))
    assert decisions == {
        "reject-all", "accept-all", "custom", "allow", "once", "withdraw", "erase",
    }  # fmt: skip


def test_no_box_is_ticked_before_a_decision(banner, undecided):
    page = banner.preferences_page(undecided)
    boxes = found(page, "input[@type='checkbox']")
    assert boxes
    assert not [box for box in boxes if box.get("checked") is not None]


def test_each_category_and_each_service_of_several_has_a_box(banner, undecided):
    boxes = found(banner.preferences_page(undecided), "input[@name='allow']")
    assert {box.get("value") for box in boxes} == {
        "functional", "analytics", "marketing", "social", "facebook", "youtube",
    }  # fmt: skip


def test_the_former_choice_is_ticked(banner, decided):
    boxes = found(banner.preferences_page(decided), "input[@name='allow']")
    ticked = {box.get("value") for box in boxes if box.get("checked") is not None}
    assert ticked == {"analytics", "youtube"}


def test_a_whole_category_is_ticked_as_one_so_that_unticking_it_is_enough(banner, decided):
    everything = replace(decided.consent, allowed=decided.consent.allowed | {"facebook", "youtube"})
    page = banner.preferences_page(replace(decided, consent=everything))
    boxes = found(page, "input[@name='allow']")
    ticked = {box.get("value") for box in boxes if box.get("checked") is not None}
    assert ticked == {"analytics", "social"}


def test_the_three_ways_to_decide_look_alike(banner, undecided):
    buttons = found(banner.preferences_page(undecided), "button")
    assert [button.get("value") for button in buttons] == ["reject-all", "accept-all", "custom"]
    assert {button.get("class") for button in buttons} == {"cg-button"}


def test_only_who_agreed_has_records_to_withdraw_and_erase(banner, decided, refused):
    values = [button.get("value") for button in found(banner.preferences_page(decided), "button")]
    assert {"withdraw", "erase"} <= set(values)
    page = banner.preferences_page(refused)
    assert 'value="erase"' not in page
    assert "/receipt" not in page
    assert decided.consent.subject in banner.preferences_page(decided)


def test_who_is_responsible_is_named(banner, undecided):
    page = banner.preferences_page(undecided)
    for words in ("Müller &amp; Söhne GmbH", "dpo@example.com", "The Authority"):
        assert words in page


def test_the_declaration_lists_every_cookie_once_in_captioned_tables(banner, decided):
    tables = found(banner.cookies_page(decided), "table")
    captions = [table.find("caption").text for table in tables]
    assert captions == [
        "Necessary", "Extras", "Statistics", "Marketing", "Social media and videos",
    ]  # fmt: skip
    names = ["".join(cell.itertext()) for cell in tables[0].findall("./tbody/tr/th")]
    assert names == ["__Host-cg", "cg_state", "cg_note", "cg_once", "session"]
    statistics = ["".join(cell.itertext()) for cell in tables[2].findall("./tbody/tr/th")]
    assert "_ga" in statistics
    assert len(statistics) == len(set(statistics))


def test_the_declaration_says_what_is_left_out_and_what_was_chosen(banner, decided):
    page = banner.cookies_page(decided)
    for words in ("/docs", "Version 2026-11-21", "You allowed: Statistics and YouTube."):
        assert words in page


def test_a_necessary_third_party_is_declared_with_its_reason(make_banner, undecided):
    banner = make_banner(
        services={"stripe": {"category": "necessary", "reason": {"en": "You pay with it."}}}
    )
    page = banner.cookies_page(undecided)
    assert "You pay with it." in page
    assert "no optional services" in page


def test_a_placeholder_offers_once_and_always_and_the_providers_own_page(banner, undecided):
    youtube = banner._config.lookup.services["youtube"]
    here = replace(undecided, back="/_gate/embed/youtube?u=token")
    page = banner.embed_page(here, youtube, FRAME, loaded=False)
    once, always = found(page, "form")
    assert [i.get("value") for i in once.findall("input")] == ["youtube", here.back]
    assert once.find("button").get("value") == "once"
    assert once.get("target") is None
    assert [i.get("value") for i in always.findall("input")] == ["youtube", FRAME.page]
    assert always.find("button").get("value") == "allow"
    assert always.get("target") == "_top"
    link = found(page, "a")[0]
    assert link.get("href") == FRAME.url
    assert link.get("rel") == "noopener noreferrer"
    assert not found(page, "iframe")


def test_a_frame_that_talks_to_its_page_is_loaded_with_the_page(banner, undecided):
    youtube = banner._config.lookup.services["youtube"]
    page = banner.embed_page(undecided, youtube, replace(FRAME, direct=True), loaded=False)
    once = found(page, "form")[0]
    assert once.get("target") == "_top"
    assert once.findall("input")[1].get("value") == FRAME.page


def test_an_unknown_frame_can_be_granted_nothing(banner, undecided):
    page = banner.embed_page(undecided, None, FRAME, loaded=False)
    assert "www.youtube.com" in page
    assert not found(page, "form")
    assert found(page, "a")


def test_a_frame_of_unknown_origin_still_explains_itself(banner, undecided):
    page = banner.embed_page(undecided, None, Frame(""), loaded=False)
    assert "Blocked content" in page
    assert not found(page, "a")


def test_no_link_leads_to_a_script_address(banner, undecided):
    youtube = banner._config.lookup.services["youtube"]
    page = banner.embed_page(undecided, youtube, replace(FRAME, url="javascript:x"), loaded=False)
    assert "javascript:" not in page


def test_a_small_frame_has_one_link_to_the_settings(banner, undecided):
    youtube = banner._config.lookup.services["youtube"]
    page = banner.embed_page(undecided, youtube, replace(FRAME, small=True), loaded=False)
    (link,) = found(page, "a")
    assert link.get("target") == "_top"
    assert link.get("href") == "/_gate/preferences?back=/jobs%3Fpage%3D2"


@pytest.mark.parametrize(
    ("frame", "attributes"),
    [
        (FRAME, {"src": FRAME.url}),
        (
            replace(FRAME, allow="fullscreen; autoplay", fullscreen=True, title='A "b"'),
            {
                "src": FRAME.url,
                "allow": "fullscreen; autoplay",
                "allowfullscreen": "",
                "title": 'A "b"',
            },
        ),
        (
            replace(FRAME, sandbox="", referrerpolicy="no-referrer"),
            {"src": FRAME.url, "sandbox": "", "referrerpolicy": "no-referrer"},
        ),
    ],
)
def test_the_loaded_frame_gets_exactly_what_the_markup_gave(banner, undecided, frame, attributes):
    youtube = banner._config.lookup.services["youtube"]
    (inner,) = found(banner.embed_page(undecided, youtube, frame, loaded=True), "iframe")
    assert {name: value for name, value in inner.attrib.items() if name != "class"} == attributes


def test_opting_out_is_one_button_and_then_a_fact(banner, decided):
    analytics = banner._config.lookup.services["google-analytics"]
    (form,) = found(banner.opt_out_page(decided, analytics, done=False), "form")
    assert (form.get("method"), form.get("action")) == ("post", "/_gate/opt-out/google-analytics")
    done = banner.opt_out_page(decided, analytics, done=True)
    assert not found(done, "form")
    assert "You are opted out" in done
    assert "https://tools.google.com/dlpage/gaoptout" in done


def test_a_consent_that_was_not_recorded_is_not_called_given(banner, undecided):
    page = banner.error_page(undecided, 503)
    assert "nothing was switched on" in page


def test_the_page_language_follows_the_configured_languages(make_banner):
    banner = make_banner(languages=["sv", "de"])
    assert banner.language("en", "en") == "sv"
    assert banner.language("de-CH", "sv") == "de"
