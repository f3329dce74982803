"""What a visitor opted out of is not in the page at all, and everything else is as it was."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consentgate.gate.embeds import Embeds
from consentgate.gate.html import HtmlGate
from tests.gate.given import access
from tests.gate.test_embeds import COUNTER, MATOMO, VIDEO, frame_address

OUT = frozenset({"counter"})


def gated(markup: str, out: frozenset[str] = OUT, *, size: int = 0) -> str:
    given = access(VIDEO, COUNTER, MATOMO)
    given = replace(given, consent=replace(given.consent, opted_out=out))
    decide = Embeds(
        given,
        embed_url=frame_address,
        gate_url="https://www.example.com/_gate/",
        preferences_url="/_gate/preferences",
        slots={},
    )
    gate = HtmlGate(decide)
    page = f"<!doctype html><html><body>{markup}</body></html>".encode()
    size = size or len(page)
    parts = [gate.feed(page[i : i + size]) for i in range(0, len(page), size)]
    out_page = b"".join((*parts, gate.close())).decode()
    return out_page.partition("<body>")[2].removesuffix("</body></html>")


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        (
            '<script async src="https://a.counter.example/c.js"></script>',
            '<script type="text/plain" data-cg="counter" async src=""></script>',
        ),
        (
            "<script type=module>count('init', 1)</script>",
            '<script data-cg="counter" data-cg-type=module></script>',
        ),
        (
            '<img alt="" src="//a.counter.example/p.gif" srcset="//a.counter.example/q.gif 2x">',
            '<img data-cg="counter" alt="" src="" srcset="">',
        ),
        (
            '<link rel=preconnect href="https://a.counter.example">',
            '<link data-cg="counter" rel=preconnect href="">',
        ),
    ],
)
def test_neither_address_nor_code_is_left(markup: str, expected: str) -> None:
    left = gated(markup)
    assert "a.counter.example" not in left
    assert "count(" not in left
    # The inert type of a script stands wherever its own did.
    assert sorted(left.replace('type="text/plain" ', "").split()) == sorted(
        expected.replace('type="text/plain" ', "").split()
    )


@pytest.mark.parametrize("size", [1, 7, 0])
def test_code_is_taken_out_however_the_page_arrives(size: int) -> None:
    page = "<p>before</p><script>count('init', '</p>');\nmore()</script><p>after</p>"
    left = gated(page, size=size)
    assert left.startswith("<p>before</p><script ")
    assert left.endswith("></script><p>after</p>")
    assert "more" not in left
    assert 'type="text/plain"' in left


def test_a_frame_keeps_its_placeholder() -> None:
    left = gated('<iframe src="https://www.video.example/1"></iframe>', frozenset({"video"}))
    assert 'src="/_gate/embed/video?' in left
    assert "data-cg-src" not in left


@pytest.mark.parametrize(
    "markup",
    [
        '<script src="https://x.matomo.cloud/m.js"></script>',
        "<script>own()</script>",
        '<img srcset="//a.counter.example/1.gif 1x, //x.matomo.cloud/2.gif 2x">',
        '<iframe src="https://www.video.example/1"></iframe>',
        '<img src="https://stranger.example/1.gif">',
    ],
)
def test_what_others_have_a_part_in_stays_as_it_was_stopped(markup: str) -> None:
    assert gated(markup) == gated(markup, frozenset())


def test_where_a_page_can_be_read_in_two_ways_the_script_stays_and_is_inert() -> None:
    page = "<select><xmp></select><script>count('init', 1)</script>"
    assert "text/plain" in gated(page)
