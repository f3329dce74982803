"""Content-Type headers as browsers read them; the cases were seen in Chromium."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentgate.response.media_types import MediaType, media_type_of, parse


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (" Text/HTML ;Level=1; level=2 ", ("text/html", {"level": "1"})),
        ("text/html;x=a b ;y", ("text/html", {"x": "a b"})),
        ('text/html;x=;y=""', ("text/html", {"y": ""})),
        ('text/html;x="a;b, \\"c\\\\";y=1', ("text/html", {"x": 'a;b, "c\\', "y": "1"})),
        ('text/html;x="a"junk;y=1', ("text/html", {"x": "a", "y": "1"})),
        ('text/html;x="a;y=1', ("text/html", {"x": "a;y=1"})),
        ('text/html;x="a\\', ("text/html", {"x": "a\\"})),
        ("text/html;x =a;(y)=b;=c", ("text/html", {})),
        ("text/html;x=\x7f;x=b", ("text/html", {"x": "b"})),
        ("text/html (old);x=a", ("text/html", {"x": "a"})),
        ("text/html old", ("text/html", {})),
        ("*/*", ("*/*", {})),
        ("text", None),
        ("text/", None),
        ("/html", None),
        ("text/html/x", None),
        ("te xt/html", None),
        ("", None),
    ],
)  # fmt: skip
def test_one_value_is_parsed(value: str, expected: tuple[str, dict[str, str]] | None) -> None:
    assert parse(value) == (expected and MediaType(*expected))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], None),
        (["text/html", "text/plain"], "text/plain"),
        (["text/plain, text/html"], "text/html"),
        (["text/html, */*"], "text/html"),
        (["*/*, text/html"], "text/html"),
        (["*/*"], "*/*"),
        (["text/html,foo,"], "text/html"),
        (['text/html;x=", text/plain;y="'], 'text/html;x=", text/plain;y="'),
        (["text/html;charset=gbk", "text/html;x=y"], "text/html;charset=gbk;x=y"),
        (["text/html;charset=gbk", "text/html;charset=foo"], "text/html;charset=foo"),
        (["text/html;charset=gbk", "text/plain", "text/html"], "text/html"),
        (["foo"], None),
    ],
)
def test_the_last_good_one_of_several_counts(values: list[str], expected: str | None) -> None:
    told = media_type_of(values)
    assert (None if told is None else str(told)) == expected


@given(st.dictionaries(st.sampled_from(["x", "y", "z"]), st.text(st.characters(codec="latin-1"))))
def test_what_is_written_reads_as_it_was(parameters: dict[str, str]) -> None:
    kept = {n: v for n, v in parameters.items() if all(" " <= c != "\x7f" for c in v)}
    told = MediaType("text/html", kept)
    assert media_type_of([str(told)]) == told
