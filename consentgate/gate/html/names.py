"""The names that both scanners look for, by what is done about them."""

from __future__ import annotations

from enum import IntFlag, auto

GATED = frozenset(
    b"animate applet audio base body embed feimage frame iframe image img input link meta object"
    b" script set source track use video".split()
)
"""Elements that can name a URL which a browser fetches by itself, or that steer those."""

SETTLED = GATED - {b"body", b"iframe"}
"""Those of them that change nothing in how the page is read; scripts by their end at once."""

SUSPECT_ATTRIBUTES = (
    b"attributionsrc",
    b"background",
    b"data-consentgate",
    b"data-pin-do",
    b"data-pp-message",
    b"data-tf-",
    b"data-vimeo-",
    b"ping",
)
"""What attributes begin with that matter on any element."""

PLUGIN_WORDS = (
    b"LI-profile-badge",
    b"a2a_kit",
    b"bluesky-embed",
    b"calendly-inline-widget",
    b"card-element",
    b"cf-turnstile",
    b"disqus_thread",
    b"express-checkout-element",
    b"fb-",
    b"frc-captcha",
    b"g-recaptcha",
    b"g-signin2",
    b"g_id_signin",
    b"h-captcha",
    b"hs-form-frame",
    b"instagram-media",
    b"issuuembed",
    b"klarna-checkout-container",
    b"klarna-payments-container",
    b"klaviyo-form-",
    b"meetings-iframe-container",
    b"payment-element",
    b"paypal-button",
    b"paypal-container-",
    b"reddit-card",
    b"reddit-embed-bq",
    b"sharethis-inline-",
    b"tiktok-embed",
    b"trustpilot-widget",
    b"twitter-",
    b"wistia_embed",
)
"""What words in ``class`` and ``id`` begin with that mark the place of a third party's plugin."""

PLUGIN_ELEMENTS = frozenset(
    b"etrusted-widget fb:comments fb:follow fb:group fb:like fb:like-box fb:login-button fb:page"
    b" fb:post fb:save fb:send fb:share-button fb:video gmp-map klarna-placement lite-vimeo"
    b" lite-youtube paypal-message stripe-buy-button stripe-pricing-table twitter-widget"
    b" wistia-player".split()
)
"""Elements of third parties' own making, with a script to bring them to life."""

SUSPECT_TAGS = tuple(b"a area col colgroup table tbody td tfoot th thead tr".split())
"""Elements that matter only with such an attribute."""

RAW_TEXTS_OF_PAGES = (b"style", b"title", b"textarea")
"""Elements that are passed over whole where raw text is surely read as such."""

STRUCTURE = frozenset(
    b"col frameset head html math noembed noframes noscript plaintext select svg template"
    b" xmp".split()
)
"""Start tags after which the page is read in another way, or which say where its parts begin."""

ALWAYS_READ = frozenset({b"html", b"math", b"style", b"svg"})
"""Their attributes say how the page is read, or what is in them, even where they name no URL."""

ENDS = frozenset(b"body head html noscript select template".split())
"""End tags of which the gate takes note."""

MEDIA = frozenset(b"audio embed image img input link object source track video".split())
"""Elements that are passed over where each of their attributes is local at first sight."""

SHAPES = frozenset(
    b"circle clippath defs ellipse g line lineargradient mask path polygon polyline"
    b" radialgradient rect stop".split()
)
"""What a plain drawing is made of; such a drawing is passed over whole."""


class Role(IntFlag):
    """What a name means to a scanner."""

    STOP = auto()  # a start tag at which to stop
    RAW_TEXT = auto()
    END = auto()
    MEDIA = auto()
    SHAPE = auto()
    ANYWHERE = auto()  # a start tag to stop at wherever it seems to stand
    DRAWING = auto()


def _roles() -> dict[bytes, int]:
    sets = {
        Role.STOP: (*GATED, *PLUGIN_ELEMENTS, *STRUCTURE, *RAW_TEXTS_OF_PAGES),
        Role.RAW_TEXT: RAW_TEXTS_OF_PAGES,
        Role.END: ENDS,
        Role.MEDIA: MEDIA,
        Role.SHAPE: SHAPES,
        Role.ANYWHERE: (*GATED, *SUSPECT_TAGS),
        Role.DRAWING: (b"svg",),
    }
    roles: dict[bytes, int] = {}
    for role, names in sets.items():
        for name in names:
            roles[name] = roles.get(name, 0) | role
    return roles


ROLES = _roles()
"""The same for the scanner in C: the roles of each name, their bits by ``Role``."""
