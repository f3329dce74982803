import pytest

from consentgate.catalogue import load_catalogue
from consentgate.catalogue.wording import cookie_purpose, placeholder, purpose


def test_a_purpose_names_the_service() -> None:
    assert purpose("video", "Vimeo")["en"] == "Plays videos from Vimeo on our pages."


def test_an_unknown_kind_has_no_purpose_but_a_general_placeholder() -> None:
    assert purpose("", "Acme") == {}
    assert placeholder("", "Acme Chat", "Acme")["en"] == (
        "This content comes from Acme Chat. Loading it sends your IP address to Acme."
    )


@pytest.mark.parametrize(
    ("title", "company", "source"),
    [
        ("YouTube", "Google", "YouTube (Google)"),
        ("Google Maps", "Google", "Google Maps"),
        ("Vimeo", "Vimeo", "Vimeo"),
        ("Acme", "Acme Holding", "Acme"),
        ("Acme", "", "Acme"),
    ],
)
def test_a_company_is_named_beside_the_title_only_if_it_adds_something(
    title: str, company: str, source: str
) -> None:
    text = placeholder("map", title, company)["en"]
    assert text.startswith(f"This map comes from {source}. ")
    assert text.endswith(f" to {company or title}.")


def test_what_is_not_like_the_others_of_its_kind_says_what_it_is() -> None:
    services = load_catalogue().services
    assert services["bluesky-embed"].placeholder["en"].startswith("This post comes from Bluesky.")
    assert services["pinterest-widgets"].placeholder["de"].startswith("Dieser Pin kommt von ")
    assert services["tiktok-embed"].placeholder["fr"].startswith("Cette vidéo vient de TikTok")
    assert services["facebook"].placeholder["en"].startswith("This content comes from Facebook")


def test_a_captcha_says_what_the_form_lacks_without_it() -> None:
    text = load_catalogue().services["turnstile"].placeholder
    assert "Without it the form may not be accepted." in text["en"]
    assert len(set(text.values())) == len(text) >= 35


def test_braces_in_a_title_are_only_text() -> None:
    assert "{title}" in purpose("video", "{title}")["de"]


def test_an_unknown_use_of_a_cookie_has_no_words() -> None:
    assert cookie_purpose("csrf")["de"]
    assert cookie_purpose("juggling") == {}
