"""Faults that only the whole file shows."""

from collections.abc import Callable

import pytest

from consentgate.catalogue import load_catalogue
from consentgate.config import load_config
from consentgate.config.fields import SHIPPED_LANGUAGES

Faults = Callable[..., list[str]]
ACME = {
    "title": "Acme Chat",
    "category": "functional",
    "provider": {"name": "Acme Inc."},
    "match": {"hosts": ["*.acme.example"]},
}


def test_an_empty_file_is_good_and_asks_nothing() -> None:
    config = load_config({})
    assert config.optional == ()
    assert config.languages == SHIPPED_LANGUAGES


@pytest.mark.parametrize(
    ("section", "key"), [("site", "name"), ("site", "privacy_url"), ("policy", "version")]
)
def test_asking_visitors_needs_a_name_a_notice_and_a_version(
    section: str, key: str, faults: Faults
) -> None:
    (told,) = faults(**{section: {key: ""}})
    assert told.startswith(f"{section}.{key}: missing.")
    assert faults(services={"youtube": {"category": "functional"}}) == []


def test_a_service_of_ones_own_needs_what_the_catalogue_would_bring(faults: Faults) -> None:
    assert faults(services={"acme": ACME}) == []
    for key in ("title", "category", "provider"):
        (told,) = faults(services={"acme": {k: v for k, v in ACME.items() if k != key}})
        assert told.startswith(f"services.acme.{key}: missing.")
    (told,) = faults(services={"acme": {k: v for k, v in ACME.items() if k != "match"}})
    assert told == 'services.acme: not in the catalogue, and no "match" says what to block.'
    (told,) = faults(services={"acme": ACME | {"match": {"hosts": []}}})
    assert told.startswith("services.acme.match: ")


@pytest.mark.parametrize(
    ("written", "meant"),
    [("youtub", "youtube"), ("google_analytics", "google-analytics"), ("Vimeo", "vimeo")],
)
def test_a_misspelt_service_gets_the_nearest_of_the_catalogue(
    written: str, meant: str, faults: Faults
) -> None:
    (told,) = faults(services={written: {}})
    assert told.endswith(f'Did you mean "{meant}"?')


def test_a_member_of_a_family_is_named_by_its_family(faults: Faults) -> None:
    for member in load_catalogue().services["google-analytics"].members:
        (told,) = faults(services={member: {}})
        assert told.startswith(f'services.{member}: part of "google-analytics"')


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("statistics", "analytics"),
        ("advertising", "marketing"),
        ("essential", "necessary"),
        ("Marketing", "marketing"),
        ("helpdesk", "helpdesks"),
    ],
)
def test_a_category_by_another_tools_name_gets_ours(
    written: str, meant: str, faults: Faults
) -> None:
    categories = {"helpdesks": {"title": "Helpdesks"}}
    (told,) = faults(services={"vimeo": {"category": written}}, categories=categories)
    assert told == (
        f'services.vimeo.category: there is no category "{written}". Did you mean "{meant}"?'
    )


@pytest.mark.parametrize("category", ["consent", "", "everything"])
def test_only_categories_that_exist_can_be_used(category: str, faults: Faults) -> None:
    (told,) = faults(services={"acme": ACME | {"category": category}})
    assert told.startswith("services.acme.category: ")


def test_a_necessary_service_needs_a_written_reason(faults: Faults) -> None:
    (told,) = faults(services={"acme": ACME | {"category": "necessary"}})
    assert told.startswith("services.acme.reason: missing.")
    for empty in ("", {}, "  "):
        assert faults(services={"acme": ACME | {"category": "necessary", "reason": empty}})
    reasoned = ACME | {"category": "necessary", "reason": "Nobody can pay without it."}
    assert faults(services={"acme": reasoned}) == []


@pytest.mark.parametrize(
    "service", ["google-analytics", "meta-pixel", "youtube", "google-tag-manager"]
)
def test_what_needs_consent_cannot_be_declared_necessary(service: str, faults: Faults) -> None:
    (told,) = faults(services={service: {"category": "necessary", "reason": "We like it."}})
    assert "cannot be necessary" in told


def test_a_necessary_service_cannot_open_other_services_code(faults: Faults) -> None:
    match = {"hosts": ["js.pay.example"], "inline": ["gtag("]}
    pay = ACME | {"category": "necessary", "reason": "Paying.", "match": match}
    (told,) = faults(services={"pay": pay})
    assert told.startswith("services.pay.match.inline: ")


def test_paths_limit_hosts(faults: Faults) -> None:
    (told,) = faults(services={"acme": ACME | {"match": {"paths": ["/x/*"], "inline": ["acme("]}}})
    assert told.startswith("services.acme.match.paths: ")
    (told,) = faults(services={"vimeo": {"match": {"paths": ["/x/*"]}}})
    assert told.startswith("services.vimeo.match.paths: ")
    stripe = {"category": "necessary", "reason": "Paying.", "match": {"paths": ["/v3/*"]}}
    assert faults(services={"stripe": stripe}) == []


def test_categories_and_services_never_share_a_name(faults: Faults) -> None:
    titled = {"title": "X"}
    assert "service of the catalogue" in faults(categories={"vimeo": titled})[0]
    assert "kept for other consent tools" in faults(categories={"consent": titled})[0]
    both = faults(categories={"acme": titled}, services={"acme": ACME})
    assert [told for told in both if "a category has this name" in told]
    assert faults(services={"social": ACME})


def test_a_category_of_ones_own_needs_a_title(faults: Faults) -> None:
    (told,) = faults(categories={"support": {"title": {}, "description": "x"}})
    assert told.startswith("categories.support.title: missing.")
    assert faults(categories={"analytics": {"title": {}, "description": "x"}}) == []


def test_ids_are_kebab_case(faults: Faults) -> None:
    for id_ in ("Acme", "acme_chat", "-acme", "a--b", "", "a" * 65, "acme\n", "ä"):
        (told,) = faults(services={id_: ACME})
        assert "not an id" in told
        assert "not an id" in faults(categories={id_: {"title": "X"}})[0]


def test_a_proof_outlives_the_choice_it_proves(faults: Faults) -> None:
    (told,) = faults(policy={"ask_again_after": "24 months"}, proofs={"retention": "23 months"})
    assert told.startswith("proofs.retention: ")
    assert faults(policy={"ask_again_after": "24 months"}, proofs={"retention": "2 years"}) == []


def test_a_choice_lasts_24_months_at_most(faults: Faults) -> None:
    (told,) = faults(policy={"ask_again_after": "25 months"})
    assert told.startswith("policy.ask_again_after: ")
    assert faults(policy={"ask_again_after": "2 years"}) == []


def test_languages_are_those_of_the_banner_each_once(faults: Faults) -> None:
    assert "not a language of the banner" in faults(languages=["tlh"])[0]
    assert "twice" in faults(languages=["en", "de", "en"])[0]
    assert faults(languages=[])
    assert faults(languages=["sv"]) == []
    assert "twice" in faults(social={"providers": ["x", "facebook", "x"]})[0]
    assert "twice" in faults(social={"positions": ["top", "top"]})[0]


def test_a_profile_needs_a_button_to_lead_there(faults: Faults) -> None:
    profiles = {"youtube": "https://www.youtube.com/@example"}
    assert faults(social={"providers": ["youtube"], "profiles": profiles}) == []
    (told,) = faults(social={"providers": ["x"], "profiles": profiles})
    assert told.startswith("social.profiles.youtube: has no button")
    assert faults(social={"providers": ["x"], "profiles": {"x": "x.com/me"}})
    assert faults(social={"providers": ["x"], "profiles": {"xing": "https://x.example/"}})


@pytest.mark.parametrize("name", ["_ga", "_ga_*", "_g*"])
def test_a_cookie_that_visitors_are_asked_about_is_not_ones_own(name: str, faults: Faults) -> None:
    own = {name: {"category": "necessary", "lifetime": "session"}}
    (told,) = faults(services={"google-analytics": {}}, first_party_cookies=own)
    assert told.startswith(f"first_party_cookies.{name}: ")
    assert faults(first_party_cookies=own) == []


@pytest.mark.parametrize("name", ["*", "**", "a*", "", "a b", "a;b", "a=b"])
def test_a_cookie_name_names_few_cookies(name: str, faults: Faults) -> None:
    own = {name: {"category": "necessary", "lifetime": "session"}}
    (told,) = faults(first_party_cookies=own)
    assert told.startswith("first_party_cookies")
