"""Scripts and styles that are changed for their tag and for their code as well."""

from itertools import pairwise

import pytest

from consentgate.gate.html import HtmlGate
from tests.gate.given import access
from tests.gate.html.along import NOBODYS, POSTS, VIDEO, embeds_for, gated, recorded
from tests.gate.html.along import along as go_along

ASIDE = b"data-cg-with-attributionsrc"
RULES = b'{"prefetch":[{"urls":["https://e.example/"]}]}'
MAP = b'{"imports":{"a":"https://e.example/a"}}'
REPORTING = b"<p><script attributionsrc=//e.example/x>%b</script>"

BOTH = {
    "reports": REPORTING % b"posts(1)",
    "reports of a module": b"<p><script type=module attributionsrc=//e.example>posts(1)</script>",
    "reports of an import map": b"<p><script type=importmap attributionsrc=//e.example>%b</script>"
    % MAP,
    "reports, in a drawing": b"<p><svg><script src=/a attributionsrc=//e.example>posts(1)</script>",
    "address that is none, in a drawing": b"<p><svg><script src=//e.example>posts(1)</script>",
    "reports, and two ways to read": b"<select><xmp></select><script attributionsrc=//e.example>"
    b"posts(1)</script>",
    "never ends": b"<p><script attributionsrc=//e.example>posts(1)",
    "in a document of a frame": b"<p><iframe srcdoc='<script attributionsrc=//e.example>posts(1)"
    b"</script>'></iframe>",
    "rules, for a role": b"<p><script type=speculationrules data-consentgate=posts>%b</script>"
    % RULES,
    "rules for all links, for a slot": b"<p><script type=speculationrules data-consentgate=social>"
    b'{"prefetch":[{}]}</script>',
    "import map, as a plugin": b"<p><script type=importmap class=fb-post>%b</script>" % MAP,
    "style, as a plugin": b"<p><style class=fb-post>@import '//e.example/x';</style>",
    "style, for a slot": b"<p><style data-consentgate=social>@import '//e.example/x';</style>",
}


def through(page: bytes, cuts: list[int]) -> bytes:
    embeds = embeds_for(NOBODYS)
    gate = HtmlGate(embeds, remember=embeds)
    pieces = [page[start:end] for start, end in pairwise([0, *cuts, len(page)])]
    return b"".join([*map(gate.feed, pieces), gate.close()])


@pytest.mark.parametrize("page", BOTH.values(), ids=BOTH)
def test_the_code_of_a_tag_that_was_changed_has_its_say(page: bytes) -> None:
    out = through(page, [])
    assert b"text/plain" in out or b"><!--@import" in out
    assert not any(written in out for written in (b"[posts", b"[social", b" attributionsrc="))


@pytest.mark.parametrize("page", BOTH.values(), ids=BOTH)
def test_it_does_however_the_page_arrives_and_once(page: bytes) -> None:
    whole = through(page, [])
    assert through(whole, []) == whole
    for size in range(1, len(page)):
        assert through(page, [*range(size, len(page), size)]) == whole
    for cut in range(1, len(page)):
        assert through(page, [cut]) == whole


@pytest.mark.parametrize("page", BOTH.values(), ids=BOTH)
def test_it_does_along_a_trail(page: bytes) -> None:
    _, trail = recorded(page)
    if trail is not None:
        assert go_along(trail, page) == gated(page)


@pytest.mark.parametrize(("old", "new"), [(b"dull()", b"posts()"), (b"posts()", b"dull()")])
def test_a_page_with_other_code_behind_a_changed_tag_has_another_trail(
    old: bytes, new: bytes
) -> None:
    before, after = REPORTING % old, REPORTING % new
    _, trail = recorded(before)
    assert trail is not None
    assert go_along(trail, before) == gated(before)
    assert go_along(trail, after) in (None, gated(after))


def test_both_changes_of_a_tag_are_made() -> None:
    assert gated(REPORTING % b"posts(1)").body.endswith(
        b'<script type="text/plain" data-cg="posts" ' + ASIDE + b"=//e.example/x>posts(1)</script>"
    )
    assert gated(REPORTING % b"own(1)").body.endswith(
        b'<script data-cg="e.example" data-cg-attributionsrc=//e.example/x>own(1)</script>'
    )


def test_whom_either_would_contact_is_noted_once() -> None:
    hosts = [blocked.url.host for blocked in gated(BOTH["reports of an import map"]).blocked]
    assert hosts == ["e.example"]


def test_a_script_of_a_third_party_reports_to_nobody_while_it_waits() -> None:
    page = b"<p><script src=//a.posts.example/1 attributionsrc='//www.video.example /own'></script>"
    waits = gated(page)
    assert waits.body.endswith(
        b'<script type="text/plain" data-cg="posts" src=//a.posts.example/1 '
        + ASIDE
        + b"='//www.video.example /own'></script>"
    )
    assert [blocked.url.host for blocked in waits.blocked] == [
        "a.posts.example",
        "www.video.example",
    ]
    assert gated(waits.body).body == waits.body.replace(b"[start ]", b"[start ][start ]")
    agreed = gated(page, access(VIDEO, POSTS, allowed=["posts"]))
    assert b"src=//a.posts.example/1 data-cg-attributionsrc=" in agreed.body
    assert b"text/plain" not in agreed.body
    assert gated(page, access(VIDEO, POSTS, allowed=["posts", "video"])).body.endswith(page)


@pytest.mark.parametrize(
    "address",
    [
        "data:text/javascript,posts(1)",
        "data:,posts(1)",
        " DA&Tab;TA:text/javascript;charset=utf-8,%70osts(%31)#x",
        "data:text/javascript;base64,cG9zdHMoMSk=",
        "data:text/javascript; BASE64 ,cG9zdHMoMSk%3D",
        "data:;base64,cG9z dHMoMSk",
    ],
)
@pytest.mark.parametrize(
    "markup", ['<script src="{}">', "<svg><script href='{}'>", "<svg><script xlink:href='{}'/>"]
)
def test_code_in_an_address_is_judged_as_code_on_the_page(address: str, markup: str) -> None:
    page = f"<p>{markup.format(address)}</script>".encode()
    out = gated(page)
    assert b'type="text/plain"' in out.body
    assert b'data-cg="posts"' in out.body
    assert gated(page, access(POSTS, allowed=["posts"])).body.endswith(page)
    own = page.replace(b"posts", b"owns").replace(b"%70osts", b"own").replace(b"cG9z", b"b3du")
    assert gated(own).body.endswith(own)


def test_a_player_that_code_in_an_address_builds_has_its_place_beside_the_script() -> None:
    script = b"<script src=\"data:,new YT.Player('a')\"></script>"
    assert gated(b"<body>" + script + script).body.count(b"[posts 1]<script ") == 1


def test_code_in_an_address_that_no_browser_runs_stays() -> None:
    for page in (b"<p><script type=x src=data:,posts(1)></script>", b"<p><img src=data:,posts(1)>"):
        assert gated(page).body.endswith(page)
