"""Scripts that do what the vendors' own do: find their markup, and put a frame in its place.

Where a vendor's script gives the page something to call instead, so does ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.browser.providers import Serves

_WHEN_READY = """
((run) => {
  if (document.readyState === 'loading') addEventListener('DOMContentLoaded', run);
  else run();
})(() => {
  const frame = (src) => Object.assign(document.createElement('iframe'), { src, title: 'real' });
  %s
});
"""
_FRAME = (
    "const frame = (src) =>"
    " Object.assign(document.createElement('iframe'), { src, title: 'real' });\n"
)


@dataclass(frozen=True, slots=True)
class StandIn:
    """What is served at an address of a vendor's, and to whom."""

    host: str
    path: str
    body: str


def _finds(host: str, path: str, selector: str, src: str, *, fills: bool = False) -> StandIn:
    """One that turns each element of a selector into a frame, or fills it with one.

    ``src`` is a JavaScript expression in ``place``, the element.
    """
    put = "place.replaceChildren" if fills else "place.replaceWith"
    work = f"for (const place of document.querySelectorAll('{selector}')) {put}(frame({src}));"
    return StandIn(host, path, _WHEN_READY % work)


def _offers(host: str, path: str, work: str) -> StandIn:
    """One that gives the page something to call."""
    return StandIn(host, path, _FRAME + work)


_STRIPE_ELEMENTS = _offers(
    "js.stripe.com",
    "/v3/",
    "window.Stripe = () => ({ elements: () => ({ create: (kind) => ({ mount(where) {"
    " document.querySelector(where).replaceChildren("
    "frame(`https://js.stripe.com/v3/elements-inner-${kind}.html`)); } }) }) });",
)

STAND_INS: Mapping[str, StandIn] = {
    "bluesky-embed": _finds(
        "embed.bsky.app", "/static/embed.js", "blockquote.bluesky-embed",
        "`https://embed.bsky.app/embed/${place.dataset.blueskyUri.slice(5)}`",
    ),
    "calendly": _finds(
        "assets.calendly.com", "*.js", ".calendly-inline-widget", "place.dataset.url", fills=True
    ),
    "dailymotion.script": _offers(
        "geo.dailymotion.com", "/libs/player/*.js",
        "window.dailymotion = { createPlayer: async (id, { video }) => {"
        " document.getElementById(id).replaceWith("
        "frame(`https://geo.dailymotion.com/player.html?video=${video}`)); } };",
    ),
    "dailymotion.tag": StandIn(
        "geo.dailymotion.com", "/player/*.js",
        _FRAME + "const place = document.currentScript; place.after("
        "frame(`https://geo.dailymotion.com/player/xabcd.html?video=${place.dataset.video}`));",
    ),
    "disqus": _finds(
        "example.disqus.com", "/embed.js", "#disqus_thread",
        "'https://disqus.com/embed/comments/'", fills=True,
    ),
    "facebook": _finds(
        "connect.facebook.net", "*.js", ".fb-page",
        "`https://www.facebook.com/v21.0/plugins/page.php?href=${place.dataset.href}`", fills=True,
    ),
    "friendly-captcha": _finds(
        "cdn.jsdelivr.net", "*.js", ".frc-captcha",
        "'https://global.frcapi.com/api/v1/captcha'", fills=True,
    ),
    "google-maps.api": _offers(
        "maps.googleapis.com", "/maps/api/js",
        "google.maps.importLibrary = async () => ({ Map: class { constructor(place) {"
        " place.replaceChildren(frame('https://maps.googleapis.com/maps/api/js/view')); } } });"
        "google.maps.__ib__?.();",
    ),
    "google-maps.element": _finds(
        "maps.googleapis.com", "/maps/api/js", "gmp-map",
        "'https://maps.googleapis.com/maps/api/js/view'", fills=True,
    ),
    "google-signin": _finds(
        "accounts.google.com", "/gsi/client", ".g_id_signin",
        "'https://accounts.google.com/gsi/button'", fills=True,
    ),
    "google-signin.platform": _finds(
        "apis.google.com", "/js/platform.js", ".g-signin2",
        "'https://accounts.google.com/gsi/button'", fills=True,
    ),
    "hcaptcha": _finds(
        "js.hcaptcha.com", "/1/api.js", ".h-captcha",
        "'https://newassets.hcaptcha.com/captcha/v1/frame.html'", fills=True,
    ),
    "hubspot.form": _offers(
        "js.hsforms.net", "*.js",
        "window.hbspt = { forms: { create: ({ formId }) => document.currentScript.after("
        "frame(`https://forms.hsforms.com/embed/v3/form/${formId}`)) } };",
    ),
    "hubspot.form-frame": _finds(
        "js.hsforms.net", "*.js", ".hs-form-frame",
        "`https://forms.hsforms.com/embed/v3/form/${place.dataset.formId}`", fills=True,
    ),
    "hubspot.meetings": _finds(
        "static.hsappstatic.net", "*.js", ".meetings-iframe-container", "place.dataset.src",
        fills=True,
    ),
    "instagram": _finds(
        "www.instagram.com", "/embed.js", "blockquote.instagram-media",
        "place.dataset.instgrmPermalink.split('?')[0] + 'embed/captioned/'",
    ),
    "issuu.script": _finds(
        "e.issuu.com", "/embed.js", ".issuuembed",
        "`https://e.issuu.com/embed.html#${place.dataset.configid}`", fills=True,
    ),
    "klarna": _offers(
        "x.klarnacdn.net", "/kp/lib/v1/api.js",
        "window.Klarna = { Payments: { init() {}, load({ container }) {"
        " document.querySelector(container).replaceChildren("
        "frame('https://js.klarna.com/kp/lib/v1/main.html')); } } };"
        " const start = () => setTimeout(() => klarnaAsyncCallback());"
        " document.readyState === 'complete' ? start() : addEventListener('load', start);",
    ),
    "klarna.messaging": _finds(
        "js.klarna.com", "/web-sdk/v1/klarna.js", "klarna-placement",
        "`https://js.klarna.com/osm/${place.dataset.key}`", fills=True,
    ),
    "klaviyo.form": _finds(
        "static.klaviyo.com", "*.js", "[class^=klaviyo-form-]",
        "`https://static.klaviyo.com/forms/${place.className.slice(13)}`", fills=True,
    ),
    "linkedin": _finds(
        "platform.linkedin.com", "/in.js", 'script[type="IN/Share"]',
        "`https://www.linkedin.com/cws/share?url=${place.dataset.url}`",
    ),
    "linkedin.badge": _finds(
        "platform.linkedin.com", "/badges/js/profile.js", ".LI-profile-badge",
        "`https://platform.linkedin.com/badges/profile/${place.dataset.vanity}`", fills=True,
    ),
    "marketo.form": _offers(
        "app-sj01.marketo.com", "*.js",
        "window.MktoForms2 = { loadForm: (host, id, form) => {"
        " document.getElementById(`mktoForm_${form}`).replaceChildren("
        "frame(`https:${host}/index.php/form/getForm?form=${form}`)); } };",
    ),
    "paypal": _offers(
        "www.paypal.com", "/sdk/js",
        "window.paypal = { Buttons: () => ({ render(where) {"
        " document.querySelector(where).replaceChildren("
        "frame('https://www.paypal.com/smart/buttons')); } }) };",
    ),
    "paypal.hosted": _offers(
        "www.paypal.com", "/sdk/js",
        "window.paypal = { HostedButtons: ({ hostedButtonId }) => ({ render(where) {"
        " document.querySelector(where).replaceChildren("
        "frame(`https://www.paypal.com/smart/buttons?id=${hostedButtonId}`)); } }) };",
    ),
    "paypal.message": _finds(
        "www.paypal.com", "/sdk/js", "[data-pp-message]",
        "`https://www.paypal.com/credit-presentment/smart/message?amount=${place.dataset.ppAmount}`",
        fills=True,
    ),
    "pinterest-widgets": _finds(
        "assets.pinterest.com", "/js/pinit.js", "a[data-pin-do]",
        "'https://assets.pinterest.com/ext/embed.html?id=1'",
    ),
    "recaptcha": _finds(
        "www.google.com", "/recaptcha/api.js", ".g-recaptcha",
        "'https://www.google.com/recaptcha/api2/anchor'", fills=True,
    ),
    "reddit-embed": _finds(
        "embed.reddit.com", "/widgets.js", "blockquote.reddit-embed-bq",
        "place.querySelector('a').href.replace('www.', 'embed.')",
    ),
    "spotify.api": _offers(
        "open.spotify.com", "/embed/iframe-api/v1",
        "addEventListener('load', () => window.onSpotifyIframeApiReady({ createController:"
        " (place, { uri }) => place.replaceWith("
        "frame(`https://open.spotify.com/embed/${uri.split(':').slice(1).join('/')}`)) }));",
    ),
    "sharethis": _finds(
        "platform-api.sharethis.com", "/js/sharethis.js", ".sharethis-inline-share-buttons",
        "'https://buttons-config.sharethis.com/js/example.html'", fills=True,
    ),
    "stripe.buy-button": _finds(
        "js.stripe.com", "/v3/buy-button.js", "stripe-buy-button",
        "`https://js.stripe.com/v3/buy-button-app.html#${place.getAttribute('buy-button-id')}`",
        fills=True,
    ),
    "stripe.card-element": _STRIPE_ELEMENTS,
    "stripe.payment-element": _STRIPE_ELEMENTS,
    "stripe.pricing-table": _finds(
        "js.stripe.com", "/v3/pricing-table.js", "stripe-pricing-table",
        "`https://js.stripe.com/v3/pricing-table-app.html#${place.getAttribute('pricing-table-id')}`",
        fills=True,
    ),
    "tiktok-embed": _finds(
        "www.tiktok.com", "/embed.js", "blockquote.tiktok-embed",
        "`https://www.tiktok.com/embed/v2/${place.dataset.videoId}`", fills=True,
    ),
    "trusted-shops.etrusted": _finds(
        "integrations.etrusted.com", "*", "etrusted-widget",
        "'https://integrations.etrusted.com/applications/widget.js/view'", fills=True,
    ),
    "trustpilot": _finds(
        "widget.trustpilot.com", "/bootstrap/*", ".trustpilot-widget",
        "`https://widget.trustpilot.com/trustboxes/${place.dataset.templateId}/index.html`",
        fills=True,
    ),
    "turnstile": _finds(
        "challenges.cloudflare.com", "/turnstile/v0/api.js", ".cf-turnstile",
        "'https://challenges.cloudflare.com/turnstile/frame'", fills=True,
    ),
    "twitch.player": _offers(
        "player.twitch.tv", "/js/embed/v1.js",
        "window.Twitch = { Player: class { constructor(id, { channel }) {"
        " document.getElementById(id).replaceChildren("
        "frame(`https://player.twitch.tv/?channel=${channel}`)); } } };",
    ),
    "twitch.script": _offers(
        "embed.twitch.tv", "/embed/v1.js",
        "window.Twitch = { Embed: class { constructor(id, { channel }) {"
        " document.getElementById(id).replaceChildren("
        "frame(`https://embed.twitch.tv/?channel=${channel}`)); } } };",
    ),
    "typeform": _finds(
        "embed.typeform.com", "/next/embed.js", "[data-tf-live]",
        "`https://form.typeform.com/to/${place.dataset.tfLive}`", fills=True,
    ),
    "typeform.widget": _finds(
        "embed.typeform.com", "/next/embed.js", "[data-tf-widget]",
        "`https://form.typeform.com/to/${place.dataset.tfWidget}`", fills=True,
    ),
    "vimeo.attributes": _finds(
        "player.vimeo.com",
        "/api/player.js",
        "[data-vimeo-id], [data-vimeo-url]",
        "place.dataset.vimeoUrl ?? `https://player.vimeo.com/video/${place.dataset.vimeoId}`",
        fills=True,
    ),
    "vimeo.player": _offers(
        "player.vimeo.com", "/api/player.js",
        "window.Vimeo = { Player: class { constructor(id, { id: film }) {"
        " document.getElementById(id).replaceChildren("
        "frame(`https://player.vimeo.com/video/${film}`)); } setVolume() {} } };",
    ),
    "wistia": _finds(
        "fast.wistia.com", "/player.js", "wistia-player",
        "`https://fast.wistia.net/embed/iframe/${place.getAttribute('media-id')}`", fills=True,
    ),
    "wistia.older": _finds(
        "fast.wistia.com", "/assets/external/E-v1.js", ".wistia_embed",
        "'https://fast.wistia.net/embed/iframe/abcde12345'", fills=True,
    ),
    "x": _finds(
        "platform.twitter.com", "/widgets.js", "blockquote.twitter-tweet",
        "'https://platform.twitter.com/embed/Tweet.html?id=20'",
    ),
    "x.timeline": _finds(
        "platform.twitter.com", "/widgets.js", "a.twitter-timeline",
        "'https://platform.x.com/srv/timeline-profile/screen-name/XDevelopers'",
    ),
    "youtube.api": _offers(
        "www.youtube.com", "/iframe_api",
        "window.YT = { Player: class { constructor(id, { videoId }) {"
        " document.getElementById(id).replaceWith("
        "frame(`https://www.youtube.com/embed/${videoId}`)); } } };"
        " onYouTubeIframeAPIReady();",
    ),
}  # fmt: skip
"""By the fixture that the script works for: several are served at one address."""


def serve(recorder: Serves, fixture: str) -> None:
    """Have the vendor's script answer this one fixture as the real one does."""
    stand_in = STAND_INS[fixture]
    recorder.serve(stand_in.host, stand_in.path, stand_in.body, "text/javascript")
