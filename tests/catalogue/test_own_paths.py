import pytest

from consentgate.catalogue.own_paths import own_trackers


@pytest.mark.parametrize(
    ("path", "query", "tracker"),
    [
        ("/matomo.js", "", "matomo"),
        ("/stats/matomo.php", "idsite=1&rec=1", "matomo"),
        ("/piwik/piwik.php", "", "matomo"),
        ("/piwik.js", "", "matomo"),
        ("/ppms.js", "", "piwik-pro"),
        ("/metrics/g/collect", "v=2&tid=G-ABC123DEF4&cid=1", "google-analytics"),
        ("/anything", "tid=G-ABC123DEF4&v=2", "google-analytics"),
        ("/collect", "v=1&tid=UA-12345-1&t=pageview", "google-analytics"),
        ("/metrics/gtag/js", "id=G-ABC123DEF4", "google-analytics"),
        ("/metrics/", "id=GTM-ABC1234", "google-tag-manager"),
        ("/gtm.js", "id=GTM-ABC1234&l=dataLayer", "google-tag-manager"),
    ],
)
def test_a_tracker_on_the_sites_own_host_is_known(path: str, query: str, tracker: str) -> None:
    assert own_trackers(path, query) == (tracker,)


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/", ""),
        ("/collect", ""),
        ("/g/collect", ""),
        ("/a", "v=2"),
        ("/td", ""),
        ("/analytics.js", ""),
        ("/script.js", ""),
        ("/matomo", ""),
        ("/matomo.js.html", ""),
        ("/docs/my-matomo.js", ""),
        ("/product", "id=G-12345678"),
        ("/product", "tid=G-12345678"),
        ("/product", "v=2&xtid=G-12345678"),
        ("/tickets", "uid=GTM-ABC1234"),
        ("/tickets", "id=GTM-"),
        ("/search", "q=id=GTM-ABC1234"),
        ("/gtag/js", "id=5"),
    ],
)
def test_an_ordinary_address_of_the_site_is_not(path: str, query: str) -> None:
    assert own_trackers(path, query) == ()
