"""What was decided on one page and remembered changes no byte of another one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consentgate.gate import embeds, rulings
from consentgate.gate.embeds import Embeds
from consentgate.gate.html import HtmlGate, tags
from consentgate.gate.rulings import Rulings, rulings_of
from consentgate.model import Consent
from tests.gate.given import access
from tests.gate.html.along import NOBODYS, VIDEO

PIECES = [
    "<body>", "<iframe src=//www.video.example/1></iframe>", "<p>", "<template>", "</template>",
    "<iframe src='//www.video.example/2' width=0></iframe>", "<svg>", "</svg>", "<select>",
    '<iframe src="https://nobody.example/?a=1&amp;b=2" sandbox></iframe>', "</select>",
    "<script src=//a.posts.example/1></script>", "<script>posts()</script>", "<noscript>",
    "<script>new YT.Player('x')</script>", "</noscript>", "<img src=//a.posts.example/p>",
    "<img src=//a.posts.example/p srcset='//b.example/ 1x'>", "<img src=/own.png>", "<img src=a:b>",
    "<div class=fb-post></div>", "<div class='fb-post' data-consentgate></div>", "<!-- ", " -->",
    "<div data-consentgate=social></div>", "<p data-consentgate=posts>", "<a ping=//b.example>",
    "<a data-consentgate=preferences>", "<link rel=preconnect href=//www.video.example>",
    "<link rel=stylesheet href=//fonts.example/>", '<link rel="icon" href="/i.svg">',
    "<meta http-equiv=refresh content='0; //b.example/'>", "<script type=importmap>{}</script>",
    "<meta http-equiv=content-security-policy content=\"frame-src 'none'\">",
    "<base href=//b.example/>", "<script data-cg=posts>posts()</script>",
    "<script>posts()</script src='", "'>", "<iframe src='/own'></iframe>", "<svg><script>posts()",
    "<script attributionsrc=//b.example/>posts()", "<style class=fb-post>@import '//b.example/';",
    "<script type=importmap class=fb-post>{'//b.example'", "</script>", "</style>",
    "<script src=data:,posts()></script>", "<svg><script src=/a attributionsrc=//b.example>posts()",
    "<script src=//a.posts.example/ attributionsrc=//b.example/></script>",
]  # fmt: skip
CONSENTS = [(), ("video",), ("posts",), ("video", "posts")]

pages = st.lists(st.sampled_from(PIECES), max_size=20).map("".join).map(str.encode)
visits = st.tuples(st.sampled_from(CONSENTS), st.sampled_from(["/a", "/b"]), pages)


ACCESSES = {
    allowed: replace(NOBODYS, consent=Consent(allowed=frozenset(allowed))) for allowed in CONSENTS
}


def gated(
    allowed: tuple[str, ...], address: str, page: bytes, cuts: list[int], *, settled: bool = True
) -> object:
    """What leaves, and what was stopped, on a page of this address."""
    decide = Embeds(
        ACCESSES[allowed],
        embed_url=lambda name, facts: f"{address}?{name}&{facts}",
        gate_url=f"https://www.example.com{address}/_gate/",
        preferences_url=f"/_gate/preferences?back={address}",
        slots={"social": address.encode},
        place=lambda widget: b"[%b %b]" % (widget.service.id.encode(), address.encode()),
    )
    gate = HtmlGate(decide, remember=decide if settled else None)
    edges = [0, *sorted(cut % (len(page) + 1) for cut in cuts), len(page)]
    out = [gate.feed(page[start:end]) for start, end in pairwise(edges)]
    return b"".join([*out, gate.close()]), decide.blocked


@contextmanager
def nothing_remembered() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embeds, "rulings_of", Rulings)
        patch.setattr(Rulings, "of", lambda self, tag: self._rule(tags.read_tag(tag.raw)))
        patch.setattr(tags, "_remembered_tag", tags._read_tag)
        yield


@settings(max_examples=400, deadline=None)
@given(st.lists(visits, min_size=1, max_size=4), st.lists(st.integers(0), max_size=2))
def test_what_other_pages_and_visitors_were_shown_changes_nothing(
    seen: list[tuple[tuple[str, ...], str, bytes]], cuts: list[int]
) -> None:
    for allowed, address, page in seen:
        remembered = gated(allowed, address, page, cuts)
        with nothing_remembered():
            assert gated(allowed, address, page, cuts, settled=False) == remembered


def test_a_tag_that_was_seen_before_is_not_decided_upon_again() -> None:
    rulings._rulings.cache_clear()
    page = b"<p><img src=//b.example/1><script src=//a.posts.example/1></script>"
    seen = [gated((), "/a", page, [], settled=settled) for settled in (True, True, False)]
    assert seen[0] == seen[1] == seen[2]
    found = rulings_of(ACCESSES[()])._remembered.cache_info()
    assert (found.misses, found.hits) == (2, 2)


def test_what_is_settled_is_forgotten_before_it_is_too_much() -> None:
    rulings._rulings.cache_clear()
    for number in range(2000):
        gated((), "/a", b"<p><img src=//b.example/%d>" % number, [])
    assert 0 < len(rulings_of(ACCESSES[()]).settled) <= 512


def test_what_was_forgotten_settles_again() -> None:
    rulings._rulings.cache_clear()
    for number in [*range(513), 500]:
        gated((), "/a", b"<p><img src=//b.example/%d>" % number, [])
    assert b"<img src=//b.example/500>" in rulings_of(ACCESSES[()]).settled


@pytest.mark.parametrize(
    "tag",
    [
        "<iframe src=//www.video.example/1>",
        "<body background=//b.example/>",
        "<script>",
        "<html background=//b.example/>",
        "<svg background=//b.example/>",
        "<div data-consentgate=social>",
        "<meta http-equiv=content-security-policy content=\"img-src 'none'\">",
    ],
)
def test_a_tag_on_which_the_page_has_a_say_is_never_settled(tag: str) -> None:
    rulings._rulings.cache_clear()
    gated((), "/a", f"<p>{tag}".encode(), [])
    assert not rulings_of(ACCESSES[()]).settled


def test_visitors_who_agreed_to_the_same_share_what_is_remembered_and_others_do_not() -> None:
    one = ACCESSES["video",]
    same = replace(one, consent=replace(one.consent, subject="0" * 32, decided_at=1, decided=True))
    assert rulings_of(same) is rulings_of(one)
    assert rulings_of(same)._access.consent.subject is None
    for other in (ACCESSES[()], replace(one, scheme="http"), access(VIDEO, allowed=("video",))):
        assert rulings_of(other) is not rulings_of(one)


def test_long_tags_are_not_remembered() -> None:
    rulings._rulings.cache_clear()
    gated((), "/a", b"<img src=//b.example/" + b"x" * 600 + b">", [])
    assert rulings_of(ACCESSES[()])._remembered.cache_info().currsize == 0
