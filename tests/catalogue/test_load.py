from dataclasses import FrozenInstanceError

import pytest

from consentgate.catalogue import load_catalogue
from consentgate.config.fields import SHIPPED_LANGUAGES
from consentgate.model import Party

CATALOGUE = load_catalogue()
LANGUAGES = set(SHIPPED_LANGUAGES)


def test_the_files_are_read_once() -> None:
    assert load_catalogue() is load_catalogue()


def test_the_catalogue_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        CATALOGUE.services["x"] = CATALOGUE.services["youtube"]  # type: ignore[index]
    with pytest.raises(FrozenInstanceError):
        CATALOGUE.services["youtube"].title = "x"  # type: ignore[misc]


def test_a_configuration_can_name_112_services_and_two_families() -> None:
    assert len(CATALOGUE.services) == 114
    families = {name for name, service in CATALOGUE.services.items() if service.members}
    assert families == {"google-ads", "google-analytics"}
    assert list(CATALOGUE.services) == sorted(CATALOGUE.services)


def test_google_analytics_is_one_service_with_all_its_forms() -> None:
    family = CATALOGUE.services["google-analytics"]
    assert family.title == "Google Analytics"
    assert len(family.members) == len(family.matches) == 5
    assert not set(family.members) & set(CATALOGUE.services)
    names = [cookie.name for cookie in family.cookies]
    assert {"_ga", "_ga_*", "__utma", "FPID"} <= set(names)
    assert len(names) == len(set(names))
    assert not family.legacy


@pytest.mark.parametrize(
    ("name", "title", "category"),
    [
        ("google-analytics", "Google Analytics", "analytics"),
        ("google-tag-manager", "Google Tag Manager", "analytics"),
        ("optimizely", "Optimizely", "analytics"),
        ("meta-pixel", "Meta Pixel", "marketing"),
        ("x-pixel", "X Pixel (Twitter)", "marketing"),
        ("linkedin-insight", "LinkedIn Insight Tag", "marketing"),
        ("facebook", "Facebook", "social"),
        ("instagram", "Instagram", "social"),
        ("x", "X (Twitter)", "social"),
        ("linkedin", "LinkedIn", "social"),
        ("youtube", "YouTube", "social"),
        ("vimeo", "Vimeo", "functional"),
        ("google-maps", "Google Maps", "functional"),
        ("google-fonts", "Google Fonts", "functional"),
        ("cookiebot", "Cookiebot", "consent"),
        ("cloudflare-edge", "Cloudflare network", "necessary"),
    ],
)
def test_ids_titles_and_categories_are_those_of_the_documentation(
    name: str, title: str, category: str
) -> None:
    service = CATALOGUE.services[name]
    assert (service.title, service.category) == (title, category)


@pytest.mark.parametrize("name", sorted(CATALOGUE.services))
def test_every_service_says_what_it_is_for_in_every_language(name: str) -> None:
    service = CATALOGUE.services[name]
    assert set(service.purpose) == set(service.placeholder) == LANGUAGES
    texts = [*service.purpose.values(), *service.placeholder.values()]
    assert all(text.endswith((".", "。")) and "{" not in text for text in texts)
    assert all(set(cookie.purpose) == LANGUAGES for cookie in service.cookies)
    assert service.provider.name
    assert service.kind


def test_a_placeholder_says_where_content_comes_from_and_who_learns_the_address() -> None:
    placeholder = CATALOGUE.services["youtube"].placeholder
    assert placeholder["en"] == (
        "This video comes from YouTube (Google). Loading it sends your IP address to Google."
    )
    assert placeholder["de"].startswith("Dieses Video kommt von YouTube (Google).")
    assert placeholder["sv"].startswith("Den här videon kommer från YouTube (Google).")


def test_the_provider_is_the_company_that_answers_to_visitors_in_the_union() -> None:
    google = CATALOGUE.services["youtube"].provider
    assert google == CATALOGUE.services["google-maps"].provider
    assert google.name == "Google Ireland Limited"
    assert google.country == CATALOGUE.services["meta-pixel"].provider.country == "IE"


def test_what_the_catalogue_calls_necessary_brings_its_reason() -> None:
    necessary = [s for s in CATALOGUE.services.values() if s.category == "necessary"]
    assert [service.id for service in necessary] == ["cloudflare-edge"]
    assert set(necessary[0].reason) == LANGUAGES
    assert not CATALOGUE.services["stripe"].reason


def test_shared_hosts_are_hosts_too() -> None:
    match = CATALOGUE.services["youtube"].matches[0]
    assert "www.youtube.com" in match.shared_hosts
    assert match.shared_hosts <= set(match.hosts)


def test_facts_known_to_be_wrong_elsewhere_are_right_here() -> None:
    fbp = next(c for c in CATALOGUE.services["meta-pixel"].cookies if c.name == "_fbp")
    assert fbp.party is Party.FIRST
    fpid = next(c for c in CATALOGUE.services["google-analytics"].cookies if c.name == "FPID")
    assert fpid.lifetime == "2 years"
