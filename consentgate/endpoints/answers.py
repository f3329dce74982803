"""How our own pages answer: never stored, never framed by others, no script but our own."""

from __future__ import annotations

from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from consentgate.banner import Visit
from consentgate.gate.cookies import expiring_headers, gate_request_cookies
from consentgate.incoming import Incoming
from consentgate.wiring import Wiring

_POLICY = (
    "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self';"
    " frame-ancestors 'self'"
)
_HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-robots-tag": "noindex",
    "x-dns-prefetch-control": "off",
    "cross-origin-resource-policy": "same-origin",
}


class Answers:
    """Builds the responses for one request to our own endpoints."""

    def __init__(self, incoming: Incoming, wiring: Wiring) -> None:
        self._incoming = incoming
        self._wiring = wiring

    def visit(self, *, back: str = "", note: str = "") -> Visit:
        """The visitor as the templates need them."""
        caller, accepts = self._incoming.caller, self._incoming.headers.get("accept-language", "")
        return Visit(
            lang=self._wiring.banner.language("", accepts),
            back=back,
            consent=caller.consent,
            state=caller.state,
            origin=caller.place.origin,
            note=note or caller.note,
            signals=caller.signals,
        )

    @property
    def wants_json(self) -> bool:
        """Whether our own script asks, rather than a browser that shows what it gets."""
        return "application/json" in self._incoming.headers.get("accept", "")

    def page(self, html: str, *, status: int = 200, policy: str = _POLICY) -> Response:
        """A page of ours; it also expires what the request carried without consent.

        Where caches answer for the site, no other answer may.
        """
        response = HTMLResponse(html, status, {**_HEADERS, "content-security-policy": policy})
        response.raw_headers += [(b"set-cookie", cookie) for cookie in self._expired()]
        return response

    def _expired(self) -> list[bytes]:
        caller, wiring = self._incoming.caller, self._wiring
        access, cookies = wiring.access(caller.place, caller.consent), self._incoming.cookie_header
        _, names = gate_request_cookies(cookies, access, wiring.own_cookies)
        return expiring_headers(names, caller.place.host, secure=caller.secure)

    def json(self, content: object, *, status: int = 200) -> Response:
        """Data for our own script, or for the visitor to keep."""
        return JSONResponse(content, status, _HEADERS)

    def see_other(self, location: str) -> Response:
        """Send the browser on after a POST (RFC 9110, section 15.4.4)."""
        return RedirectResponse(location, 303, _HEADERS)

    def nothing(self) -> Response:
        """Nothing to do and nothing to say (RFC 9110, section 15.3.5)."""
        return Response(status_code=204, headers=_HEADERS)

    def error(self, status: int) -> Response:
        """What went wrong, in the visitor's language; nothing was granted."""
        if self.wants_json:
            return self.json({"error": status}, status=status)
        return self.page(self._wiring.banner.error_page(self.visit(), status), status=status)
