"""Every kind of message that an ASGI application may send, and what leaves of it."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from consentgate.errors import OutOfTurnError
from consentgate.gate.cookies import OwnCookies
from consentgate.gate.embeds import Embeds
from consentgate.response import Memo, Plan, Rendering, Request, Responder, Variant
from tests.gate.given import access, service

PIXEL = b"<img src=//nobody.example/p.gif>"
PAGE = b"<!doctype html><html lang=de><head></head><body>" + PIXEL + b"</body></html>"
HTML = (b"content-type", b"text/html; charset=utf-8")
ACCESS = access(service("video", "www.video.example"))
AGREED = access(service("video", "www.video.example"), allowed={"video"})
PERSONAL, SHARED = "0123456789ab", "ba9876543210"
PUBLIC = (b"cache-control", b"public, max-age=300")

Message = dict[str, object]


class Inserts:
    def __init__(self, nonce: str = "") -> None:
        self.nonce = nonce.encode()

    def head(self, lang: str) -> bytes:
        return b"<script nonce='%b'></script>" % self.nonce

    def body_start(self, lang: str) -> bytes:
        return b"<section lang=%b></section>" % lang.encode()

    def body_end(self, lang: str) -> bytes:
        return b"<footer></footer>"


class Fitting:
    personal = False

    def __init__(self, rendering: Rendering, nonce: str, lang: Callable[[], str]) -> None:
        self.inserts = Inserts(nonce)
        self.embeds = Embeds(
            rendering.access,
            embed_url=lambda name, facts: "/_gate/embed",
            gate_url="https://www.example.com/_gate/",
            preferences_url="/_gate/preferences",
            slots={"lang": lambda: lang().encode()},
        )


def rendering(**changes: object) -> Rendering:
    facts = {
        "access": ACCESS,
        "policy": "default-src 'self' visitor.example",
        "boot_hash": "'sha256-boot'",
    }
    return Rendering(**(facts | changes))


def variant(**changes: object) -> Variant:
    facts = {
        "personal": rendering(),
        "shared": rendering(policy="", boot_hash="'sha256-shared'"),
        "own_cookies": OwnCookies(),
        "keep_visit": False,
        "canonical_policy": "default-src 'self'",
        "gate_url": "https://www.example.com/_gate/",
    }
    return Variant(**(facts | changes))


@dataclass
class Planned:
    request: Request
    fit: Callable[[Rendering, str, Callable[[], str]], Fitting] = Fitting
    address: str = "/page"
    revalidates: frozenset[str] = frozenset()
    refused_cookies: tuple[bytes, ...] = ()
    document_headers: tuple[tuple[bytes, bytes], ...] = ((b"x-shown", b"1"),)

    def key(self, *, everybody: bool) -> str:
        return SHARED if everybody else PERSONAL


VARIANT_FACTS = frozenset(Variant.__slots__)


def plan(**changes: object) -> Plan:
    asked = {
        "variant": variant(**{k: v for k, v in changes.items() if k in VARIANT_FACTS}),
        "method": "GET",
        "fetch_dest": "document",
    }
    asked |= {k: v for k, v in changes.items() if k in Request._fields}
    known = VARIANT_FACTS.union(Request._fields)
    facts = {k: v for k, v in changes.items() if k not in known}
    return Planned(Request(**asked), **facts)


def through(*messages: Message, **changes: object) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def run() -> None:
        responder = Responder(plan(**changes), send)
        for message in messages:
            await responder.send(message)

    asyncio.run(run())
    return sent


def start(*headers: tuple[bytes, bytes], status: int = 200) -> Message:
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def body(content: bytes = b"", *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": content, "more_body": more}


def headers_of(message: Message) -> Mapping[bytes, bytes]:
    return dict(message["headers"])


def content_of(sent: list[Message]) -> bytes:
    return b"".join(m.get("body", b"") for m in sent if m["type"] == "http.response.body")


def test_a_page_of_one_message_has_its_exact_length() -> None:
    sent = through(start(HTML, (b"content-length", b"1")), body(PAGE))
    assert headers_of(sent[0])[b"content-length"] == str(len(content_of(sent))).encode()
    assert b"data-cg-src=//nobody.example/p.gif" in content_of(sent)
    assert b"<section lang=de>" in content_of(sent)
    assert headers_of(sent[0])[b"x-shown"] == b"1"


def test_a_page_says_only_once_where_it_ends() -> None:
    """A length beside what the application says of its chunks is refused or misread."""
    chunked = (b"Transfer-Encoding", b"chunked")
    for messages in ([body(PAGE)], [body(PAGE, more=True), body()]):
        assert b"transfer-encoding" not in headers_of(through(start(HTML, chunked), *messages)[0])
    script = start((b"content-type", b"text/javascript"), chunked)
    assert (b"transfer-encoding", b"chunked") in through(script, body(b"1"))[0]["headers"]


def test_a_page_of_several_messages_leaves_piece_by_piece_without_a_length() -> None:
    pieces = [PAGE[i : i + 20] for i in range(0, len(PAGE), 20)]
    length = (b"content-length", str(len(PAGE)).encode())
    sent = through(start(HTML, length), *(body(piece, more=True) for piece in pieces), body())
    assert b"content-length" not in headers_of(sent[0])
    assert len(sent) > 3
    assert content_of(sent) == content_of(through(start(HTML), body(PAGE)))
    assert sent[-1]["more_body"] is False


def test_a_fragment_is_gated_and_gets_nothing_of_ours() -> None:
    sent = through(start(HTML), body(b"<p>" + PIXEL))
    assert (
        content_of(sent) == b'<p><img data-cg="nobody.example" data-cg-src=//nobody.example/p.gif>'
    )
    assert b"x-shown" not in headers_of(sent[0])


@pytest.mark.parametrize(
    ("encoding", "encoded"),
    [(b"gzip", gzip.compress(PAGE)), (b"identity", PAGE)],
    ids=["gzip", "identity"],  # what gzip makes tells the time
)
def test_an_encoded_page_is_decoded_gated_and_sent_plain(encoding: bytes, encoded: bytes) -> None:
    sent = through(start(HTML, (b"content-encoding", encoding)), body(encoded))
    assert b"content-encoding" not in headers_of(sent[0])
    assert b"data-cg-src" in content_of(sent)


def test_an_encoding_that_cannot_be_undone_keeps_its_bytes_and_gets_the_policy() -> None:
    sent = through(start(HTML, (b"content-encoding", b"dcb")), body(b"\xffDCB"))
    assert content_of(sent) == b"\xffDCB"
    assert (
        headers_of(sent[0])[b"content-security-policy"]
        == plan().request.variant.personal.policy.encode()
    )


@pytest.mark.parametrize(
    ("content_type", "charset", "declared"),
    [
        ("text/html; charset=shift_jis", "shift_jis", ""),
        ("text/html", "gbk", "<meta charset=gbk>"),
        ("text/html; charset=utf-8", "utf-16", ""),
        ("text/html", "iso-2022-jp", "<meta charset=iso-2022-jp>"),
    ],
)
def test_a_page_is_gated_in_its_charset(content_type: str, charset: str, declared: str) -> None:
    page = f"<!doctype html>{declared}<title>表示</title>{PIXEL.decode()}<p>能力"
    sent = through(start((b"content-type", content_type.encode())), body(page.encode(charset)))
    out = content_of(sent).decode(charset)
    assert "data-cg-src=//nobody.example/p.gif" in out
    assert "<title>表示</title>" in out
    assert "<p>能力" in out
    assert len(content_of(sent)) == int(headers_of(sent[0])[b"content-length"])


def test_a_page_in_a_charset_that_browsers_refuse_keeps_its_bytes() -> None:
    sent = through(start((b"content-type", b"text/html; charset=iso-2022-kr")), body(PAGE))
    assert content_of(sent) == PAGE
    assert b"content-security-policy" in headers_of(sent[0])


@pytest.mark.parametrize("told", [b"Text/HTML; charset=utf-7", b'text/html;x=", text/plain;y="'])
def test_a_page_of_which_no_charset_is_told_is_gated_and_its_type_left(told: bytes) -> None:
    sent = through(start((b"content-type", told)), body(PAGE))
    assert STOPPED in content_of(sent)
    assert headers_of(sent[0])[b"content-type"] == told


def test_a_page_tells_its_charset_where_its_header_tells_none_that_is_known() -> None:
    told = (b"content-type", b"text/html; charset=foo")
    page = "<!doctype html><meta charset=gbk><p title='表示'>".encode("gbk") + PIXEL
    sent = through(start(told), body(page))
    assert STOPPED in content_of(sent)
    assert headers_of(sent[0])[b"content-type"] == b"text/html; charset=gbk"


@pytest.mark.parametrize(
    "other",
    [
        "<meta name=description content='set charset=gbk'>",
        "<meta data-charset=gbk>",
        "<meta http-equiv=refresh content='9;url=/?charset=gbk'>",
        "<meta name=generator content='x; charset=utf-7'>",
    ],
)
def test_what_only_looks_like_a_charset_is_none(other: str) -> None:
    page = f"<!doctype html>{other}<meta charset=utf-8><p>é漢{PIXEL.decode()}"
    sent = through(start((b"content-type", b"text/html")), body(page.encode()))
    assert headers_of(sent[0])[b"content-type"] == b"text/html; charset=utf-8"
    assert STOPPED in content_of(sent)


def test_the_charset_of_a_meta_tag_moves_into_the_header() -> None:
    page = b"<!doctype html><meta charset=windows-1252><p>\xe9"
    sent = through(start((b"content-type", b"text/html")), body(page))
    assert headers_of(sent[0])[b"content-type"] == b"text/html; charset=windows-1252"
    assert b"\xe9" in content_of(sent)


def test_server_sent_events_leave_at_once_and_untouched() -> None:
    head = start((b"content-type", b"text/event-stream"), (b"content-length", b"9"))
    event = body(b"data: <img src=//nobody.example>\n\n", more=True)
    assert through(head, fetch_dest="empty") == [head]
    assert through(head, event, fetch_dest="empty") == [head, event]


@pytest.mark.parametrize("status", [204, 304])
def test_what_has_no_body_gets_none(status: int) -> None:
    sent = through(start(status=status), body())
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert content_of(sent) == b""


def test_head_has_no_length_that_get_would_not_have() -> None:
    sent = through(start(HTML, (b"content-length", b"99")), body(), method="HEAD")
    assert b"content-length" not in headers_of(sent[0])
    assert b"content-security-policy" in headers_of(sent[0])


def test_a_confirmed_page_carries_the_headers_of_the_page() -> None:
    sent = through(start((b"etag", b'"v1"'), status=304), body(), revalidates=frozenset({PERSONAL}))
    headers = headers_of(sent[0])
    assert headers[b"etag"] == b'W/"v1-cgs0123456789ab"'
    assert headers[b"content-security-policy"] == plan().request.variant.personal.policy.encode()
    assert headers[b"cache-control"] == b"private, no-cache"


def test_a_page_in_part_is_swallowed_and_asked_for_again() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def run() -> Responder:
        responder = Responder(plan(), send, of_range=True)
        await responder.send(start(HTML, (b"content-range", b"bytes 5-9/60"), status=206))
        await responder.send(body(PAGE[5:10]))
        return responder

    assert asyncio.run(run()).wants_whole
    assert sent == []


@pytest.mark.parametrize("told", [(HTML,), ()])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_page_in_part_that_nobody_asked_for_is_gated_as_the_whole(
    told: tuple[tuple[bytes, bytes], ...], method: str
) -> None:
    of = (b"content-range", b"bytes 0-%d/4711" % (len(PAGE) - 1))
    cookie = (b"set-cookie", b"unheard_of=1")
    sent = through(start(*told, of, cookie, status=206), body(PAGE), method=method)
    assert sent[0]["status"] == 200
    assert b"content-range" not in headers_of(sent[0])
    assert b"data-cg-src=//nobody.example/p.gif" in content_of(sent)
    assert headers_of(sent[0])[b"content-length"] == str(len(content_of(sent))).encode()


def test_a_picture_in_part_passes() -> None:
    head = start((b"content-type", b"video/mp4"), (b"content-range", b"bytes 0-1/2"), status=206)
    assert through(head, body(b"ab"), fetch_dest="video") == [head, body(b"ab")]


def test_a_part_without_a_type_is_not_guessed_at_where_it_is_not_shown() -> None:
    """It may begin with anything, and its length is told twice."""
    told = (b"content-range", b"bytes 7-%d/99" % (6 + len(PAGE))), (b"accept-ranges", b"bytes")
    sent = through(start(*told, status=206), body(PAGE), fetch_dest="video")
    assert content_of(sent) == PAGE
    assert headers_of(sent[0]).items() >= dict(told).items()


@pytest.mark.parametrize("kind", ["http.response.pathsend", "http.response.zerocopysend"])
def test_a_page_that_is_handed_over_as_a_file_is_read_and_gated(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(PAGE)
    with path.open("rb") as file:
        handed = {"path": str(path)} if kind.endswith("pathsend") else {"file": file}
        sent = through(start(HTML), {"type": kind, **handed})
    assert content_of(sent) == content_of(through(start(HTML), body(PAGE)))
    assert not any(message["type"] == kind for message in sent)


def test_a_part_of_a_file_is_read_from_its_offset(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(b"junk" + PAGE + b"junk")
    with path.open("rb") as file:
        handed = {"file": file, "offset": 4, "count": len(PAGE)}
        sent = through(start(HTML), {"type": "http.response.zerocopysend", **handed})
    assert content_of(sent) == content_of(through(start(HTML), body(PAGE)))


def test_any_other_file_is_left_to_the_server() -> None:
    head = start((b"content-type", b"image/png"))
    file = {"type": "http.response.pathsend", "path": "/nowhere.png"}
    assert through(head, file, fetch_dest="image") == [head, file]


def test_early_hints_to_third_parties_are_taken_out() -> None:
    links = [b"<https://nobody.example>; rel=preconnect", b"</own.css>; rel=preload; as=style"]
    (hint,) = through({"type": "http.response.early_hint", "links": links})
    assert hint["links"] == [b"</own.css>; rel=preload; as=style"]


@pytest.mark.parametrize("kind", ["http.response.trailers", "http.response.debug", "x.unheard"])
def test_other_messages_pass(kind: str) -> None:
    assert through({"type": kind, "headers": [], "more_trailers": False}) == [
        {"type": kind, "headers": [], "more_trailers": False}
    ]


def test_a_downloaded_page_is_left_alone() -> None:
    sent = through(start(HTML, (b"content-disposition", b'attachment; filename="p"')), body(PAGE))
    assert content_of(sent) == PAGE


def test_a_public_worker_gets_the_policy_that_depends_on_nobody() -> None:
    script = (b"content-type", b"text/javascript")
    said = (b"cache-control", b"public, max-age=9")
    public = through(start(script, said), body(b"1"), fetch_dest="worker")
    assert headers_of(public[0])[b"cache-control"] == said[1]
    assert (
        headers_of(public[0])[b"content-security-policy"]
        == plan().request.variant.canonical_policy.encode()
    )
    personal = through(start(script), body(b"1"), fetch_dest="worker")
    assert (
        headers_of(personal[0])[b"content-security-policy"]
        == plan().request.variant.personal.policy.encode()
    )


def test_a_part_that_tells_no_headers_leaves_as_nothing_but_a_whole() -> None:
    sent = through({"type": "http.response.start", "status": 206}, body(PAGE))
    assert sent[0]["status"] == 200


def test_refused_cookies_are_not_expired_in_what_a_cache_may_share() -> None:
    expired = (b"_ga=; Max-Age=0",)
    shared = start((b"content-type", b"image/png"), (b"cache-control", b"public"))
    assert b"set-cookie" not in headers_of(through(shared, refused_cookies=expired)[0])
    personal = start((b"content-type", b"image/png"))
    assert headers_of(through(personal, refused_cookies=expired)[0])[b"set-cookie"] == expired[0]


DATED = (b"last-modified", b"Sat, 21 Nov 2020 10:00:00 GMT")


@pytest.mark.parametrize(
    ("told", "cached"),
    [
        ((DATED,), b"private"),
        (((b"cache-control", b"no-cache"),), b"no-cache, private"),
        (((b"cache-control", b"no-store"), (b"cdn-cache-control", b"max-age=9")), b"no-store"),
        (((b"cache-control", b"private, max-age=9"),), b"private, max-age=9"),
    ],
)
@pytest.mark.parametrize(
    "kind", [((b"content-type", b"image/png"),), (), ((b"content-type", b"text/css"),)]
)
def test_no_cache_between_hands_one_visitors_refusals_to_others(
    kind: tuple[tuple[bytes, bytes], ...], told: tuple[tuple[bytes, bytes], ...], cached: bytes
) -> None:
    """Set-Cookie keeps none from storing an answer. The visitor's browser may keep it as before."""
    expired = (b"_ga=; Max-Age=0",)
    asked = {"fetch_dest": "image", "refused_cookies": expired}
    headers = headers_of(through(start(*kind, *told), body(b"{}"), **asked)[0])
    assert headers[b"set-cookie"] == expired[0]
    assert headers[b"cache-control"] == cached
    assert b"cdn-cache-control" not in headers
    assert headers.get(b"last-modified") == dict(told).get(b"last-modified")
    without = headers_of(through(start(*kind, *told), body(b"{}"), fetch_dest="image")[0])
    assert dict(told).items() <= without.items()


@pytest.mark.parametrize(
    "said",
    [
        ((b"cache-control", b"private"), (b"expires", b"Sat, 21 Nov 2099 10:00:00 GMT")),
        ((b"cache-control", b"private, max-age=0, stale-while-revalidate=60"),),
    ],
)
def test_a_page_that_its_browser_keeps_says_what_it_depends_on(
    said: tuple[tuple[bytes, bytes], ...],
) -> None:
    """What was navigated to must not answer from the cache what a service worker fetches."""
    told = start(HTML, *said)
    sent = through(told, body(PAGE), vary_kept=("Sec-Fetch-Dest",))
    assert headers_of(sent[0])[b"vary"] == b"Cookie, Sec-Fetch-Dest"


def test_a_nonce_of_the_apps_policy_reaches_our_script_and_each_policy_our_path() -> None:
    policies = [
        (b"content-security-policy", b"script-src 'nonce-abc'"),
        (b"content-security-policy", b"frame-src 'none'; form-action 'none'"),
    ]
    sent = through(start(HTML, *policies), body(PAGE))
    values = [value for name, value in sent[0]["headers"] if name == b"content-security-policy"]
    assert len(values) == 3
    assert values[0].startswith(b"script-src 'nonce-abc'")
    assert b"sha256" not in values[0]
    assert values[1].count(b"https://www.example.com/_gate/") == 2
    assert values[2] == plan().request.variant.personal.policy.encode()
    assert b"<script nonce='abc'>" in content_of(sent)


def test_a_policy_of_hashes_gets_the_hash_of_our_script() -> None:
    sent = through(start(HTML, (b"content-security-policy", b"script-src 'self'")), body(PAGE))
    values = [value for name, value in sent[0]["headers"] if name == b"content-security-policy"]
    assert b"'sha256-boot'" in values[0]


def test_nothing_is_sent_of_a_page_whose_body_never_comes() -> None:
    assert through(start(HTML)) == []


STOPPED = b"data-cg-src=//nobody.example/p.gif"


@pytest.mark.parametrize("told", [(), ((b"X-DNS-Prefetch-Control", b"on"),)])
def test_a_page_has_no_host_of_a_link_looked_up_whatever_the_application_says(told) -> None:
    sent = through(start(HTML, *told), body(PAGE))
    answered = [value for name, value in sent[0]["headers"] if name == b"x-dns-prefetch-control"]
    assert answered == [b"off"]


def test_header_names_in_capitals_do_not_get_past_the_gate() -> None:
    cookie = (b"Set-Cookie", b"session=1")
    headers = ((b"Content-Type", b"Text/HTML"), cookie, (b"Content-Length", b"1"))
    sent = through(start(*headers), body(PAGE))
    assert STOPPED in content_of(sent)
    found = headers_of(sent[0])
    assert found[b"content-length"] == str(len(content_of(sent))).encode()
    assert found[b"set-cookie"] == b"session=1"
    assert b"Content-Length" not in found


@pytest.mark.parametrize(
    "told",
    [
        (),
        ((b"content-type", b""),),
        ((b"content-type", b"*/*"),),
        ((b"content-type", b"text/plain"), (b"content-type", b"text/html")),
        ((b"content-type", b"text/plain, text/html"),),
    ],
)
def test_what_a_browser_would_take_for_a_page_is_gated(
    told: tuple[tuple[bytes, bytes], ...],
) -> None:
    assert STOPPED in content_of(through(start(*told), body(b"\n " + PAGE)))


@pytest.mark.parametrize(
    ("told", "content"),
    [
        ((), b'{"html": "<!doctype html>"}'),
        ((), b""),
        ((), b"\xef\xbb\xbf" + PAGE),
        (((b"x-content-type-options", b"nosniff"),), PAGE),
        (((b"x-content-type-options", b"nosniff, nosniff"),), PAGE),
        (((b"content-type", b"text/html"), (b"content-type", b"text/plain")), PAGE),
    ],
)
def test_what_no_browser_takes_for_a_page_keeps_its_bytes(
    told: tuple[tuple[bytes, bytes], ...], content: bytes
) -> None:
    sent = through(start(*told), body(content))
    assert content_of(sent) == content
    policy = headers_of(sent[0])[b"content-security-policy"]
    assert policy.startswith(plan().request.variant.canonical_policy.encode())


@pytest.mark.parametrize(
    "first",
    [
        b"<article>",
        b"<pre>",
        b"<button>",
        b"<header>",
        b"<a/>",
        b"\n<P",
        b"\v<html>",
        b" " * 600 + b"<p>",
    ],
)
@pytest.mark.parametrize("told", [(), ((b"content-type", b"*/*"),)])
def test_what_some_browsers_take_for_a_page_is_gated_and_no_page_for_the_others(
    first: bytes, told: tuple[tuple[bytes, bytes], ...]
) -> None:
    """Chromium shows all that begins so as HTML, Firefox and the standard as text."""
    charset = b"<meta charset=gbk>"
    sent = through(start(*told), body(first + charset + PIXEL))
    assert STOPPED in content_of(sent)
    assert content_of(sent).startswith(first + charset)
    assert headers_of(sent[0]).get(b"content-type") == (told[0][1] if told else None)


def test_a_charset_that_comes_late_still_decides() -> None:
    undeclared = (b"content-type", b"text/html")
    wide = "\ufeff<!doctype html>".encode("utf-16-le")
    for first in (b"", wide[:1]):
        sent = through(start(undeclared), body(first, more=True), body(wide.removeprefix(first)))
        assert content_of(sent).startswith(wide)
        assert "<script".encode("utf-16-le") in content_of(sent)
    for label, left in (("gbk", False), ("iso-2022-kr", True)):
        late = f"<meta charset={label}>".encode() + PIXEL
        sent = through(start(undeclared), body(b"<!doctype html>", more=True), body(late))
        assert (PIXEL in content_of(sent)) is left


def test_a_page_that_tells_its_charset_is_not_held_back() -> None:
    sent = through(start(HTML), body(b"<!doctype html><p>", more=True))
    assert b"<p>" in content_of(sent)


def test_a_redirect_with_a_body_spends_no_notice() -> None:
    sent = through(start(HTML, status=303), body(PAGE))
    assert STOPPED in content_of(sent)
    assert b"x-shown" not in headers_of(sent[0])


@pytest.mark.parametrize(
    ("encodings", "pack"),
    [
        ([b"identity", b"gzip"], gzip.compress),
        ([b"gzip", b"gzip"], lambda page: gzip.compress(gzip.compress(page))),
        ([b"gzip,"], gzip.compress),
    ],
)
def test_several_encodings_are_one_list(
    encodings: list[bytes], pack: Callable[[bytes], bytes]
) -> None:
    told = [(b"content-encoding", encoding) for encoding in encodings]
    sent = through(start(HTML, *told), body(pack(PAGE)))
    assert STOPPED in content_of(sent)
    assert b"content-encoding" not in headers_of(sent[0])


ENCODED = [(b"content-encoding", b"gzip"), (b"repr-digest", b"sha-256=:A=:")]


@pytest.mark.parametrize(
    ("told", "plain"),
    [
        ((), b'{"a": 1}'),
        ((), b" " * 2000 + b"text"),
        ((), b""),
        (((b"content-type", b"text/html"),), b"<meta charset=hz-gb-2312><p>"),
        (((b"content-type", b"text/html"),), b"<meta charset=hz-gb-2312>" + b"<p>" * 900_000),
    ],
)
@pytest.mark.parametrize("size", [7, 1000, 10_000_000])
def test_what_is_no_page_keeps_its_coding_and_all_that_vouches_for_it(
    told: tuple[tuple[bytes, bytes], ...], plain: bytes, size: int
) -> None:
    packed = gzip.compress(plain)
    length = (b"content-length", b"%d" % len(packed))
    pieces = [packed[at : at + size] for at in range(0, len(packed), size)]
    messages = [*(body(piece, more=True) for piece in pieces[:-1]), body(pieces[-1])]
    sent = through(start(*told, *ENCODED, length, (b"etag", b'"gz1"')), *messages)
    assert content_of(sent) == packed
    assert sent[-1]["more_body"] is False
    assert {*ENCODED, length} <= set(sent[0]["headers"])
    # Its policy is the visitor's, and so the tag tells whose.
    assert headers_of(sent[0])[b"etag"].startswith(b'W/"gz1-cgs')


def test_a_page_that_never_unfolds_is_not_waited_for_for_ever() -> None:
    nothing = gzip.compress(b"") * 60_000
    sent = through(start((b"content-encoding", b"gzip")), body(nothing, more=True), body(nothing))
    assert content_of(sent) == nothing * 2
    assert len(sent) == 3


@pytest.mark.parametrize("name", [b"utf-8", b"none", b"compress"])
def test_a_page_under_a_name_that_is_no_coding_is_gated(name: bytes) -> None:
    """Browsers show it. The name stays, for who reads it otherwise."""
    sent = through(start(HTML, (b"content-encoding", name)), body(PAGE))
    assert STOPPED in content_of(sent)
    assert headers_of(sent[0])[b"content-encoding"] == name


def for_everybody(*headers: tuple[bytes, bytes], **changes: object) -> bool:
    """Whether a page with these headers leaves as the one that everybody gets."""
    sent = through(start(HTML, (b"etag", b'"v1"'), *headers), body(PAGE), **changes)
    return SHARED.encode() in headers_of(sent[0])[b"etag"]


def test_a_public_page_leaves_as_one_for_everybody() -> None:
    """Nothing in it speaks of the visitor, and the cache may keep it as the application said."""
    agreed = rendering(access=AGREED)
    video = PAGE.replace(b"nobody", b"www.video")
    sent = through(start(HTML, PUBLIC, (b"etag", b'"v1"')), body(video), personal=agreed)
    headers = headers_of(sent[0])
    assert headers[b"etag"] == f'W/"v1-cgs{SHARED}"'.encode()
    assert headers[b"cache-control"] == PUBLIC[1]
    assert headers.keys().isdisjoint({b"content-security-policy", b"vary", b"x-shown"})
    assert b"data-cg-src=//www.video.example" in content_of(sent)


def test_only_a_page_that_a_cache_may_hand_to_anybody_is_for_everybody() -> None:
    assert for_everybody(PUBLIC)
    assert not for_everybody((b"cache-control", b"max-age=9"), (b"cache-control", b"private"))
    assert not for_everybody(PUBLIC, (b"set-cookie", b"session=1"))
    assert not for_everybody(PUBLIC, authorised=True)
    assert not for_everybody(PUBLIC, method="POST")


@pytest.mark.parametrize("said", [None, b"no-cache", b"public, max-age=9"])
def test_a_cookie_that_one_visitor_agreed_to_is_kept_by_no_cache_between(
    said: bytes | None,
) -> None:
    """Caches may store Set-Cookie with the rest (RFC 9111, section 7.3), and hand it to others."""
    counting = service("count", "count.example", cookies=["_count"])
    agreeing = rendering(access=access(counting, allowed={"count"}))
    caches = [(b"cache-control", said)] if said else []
    picture = (b"content-type", b"image/png")

    def told(cookie: bytes) -> bytes | None:
        answer = start(picture, (b"set-cookie", cookie), *caches)
        sent = through(answer, body(b"1"), fetch_dest="image", personal=agreeing)
        return headers_of(sent[0]).get(b"cache-control")

    assert b"private" in (told(b"_count=1; Max-Age=9") or b"")
    assert b"private" in (told(b"_count=1") or b"")
    assert told(b"session=1") == said


def test_a_cookie_that_the_gate_drops_does_not_make_a_page_personal() -> None:
    counting = service("count", "count.example", cookies=["_count"])
    refusing = rendering(access=access(counting))
    assert for_everybody(PUBLIC, (b"set-cookie", b"_count=1"), personal=refusing)
    agreeing = rendering(access=access(counting, allowed={"count"}))
    assert not for_everybody(PUBLIC, (b"set-cookie", b"_count=1"), personal=agreeing)


def test_an_error_that_is_public_stays_with_its_visitor() -> None:
    sent = through(start(HTML, PUBLIC, status=404), body(PAGE))
    assert headers_of(sent[0])[b"cache-control"] == b"private, no-cache"


def test_a_public_fragment_stays_with_its_visitor() -> None:
    """It goes without the scripts that would open in it what is agreed to."""
    video = b"<p><img src=//www.video.example/p.gif>"
    sent = through(start(HTML, PUBLIC), body(video), personal=rendering(access=AGREED))
    assert content_of(sent) == video
    assert headers_of(sent[0])[b"cache-control"] == b"private, no-cache"


def test_a_public_page_in_small_pieces_is_for_everybody_too() -> None:
    pieces = [body(PAGE[i : i + 1], more=True) for i in range(len(PAGE))]
    sent = through(start(HTML, PUBLIC), *pieces, body())
    assert headers_of(sent[0])[b"cache-control"] == PUBLIC[1]
    assert content_of(sent) == content_of(through(start(HTML, PUBLIC), body(PAGE)))


def test_a_whole_page_that_a_script_fetches_is_everybodys_and_private_all_the_same() -> None:
    agreed = rendering(access=AGREED)
    video = PAGE.replace(b"nobody", b"www.video")
    charset = (b"content-type", b"text/html; charset=utf-8")
    told = start(charset, (b"etag", b'"v1"'), (b"cache-control", b"no-cache"))
    for pieces in ([video], [video[:4], video[4:]]):
        *held, last = pieces
        messages = [*(body(piece, more=True) for piece in held), body(last)]
        sent = through(told, *messages, personal=agreed, fetched=True)
        headers = headers_of(sent[0])
        assert headers[b"etag"] == f'W/"v1-cgs{SHARED}"'.encode()
        assert headers[b"cache-control"] == b"no-cache, private"
        assert headers[b"vary"] == b"Cookie"
        assert headers.keys().isdisjoint({b"content-security-policy", b"x-shown"})
        assert b"data-cg-src=//www.video.example" in content_of(sent)


def test_a_fragment_that_a_script_fetches_stays_with_its_visitor() -> None:
    video = b"<p><img src=//www.video.example/p.gif>"
    told = start(HTML, (b"etag", b'"v1"'))
    sent = through(told, body(video), personal=rendering(access=AGREED), fetched=True)
    assert content_of(sent) == video
    assert PERSONAL.encode() in headers_of(sent[0])[b"etag"]


def test_head_says_of_a_public_page_what_get_would() -> None:
    sent = through(start(HTML, PUBLIC, (b"etag", b'"v1"')), body(), method="HEAD")
    assert SHARED.encode() in headers_of(sent[0])[b"etag"]
    assert headers_of(sent[0])[b"cache-control"] == PUBLIC[1]


MEASURED = frozenset({b"content-length"})


@pytest.mark.parametrize("encoding", [(), (b"gzip",), (b"dcb",)])
@pytest.mark.parametrize("cached", [(), (PUBLIC,), ((b"cache-control", b"no-cache"),)])
@pytest.mark.parametrize("fetched", [False, True])
def test_head_says_of_a_page_what_get_does(
    encoding: tuple[bytes, ...], cached: tuple[tuple[bytes, bytes], ...], *, fetched: bool
) -> None:
    """But for its length, where that is known only when the page has been made."""
    told = [
        (b"etag", b'"v1"'),
        (b"accept-ranges", b"bytes"),
        (b"content-length", b"%d" % len(PAGE)),
    ]
    told += [(b"last-modified", b"Sat, 21 Nov 2026 08:00:00 GMT"), *cached]
    told += [(b"content-encoding", coding) for coding in encoding]
    packed = gzip.compress(PAGE) if b"gzip" in encoding else PAGE
    facts = {"personal": rendering(access=AGREED), "fetched": fetched, "document_headers": ()}
    head = headers_of(through(start(HTML, *told), body(), method="HEAD", **facts)[0])
    get = headers_of(through(start(HTML, *told), body(packed), **facts)[0])
    passes = b"dcb" in encoding
    assert (head.keys() - get.keys(), get.keys() - head.keys()) == (
        (set(), set()) if passes else (set(), MEASURED)
    )
    assert head.items() <= get.items()
    assert (b"accept-ranges" in get) == passes


@pytest.mark.parametrize("content", [PAGE, b"{}"])
@pytest.mark.parametrize("encoding", [(), (b"gzip",)])
def test_head_says_no_more_than_holds_where_the_body_decides(
    content: bytes, encoding: tuple[bytes, ...]
) -> None:
    told = [(b"etag", b'"v1"'), (b"last-modified", b"Sat, 21 Nov 2026 08:00:00 GMT"), PUBLIC]
    told += [(b"accept-ranges", b"bytes"), (b"content-length", b"%d" % len(content))]
    told += [(b"repr-digest", b"sha-256=:AAAA=:")]
    told += [(b"content-encoding", coding) for coding in encoding]
    head = headers_of(through(start(*told), body(), method="HEAD")[0])
    assert head[b"cache-control"] == b"private, no-cache"
    assert head[b"vary"] == b"Cookie"
    assert head.keys() <= {b"cache-control", b"vary", b"content-security-policy"}
    packed = gzip.compress(content) if encoding else content
    get = headers_of(through(start(*told), body(packed))[0])
    assert (b"content-encoding" in get) == (bool(encoding) and content != PAGE)


def test_a_confirmation_of_ours_tells_nothing_of_the_applications_bytes() -> None:
    told = [(b"etag", b'"v1"'), (b"content-length", b"116"), (b"content-encoding", b"gzip")]
    told += [(b"accept-ranges", b"bytes")]
    sent = through(start(*told, status=304), body(), revalidates=frozenset({PERSONAL}))
    taken = {b"content-length", b"content-encoding", b"accept-ranges"}
    assert taken.isdisjoint(headers_of(sent[0]))
    passed = headers_of(through(start(*told, status=304), body())[0])
    assert taken <= passed.keys()


@pytest.mark.parametrize(
    ("asked", "said", "key", "cached"),
    [
        ({SHARED}, PUBLIC[1], SHARED, PUBLIC[1]),
        ({PERSONAL}, PUBLIC[1], PERSONAL, b"private, no-cache"),
        ({PERSONAL, SHARED}, PUBLIC[1], SHARED, PUBLIC[1]),
        ({PERSONAL, SHARED}, b"private", PERSONAL, b"private"),
        ({SHARED}, b"private", SHARED, b"private"),
    ],
)
def test_a_confirmation_names_the_variant_that_is_stored(
    asked: set[str], said: bytes, key: str, cached: bytes
) -> None:
    head = start((b"etag", b'"v1"'), (b"cache-control", said), status=304)
    headers = headers_of(through(head, body(), revalidates=frozenset(asked))[0])
    assert headers[b"etag"] == f'W/"v1-cgs{key}"'.encode()
    assert headers[b"cache-control"] == cached


@pytest.mark.parametrize("content_type", [b"text/html", b"text/css"])
def test_hints_of_what_a_cache_may_share_open_nothing_that_one_visitor_agreed_to(
    content_type: bytes,
) -> None:
    hint = (b"link", b"<https://www.video.example>; rel=preconnect")
    headers = ((b"content-type", content_type), hint)
    agreed = rendering(access=AGREED)
    public = through(start(*headers, PUBLIC), body(PAGE), personal=agreed)
    assert b"link" not in headers_of(public[0])
    fetched = through(start(*headers), body(PAGE), personal=agreed, fetched=True)
    assert b"link" not in headers_of(fetched[0]), "a service worker may store it"
    alone = (b"cache-control", b"private, max-age=9")
    personal = through(start(*headers, alone), body(PAGE), personal=agreed)
    assert b"link" in headers_of(personal[0])


def test_the_policy_of_the_application_admits_the_script_of_the_page_for_everybody() -> None:
    own = (b"content-security-policy", b"script-src 'self'")
    sent = through(start(HTML, PUBLIC, own), body(PAGE))
    assert b"'sha256-shared'" in headers_of(sent[0])[b"content-security-policy"]


REPORTS = {"reports": "; report-uri /r; report-to us", "report_endpoint": 'us="/r"'}


@pytest.mark.parametrize("content_type", [HTML, (b"content-type", b"text/javascript")])
def test_each_policy_of_ours_says_where_to_report_and_none_of_the_applications(
    content_type: tuple[bytes, bytes],
) -> None:
    own = (b"content-security-policy", b"img-src 'self'")
    sent = through(start(content_type, own), body(PAGE), fetch_dest="worker", **REPORTS)
    values = [value for name, value in sent[0]["headers"] if name == b"content-security-policy"]
    ours = plan().request.variant.personal.policy.encode() + b"; report-uri /r; report-to us"
    assert values == [own[1], ours]
    assert headers_of(sent[0])[b"reporting-endpoints"] == b'us="/r"'


@pytest.mark.parametrize("said", [(), (PUBLIC,)])
def test_where_no_policy_stops_anything_one_may_tell(said: tuple[tuple[bytes, bytes], ...]) -> None:
    free = {name: rendering(policy="") for name in ("personal", "shared")}
    observing = {"observing": "default-src 'self'", "canonical_policy": "", **REPORTS}
    headers = headers_of(through(start(HTML, *said), body(PAGE), **free, **observing)[0])
    told = b"default-src 'self'; report-uri /r; report-to us"
    assert headers[b"content-security-policy-report-only"] == told
    assert headers[b"reporting-endpoints"] == b'us="/r"'
    assert b"content-security-policy" not in headers


def test_a_page_whose_policy_is_put_in_by_script_has_no_endpoint() -> None:
    headers = headers_of(through(start(HTML, PUBLIC), body(PAGE), **REPORTS)[0])
    assert headers.keys().isdisjoint({b"content-security-policy", b"reporting-endpoints"})


VOUCHING = (
    (b"content-digest", b"sha-256=:AAAA:"),
    (b"repr-digest", b"sha-256=:AAAA:"),
    (b"unencoded-digest", b"sha-256=:AAAA:"),
    (b"signature-input", b'a=("content-digest");keyid="k"'),
    (b"signature", b"a=:AAAA:"),
)


def test_nothing_vouches_for_the_bytes_of_a_gated_page() -> None:
    names = {name for name, _ in VOUCHING}
    for asked in ({}, {"method": "HEAD"}):
        sent = through(start(HTML, *VOUCHING), body(PAGE), **asked)
        assert headers_of(sent[0]).keys().isdisjoint(names)
    script = through(start((b"content-type", b"text/javascript"), *VOUCHING), fetch_dest="script")
    assert headers_of(script[0]).keys() >= names, "its bytes are the application's"


SAME = plan()


def refused(*messages: Message, memo: Memo | None = None) -> list[Message]:
    """What left before the last of these messages, which is out of turn."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def run() -> None:
        responder = Responder(SAME, send, memo)
        for message in messages[:-1]:
            await responder.send(message)
        with pytest.raises(OutOfTurnError) as raised:
            await responder.send(messages[-1])
        assert raised.value.message_type == messages[-1]["type"]

    asyncio.run(run())
    return sent


def test_an_answer_that_is_begun_again_while_it_is_held_is_no_secret() -> None:
    assert refused(start(HTML), start(HTML, status=500)) == []
    assert refused(start(HTML), body(PAGE), start(HTML))


@pytest.mark.parametrize("late", [b"", b"tail"])
def test_what_comes_behind_the_end_of_a_page_is_refused_remembered_or_not(late: bytes) -> None:
    once = through(start(HTML), body(PAGE))
    memo = Memo()
    for _ in range(4):
        assert refused(start(HTML), body(PAGE), body(late), memo=memo) == once
    assert refused(start(HTML), body(PAGE), {"type": "http.response.pathsend", "path": "/x"})


def test_what_is_no_page_is_left_to_the_server_in_any_order() -> None:
    picture = start((b"content-type", b"image/png"))
    messages = [picture, picture, body(b"1"), body(b"2")]
    assert through(*messages, fetch_dest="image") == messages


@pytest.mark.parametrize(
    "said", [b'private="x-foo", max-age=600', b"must-understand, no-store, max-age=600"]
)
def test_what_keeps_only_part_of_a_page_from_shared_caches_makes_it_nobodys(said: bytes) -> None:
    assert for_everybody((b"cache-control", said))
    told = (b"cache-control", said), (b"set-cookie", b"session=1")
    headers = headers_of(through(start(HTML, *told), body(PAGE))[0])
    assert headers[b"cache-control"].startswith(b"private, no-cache")
