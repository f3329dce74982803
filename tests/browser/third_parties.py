"""The third parties that the example site contacts when nothing keeps it from it."""

WITH_AND_WITHOUT_SCRIPT = frozenset(
    {
        "cdn.jsdelivr.net",
        "cdnjs.cloudflare.com",
        "code.jquery.com",
        "fonts.googleapis.com",
        "fonts.gstatic.com",
        "i.ytimg.com",
        "platform.x.com",
        "player.vimeo.com",
        "www.facebook.com",
        "www.google-analytics.com",
        "www.google.com",
        "www.googletagmanager.com",
        "www.instagram.com",
        "www.linkedin.com",
        "www.youtube-nocookie.com",
        "www.youtube.com",
    }
)

UNDECLARED = frozenset({"widgets.undeclared.example"})
"""What the site's consentgate.json leaves out."""

ONLY_WITH_SCRIPT = UNDECLARED | {
    "connect.facebook.net",
    "open.spotify.com",
    "platform.linkedin.com",
    "platform.twitter.com",
    "snap.licdn.com",
    "stats.g.doubleclick.net",
    "unpkg.com",
}

ONLY_WITHOUT_SCRIPT = frozenset({"px.ads.linkedin.com"})

ALL = WITH_AND_WITHOUT_SCRIPT | ONLY_WITH_SCRIPT | ONLY_WITHOUT_SCRIPT


def third_parties(*, java_script: bool) -> frozenset[str]:
    """Whom a visit of every page contacts."""
    return WITH_AND_WITHOUT_SCRIPT | (ONLY_WITH_SCRIPT if java_script else ONLY_WITHOUT_SCRIPT)
