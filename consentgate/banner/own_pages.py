"""The pages of our own: settings, declaration, opt-out, placeholders, and what went wrong."""

from __future__ import annotations

from dataclasses import replace

from consentgate.banner.categories import all_category_words, category_words
from consentgate.banner.declaration import declared, own_choice, people
from consentgate.banner.embed import (
    outward_link,
    placeholder_title,
    placeholder_words,
    short_name,
)
from consentgate.banner.rendering import Rendering
from consentgate.banner.signals import refused_titles, signal_words
from consentgate.banner.visit import Frame, Visit
from consentgate.model import NECESSARY, Category, Service

_ADD_ONS = {"google-analytics": ("Google", "https://tools.google.com/dlpage/gaoptout")}
"""Browser add-ons by which people can opt out everywhere: who offers it, and where."""

_ERRORS = frozenset({400, 403, 404, 429, 503})


class OwnPages(Rendering):
    """Whole pages, in any charset, which our endpoints answer with."""

    def cookies_page(self, visit: Visit) -> str:
        """The cookie declaration as a page."""
        return self._page(
            "cookies.html", visit, **declared(self._config, self._locale(visit), visit)
        )

    def preferences_page(self, visit: Visit) -> str:
        """The second layer: each purpose and service by itself, and the visitor's own records."""
        locale = self._locale(visit)
        known = {category.id: category for category in self._config.categories}
        necessary = known.get(NECESSARY, Category(NECESSARY, {}, {}))
        return self._page(
            "preferences.html",
            visit,
            note=self._note(visit),
            categories=all_category_words(self._config, locale, visit.consent),
            necessary=category_words(self._config, necessary, locale, visit.consent),
            people=people(self._config, locale),
            signal=signal_words(self._config, locale, visit),
            **own_choice(self._config, locale, visit),
        )

    def confirmation_page(self, visit: Visit, name: str) -> str:
        """The confirmation for who cannot be sent back, because the page answered a POST."""
        heading, words = self.note_text(visit, name)
        locale = self._locale(visit)
        return self._page(
            "message.html",
            visit,
            heading=heading or locale("preferences.title"),
            words=f"{words} {locale('note.later')}" if words else "",
        )

    def error_page(self, visit: Visit, status: int) -> str:
        """What went wrong, for the HTTP statuses 400, 403, 404, 429 and 503."""
        locale = self._locale(visit)
        key = f"error.{status if status in _ERRORS else 400}"
        return self._page(
            "message.html", visit, heading=locale(f"{key}.title"), words=locale(f"{key}.text")
        )

    def opt_out_page(self, visit: Visit, service: Service, done: bool) -> str:
        """The button to opt out of one service, or the word that it is done."""
        locale = self._locale(visit)
        key = "opt_out.done" if done else "opt_out"
        provider, add_on = _ADD_ONS.get(service.id, ("", ""))
        return self._page(
            "opt_out.html",
            visit,
            done=done,
            service=service,
            provider=provider,
            add_on=add_on,
            heading=locale(f"{key}.title", title=service.title),
            words=locale(f"{key}.text", title=service.title),
        )

    def do_not_sell_page(self, visit: Visit, done: bool) -> str:
        """The one button that refuses selling and sharing, or the word that it is done."""
        locale, config = self._locale(visit), self._config
        titles = refused_titles(config, locale)
        own = locale.pick(config.signals.do_not_sell_text) or locale("do_not_sell.link")
        return self._page(
            "do_not_sell.html",
            visit,
            heading=own,
            words=locale("do_not_sell.done" if done else "do_not_sell.text", titles=titles),
            signal="" if done else signal_words(config, locale, visit),
            done=done,
        )

    def embed_page(self, visit: Visit, service: Service | None, frame: Frame, loaded: bool) -> str:
        """The page in place of a frame: the two ways to load it, or once ``loaded`` the frame.

        ``service`` is None where the configuration does not name one for this frame; then
        nothing can be granted here. ``visit.back`` is the address of this very page.
        """
        locale = self._locale(visit)
        title = placeholder_title(service, frame, locale)
        words = placeholder_words(service, frame, locale)
        link = outward_link(frame)
        css = self.assets.url("embed.css", self._mount)
        values = {"css": css, "frame": frame, "title": title, "service": service, "link": link}
        if loaded:
            return self._render("frame.html", visit, **values)
        if frame.small:
            label = locale("embed.small", title=service.title) if service else title
            # The settings open in place of the whole page, and lead back to that.
            page = replace(visit, back=frame.page)
            return self._render("embed_small.html", page, label=label, **values)
        provider = short_name(service) if service else ""
        return self._render("embed.html", visit, words=words, provider=provider, **values)
