"""Renders every page and fragment that a visitor sees, from values only.

Fragments for the application's own pages are ASCII bytes, so that they fit into any charset
that a page may have; whole pages of ours are str.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from consentgate.assets import Assets
from consentgate.banner.boot import boot_data, optional_ids
from consentgate.banner.categories import all_category_words, category_words, first_words
from consentgate.banner.consent_mode import consent_mode_data
from consentgate.banner.declaration import declared, own_choice, people
from consentgate.banner.embed import (
    outward_link,
    placeholder_title,
    placeholder_words,
    short_name,
)
from consentgate.banner.inline import inline_parts, part_data
from consentgate.banner.notes import Note, note
from consentgate.banner.scripts import overlay_tag, script_tag
from consentgate.banner.shared import consent_table
from consentgate.banner.signals import (
    possible_signals,
    refused_titles,
    shared_signals,
    signal_words,
)
from consentgate.banner.social import social_places, social_scripts, social_services
from consentgate.banner.texts import Locale, negotiate, shipped_locales
from consentgate.banner.theme import theme_css
from consentgate.banner.visit import Frame, Visit
from consentgate.banner.widgets import share_link, widget_values
from consentgate.config import Config
from consentgate.model import NECESSARY, Category, Consent, Service

_ADD_ONS = {"google-analytics": ("Google", "https://tools.google.com/dlpage/gaoptout")}
"""Browser add-ons by which people can opt out everywhere: who offers it, and where."""

_ERRORS = frozenset({400, 403, 404, 429, 503})


class Banner:
    """The words and pages of one configuration.

    ``mount`` is the path of our endpoints, without a final slash. ``assets`` afterwards holds
    the files with the site's colours: serve those. With ``debug`` pages show their developers
    what was stopped.
    """

    def __init__(self, config: Config, assets: Assets, mount: str, *, debug: bool = False) -> None:
        self._debug = debug
        theme = theme_css(config.banner.theme.accent).encode("ascii")
        self.assets = assets.extended({"banner.css": theme, "embed.css": theme})
        self._optional = frozenset(service.id for service in config.optional)
        self._config = config
        self._mount = mount
        self._locales = shipped_locales()
        spoken = [tag for tag in config.languages if tag in self._locales]
        self._table = consent_table(config)
        self._spoken = tuple(spoken or self._locales)
        self._templates = Environment(
            loader=PackageLoader("consentgate.banner"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(
            site=config.site,
            mount=mount,
            position=config.banner.position,
            signals=config.signals,
            offers_do_not_sell=config.offers_do_not_sell,
        )

    def language(self, page_lang: str, accept_language: str) -> str:
        """The language to speak on a page in ``page_lang`` to a visitor who sends this header."""
        return negotiate(self._spoken, page_lang, accept_language)

    def preferences_url(self, visit: Visit) -> str:
        """Where the visitor can change the choice, and come back from."""
        back = f"?back={quote(visit.back)}" if visit.back else ""
        return f"{self._mount}/preferences{back}"

    def offers(self, service: Service) -> bool:
        """Whether visitors of this site can agree to a service."""
        return service.id in self._optional

    def note_text(self, visit: Visit, name: str) -> tuple[str, str]:
        """The title and the sentence of a confirmation such as ``refused``."""
        words = self._note(visit, name) or Note("", "")
        return words.title, words.text

    # Fragments of the application's pages

    def head(self, visit: Visit) -> bytes:
        """What stands first in ``<head>``: the boot script, then what the banner needs if any."""
        nonce = {"nonce": visit.nonce} if visit.nonce else {}
        fitted = visit.shared and bool(self._config.optional)
        return self._fragment(
            "head.html",
            visit,
            optional=self._config.optional,
            styled=self._config.optional or self._config.social.providers,
            fitted=fitted,
            boot=self.inline_script(visit.consent, shared=visit.shared),
            boot_data={**nonce, **self._boot_data(visit, fitted=fitted)},
            connect=script_tag("connect.js", self.assets, self._mount, visit.nonce),
            overlay=overlay_tag(self.assets, self._mount, visit.nonce) if self._debug else {},
            css=self.assets.url("banner.css", self._mount),
            social_css=self._social_css(),
            script=script_tag("banner.js", self.assets, self._mount, visit.nonce),
            script_data=self._script_data(visit),
            activate=script_tag("activate.js", self.assets, self._mount, visit.nonce),
        )

    def inline_script(self, consent: Consent, *, shared: bool) -> str:
        """The text of the script that stands first in ``<head>``."""
        return self.assets.joined(inline_parts(self._config, consent, shared=shared))

    def body_start(self, visit: Visit) -> bytes:
        """What stands first in ``<body>``: the first layer or the confirmation, a social bar."""
        words = self._note(visit)
        first = b""
        if self._config.optional and not visit.consent.decided:
            first = self._fragment(
                "banner.html",
                visit,
                note=words,
                words=first_words(self._config, self._locale(visit)),
                **self._signals(visit),
            )
        elif words:
            first = self._fragment("note.html", visit, note=words)
        return first + self._bar(visit, "top")

    def body_end(self, visit: Visit) -> bytes:
        """What stands last in ``<body>``: a social bar, and the button back to the choice.

        The button is there but hidden before a decision, so that the script can show it.
        """
        corner = self._config.banner.reopen
        reopen = b""
        if self._config.optional and corner != "none":
            reopen = self._fragment("reopen.html", visit, corner=corner.removeprefix("bottom-"))
        return self._bar(visit, "bottom") + reopen

    def social_bar(self, visit: Visit, position: str) -> bytes:
        """The share buttons, at ``top`` or ``bottom`` or ``inline`` where a page asks.

        Those that are more than a link need the page's ``social_end``.
        """
        back, locale = self.preferences_url(visit), self._locale(visit)
        places = social_places(self._config, visit, back, locale)
        return self._fragment("social.html", visit, places=places, position=position)

    def social_end(self, visit: Visit) -> bytes:
        """What the buttons of a page's social bars send, and the scripts of those in use."""
        services = social_services(self._config, visit)
        if not services:
            return b""
        scripts = social_scripts(self._config, visit)
        return self._fragment("social_end.html", visit, services=services, scripts=scripts)

    def declaration(self, visit: Visit) -> bytes:
        """The cookie declaration for a page of the site's own."""
        return self._fragment(
            "declaration_fragment.html", visit, **declared(self._config, self._locale(visit), visit)
        )

    def widget(self, visit: Visit, service: Service, *, line: bool, styled: bool) -> bytes:
        """The way to load a script widget, as a box or as a line of text.

        Its buttons need the page's ``widget_forms``. ``styled`` ones bring the style sheet,
        which a page needs once.
        """
        configured = service.id in self._optional
        values = widget_values(service, self._locale(visit), configured=configured)
        template = "widget_line.html" if line else "widget.html"
        return self._fragment(template, visit, css=self._widget_css(styled), **values)

    def widget_share(self, visit: Visit, service: Service, address: str, *, styled: bool) -> bytes:
        """A share link in place of a plugin that is no more; ``address`` or the page is shared."""
        link = share_link(service, address or visit.origin + (visit.back or "/"))
        values = {"link": link, "service": service, "css": self._widget_css(styled)}
        return self._fragment("widget_share.html", visit, **values) if link else b""

    def widget_forms(self, visit: Visit, services: Iterable[Service]) -> bytes:
        """What the buttons of these services' widgets send, for the end of the body."""
        asked = [service for service in services if service.id in self._optional]
        return self._fragment("widget_forms.html", visit, services=asked) if asked else b""

    # Pages of our own

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
        back = f"?back={quote(visit.back)}" if visit.back else ""
        return self._page(
            "do_not_sell.html",
            visit,
            heading=own,
            words=locale("do_not_sell.done" if done else "do_not_sell.text", titles=titles),
            signal="" if done else signal_words(config, locale, visit),
            done=done,
            here=f"{self._mount}/do-not-sell{back}",
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

    # What the templates are given

    def _script_data(self, visit: Visit) -> Mapping[str, str]:
        """The words and addresses that the banner script cannot know."""
        locale = self._locale(visit)
        data = {
            "lang": locale.tag,
            "dir": locale.dir,
            "region": f"cg cg-banner cg-banner--{self._config.banner.position}",
            "preferences": self.preferences_url(visit),
            "choice": f"{self._mount}/choice",
            "optional": " ".join(optional_ids(self._config)),
            "later": locale("note.later"),
            "change": locale("action.change"),
            "hide": locale("action.hide"),
            "close": locale("action.close"),
        }
        if visit.back:
            data["reload"] = ""
        return {f"data-{name}": value for name, value in data.items()}

    def _boot_data(self, visit: Visit, *, fitted: bool) -> Mapping[str, str]:
        """What the boot script has to know; in a page for everybody, what it has to find out."""
        data = {
            **boot_data(self._config, visit, self._mount),
            **part_data(self._config, fitted=fitted),
            **consent_mode_data(self._config, visit.consent, fitted=fitted),
            "data-cg-open": self.preferences_url(visit),
            "data-cg-forget": self.assets.url("forget.js", self._mount),
        }
        if not fitted:
            return data
        table = {"data-cg-policy": visit.policy, "data-cg-table": self._table}
        return {**data, **table, **shared_signals(self._config)}

    def _signals(self, visit: Visit) -> Mapping[str, object]:
        """What the banner says of signals: of those sent, or of those that may come."""
        locale = self._locale(visit)
        possible = possible_signals(self._config, locale) if visit.shared else ()
        return {
            "signal": signal_words(self._config, locale, visit),
            "possible_signals": tuple(possible),
        }

    def _bar(self, visit: Visit, position: str) -> bytes:
        social = self._config.social
        wanted = social.providers and position in social.positions
        return self.social_bar(visit, position) if wanted else b""

    def _note(self, visit: Visit, name: str = "") -> Note | None:
        locale = self._locale(visit)
        return note(name or visit.note, locale, signal_words(self._config, locale, visit))

    def _locale(self, visit: Visit) -> Locale:
        return self._locales[visit.lang]

    def _social_css(self) -> str:
        two_clicks = self._config.social.buttons == "two-clicks"
        return self.assets.url("social.css", self._mount) if two_clicks else ""

    def _widget_css(self, styled: bool) -> str:
        return self.assets.url("widget.css", self._mount) if styled else ""

    # Rendering

    def _fragment(self, template: str, visit: Visit, **values: object) -> bytes:
        return self._render(template, visit, **values).encode("ascii", "xmlcharrefreplace")

    def _page(self, template: str, visit: Visit, **values: object) -> str:
        css = self.assets.url("banner.css", self._mount)
        return self._render(template, visit, css=css, **values)

    def _render(self, template: str, visit: Visit, **values: object) -> str:
        return self._templates.get_template(template).render(
            t=self._locale(visit),
            visit=visit,
            preferences_url=self.preferences_url(visit),
            **values,
        )
