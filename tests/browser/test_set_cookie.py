"""What Chromium keeps of the Set-Cookie headers of an application, with the gate and without it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import pytest
from starlette.responses import HTMLResponse

from consentgate.gate.cookies import OwnCookies, gate_set_cookie
from tests.browser.small_site import PERSONAL, bare, gated, page, tls_files
from tests.browser.visitor import Visitor
from tests.gate.given import access, service

HOST = "www.shop.example.test"
FORMS: tuple[bytes, ...] = (
    b"%s=1",
    b"%s=1; Max-Age=9999; Path=/",
    b"%s=1; MAX-AGE=9999; DOMAIN=.Example.TEST",
    b'%s="a b; Max-Age=9999',
    b'%s="quoted"; Max-Age="9999"',
    b"%s=a=b==; Expires=Sun, 06 Nov 2044 08:49:37 GMT",
    b"%s=1; Expires=Sunday, 06-Nov-44 08:49:37 GMT",
    b"%s=1; Expires=Sun Nov  6 08:49:37 2044",
    b"%s=1; expires=06 nov 2044 8:49:37",
    b"%s=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=9999",
    b"%s=1; Max-Age=0; Max-Age=9999",
    b"%s=1; Max-Age=9999; Max-Age=0",
    b"%s=1; Max-Age=-1",
    b"%s=1; Max-Age=99999999999999999999",
    b"%s=1; Max-Age=-99999999999999999999",
    b"%s=1; Max-Age=1e9",
    b"%s=1; Max-Age=",
    b"%s=1; Max-Age",
    b"%s=1; Expires=never",
    b"%s=1; Max-Age=-" + b"9" * 1024,
    b"%s=1" + b"; a" * 15 + b"; Max-Age=0",
    b"%s=1" + b"; a" * 14 + b"; Max-Age=0",
    b"%s=1; Max-Age=9999; Secure; HttpOnly; SameSite=None; Partitioned",
    b"%s=1; Domain=foreign.test",
    b"%s=1; Domain=test",
    b"%s=1; Domain=",
    b"%s=\xc3\xa4\xff; Max-Age=9999",
    b"%s=1\x01; Max-Age=9999",
    b"%s\x7f=1",
    b"%s=a\tb; Max-Age=9999",
    b"%s=" + b"x" * 8192,
    b"%s",
    b"=%s=1; Max-Age=9999",
    b"=%s",
    b"  %s  =  1  ;  Max-Age = 9999  ",
    b"__Host-%s=1; Secure; Path=/; Max-Age=9999",
    b"__Host-%s=1; Secure; Path=/; Domain=example.test",
    b"__Secure-%s=1; Secure; Max-Age=9999",
    b"__Secure-%s=1",
)
_UNSENT = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]|^\s|\s$")
"""What no server of ours would put on the wire."""

OTHERS = (b"", b"=", b"; Path=/", b"=; Max-Age=9999", b"a,b=1,c=2; Max-Age=9999")


def named(name: str, number: int) -> bytes:
    return f"{name}_{number}".encode()


def table() -> tuple[bytes, ...]:
    """Every form for a cookie of a service and for one of the site's own, each by its own name."""
    made = [form % named(name, n) for name in ("_ga", "own") for n, form in enumerate(FORMS)]
    return (*made, *OTHERS)


def answer() -> HTMLResponse:
    response = HTMLResponse(page("<p>Cookies"), headers=dict(PERSONAL))
    sent = [header for header in table() if not _UNSENT.search(header)]
    response.raw_headers += [(b"set-cookie", header) for header in sent]
    return response


@pytest.fixture
def kept(tmp_path, serve, visit, recorder) -> Callable[..., Mapping[str, bool]]:
    """What the browser keeps of the table: each name, and whether beyond the session."""
    files, key_hash = tls_files(tmp_path, HOST)
    trusted = f"--ignore-certificate-errors-spki-list={recorder.key_hash},{key_hash}"

    def look(*, gate: bool, agree: str = "") -> Mapping[str, bool]:
        site = bare({"/cookies": answer()})
        folder = tmp_path / f"{gate}{agree}"
        folder.mkdir()
        app = gated(site, folder) if gate else site
        visitor: Visitor = visit(serve(app, **files), host=HOST, extra_flags=[trusted])
        visitor.base_url = f"https://{HOST}"
        if agree:
            visitor.goto("/_gate/preferences")
            visitor.page.get_by_label(agree).check()
            visitor.page.get_by_label("Allow Statistics").check()
            visitor.press("Save choice")
        visitor.goto("/cookies")
        browser = visitor.context.new_cdp_session(visitor.page)
        cookies = browser.send("Storage.getCookies")["cookies"]
        return {
            f"{c['name']}={c['value']}": not c["session"]
            for c in cookies
            if not c["name"].removeprefix("__Host-").startswith("cg")
        }

    return look


def is_of_the_service(pair: str) -> bool:
    bare_name = pair.lstrip("=").removeprefix("__Host-").removeprefix("__Secure-")
    return bare_name.startswith("_ga_") and "=" in pair.lstrip("=")


def test_chromium_keeps_the_same_but_what_was_refused(kept):
    without, with_gate = kept(gate=False), kept(gate=True)
    refused = {pair for pair in without if is_of_the_service(pair)}
    prefixed = {pair for pair in refused if pair.startswith("__")}
    assert len(refused) > 20
    # A prefix makes another name, which the catalogue does not know.
    assert with_gate == {k: v for k, v in without.items() if k not in refused - prefixed}
    assert sum(with_gate.values()) > 10, "lasting ones of the site's own"


def test_what_is_kept_for_this_visit_only_are_session_cookies_with_the_same_names(kept):
    without, with_gate = kept(gate=False), kept(gate=True, agree="Only for this visit")
    assert with_gate.keys() == without.keys()
    shortened = {pair for pair in without if with_gate[pair] != without[pair]}
    assert shortened == {
        pair
        for pair, lasting in without.items()
        if lasting and is_of_the_service(pair) and not pair.startswith("__")
    }
    assert len(shortened) > 10


@pytest.mark.parametrize("header", table())
def test_each_header_passes_or_goes_and_is_never_mangled(header):
    visitor = access(service("ga", cookies=("_ga", "_ga_*")), allowed=())
    verdict = gate_set_cookie(header, visitor, OwnCookies())
    assert verdict.header is header or (verdict.header is None and b"_ga" in header)
    assert verdict.reason
