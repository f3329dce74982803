"""What stands in the place of a widget while its provider's script may not run."""

import pytest

from consentgate.catalogue import Lookup, load_catalogue
from consentgate.catalogue.markup import parse_selector
from consentgate.gate.access import Access
from consentgate.gate.embeds import Embeds
from consentgate.gate.html import HtmlGate
from consentgate.gate.widgets import KINDS, Shape, Widget
from consentgate.model import Consent, Match, Provider, Service
from consentgate.sites import FirstParty

OWN = Service(
    "acme", "Acme", "social", Provider("Acme"), matches=(Match(markup=("acme-wall", ".acme")),)
)
LOOKUP = Lookup([OWN, *load_catalogue().services.values()])


class Places:
    """Notes every widget that is asked for; what stands there is its name and shape."""

    def __init__(self):
        self.asked = []

    def __call__(self, widget: Widget) -> bytes:
        self.asked.append(widget)
        return f"({widget.service.id} {widget.shape.name})".encode()


def embeds(places, allowed=()):
    return Embeds(
        Access(FirstParty("www.example.com", frozenset()), LOOKUP, Consent(frozenset(allowed))),
        embed_url=lambda name, _: f"/_gate/embed/{name}",
        gate_url="https://www.example.com/_gate/",
        preferences_url="/_gate/preferences",
        slots={},
        place=places,
    )


def gated(markup, *, allowed=(), places=None):
    gate = HtmlGate(embeds(places or Places(), allowed))
    page = f"<!doctype html><html><body>{markup}</body></html>".encode()
    out = (gate.feed(page) + gate.close()).decode()
    return out.removeprefix("<!doctype html><html><body>").removesuffix("</body></html>")


MARKUP = {
    '<div class="fb-page" data-href="https://www.facebook.com/me">': ("facebook", "BOX"),
    "<div class='wide  fb-post' data-href=x>": ("facebook", "BOX"),
    "<div class=fb-video>": ("facebook", "BOX"),
    "<DIV CLASS = fb-group>": ("facebook", "BOX"),
    '<div\nclass="fb-share-button"\ndata-layout="button">': ("facebook", "LINE"),
    '<fb:page href="https://www.facebook.com/me">': ("facebook", "BOX"),
    "<fb:share-button>": ("facebook", "LINE"),
    '<div class="fb-like">': ("facebook", "SHARE"),
    '<div class="fb-comments">': ("facebook", "SHARE"),
    '<fb:like href="https://www.example.com/">': ("facebook", "SHARE"),
    '<blockquote class="instagram-media" data-instgrm-permalink="x">': ("instagram", "BOX"),
    '<blockquote class="twitter-tweet tw-align-center">': ("x", "BOX"),
    '<blockquote class="twitter-video">': ("x", "BOX"),
    '<a class="twitter-timeline" href="https://twitter.com/me">': ("x", "BOX"),
    '<a href="https://twitter.com/share" class="twitter-share-button">': ("x", "LINE"),
    '<a href="https://twitter.com/me" class="twitter-follow-button">': ("x", "LINE"),
    "<twitter-widget>": ("x", "BOX"),
    '<script type="IN/Share" data-url="https://www.example.com/">': ("linkedin", "LINE"),
    '<script type="IN/MemberProfile" data-id="https://x">': ("linkedin", "BOX"),
    '<div class="badge-base LI-profile-badge">': ("linkedin", "BOX"),
    '<lite-youtube videoid="abc">': ("youtube", "BOX"),
    '<blockquote class="tiktok-embed">': ("tiktok-embed", "BOX"),
    '<blockquote class="bluesky-embed">': ("bluesky-embed", "BOX"),
    '<a data-pin-do="embedPin" href="https://www.pinterest.com/pin/1">': (
        "pinterest-widgets",
        "BOX",
    ),
    '<a data-pin-do="buttonPin" href="https://www.pinterest.com/pin/create/button/">': (
        "pinterest-widgets",
        "LINE",
    ),
    '<div data-tf-live="abc">': ("typeform", "BOX"),
    '<div id="disqus_thread">': ("disqus", "BOX"),
    '<div class="h-captcha" data-sitekey="x">': ("hcaptcha", "BOX"),
    "<etrusted-widget>": ("trusted-shops", "BOX"),
    '<button class="g-recaptcha" data-sitekey="x">': ("recaptcha", "LINE"),
    '<span class="wistia_embed wistia_async_abc popover=true">': ("wistia", "LINE"),
    '<stripe-buy-button buy-button-id="x">': ("stripe", "BOX"),
    "<Stripe-Pricing-Table>": ("stripe", "BOX"),
    '<div id="payment-element">': ("stripe", "BOX"),
    '<div class="field" id=card-element>': ("stripe", "BOX"),
    '<div id="paypal-button-container">': ("paypal", "BOX"),
    '<div id="paypal-container-ABC">': ("paypal", "BOX"),
    '<div data-pp-message data-pp-amount="9">': ("paypal", "LINE"),
    '<klarna-placement data-key="credit-promotion-badge">': ("klarna", "LINE"),
    '<div id="klarna-payments-container">': ("klarna", "BOX"),
    '<div class="g_id_signin" data-type="standard">': ("google-signin", "LINE"),
    '<div class="g-signin2">': ("google-signin", "LINE"),
    '<div class="sharethis-inline-share-buttons">': ("sharethis", "LINE"),
    '<div class="wide klaviyo-form-AbCdEf">': ("klaviyo", "BOX"),
    '<div class="meetings-iframe-container" data-src="x">': ("hubspot", "BOX"),
    '<div data-consentgate="youtube" id="player">': ("youtube", "BOX"),
    '<div class="acme" data-consentgate="acme">': ("acme", "BOX"),
}


@pytest.mark.parametrize("markup", MARKUP)
def test_each_form_of_plugin_has_its_place(markup):
    service, shape = MARKUP[markup]
    out = gated(f"<p>Before</p>{markup}")
    offer = f"({service} {shape})"
    mark = "" if markup.startswith("<script") else f' data-cg="{service}"'
    assert out.startswith(f"<p>Before</p>{offer}<")
    assert out.replace(offer, "").replace(mark, "") == f"<p>Before</p>{markup}"
    assert mark in out


@pytest.mark.parametrize(
    ("markup", "service"),
    [
        ('<div data-tf-widget="abc">', "typeform"),
        ('<div class="calendly-inline-widget" style="height:700px">', "calendly"),
        ("<gmp-map>", "google-maps"),
        ("<wistia-player>", "wistia"),
    ],
)
def test_an_empty_element_with_a_size_holds_its_box_itself(markup, service):
    out = gated(f"{markup}<p>After")
    assert out.replace(f' data-cg="{service}"', "") == f"{markup}({service} INSIDE)<p>After"
    assert gated(markup, allowed=(service,)) == markup


@pytest.mark.parametrize(
    ("code", "service"),
    [
        ("new Vimeo.Player('film', {})", "vimeo"),
        ("new Twitch.Embed('live', {})", "twitch"),
        ("new google.maps.Map(place, {})", "google-maps"),
        ("hbspt.forms.create({})", "hubspot"),
        ("MktoForms2.loadForm('//app.example', '1', 2)", "marketo"),
        ("mapboxgl.accessToken = ''; new mapboxgl.Map({})", "mapbox"),
        ("window.onSpotifyIframeApiReady = (api) => {}", "spotify"),
        ("window.paypal?.Buttons({}).render('#pay')", "paypal"),
        ("paypal.HostedButtons({}).render('#pay')", "paypal"),
        ("elements = Stripe('pk').elements(); elements.create('card')", "stripe"),
        ("Klarna.Payments.load({ container: '#pay' })", "klarna"),
        ("google.accounts.id.renderButton(place, {})", "google-signin"),
        ("Calendly.initInlineWidget({})", "calendly"),
        ("tf.createWidget('id', {})", "typeform"),
        ("turnstile.render('#check', {})", "turnstile"),
        ("grecaptcha.render('check')", "recaptcha"),
        (
            "L.map('m'); L.tileLayer('https://tile.openstreetmap.org/{z}/{x}/{y}.png')",
            "openstreetmap",
        ),
    ],
)
def test_what_a_script_builds_has_its_place_beside_the_script(code, service):
    script = f"<script>{code}</script>"
    out = gated(script)
    assert out.startswith(f'({service} BOX)<script type="text/plain" data-cg="{service}">')
    assert gated(script, allowed=(service,)) == script


def test_a_script_that_is_a_players_place_has_the_box_before_itself():
    script = '<script src="https://geo.dailymotion.com/player/x1.js" data-video="x2">'
    out = gated(script + "</script>")
    assert out.startswith("(dailymotion BOX)<script ")
    assert ' type="text/plain" data-cg="dailymotion"' in out
    assert 'src="https://geo.dailymotion.com/player/x1.js" data-video="x2"' in out
    assert gated(script, allowed=("dailymotion",)) == script
    assert "BOX" not in gated(script.replace(" data-video", " data-other"))
    assert "BOX" not in gated(script.replace("src=", "type=text/plain src="))


def test_what_nobody_comes_for_has_no_place_even_beside_a_script_that_builds_something():
    script = "<script>fbq('init', '1'); L.map('map')</script>"
    assert 'data-cg="meta-pixel"' in gated(script)
    assert "BOX" not in gated(script)


@pytest.mark.parametrize("markup", MARKUP)
def test_with_consent_nothing_is_put_in_and_every_byte_stays(markup):
    service, _ = MARKUP[markup]
    assert gated(markup, allowed=(service,)) == markup


def test_gating_twice_is_gating_once():
    once = gated('<div class="fb-page">')
    assert gated(once) == once


def test_every_widget_of_a_page_has_its_own_place():
    places = Places()
    gated(
        '<div class="fb-post"></div><div class="fb-post"></div><a class="twitter-timeline">',
        places=places,
    )
    assert [widget.service.id for widget in places.asked] == ["facebook", "facebook", "x"]


@pytest.mark.parametrize(
    "around",
    ["<noscript>{}</noscript>", "<template>{}</template>", "<svg>{}</svg>", "<!-- {} -->",
     "<textarea>{}</textarea>", "<script>'{}'</script>"],
)  # fmt: skip
def test_nothing_stands_where_nobody_sees_it(around):
    page = around.format('<lite-youtube videoid="abc"></lite-youtube>')
    assert gated(page) == page
    behind = gated(page + '<lite-youtube videoid="abc">')
    assert behind.startswith(f"{page}(youtube BOX)")


@pytest.mark.parametrize(
    "markup",
    [
        '<div id="fb-root"></div>',
        '<div class="fb-customerchat">',
        '<blockquote class="fb-xfbml-parse-ignore">',
        '<ins class="adsbygoogle">',
        '<div id="g_id_onload" data-client_id="x">',
        '<form action="https://example.us1.list-manage.com/subscribe/post">',
        '<div class="twitter-like-design">',
        '<a class="bird" href="https://twitter.com/me">',
        '<div class="a" data-consentgate="nobody">',
    ],
)
def test_what_has_no_place_on_the_page_stays_as_it_is(markup):
    assert gated(markup) == markup


def test_a_share_link_leads_where_the_plugin_did():
    places = Places()
    gated('<div class="fb-like" data-href="https://a.example/?b=c&amp;d">', places=places)
    gated('<fb:comments href="https://a.example/">', places=places)
    gated('<div class="fb-like" data-href="/relative">', places=places)
    gated('<div class="fb-like" data-href="javascript:alert(1)">', places=places)
    assert {widget.shape for widget in places.asked} == {Shape.SHARE}
    addresses = [widget.address for widget in places.asked]
    assert addresses == ["https://a.example/?b=c&d", "https://a.example/", "", ""]


@pytest.mark.parametrize("path", ["/plugins/like.php", "/v2.3/plugins/comments.php"])
def test_a_retired_plugin_in_a_frame_gives_way_to_a_share_link(path):
    places = Places()
    frame = (
        f'<iframe src="https://www.facebook.com{path}?href=https%3A%2F%2Fa.example%2F"></iframe>'
    )
    out = gated(frame, places=places)
    assert out.startswith("(facebook SHARE)<iframe")
    assert ' data-cg-src="https://www.facebook.com' in out
    assert ' hidden="' in out
    assert "/_gate/embed" not in out
    assert places.asked == [Widget(LOOKUP.services["facebook"], Shape.SHARE, "https://a.example/")]
    assert gated(frame, allowed=("facebook",)) == frame


def test_a_player_that_a_script_builds_has_its_place_beside_the_script():
    script = "<script>player = new YT.Player('player', { videoId: 'abc' })</script>"
    assert gated(script).startswith('(youtube BOX)<script type="text/plain" data-cg="youtube">')
    assert gated(script, allowed=("youtube",)) == script
    marked = gated(f'<div id="player" data-consentgate="youtube"></div>{script}')
    assert marked.count("(youtube BOX)") == 1


def test_a_player_in_the_head_has_no_place_there():
    places = Places()
    gate = HtmlGate(embeds(places))
    gate.feed(b"<!doctype html><html><head><script>new YT.Player('p', {})</script></head><body>")
    assert places.asked == []


def test_a_marked_element_is_gated_like_any_other():
    out = gated('<table data-consentgate="youtube" background="https://i.ytimg.com/vi/a/0.jpg">')
    assert out.startswith("(youtube BOX)<table")
    assert 'data-cg-background="https://i.ytimg.com' in out


def test_a_mark_does_not_open_what_is_blocked():
    out = gated('<img data-consentgate="social" src="https://i.ytimg.com/vi/a/0.jpg">')
    assert "data-cg-src" in out


LOADED_BY_THEMSELVES = {"embed", "form", "iframe", "link", "object"}
NOWHERE = {
    "#fb-root", "#g_id_onload", ".fb-customerchat", ".calendly-badge-widget",
    "script#hs-script-loader",
}  # fmt: skip
SELECTORS = {
    (service.id, selector): parsed
    for service in load_catalogue().services.values()
    if service.kind in KINDS
    for match in service.matches
    for selector in match.markup
    if (parsed := parse_selector(selector)) and selector not in NOWHERE
    if parsed.tag not in LOADED_BY_THEMSELVES
}


@pytest.mark.parametrize(("service", "selector"), SELECTORS)
def test_every_place_in_the_catalogue_is_noticed(service, selector):
    """The scanner knows the beginnings of names; they must not lag behind the catalogue."""
    parsed, places = SELECTORS[service, selector], Places()
    classes = " ".join(c.value for c in parsed.conditions if c.name == "class")
    others = (f'{c.name}="{c.value}"' for c in parsed.conditions if c.name != "class")
    gated(f'<{parsed.tag or "div"} class="wide {classes}" {" ".join(others)}>', places=places)
    assert [widget.service.id for widget in places.asked] == [service]


def test_the_catalogue_has_many_places():
    assert len(SELECTORS) > 50
