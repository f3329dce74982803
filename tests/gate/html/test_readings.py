"""What is seen in raw text, scripts, drawings and where parsers differ."""

from collections.abc import Callable
from typing import Any

import pytest

Through = Callable[..., Any]
SIZES = (0, 1, 5)


@pytest.mark.parametrize(
    "page",
    [
        b"<!-- > <img src=//n> --><img src=//y>",
        b"<!--><img src=//y>",
        b"<!---><img src=//y>",
        b"<!----!><img src=//y>",
        b"<!--!> <img src=//n> --><img src=//y>",
        b"<!-- --!><img src=//y>",
        b"<!x <img src=//n><img src=//y>",
        b"<? <img src=//n><img src=//y>",
        b"</ <img src=//n><img src=//y>",
        b"<![CDATA[ <img src=//n> <img src=//y> ]]>",
        b"<title><img src=//n></title><img src=//y>",
        b"<TITLE><img src=//n></titlex></TITLE ><img src=//y>",
        b"<textarea><img src=//n></textarea><img src=//y>",
        b"<style><!--</style><img src=//y>-->",
        b"<xmp><img src=//n></xmp><img src=//y>",
        b"<noembed><img src=//n></noembed><img src=//y>",
        b"<noframes><img src=//n></noframes><img src=//y>",
        b"<iframe><img src=//n></iframe><img src=//y>",
        b"<img src=//y><plaintext></plaintext><img src=//n>",
        b"<script>'<img src=//n>'</script><img src=//y>",
        b"<script><!-- <script> </script><img src=//n> --></script><img src=//y>",
        b"<script><!-- <script> </script> </script><img src=//y>",
        b"<script><!-- </script><img src=//y>-->",
        b"<script><!--<script></script>--> </script><img src=//y>",
        b"<script><!--><img src=//n></script><img src=//y>",
        b"<a title='<img src=//n>'><img src=//y>",
        b"<a title=\"'\" b='\"><img src=//n>'><img src=//y>",
        b"</a title='<img src=//n>'><img src=//y>",
        b"<a<b><img src=//y>",
        b'<a ="><img src=//y><a ">',
        b"<template><img src=//y></template>",
        b"<div><template shadowrootmode=open><img src=//y></template></div>",
        b"<svg><style><img src=//y></style></svg>",
        b"<svg><path/><title><b><img src=//y></title></svg>",
        b"<svg><![CDATA[ <img src=//n> ]]><image src=//y /></svg>",
        b"<svg><![CDATA[ <img src=//n> ]]></svg><![CDATA[ <img src=//n> <img src=//y>",
        b"<svg><script/><img src=//y></svg>",
        b"<svg><p><style><img src=//n></style><img src=//y>",
        b"<svg><foreignObject><style><img src=//n></style><img src=//y></foreignObject></svg>",
        b"<math><mi><style><img src=//n></style></mi><style><img src=//y></style></math>",
        b"<math><annotation-xml><style><img src=//y></style></annotation-xml></math>",
        b"<math><annotation-xml encoding='TEXT/html'><style><img src=//n></style><img src=//y>",
        b"<svg/><style><img src=//n></style><img src=//y>",
        b"<svg><font size=1><style><img src=//n></style><img src=//y>",
        b"<svg><circle></svg><style><img src=//n></style><img src=//y>",
    ],
)
def test_tags_are_seen_and_what_is_no_tag_is_not(through: Through, page: bytes) -> None:
    for size in SIZES:
        result = through(page, size=size)
        assert result.sources - {None} == {"//y"}
        assert result.out == page


@pytest.mark.parametrize(
    "page",
    [
        b"<noscript><img src=//y></noscript>",
        b"<noscript><!-- </noscript><img src=//y> -->",
        b"<noscript><!-- </noscript> --><img src=//y>",
        b"<noscript><style></noscript><img src=//y></style>",
        b"<noscript><style></noscript><!--</style><img src=//y>-->",
        b'<noscript><p title="</noscript><img src=//y>">',
        b"<noscript><iframe></noscript><img src=//y>",
        b"<noscript><noscript></noscript><img src=//y>",
        b"<select><xmp><img src=//y></xmp></select>",
        b"<select><style><input><img src=//y></style>",
        b"<select><svg><style><img src=//y></style></svg></select>",
        b"<frameset><style><frame src=//y></style></frameset>",
        b"<frameset><script><frame src=//y></script></frameset>",
        b"<frameset><plaintext><frame src=//y>",
        b"<template><col><style></template><img src=//y></style>",
        b"<div><svg></div><style><img src=//y></style>",
        b"<div><svg></div><![CDATA[><img src=//y>]]>",
        b"<svg></p><style><img src=//y></style>",
        b"<svg><foreignObject><div></svg></div></foreignObject><style><img src=//y></style>",
        b"<svg><title><frameset><![CDATA[><frame src=//y>]]>",
        b"<svg><title>a</titlex><!-- </title><img src=//y> -->",
        b"<svg><title/><!-- </title><img src=//y> -->",
        b"<svg><script/></svg><!-- </script><img src=//y> -->",
        b"<svg><style><!-- </style><svg><![CDATA[ <image> <img src=//y> ]]></svg> -->",
        b"<svg><style><!-- </style><title><!-- </title><img src=//y> --></style></svg>",
        b"<svg><noscript><style><!-- </style><img src=//y> --></style></noscript></svg>",
        b"<svg><![CDATA[ > <img src=//y> ]]></svg>",
        b"<svg><![CDATA[]]]><img src=//y></svg>",
        b"<svg><desc><![CDATA[ > <img src=//y> ]]></desc></svg>",
        b"<svg><style><![CDATA[ a > b { } <!-- ]]></style><img src=//y> --></svg>",
        b"<select><svg><title><!-- </title><img src=//y> --></title></svg></select>",
    ],
)
def test_what_any_browser_may_read_as_a_tag_is_gated(through: Through, page: bytes) -> None:
    outputs = {through(page, park=True, size=size).out for size in SIZES}
    assert len(outputs) == 1
    (out,) = outputs
    assert b" src=//y" not in out
    assert b"data-src=//y" in out


@pytest.mark.parametrize("root", ["svg", "math"])
@pytest.mark.parametrize(
    "name",
    ["style", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "noscript", "script"],
)
def test_what_is_read_ahead_of_the_parser_is_gated(through: Through, root: str, name: str) -> None:
    page = f"<{root}><{name}><!-- </{name}><img src=//y> --></{name}></{root}>".encode()
    outputs = {through(page, park=True, size=size).out for size in range(len(page))}
    (out,) = outputs
    assert b" src=//y" not in out
    assert b" data-src=//y> --></" in out


@pytest.mark.parametrize("style", [b"/*</svg>*/%b</style>", b"/*&#42;/ */%b</style>"])
def test_a_style_in_a_drawing_is_also_decided_upon_as_it_is_read_ahead(
    through: Through, style: bytes
) -> None:
    code = style.replace(b"%b", b"@import '//y';")
    for size in SIZES:
        codes = through(b"<svg><style>" + code + b"</svg>", size=size).codes
        assert any(each.startswith(code.removesuffix(b"</style>")) for each in codes)


def test_so_is_one_that_is_none_for_the_parser(through: Through) -> None:
    for size in SIZES:
        assert b"@import '//y';" in through(b"<svg><style/>@import '//y';</style>", size=size).codes


@pytest.mark.parametrize(
    "page",
    [
        b"<svg><title>a > b</title><g><style>a &gt; b { }</style></g></svg>",
        b"<svg><style><![CDATA[ a { } ]]></style><title></title></svg>",
        b"<svg><title>a<!-- > --></title><script>a<b</script></svg>",
        b"<math><style><!-- </style> --></style></math>",
        b"<svg><![CDATA[ > <g> ]]></svg>",
    ],
)
def test_behind_a_drawing_there_is_one_reading_again(through: Through, page: bytes) -> None:
    for size in SIZES:
        tags = through(page + b"<img src=//z>", size=size).tags
        assert tags[-1].get("src") == "//z"
        assert not tags[-1].aside


def test_tags_in_noscript_are_marked(through: Through) -> None:
    result = through(b"<img src=//a><noscript><img src=//b></noscript><img src=//c>")
    assert [(t.get("src"), t.noscript) for t in result.tags] == [
        ("//a", False),
        ("//b", True),
        ("//c", False),
    ]


def test_tags_in_drawings_are_marked(through: Through) -> None:
    result = through(b"<svg><image src=//a></svg><img src=//b><math><img src=//c>")
    assert [(t.get("src"), t.foreign) for t in result.tags] == [
        ("//a", True),
        ("//b", False),
        ("//c", False),
    ]


def test_a_change_never_ends_the_attribute_value_that_another_reading_sees(
    through: Through,
) -> None:
    page = b"<noscript><img title='</noscript><img src=//a>' src=//b>"
    for size in SIZES:
        out = through(page, park=True, size=size).out
        assert out.startswith(b"<noscript>&lt;img title='</noscript><img data-parked=")
        assert b" src=//a" not in out


def test_a_change_never_completes_an_unfinished_tag_of_another_reading(through: Through) -> None:
    page = b"<noscript><img src=//a title='</noscript><img src=//b>"
    for size in SIZES:
        out = through(page, park=True, size=size).out
        assert out.startswith(b"<noscript>&lt;img src=//a title='</noscript><img data-parked=")


def test_an_unfinished_tag_of_the_first_reading_gives_way_to_a_change(through: Through) -> None:
    page = b"<select><style><!</style x='><img src=//a>"
    for size in SIZES:
        out = through(page, park=True, size=size).out
        assert out.startswith(b"<select><style><!&lt;/style x='><img data-parked=")


@pytest.mark.parametrize(
    ("page", "names"),
    [
        (b'<a href=//e><p><td class=x><img src="/a.png"><img alt src="a/b?c">', []),
        (b"<a ping=//e><td BACKGROUND = //e><p data-consentgate=x>", ["a", "td", "p"]),
        (b"<area href=x ping='//e'><b attributionsrc>", ["area"]),
        (b"<img src=a><img src='//e'><img src='https:e'><img src='\\\\e'>", ["img"] * 4),
        (
            b'<img src="/\n/e"><img src="/&#47;e"><img src="a/b"><img srcset="a 1x, //e 2x">',
            ["img"] * 3,
        ),
        (
            b'<link rel=x href="//e"><meta name=x><base target=y><iframe>',
            ["link", "meta", "base", "iframe"],
        ),
        (b"<svg><use href='//e'/><feImage href=//e></svg>", ["use", "feimage"]),
        (b"<svg><path ping=x></svg>", ["path"]),
        (b"<style data-consentgate></style>", ["style"]),
    ],
)
def test_tags_that_may_matter_are_decided_upon(
    through: Through, page: bytes, names: list[str]
) -> None:
    seen = [tag.name for tag in through(page).tags]
    assert [name for name in names if name in seen] == names
    assert set(seen) <= {*names, "b"}


def test_inline_scripts_are_decided_upon_by_their_code(through: Through) -> None:
    page = (
        b"<script>tracker()</script><script type=module>own()</script>"
        b"<script src=//e>tracker()</script><script type=importmap>{}</script>"
        b"<script src=''>tracker()</script>"
    )
    for size in SIZES:
        result = through(page, park=True, size=size)
        assert result.codes == [b"tracker()", b"own()", b"{}"]
        assert result.out.startswith(b'<script type="text/plain">tracker()</script><script type=m')


@pytest.mark.parametrize(
    ("page", "codes"),
    [
        (b"<svg><script>tracker()</script><p>x", [b"tracker()</script>"]),
        (b"<svg><script><![CDATA[tracker()]]></script>", [b"<![CDATA[tracker()]]></script>"]),
        (b"<svg><script>&#116;racker(&quot;x&quot;)</script>", [b'tracker("x")</script>']),
        (b"<svg><script>track<!-- -->er()", [b"track<!-- -->er()"]),
        (b"<svg><script src=/own.js>tracker()</script>", [b"tracker()</script>"]),
        (
            b"<svg><script>a<script>b</script>c</script>",
            [b"b</script>", b"a<script>b</script>c</script>"],
        ),
        (b"<svg><script>tracker()<p>x", [b"tracker()<p>"]),
        (b"<svg><g><script>a</g>b", [b"a</g>"]),
        (b"<svg><script href=/own.js>tracker()</script>", []),
        (b"<svg><script xlink:href=/own.js>tracker()</script>", []),
        (b"<svg><script/>tracker()</svg>", []),
    ],
)
def test_the_code_in_drawings_is_decided_upon(
    through: Through, page: bytes, codes: list[bytes]
) -> None:
    for size in SIZES:
        result = through(page, park=True, size=size)
        assert result.codes == codes
        assert (b'<script type="text/plain"' in result.out) is any(b"tracker" in c for c in codes)


@pytest.mark.parametrize(
    "inner",
    [b"<style>@x</style>", b"<script>x</script>", b"<g/>", b"<desc><style>@x</style></desc>"],
)
def test_code_behind_another_script_within_is_decided_upon(through: Through, inner: bytes) -> None:
    page = b"<svg><script>/*" + inner + b"*/tracker()</script></svg>"
    for size in SIZES:
        assert b'<svg><script type="text/plain">' in through(page, park=True, size=size).out


def test_third_parties_in_the_code_of_a_drawing_are_stopped_too(through: Through) -> None:
    page = b"<svg><script>tracker()<image src=//y></script><image src=//y>"
    for size in SIZES:
        out = through(page, park=True, size=size).out
        assert out.startswith(b'<svg><script type="text/plain">tracker()<image data-parked=')
        assert b" src=//y" not in out


@pytest.mark.parametrize(
    "page",
    [
        b"<select><svg><script>tracker</script>",
        b"<div><svg></div><script>tracker</script>",
        b"<noscript><p title='</noscript><img src=//a>'><script>tracker</script>",
        b"<noscript><!--</noscript><script>tracker</script>-->",
    ],
)
def test_inline_scripts_of_any_reading_are_decided_upon(through: Through, page: bytes) -> None:
    for size in SIZES:
        assert b'<script type="text/plain">tracker' in through(page, park=True, size=size).out


@pytest.mark.parametrize("begun", [b"<svg><script>", b"<svg><style>"])
@pytest.mark.parametrize("tag", [b"<style>", b"<g>", b"</svg>", b"<p>", b"</style>", b"</script>"])
def test_code_in_drawings_ends_at_the_cap_whatever_follows(
    through: Through, begun: bytes, tag: bytes
) -> None:
    cap = 128 * 1024
    page = begun + b"@" * (cap - 3) + b"tracker()" + b"@" * 2000 + tag + b"x" * 2 * cap
    whole = through(page, park=True)
    assert whole.codes[0] == page[len(begun) :][:cap]
    assert b"text/plain" not in whole.out
    assert through(page, park=True, size=1000) == whole
    assert through(page, park=True, size=cap) == whole


@pytest.mark.parametrize("inside", [b"x", b"<!-- ", b"<![CDATA[", b"<g>", b"<p title='"])
def test_code_in_drawings_is_held_up_to_the_same_cap(through: Through, inside: bytes) -> None:
    cap = 128 * 1024
    code = inside + b"x" * (cap - len(inside))
    page = b"<svg><script>" + code + b"tracker()</script></svg>"
    for size in (0, 1000, cap):
        result = through(page, park=True, size=size)
        assert [len(code) for code in result.codes] == [cap]
        assert result.out == page


def test_code_is_held_up_to_a_cap_and_then_streams(through: Through) -> None:
    cap = 128 * 1024
    page = b"<script>" + b"x" * cap + b"tracker()</script><img src=//y>"
    for size in (0, 1000, cap):
        result = through(page, park=True, size=size)
        assert result.codes == [b"x" * cap]
        assert b" src=//y" not in result.out
