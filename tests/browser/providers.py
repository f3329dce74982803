"""Scripts that do what the providers' own do: find their markup, and put a frame in its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

_WHEN_READY = """
((run) => {
  if (document.readyState === 'loading') addEventListener('DOMContentLoaded', run);
  else run();
})(() => {
  const frame = (src) => Object.assign(document.createElement('iframe'), { src, title: 'real' });
  %s
});
"""


@dataclass(frozen=True, slots=True)
class Script:
    """One provider's script: where it is served, and what it does to a page."""

    host: str
    path: str
    work: str

    @property
    def body(self) -> str:
        return _WHEN_READY % self.work


FACEBOOK = Script(
    "connect.facebook.net",
    "/*.js",
    """
    for (const kind of ['page', 'post', 'video', 'share_button']) {
      const name = kind.replace('_', '-');
      for (const place of document.querySelectorAll(`.fb-${name}, fb\\\\:${name}`)) {
        const about = encodeURIComponent(place.dataset.href ?? place.getAttribute('href'));
        place.setAttribute('fb-xfbml-state', 'rendered');
        place.replaceChildren(frame(`https://www.facebook.com/v21.0/plugins/${kind}.php?href=${about}`));
      }
    }
    window.fbAsyncInit?.();
    """,
)
INSTAGRAM = Script(
    "www.instagram.com",
    "/embed.js",
    """
    const quotes = 'blockquote.instagram-media[data-instgrm-permalink]';
    for (const quote of document.querySelectorAll(quotes)) {
      const post = new URL(quote.dataset.instgrmPermalink);
      quote.replaceWith(frame(`${post.origin}${post.pathname}embed/captioned/`));
    }
    """,
)
X = Script(
    "platform.twitter.com",
    "/widgets.js",
    """
    for (const quote of document.querySelectorAll('blockquote.twitter-tweet')) {
      const id = [...quote.querySelectorAll('a')].at(-1).href.split('/').at(-1);
      quote.replaceWith(frame(`https://platform.twitter.com/embed/Tweet.html?id=${id}`));
    }
    for (const kind of ['share', 'follow', 'hashtag', 'mention']) {
      for (const link of document.querySelectorAll(`a.twitter-${kind}-button`)) {
        link.replaceWith(frame(`https://platform.twitter.com/widgets/${kind}_button.html`));
      }
    }
    for (const link of document.querySelectorAll('a.twitter-timeline')) {
      link.replaceWith(frame('https://platform.twitter.com/srv/timeline-profile/screen-name/x'));
    }
    """,
)
LINKEDIN = Script(
    "platform.linkedin.com",
    "/in.js",
    """
    for (const place of document.querySelectorAll('script[type^="IN/"]')) {
      const kind = place.type.slice(3).toLowerCase();
      place.before(frame(`https://www.linkedin.com/cws/${kind}?url=${place.dataset.url}`));
    }
    """,
)
YOUTUBE = Script(
    "www.youtube.com",
    "/iframe_api",
    """
    window.YT = { Player: class {
      constructor(id, { videoId }) {
        document.getElementById(id).replaceWith(frame(`https://www.youtube.com/embed/${videoId}`));
      }
    } };
    window.onYouTubeIframeAPIReady?.();
    """,
)
PINTEREST = Script(
    "assets.pinterest.com",
    "/js/pinit.js",
    """
    for (const link of document.querySelectorAll('a[data-pin-do="buttonBookmark"]')) {
      link.replaceWith(frame('https://assets.pinterest.com/ext/embed.html?save'));
    }
    """,
)
SCRIPTS: Mapping[str, Script] = {
    "facebook": FACEBOOK,
    "instagram": INSTAGRAM,
    "x": X,
    "linkedin": LINKEDIN,
    "pinterest": PINTEREST,
    "youtube": YOUTUBE,
}


class Serves(Protocol):
    """Answers for third parties."""

    def serve(self, host: str, path: str, body: bytes | str, content_type: str) -> None: ...


def serve_all(recorder: Serves) -> None:
    """Have every provider's script answer as the real one does."""
    for script in SCRIPTS.values():
        recorder.serve(script.host, script.path, script.body, "text/javascript")
