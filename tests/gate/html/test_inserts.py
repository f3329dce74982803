"""Where head, body start and body end are put: the page beside what comes out."""

from collections.abc import Callable
from typing import Any

import pytest

from consentgate.gate.html import DocumentKind

Through = Callable[..., Any]
D = b"<!doctype html>"


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        # Everything is there.
        (
            D + b"<html><head><title>t</title></head><body class=a><p>x</p></body></html>",
            D + b"<html><head>[HEAD]<title>t</title></head><body class=a>[START]<p>x</p>"
            b"[END]</body></html>",
        ),
        # No head tag.
        (D + b"\n<title>t</title><p>x", D + b"\n[HEAD]<title>t</title>[START]<p>x[END]"),
        (D + b"<html><body>x", D + b"<html>[HEAD]<body>[START]x[END]"),
        # No body tag: text, a tag that no head holds, or nothing.
        (D + b"<head></head> text", D + b"<head>[HEAD]</head> [START]text[END]"),
        (D + b"<head><meta x><main>", D + b"<head>[HEAD]<meta x>[START]<main>[END]"),
        (
            D + b"<head></head>\n<style></style>",
            D + b"<head>[HEAD]</head>\n<style></style>[START][END]",
        ),
        (D + b"<head></head>\n<body>", D + b"<head>[HEAD]</head>\n<body>[START][END]"),
        (D, D + b"[HEAD][START][END]"),
        (D + b"</head>", D + b"[HEAD]</head>[START][END]"),
        (D + b"</body></html>", D + b"[HEAD][START][END]</body></html>"),
        (D + b"</br>", D + b"[HEAD][START]</br>[END]"),
        (D + b"< b", D + b"[HEAD][START]< b[END]"),
        # Never before the doctype, whatever comes before it.
        (
            b"\xef\xbb\xbf <!-- c --><?x?>" + D + b"<p>",
            b"\xef\xbb\xbf <!-- c --><?x?>" + D + b"[HEAD][START]<p>[END]",
        ),
        # The end tag that counts is none in a script, comment, template or title.
        (
            D + b"<body><script>'</body>'</script><!-- </body> -->"
            b"<template></body></template>"
            b"<textarea></body></textarea><svg><desc></body></desc></svg></body></html>",
            D + b"[HEAD]<body>[START]<script>'</body>'</script><!-- </body> -->"
            b"<template></body></template>"
            b"<textarea></body></textarea><svg><desc></body></desc></svg>[END]</body></html>",
        ),
        (D + b"<body></body></body></html>", D + b"[HEAD]<body>[START][END]</body></body></html>"),
        (D + b"<body><p></html>", D + b"[HEAD]<body>[START]<p>[END]</html>"),
        # Head content that looks like a body.
        (
            D + b"<head><template><div>x</div></template>"
            b"<noscript><img src=a></noscript><link></head><body>",
            D + b"<head>[HEAD]<template><div>x</div></template>"
            b"<noscript><img src=a></noscript><link></head>"
            b"<body>[START][END]",
        ),
        (
            D + b"<head><head><body><head><body>",
            D + b"<head>[HEAD]<head><body>[START]<head><body>[END]",
        ),
        # An unfinished tag stays unfinished.
        (D + b"<body><img src=//a/", D + b"[HEAD]<body>[START][END]<img src=//a/"),
        (D + b"<body><", D + b"[HEAD]<body>[START][END]<"),
        # Framesets have a head only.
        (
            D + b"<html><frameset><frame src=a></frameset></html>",
            D + b"<html>[HEAD]<frameset><frame src=a></frameset></html>",
        ),
        # Fragments have nothing.
        (b"<p>x</p></body>", b"<p>x</p></body>"),
        (b"text" + D + b"<html><body>", b"text" + D + b"<html><body>"),
        (b"<!-- c --> <div>", b"<!-- c --> <div>"),
        (b"</p><html><body>", b"</p><html><body>"),
        (b"", b""),
        (b" <!-- only a comment -->", b" <!-- only a comment -->"),
    ],
)
def test_inserts_stand_where_a_parser_begins_and_ends_the_parts(
    through: Through, page: bytes, expected: bytes
) -> None:
    for size in (0, 1, 2, 7):
        assert through(page, inserts=True, size=size).out == expected


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        (b"<!DOCTYPE html><p>", DocumentKind.DOCUMENT),
        (b"<HTML lang=de>", DocumentKind.DOCUMENT),
        (b"<!-- --> \n<html>", DocumentKind.DOCUMENT),
        (b"<p>", DocumentKind.FRAGMENT),
        (b"{}", DocumentKind.FRAGMENT),
        (b"\xef\xbb\xbfx", DocumentKind.FRAGMENT),
        (b"<html><head></head><frameset>", DocumentKind.FRAMESET),
        (b"<html><p><frameset>", DocumentKind.DOCUMENT),
        (b" \n", DocumentKind.UNDECIDED),
    ],
)
def test_the_kind_is_what_the_first_things_say(
    through: Through, page: bytes, kind: DocumentKind
) -> None:
    assert through(page).kind is kind
    assert through(page, size=1).kind is kind


@pytest.mark.parametrize(
    ("page", "lang"),
    [
        (b"<html lang=de-CH><p>", "de-CH"),
        (b"<html LANG='sv'>", "sv"),
        (b"<html>", ""),
        (b"<!doctype html><body lang=de>", ""),
    ],
)
def test_the_language_is_that_of_the_html_tag(through: Through, page: bytes, lang: str) -> None:
    assert through(page).lang == lang


def test_an_edited_body_tag_keeps_its_insertion_behind_it(through: Through) -> None:
    out = through(b"<html><body src=//e>x", park=True, inserts=True).out
    parked = b'<body data-parked="it&#39;s &quot;parked&quot;" data-src=//e>'
    assert out == b"<html>[HEAD]" + parked + b"[START]x[END]"
