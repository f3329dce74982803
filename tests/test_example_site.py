"""The bare example site: every page answers, and every form of embed stands on one of them."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import httpx
import pytest

import example_site
from example_site.pages import PAGES, STATUS
from example_site.site import create_app

HERE = Path(example_site.__file__).parent
UNDECLARED = "widgets.undeclared.example"

FORMS = [
    ("/blog/new-office", "google-analytics.com/urchin.js"),
    ("/blog/new-office", "urchinTracker();"),
    ("/blog/we-are-on-facebook", "document.write(unescape("),
    ("/courses/forklift-licence", "_gaq.push(['_trackPageview'])"),
    ("/courses/german-for-the-job", "stats.g.doubleclick.net/dc.js"),
    ("/courses", "'https://www.google-analytics.com/analytics.js','ga'"),
    ("/courses/payroll-basics", "analytics.js','kaiCount'"),
    ("/about", "googletagmanager.com/gtag/js?id=G-EXAMPLE123"),
    ("/contact", "'gtm.start'"),
    ("/contact", '<noscript><iframe src="https://www.googletagmanager.com/ns.html?id=GTM-EXAMPLE"'),
    ("/contact", "fbq('init', '123456789012345')"),
    ("/contact", 'src="https://www.facebook.com/tr?id=123456789012345&ev=PageView&noscript=1"'),
    ("/contact", "_linkedin_partner_id"),
    ("/contact", "snap.licdn.com/li.lms-analytics/insight.min.js"),
    ("/contact", "px.ads.linkedin.com/collect/?pid="),
    ("/", 'id="fb-root"'),
    ("/", "connect.facebook.net/en_GB/sdk.js#xfbml=1"),
    ("/", 'class="fb-page"'),
    ("/contact", 'class="fb-like"'),
    ("/courses/shift-lead", "window.fbAsyncInit"),
    ("/blog/what-temporary-workers-earn", 'class="fb-post"'),
    ("/blog/what-temporary-workers-earn", 'class="fb-video"'),
    ("/blog/what-temporary-workers-earn", 'class="fb-comments"'),
    ("/blog/we-are-on-facebook", "<fb:like "),
    ("/blog/we-are-on-facebook", "connect.facebook.net/en_GB/all.js"),
    ("/jobs/warehouse-lead", "facebook.com/plugins/like.php?"),
    ("/blog", "facebook.com/plugins/page.php?"),
    ("/blog/a-day-on-the-quay", 'class="instagram-media" data-instgrm-captioned'),
    ("/blog/a-day-on-the-quay", "//www.instagram.com/embed.js"),
    ("/blog/a-day-on-the-quay", "instagram.com/p/CExample456/embed/"),
    ("/", 'src="https://www.youtube.com/embed/'),
    ("/courses", "youtube.com/embed/videoseries?"),
    ("/courses/forklift-licence", "youtube-nocookie.com/embed/"),
    ("/about", "youtube.com/iframe_api"),
    ("/about", "new YT.Player("),
    ("/blog/new-office", '<embed src="http://www.youtube.com/v/'),
    ("/blog/new-office", '<object width="425"'),
    ("/blog/a-day-on-the-quay", 'src="https://i.ytimg.com/vi/'),
    ("/blog/our-fair-in-tweets", 'class="twitter-tweet"'),
    ("/blog/our-fair-in-tweets", 'class="twitter-follow-button"'),
    ("/blog/our-fair-in-tweets", "platform.twitter.com/widgets.js"),
    ("/blog", 'class="twitter-timeline"'),
    ("/jobs/warehouse-lead", 'class="twitter-share-button"'),
    ("/blog/five-minutes-for-your-cv", "platform.x.com/embed/Tweet.html"),
    ("/jobs/warehouse-lead", "platform.linkedin.com/in.js"),
    ("/jobs/warehouse-lead", 'type="IN/Share"'),
    ("/about", "linkedin.com/embed/feed/update/urn:li:share:"),
    ("/contact", "www.google.com/maps/embed?pb="),
    ("/imprint", "fonts.googleapis.com/css2?"),
    ("/imprint", 'rel="preconnect" href="https://fonts.gstatic.com" crossorigin'),
    ("/imprint", 'rel="dns-prefetch" href="//www.googletagmanager.com"'),
    ("/imprint", 'src="https://cdn.jsdelivr.net/npm/'),
    ("/imprint", 'rel="stylesheet" href="https://cdnjs.cloudflare.com/ajax/libs/'),
    ("/courses/payroll-basics", "player.vimeo.com/video/"),
    ("/blog/five-minutes-for-your-cv", 'src="/static/js/late.js"'),
    ("/static/js/late.js", "open.spotify.com/embed/"),
    ("/jobs", 'src="/static/js/search.js"'),
    ("/static/js/search.js", 'new Worker("/static/js/worker.js")'),
    ("/static/js/worker.js", 'importScripts("https://unpkg.com/'),
    ("/static/js/worker.js", 'fetch("https://unpkg.com/'),
    ("/jobs", 'srcset="https://cdn.jsdelivr.net/gh/'),
    ("/jobs", 'href="/static/css/jobs.css"'),
    ("/static/css/jobs.css", 'url("https://code.jquery.com/'),
    ("/blog", 'src="https://www.google-analytics.com/collect?v=1'),
    ("/", 'type="speculationrules"'),
    ("/", 'rel="prefetch" href="https://cdn.jsdelivr.net/'),
    ("/", f'src="https://{UNDECLARED}/partner.js"'),
    ("/imprint", 'document.cookie = "_ga_EXAMPLE123='),
    ("/imprint", 'localStorage.setItem("_uetsid_exp"'),
    ("/", 'data-fragment="/fragments/voices"'),
    ("/fragments/voices", 'src="https://i.ytimg.com/vi/'),
    ("/de", '<html lang="de">'),
]


class Client:
    """A visitor without a browser: asks the bare site, keeps its cookies."""

    def __init__(self) -> None:
        transport = httpx.ASGITransport(create_app(), raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://site.test")

    def get(self, path: str, **options: Any) -> httpx.Response:
        return asyncio.run(self._client.get(path, **options))

    def post(self, path: str, **options: Any) -> httpx.Response:
        return asyncio.run(self._client.post(path, **options))


@pytest.fixture
def site() -> Client:
    return Client()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_a_whole_document_with_its_status(site: Client, path: str) -> None:
    response = site.get(path)
    assert response.status_code == STATUS.get(path, 200)
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.text.startswith("<!doctype html>")
    assert response.text.rstrip().endswith("</html>")
    assert "{{" not in response.text


def test_every_get_route_that_answers_with_a_page_is_listed() -> None:
    other = {"/fragments/voices", "/language/{code}", "/karriere", "/companies/sign-out", "/static"}
    routes = {getattr(route, "path", "") for route in create_app().routes} - other
    missing = {
        route
        for route in routes
        if not any(re.fullmatch(route.replace("{slug}", "[^/]+"), page) for page in PAGES)
    }
    assert routes
    assert not missing


@pytest.mark.parametrize(("path", "form"), FORMS)
def test_the_form_stands_where_it_is_looked_for(site: Client, path: str, form: str) -> None:
    assert form in site.get(path).text


def test_every_snippet_is_used_by_a_page(site: Client) -> None:
    templates = [path.read_text() for path in (HERE / "templates").rglob("*.html")]
    content = (HERE / "content.py").read_text()
    snippets = [path.stem for path in (HERE / "templates" / "snippets").glob("*.html")]
    unused = {
        name
        for name in snippets
        if not any(f"snippets/{name}.html" in text for text in templates)
        and f'"{name.removeprefix("count-")}"' not in content
    }
    assert snippets
    assert not unused


@pytest.mark.parametrize("folder", ["templates", "static"])
def test_nothing_that_the_site_serves_knows_of_consentgate(folder: str) -> None:
    files = [path for path in (HERE / folder).rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if re.search(r"consent-?gate|_gate|cg-", path.read_text())]


def test_the_error_page_is_made_from_the_full_template(site: Client) -> None:
    page = site.get("/broken").text
    for part in ("GTM-EXAMPLE", "fb-page", "instagram-media", "twitter-tweet", "IN/Share"):
        assert part in page
    for part in ("youtube.com/embed/", "player.vimeo.com", "maps/embed", UNDECLARED, "css2?"):
        assert part in page


def test_the_noscript_frame_of_tag_manager_follows_the_body_tag(site: Client) -> None:
    body = site.get("/privacy").text.partition("<body")[2].partition(">")[2]
    text = re.sub(r"<!--.*?-->", "", body).lstrip()
    assert text.startswith('<noscript><iframe src="https://www.googletagmanager.com/ns.html')


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("/contact", {"name": "Ada", "email": "ada@example.org", "message": "Hello"}),
        ("/jobs/warehouse-lead", {"name": "Ada", "email": "ada@example.org"}),
    ],
)
def test_a_form_answers_with_a_page_that_has_embeds(
    site: Client, path: str, values: dict[str, str]
) -> None:
    response = site.post(path, data=values)
    assert response.status_code == 200
    assert "Thank you, Ada." in response.text
    assert "youtube.com/embed/" in response.text


def test_a_form_with_a_gap_comes_back_with_what_was_written(site: Client) -> None:
    response = site.post("/contact", data={"name": "<Ada>", "email": ""})
    assert response.status_code == 422
    assert 'value="&lt;Ada&gt;"' in response.text
    assert "Please fill this in." in response.text


def test_a_company_signs_in_and_out_with_a_session_cookie(site: Client) -> None:
    assert site.post("/companies", data={"company": "demo", "password": "no"}).status_code == 401
    answer = site.post("/companies", data={"company": "demo", "password": "demo"})
    assert answer.status_code == 303
    session = _set_cookies(answer.headers.get_list("set-cookie"))["session"]
    assert "max-age" not in session.lower()
    assert "expires" not in session.lower()
    assert "Your shifts this week" in site.get("/companies").text
    site.post("/companies/sign-out")
    assert "Sign in" in site.get("/companies").text


def test_the_area_for_companies_is_stored_nowhere(site: Client) -> None:
    assert site.get("/companies").headers["cache-control"] == "no-store"


def test_the_server_sets_lasting_cookies_of_known_trackers(site: Client) -> None:
    cookies = _set_cookies(site.get("/").headers.get_list("set-cookie"))
    assert set(cookies) == {"_ga", "_fbp", "_pk_id.1.1fff"}
    assert all("Max-Age=" in value for value in cookies.values())


def test_a_cookie_that_the_visitor_has_is_not_set_again(site: Client) -> None:
    site.get("/")
    assert not site.get("/").headers.get_list("set-cookie")


def test_a_page_for_shared_caches_sets_no_cookie(site: Client) -> None:
    response = site.get("/courses")
    assert response.headers["cache-control"] == "public, max-age=300"
    assert not response.headers.get_list("set-cookie")


def test_a_language_is_remembered_for_a_year(site: Client) -> None:
    response = site.get("/language/de")
    assert response.headers["location"] == "/de"
    assert "Max-Age=31536000" in _set_cookies(response.headers.get_list("set-cookie"))["lang"]
    assert site.get("/language/xx").status_code == 404


def test_the_old_address_leads_to_the_vacancies(site: Client) -> None:
    response = site.get("/karriere")
    assert (response.status_code, response.headers["location"]) == (301, "/jobs")


def test_the_long_page_is_streamed_and_cut_inside_tags(site: Client) -> None:
    messages: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        await asyncio.Event().wait()  # the visitor neither sends a body nor leaves
        raise AssertionError

    async def send(message: MutableMapping[str, Any]) -> None:
        messages.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/jobs/all",
        "query_string": b"",
        "headers": [],
    }
    asyncio.run(create_app()(scope, receive, send))
    start, *parts = messages
    chunks = [part["body"] for part in parts if part["body"]]
    assert b"content-length" not in dict(start["headers"])
    assert b"".join(chunks) == site.get("/jobs/all").content
    assert any(chunk.rpartition(b"<")[2].count(b">") == 0 for chunk in chunks[:-1])


def test_a_fragment_is_no_document(site: Client) -> None:
    text = site.get("/fragments/voices").text
    assert "<html" not in text
    assert "doctype" not in text.lower()


def test_a_static_file_is_not_sent_twice(site: Client) -> None:
    tag = site.get("/static/css/site.css").headers["etag"]
    assert site.get("/static/css/site.css", headers={"If-None-Match": tag}).status_code == 304


def test_the_front_page_announces_a_third_party_in_its_headers(site: Client) -> None:
    assert "https://cdnjs.cloudflare.com/" in site.get("/").headers["link"]


def test_the_configuration_declares_what_the_pages_embed_but_for_one_host() -> None:
    config = json.loads((HERE / "consentgate.json").read_text())
    assert set(config["services"]) == {
        *("google-analytics", "google-tag-manager", "meta-pixel", "linkedin-insight"),
        *("facebook", "instagram", "youtube", "x", "linkedin"),
        *("google-maps", "google-fonts", "vimeo", "spotify", "public-cdn"),
    }
    assert config["social"]["positions"] == ["top", "bottom"]
    assert UNDECLARED not in json.dumps(config)


def test_every_own_file_that_a_page_names_exists(site: Client) -> None:
    named = {
        name
        for path in PAGES
        for name in re.findall(r'(?:src|href)="(/static/[^"]+)"', site.get(path).text)
    }
    assert named
    assert not {name for name in named if site.get(name).status_code != 200}


def _set_cookies(headers: list[str]) -> dict[str, str]:
    return {header.partition("=")[0]: header for header in headers}
