"""Which style sheets a style imports before anything else stands in it."""

import pytest

from consentgate.gate.embeds import Embeds
from consentgate.gate.html import HtmlGate
from consentgate.gate.imports import imports_ahead
from tests.gate.given import access, service

IMPORTED = {
    "@import 'https://a.example/b.css';": ["https://a.example/b.css"],
    "@import url(//a.example/c;d.css) screen;p {}": ["//a.example/c;d.css"],
    "@import url( '//a.example/;' ) layer(x) supports(display: grid);@import \"/own\"": [
        "//a.example/;",
        "/own",
    ],
    ' /* @import */\n@charset "utf-8"; @layer a, b;@IMPORT/**/"//x"': ["//x"],
    "p {} @import '//x';": [],
    "<!-- @import '//x';": [],
    "@import ;": [],
    "@import '": [],
    "@layer a {} @import '//x';": [],
    "/* @import '//x';": [],
    "": [],
    # As Chromium reads them.
    "@x;@import url(//x);": ["//x"],
    "@import https://a.example/b.css;": ["https://a.example/b.css;"],
    "@import //x layer;@import //y;": ["//x", "//y;"],
    "/x@1@@/;@import '//x'": ["//x"],
    "@layer a{b} c;@import URL(//x);": ["//x"],
    "@import url(//x;\\););": ["//x;\\", "//x;\\);"],
    "@import '//x;y';@import '//z'": ["//x;y", "//z"],
    "\0@im\0port '//x'": ["//x"],
    "@media (x) {@import '//x';}": [],
    "@x": [],
    "@x {} @import //x;": [],
    "/": [],
    # As CSS reads them.
    "@namespace url(a);@import'//x'print;": ["//x"],
}


@pytest.mark.parametrize("code", IMPORTED)
def test_what_is_imported_first_is_found(code: str) -> None:
    assert list(imports_ahead(code.encode())) == IMPORTED[code]


@pytest.mark.parametrize(
    "piece",
    [
        b"@import ';",
        b"@import \";@import ';",
        b"@import url(",
        b"@import/*",
        b"@layer a;",
        b"/*",
        b"@",
        b"@x ",
        b";",
        b"@import a)",
        b"\\);",
        b"@import 'a' 'b';",
        b"@import 'a' \"';@import ",
        b"{",
    ],
)
def test_endless_beginnings_are_read_in_one_go(piece: bytes) -> None:
    imports_ahead(piece * (500_000 // len(piece)))
    imports_ahead(b"@import " + piece * (500_000 // len(piece)) + b"*/;'\")")


def gated(page: str, size: int = 0) -> str:
    decide = Embeds(
        access(service("fonts", "fonts.example")),
        embed_url=lambda name, _: f"/_gate/embed/{name}",
        gate_url="https://www.example.com/_gate/",
        preferences_url="/_gate/preferences",
        slots={},
    )
    gate, data = HtmlGate(decide, remember=decide), page.encode()
    step = size or len(data)
    out = b"".join([gate.feed(data[i : i + step]) for i in range(0, len(data), step)])
    return (out + gate.close()).decode()


@pytest.mark.parametrize("size", [0, 1, 7])
@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<p><style>@import '//fonts.example/x';</style>", "<p><style><!--@import"),
        ("<style media=all> @import url(//nobody.example)</style>", "<style media=all><!-- @imp"),
        ("<style>@import '//fonts.example/x'; p {}", "<style><!--@import"),
        ("<style type=text/less>@import '//fonts.example/x'; p {}", "<style type=text/less><!--@"),
        ("<style>@x;@import url(//fonts.example/x);</style>", "<style><!--@x;@import"),
        ("<style>@import https://nobody.example/x;</style>", "<style><!--@import"),
        ("<svg><style>@import '//fonts.example'</style></svg>", "<svg><style>&lt;!--@import"),
        ("<select><style>@import '//fonts.example'</style></select>", "<style><!--@import"),
    ],
)
def test_a_style_that_imports_from_others_first_is_not_looked_ahead_in(
    page: str, expected: str, size: int
) -> None:
    once = gated(page, size)
    assert expected in once
    assert gated(once, size) == once


@pytest.mark.parametrize(
    "page",
    [
        "<style>@import '/own.css';</style>",
        "<style>p {} @import '//fonts.example/x';</style>",
        "<style>/* @import '//fonts.example/x'; */</style>",
        "<textarea>@import '//fonts.example/x';</textarea>",
    ],
)
def test_all_other_styles_leave_as_they_came(page: str) -> None:
    assert gated(page + "<p>") == page + "<p>"
