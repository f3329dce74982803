"""What is remembered from request to request changes no answer and names no visitor."""

from __future__ import annotations

import asyncio
import gc
import itertools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from consentgate import page
from consentgate.discovery import CountFile, counts_path
from consentgate.model import Keep
from consentgate.response import Memo
from tests.gated import behind_gate

CONFIG = {
    "site": {"name": "Example", "privacy_url": "/privacy"},
    "policy": {"version": "1", "ask_again_after": "30 days"},
    "services": {"youtube": {}, "google-analytics": {}, "facebook": {}},
    "social": {"providers": ["facebook", "x"], "positions": ["top"], "buttons": "two-clicks"},
}
BEGIN = b"<!doctype html><html><head><title>t</title></head><body>"
FRAME = b'<iframe src="https://www.youtube.com/embed/abc" width=560 height=315></iframe>'
BODIES = {
    "/plain": BEGIN + FRAME + b"<img src=//nobody.example/p.gif>",
    "/german": BEGIN.replace(b"<html>", b"<html lang=de>") + FRAME,
    "/declaration": BEGIN + b"<div data-consentgate=declaration></div>",
    "/social": BEGIN + b"<div data-consentgate=social></div><a data-consentgate=preferences>",
    "/fragment": FRAME,
    "/bar": b"<div data-consentgate=social></div>",
    "/text": BEGIN + FRAME + b"<form><input name=t value=TEXT></form>TEXT" + FRAME,
}
TEXTS = [b"", b"0", b"12", b"<b>x</b>", b"<img src=//nobody.example/1>", FRAME, b"<!--", b"</body>"]
NOW = 1_800_000_000.0
ALICE, BOB = "aa" * 16, "bb" * 16

Message = dict[str, Any]


async def app(scope: Any, receive: Any, send: Any) -> None:
    headers = [(b"content-type", b"text/html; charset=utf-8"), (b"etag", b'"v1"')]
    if b"public" in scope["query_string"]:
        headers.append((b"cache-control", b"public, max-age=60"))
    if b"lasting" in scope["query_string"]:
        headers.append((b"cache-control", b"private, max-age=60"))
    unchanged = (b"if-none-match", b'"v1"') in scope["headers"]
    status, body = (304, b"") if unchanged else (200, BODIES[scope["path"]])
    body = body.replace(b"TEXT", dict(scope["headers"]).get(b"x-text", b""))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class Visitors:
    """A gate and those who come to it."""

    def __init__(
        self,
        folder: Path,
        *,
        remembers: bool = True,
        debug: bool = False,
        config: Mapping[str, object] = CONFIG,
    ) -> None:
        self.now = NOW
        self.gate = behind_gate(app, folder, config, debug=debug, clock=lambda: self.now)
        self.pages = self.gate._pages
        if not remembers:
            self.pages.memo = Memo(max_bytes=0)

    def cookie(self, *granted: str, subject: str = ALICE, at: float = NOW) -> bytes:
        cookie = self.pages.wiring.cookie
        consent = cookie.consent(granted, subject=subject, decided_at=int(at), keep=Keep.LASTING)
        return b"__Host-cg=" + cookie.write(consent).encode()

    def get(
        self,
        path: str,
        *headers: tuple[bytes, bytes],
        query: bytes = b"",
        dest: bytes = b"document",
    ) -> list[Message]:
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        asked = [(b"host", b"www.example.com"), (b"sec-fetch-dest", dest), *headers]
        scope = {
            "type": "http", "method": "GET", "scheme": "https", "path": path,
            "raw_path": path.encode(), "query_string": query, "headers": asked,
            "client": ("203.0.113.77", 50_000),
        }  # fmt: skip
        asyncio.run(self.gate(scope, receive, send))
        return sent

    def kept(self) -> int:
        """How many pages are remembered, or how to make them."""
        known = self.pages.memo._young.values()
        return sum(noted.kept is not None or noted.trodden is not None for noted in known)


def content(sent: list[Message]) -> bytes:
    return b"".join(message.get("body", b"") for message in sent)


def tag(sent: list[Message]) -> bytes:
    return dict(sent[0]["headers"])[b"etag"]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Visitors, Visitors]:
    folders = [tmp_path_factory.mktemp(name) for name in ("remembers", "forgets")]
    return Visitors(folders[0]), Visitors(folders[1], remembers=False)


def test_a_bar_in_a_fragment_has_links_for_nothing_there_can_be_sent(tmp_path: Path) -> None:
    visitors = Visitors(tmp_path)
    fragment, page = (content(visitors.get(path)) for path in ("/bar", "/social"))
    assert b"sharer.php" in fragment
    assert b"aria-pressed" not in fragment
    assert page.count(b"aria-pressed") == 2
    assert page.count(b'<form id="cg-social-facebook"') == 1


def test_a_page_without_any_bar_needs_no_end_of_one(tmp_path: Path) -> None:
    visitors = Visitors(
        tmp_path, config={**CONFIG, "social": {**CONFIG["social"], "positions": []}}
    )
    assert b"cg-social" not in content(visitors.get("/plain")).partition(b"<body>")[2]
    assert b'<form id="cg-social-facebook"' in content(visitors.get("/social"))


def test_what_is_proven_of_the_bar_is_what_stood_in_it(tmp_path: Path) -> None:
    notice = Visitors(tmp_path).pages.wiring.notice("en", "social-bar", "facebook")
    assert "this sends your address to Meta Platforms Ireland" in notice.shown
    assert "Keep Facebook switched on" in notice.shown


visits = st.tuples(
    st.sampled_from(sorted(BODIES)),
    st.sampled_from([b"", b"public", b"q=1", b"q=%22%3E"]),
    st.sampled_from([(), ("youtube",), ("youtube", "google-analytics"), ("facebook",), None]),
    st.sampled_from([ALICE, BOB]),
    st.sampled_from([b"", b"de", b"sv, en;q=0.5"]),
    st.sampled_from([b"", b"cg_note=given", b"cg_note=%22"]),
    st.sampled_from([b"document", b"empty"]),
    st.lists(st.sampled_from(TEXTS), min_size=1, max_size=4),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(visits, max_size=5))
@example(
    [
        ("/declaration", b"", ("youtube",), subject, b"", b"", b"document", [b""])
        for subject in (ALICE, BOB)
    ]
)
@example(
    [
        ("/plain", b"", granted, ALICE, b"", b"", b"document", [b""])
        for granted in ((), ("youtube",), None)
    ]
)
@example(
    [
        ("/plain", query, None, ALICE, b"", b"", b"document", [b""])
        for query in (b"", b"public", b"q=1")
    ]
)
@example(
    [("/plain", b"", None, ALICE, language, b"", b"document", [b""]) for language in (b"", b"de")]
)
@example(
    [("/plain", b"", (), ALICE, b"", note, b"document", [b""]) for note in (b"", b"cg_note=given")]
)
@example(
    [("/plain", b"", ("youtube",), ALICE, b"", b"", to, [b""]) for to in (b"document", b"empty")]
)
@example(
    [("/plain", b"", ("youtube",), ALICE, b"", b"", to, [b""]) for to in (b"empty", b"document")]
)
@example([("/plain", q, (), ALICE, b"", b"", b"empty", [b""]) for q in (b"public", b"")])
@example([("/text", b"", (), ALICE, b"", b"", b"document", [b"1", b"2", b"3"])])
@example(
    [("/text", b"", granted, ALICE, b"", b"", b"document", [b"1"]) for granted in [()] * 3 + [None]]
)
@example(
    [
        ("/text", b"", (), ALICE, language, b"", b"document", [b"1", b"2"])
        for language in (b"", b"de")
    ]
)
@example([("/text", b"", (), ALICE, b"", b"", to, [b"1", b"2"]) for to in (b"document", b"empty")])
def test_whoever_came_before_everybody_gets_their_own_page(
    pair: tuple[Visitors, Visitors], asked: list[tuple[Any, ...]]
) -> None:
    every = ((visit, text) for visit in asked * 2 for text in visit[-1])
    for (path, query, granted, subject, language, note, dest, _), text in every:
        answers = []
        for visitors in pair:
            cookies = [note] if note else []
            if granted is not None:
                cookies.append(visitors.cookie(*granted, subject=subject))
            headers = [(b"cookie", b"; ".join(cookies)), (b"accept-language", language)]
            answers.append(visitors.get(path, *headers, (b"x-text", text), query=query, dest=dest))
        assert answers[0] == answers[1]


def test_visitors_of_one_choice_share_what_is_remembered(tmp_path: Path) -> None:
    visitors = Visitors(tmp_path)
    for number in range(6):
        visitors.get("/plain", (b"cookie", visitors.cookie("youtube", subject=f"{number:032x}")))
    assert visitors.kept() == 1
    assert len(visitors.pages.memo._young) == 1


def test_visitors_of_one_choice_go_along_the_trail_of_one_page(tmp_path: Path) -> None:
    visitors = Visitors(tmp_path)
    made: list[object] = []
    fit = page.PageFitting
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page, "PageFitting", lambda *facts: made.append(facts) or fit(*facts))
        for number in range(6):
            choice = visitors.cookie("youtube", subject=f"{number:032x}")
            sent = visitors.get("/text", (b"cookie", choice), (b"x-text", b"%d" % number))
            assert b"value=%d>" % number in content(sent)
        assert len(made) == 2
        for other in ((b"cookie", visitors.cookie()), (b"accept-language", b"de")):
            visitors.get("/text", other, (b"x-text", b"9"))
        visitors.get("/text", query=b"q=1")
    assert len(made) == 5, "another choice, language or address has a trail of its own"


@pytest.mark.parametrize(
    ("headers", "dest"),
    [
        ((), b"empty"),
        (((b"service-worker-navigation-preload", b"true"),), b"document"),
        (((b"service-worker-navigation-preload", b"true"),), b""),
    ],
)
def test_what_a_script_or_a_worker_fetches_is_made_for_everybody_whoever_came_before(
    tmp_path: Path, headers: tuple[tuple[bytes, bytes], ...], dest: bytes
) -> None:
    visitors = Visitors(tmp_path)
    agreed = (b"cookie", visitors.cookie("youtube"))
    for _ in range(3):
        own = visitors.get("/plain", agreed)
        fetched = visitors.get("/plain", agreed, *headers, dest=dest)
        assert re.search(rb'data-cg-state="\w+\.\w', content(own))
        assert b"data-cg-table" in content(fetched)
        assert not re.search(rb'data-cg-state="\w+\.\w', content(fetched))


def test_a_tag_of_ones_own_page_confirms_nothing_that_is_fetched(tmp_path: Path) -> None:
    visitors = Visitors(tmp_path)
    agreed = (b"cookie", visitors.cookie("youtube"))
    own, fetched = (tag(visitors.get("/plain", agreed, dest=to)) for to in (b"document", b"empty"))
    assert own != fetched
    again = [
        visitors.get("/plain", agreed, (b"if-none-match", sent), dest=b"empty")[0]["status"]
        for sent in (own, fetched)
    ]
    assert again == [200, 304]


@pytest.mark.parametrize(
    ("languages", "spoken"), [(["de"], b""), (["de", "en"], b", Accept-Language")]
)
def test_a_browser_that_keeps_a_page_is_told_all_that_its_own_request_decides(
    tmp_path: Path, languages: list[str], spoken: bytes
) -> None:
    visitors = Visitors(tmp_path, config={**CONFIG, "languages": languages})
    for dest in (b"document", b"empty"):
        headers = dict(visitors.get("/plain", query=b"lasting", dest=dest)[0]["headers"])
        told = b"Cookie, Sec-GPC, Sec-Fetch-Dest, Service-Worker-Navigation-Preload"
        assert headers[b"vary"] == told + spoken
        asks = dict(visitors.get("/plain", dest=dest)[0]["headers"])
        assert asks[b"vary"] == b"Cookie, Sec-GPC", "its tag tells"


def test_what_shows_a_visitors_own_choice_is_not_kept(tmp_path: Path) -> None:
    visitors = Visitors(tmp_path)
    for subject in (ALICE, BOB) * 3:
        page = content(
            visitors.get("/declaration", (b"cookie", visitors.cookie("youtube", subject=subject)))
        )
        assert subject.encode() in page
    assert visitors.kept() == 0
    for _ in range(2):
        visitors.get("/declaration")
    assert visitors.kept() == 1, "of who has not chosen nothing is shown"


def test_nothing_that_is_kept_of_a_page_names_its_visitor(tmp_path: Path) -> None:
    visitors = Visitors(tmp_path)
    for path, text in itertools.product(BODIES, (b"1", b"1", b"2")):
        visitors.get(path, (b"cookie", visitors.cookie("youtube")), (b"x-text", text))
    gc.collect()
    memo = visitors.pages.memo
    assert any(noted.trodden for noted in memo._young.values())
    remembered = repr((memo._young, memo._old, visitors.pages.wiring.fragments._forms))
    assert "data-cg" in remembered
    assert ALICE not in remembered
    assert "203.0.113" not in remembered


def test_two_choices_of_one_visitor_have_two_tags_even_where_they_agree_to_the_same(
    tmp_path: Path,
) -> None:
    """For the declaration shows when it was."""
    visitors = Visitors(tmp_path)
    tags = {
        dict(visitors.get("/plain", (b"cookie", visitors.cookie(at=NOW - n)))[0]["headers"])[
            b"etag"
        ]
        for n in (1, 2)
    }
    assert len(tags) == 2


def test_a_consent_that_is_remembered_ends_all_the_same(tmp_path: Path) -> None:
    visitors = Visitors(tmp_path)
    cookie = (b"cookie", visitors.cookie("youtube"))
    opened = b'<iframe src="https://www.youtube.com/embed/abc"'
    assert opened in content(visitors.get("/plain", cookie))
    visitors.now += 31 * 24 * 3600
    assert opened not in content(visitors.get("/plain", cookie))


def test_every_stop_is_told_of_whether_made_or_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitors = Visitors(tmp_path)
    told: list[list[str]] = []

    def note(stopped: Any, config: Any, *, now: float) -> None:
        told.append(sorted(each.url.host for each in stopped))
        assert now == NOW

    monkeypatch.setattr(visitors.gate._discoveries, "report_blocked", note)
    for _ in range(4):
        visitors.get("/plain")
    assert told == [["nobody.example", "www.youtube.com"]] * 4


def test_what_nobody_declared_is_counted_of_a_remembered_page_too(tmp_path: Path) -> None:
    visitors = Visitors(tmp_path)
    for _ in range(4):
        visitors.get("/plain")
    assert visitors.kept() == 1
    visitors.gate._discoveries.close()
    (found,) = CountFile(counts_path(f"sqlite:///{tmp_path}/proofs.db")).sightings()
    assert (found.kind.host, found.kind.way, found.count) == ("nobody.example", "markup", 4)


def test_a_page_with_the_overlay_has_another_tag_than_one_without(tmp_path: Path) -> None:
    for query in (b"", b"public"):
        answers = [
            Visitors(tmp_path, debug=debug).get("/plain", query=query) for debug in (False, True)
        ]
        assert [b"/assets/overlay." in content(sent) for sent in answers] == [False, True]
        tags = [dict(sent[0]["headers"])[b"etag"] for sent in answers]
        assert tags[0] != tags[1]
