"""Renders every page and fragment that a visitor sees, from values only.

Fragments for the application's own pages are ASCII bytes, so that they fit into any charset
that a page may have; whole pages of ours are str.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from consentgate.banner.boot import asked_about, boot_data
from consentgate.banner.categories import first_words
from consentgate.banner.consent_mode import consent_mode_data
from consentgate.banner.declaration import declared
from consentgate.banner.inline import inline_parts, part_data
from consentgate.banner.own_pages import OwnPages
from consentgate.banner.scripts import overlay_tag, script_tag
from consentgate.banner.signals import possible_signals, shared_signals, signal_words
from consentgate.banner.social import social_places, social_scripts, social_services
from consentgate.banner.visit import Visit
from consentgate.banner.widgets import share_link, widget_values
from consentgate.model import Consent, Service


class Banner(OwnPages):
    """The words and pages of one configuration; here the fragments of the application's pages."""

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
        configured = self.offers(service)
        values = widget_values(service, self._locale(visit), configured=configured)
        template = "widget_line.html" if line else "widget.html"
        return self._fragment(template, visit, css=self._widget_css(styled), **values)

    def widget_share(self, visit: Visit, service: Service, address: str, *, styled: bool) -> bytes:
        """A share link in place of a plugin that is no more; ``address`` or the page is shared."""
        link = share_link(service, address or visit.page_url)
        values = {"link": link, "service": service, "css": self._widget_css(styled)}
        return self._fragment("widget_share.html", visit, **values) if link else b""

    def widget_forms(self, visit: Visit, services: Iterable[Service]) -> bytes:
        """What the buttons of these services' widgets send, for the end of the body."""
        asked = [service for service in services if self.offers(service)]
        return self._fragment("widget_forms.html", visit, services=asked) if asked else b""

    def _script_data(self, visit: Visit) -> Mapping[str, str]:
        """The words and addresses that the banner script cannot know."""
        locale = self._locale(visit)
        data = {
            "lang": locale.tag,
            "dir": locale.dir,
            "region": f"cg cg-banner cg-banner--{self._config.banner.position}",
            "preferences": self.preferences_url(visit),
            "choice": f"{self._mount}/choice",
            "optional": " ".join(asked_about(self._config)),
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

    def _social_css(self) -> str:
        two_clicks = self._config.social.buttons == "two-clicks"
        return self.assets.url("social.css", self._mount) if two_clicks else ""

    def _widget_css(self, styled: bool) -> str:
        return self.assets.url("widget.css", self._mount) if styled else ""
