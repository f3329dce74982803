"""The fragments of the application's pages, rendered once for all pages that differ in little.

What differs from page to page, the way back and the nonce, is left open in the rendering and
filled in by position. The positions are found once, in a rendering of ours where random marks
stand for both; a text of a visitor's is never searched.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from urllib.parse import quote

from markupsafe import escape

from consentgate.banner.render import Banner
from consentgate.banner.visit import Visit
from consentgate.model import Service

_FORMS_KEPT = 512
# In front of the mark something that each way of writing a path writes differently.
_MARK, _NONCE = secrets.token_hex(16), secrets.token_hex(16)
_BACK = f"/{_MARK}&{_MARK}"
_GAP = re.compile(rf"(/{_MARK}&amp;{_MARK}|/{_MARK}%26{_MARK}|%2F{_MARK}%26{_MARK}|{_NONCE})")


def _escaped(text: str) -> bytes:
    return str(escape(text)).encode("ascii", "xmlcharrefreplace")


_WRITTEN: dict[str, Callable[[Visit], bytes]] = {
    f"/{_MARK}&amp;{_MARK}": lambda visit: _escaped(visit.back),
    f"/{_MARK}%26{_MARK}": lambda visit: quote(visit.back).encode("ascii"),
    f"%2F{_MARK}%26{_MARK}": lambda visit: quote(visit.back, safe="").encode("ascii"),
    _NONCE: lambda visit: _escaped(visit.nonce),
}


@dataclass(frozen=True, slots=True)
class _Form:
    """A rendering with gaps: the text before each with what writes it, and the text behind."""

    gaps: tuple[tuple[bytes, Callable[[Visit], bytes]], ...]
    end: bytes

    def filled(self, visit: Visit) -> bytes:
        pieces = [piece for text, write in self.gaps for piece in (text, write(visit))]
        return b"".join((*pieces, self.end))


def _form_of(rendered: bytes) -> _Form:
    """The gaps of a rendering for a visit of marks."""
    *parts, end = _GAP.split(rendered.decode("ascii"))
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return _Form(tuple((text.encode(), _WRITTEN[gap]) for text, gap in pairs), end.encode())


class Fragments:
    """What a ``Banner`` gives for the application's pages, byte for byte, in a tenth of the time.

    Remembers at most 512 renderings, of which the words of a visitor are no part: in a
    ``Visit`` they are the way back alone.
    """

    def __init__(self, banner: Banner) -> None:
        self._banner = banner
        self._forms: dict[tuple[object, ...], _Form | None] = {}

    def offers(self, service: Service) -> bool:
        """Whether visitors of this site can agree to a service."""
        return self._banner.offers(service)

    def head(self, visit: Visit) -> bytes:
        """What stands first in ``<head>``."""
        return self._filled(visit, self._banner.head, "head")

    def body_start(self, visit: Visit) -> bytes:
        """What stands first in ``<body>``."""
        return self._filled(visit, self._banner.body_start, "body start")

    def body_end(self, visit: Visit) -> bytes:
        """What stands last in ``<body>``."""
        return self._filled(visit, self._banner.body_end, "body end")

    def social_bar(self, visit: Visit, position: str) -> bytes:
        """The share buttons."""

        def render(marked: Visit) -> bytes:
            return self._banner.social_bar(marked, position)

        return self._filled(visit, render, "social bar", position)

    def social_end(self, visit: Visit) -> bytes:
        """What the buttons of a page's social bars need at its end."""
        return self._filled(visit, self._banner.social_end, "social end")

    def widget(self, visit: Visit, service: Service, *, line: bool, styled: bool) -> bytes:
        """The way to load a script widget."""

        def render(marked: Visit) -> bytes:
            return self._banner.widget(marked, service, line=line, styled=styled)

        return self._filled(visit, render, "widget", service.id, line, styled)

    def widget_share(self, visit: Visit, service: Service, address: str, *, styled: bool) -> bytes:
        """A share link in place of a plugin; its address is the page's own words."""
        return self._banner.widget_share(visit, service, address, styled=styled)

    def widget_forms(self, visit: Visit, services: Iterable[Service]) -> bytes:
        """What the buttons of these services' widgets send."""
        asked = tuple(services)

        def render(marked: Visit) -> bytes:
            return self._banner.widget_forms(marked, asked)

        return self._filled(visit, render, "forms", *(service.id for service in asked))

    def _filled(self, visit: Visit, render: Callable[[Visit], bytes], *what: object) -> bytes:
        marked = replace(
            visit, back=_BACK if visit.back else "", nonce=_NONCE if visit.nonce else ""
        )
        key = (*what, marked)
        if key not in self._forms:
            if len(self._forms) >= _FORMS_KEPT:
                self._forms.clear()
            form, rendered = _form_of(render(marked)), render(visit)
            # Where a way of writing is not known, each page is rendered.
            self._forms[key] = form if form.filled(visit) == rendered else None
            return rendered
        known = self._forms[key]
        return render(visit) if known is None else known.filled(visit)
