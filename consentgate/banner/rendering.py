"""What all that visitors see is rendered with: the templates, the languages, the look."""

from __future__ import annotations

from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from consentgate.assets import Assets
from consentgate.banner.notes import Note, note
from consentgate.banner.shared import consent_table
from consentgate.banner.signals import signal_words
from consentgate.banner.texts import Locale, negotiate, shipped_locales
from consentgate.banner.theme import theme_css
from consentgate.banner.visit import Visit
from consentgate.config import Config
from consentgate.model import Service


class Rendering:
    """The templates of one configuration, for visitors of any of its languages.

    ``mount`` is the path of our endpoints, without a final slash. ``assets`` afterwards holds
    the files with the site's colours: serve those. With ``debug`` pages show their developers
    what was stopped.
    """

    def __init__(self, config: Config, assets: Assets, mount: str, *, debug: bool = False) -> None:
        self._debug = debug
        theme = theme_css(config.banner.theme.accent).encode("ascii")
        self.assets = assets.extended({"banner.css": theme, "embed.css": theme})
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
            own_url=self._own_url,
            position=config.banner.position,
            signals=config.signals,
            offers_do_not_sell=config.offers_do_not_sell,
        )

    @property
    def speaks_several(self) -> bool:
        """Whether a visitor has a say in the language."""
        return len(self._spoken) > 1

    def language(self, page_lang: str, accept_language: str) -> str:
        """The language to speak on a page in ``page_lang`` to a visitor who sends this header."""
        return negotiate(self._spoken, page_lang, accept_language)

    def preferences_url(self, visit: Visit) -> str:
        """Where the visitor can change the choice, and come back from."""
        return self._own_url("preferences", visit)

    def offers(self, service: Service) -> bool:
        """Whether visitors of this site can agree to a service."""
        return service.id in self._config.optional_ids

    def note_text(self, visit: Visit, name: str) -> tuple[str, str]:
        """The title and the sentence of a confirmation such as ``refused``."""
        words = self._note(visit, name) or Note("", "")
        return words.title, words.text

    def _own_url(self, page: str, visit: Visit) -> str:
        """Where a page of ours is, and how it knows the way back."""
        back = f"?back={quote(visit.back)}" if visit.back else ""
        return f"{self._mount}/{page}{back}"

    def _note(self, visit: Visit, name: str = "") -> Note | None:
        locale = self._locale(visit)
        return note(name or visit.note, locale, signal_words(self._config, locale, visit))

    def _locale(self, visit: Visit) -> Locale:
        return self._locales[visit.lang]

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
