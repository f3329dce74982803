"""The places of one page that wait for a provider's script, and what is put there meanwhile."""

from __future__ import annotations

from consentgate.banner import Banner, Fragments, Visit
from consentgate.gate.widgets import Shape, Widget
from consentgate.model import Service


class Places:
    """Follows one page while it streams by: which widgets it has, and what they need in the end.

    Nothing is put into a fragment, which knows neither its page's address nor its styles, nor
    behind the forms that the buttons belong to.
    """

    def __init__(self, banner: Banner | Fragments) -> None:
        self._banner = banner
        self._open = False
        self._styled = False
        self._asked: dict[str, Service] = {}

    @property
    def open(self) -> bool:
        """Whether this is a whole page, and its end is still to come."""
        return self._open

    def begin(self) -> None:
        """A whole page begins."""
        self._open = True

    def fill(self, widget: Widget, visit: Visit) -> bytes:
        """What to put before a widget's element, or first into it.

        One that is only guessed counts where the site says that it uses the service.
        """
        banner, service, styled = self._banner, widget.service, not self._styled
        if not self._open or (widget.guessed and not banner.offers(service)):
            return b""
        if widget.shape is Shape.SHARE:
            made = banner.widget_share(visit, service, widget.address, styled=styled)
        else:
            line = widget.shape is Shape.LINE
            made = banner.widget(visit, service, line=line, styled=styled)
            self._asked[service.id] = service
        self._styled = self._styled or bool(made)
        return made

    def end(self, visit: Visit) -> bytes:
        """What the body needs at its end for what was put into it."""
        self._open = False
        return self._banner.widget_forms(visit, self._asked.values())
