import html
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentgate.gate.html import Edit, apply_edit
from consentgate.gate.html.charrefs import read_value, write_value
from consentgate.gate.html.tags import is_self_closing, read_tag


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"<img src=a>", [("src", "a")]),
        (b"<img src='a' ALT=\"b c\">", [("src", "a"), ("alt", "b c")]),
        (b"<img/src=a/b>", [("src", "a/b")]),
        (b"<img src = a>", [("src", "a")]),
        (b"<img src=a src=b>", [("src", "a"), ("src", "b")]),
        (b'<img a="1"b="2">', [("a", "1"), ("b", "2")]),
        (b"<img =a=b>", [("=a", "b")]),
        (b"<img a=>", [("a", "")]),
        (b"<img a=/>", [("a", "/")]),
        (b"<img a/>", [("a", "")]),
        (b"<img\n\t a\f=\r'x'>", [("a", "x")]),
        (b"<img a\"='b'>", [('a"', "b")]),
        (b"<img src=//\xc3\xa5.se>", [("src", "//å.se")]),
        (b"<img src=/\xe5>", [("src", "/\udce5")]),
    ],
)
def test_attributes_are_read_as_the_tokenizer_does(
    raw: bytes, expected: list[tuple[str, str]]
) -> None:
    attributes = read_tag(raw).attributes
    assert [(a.name, a.value) for a in attributes] == expected


def test_offsets_give_the_attribute_and_its_value_back() -> None:
    raw = b"<a  x = 'one' y=two z>"
    parts = [
        (raw[a.start : a.end], raw[a.value_start : a.value_end]) for a in read_tag(raw).attributes
    ]
    assert parts == [(b"x = 'one'", b"one"), (b"y=two", b"two"), (b"z", b"")]


def test_the_first_duplicate_wins() -> None:
    assert read_tag(b"<img SRC=a src=b>").get("src") == "a"


def test_a_missing_attribute_is_none_and_a_bare_one_empty() -> None:
    tag = read_tag(b"<script async>")
    assert (tag.get("src"), tag.get("async")) == (None, "")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"<g/>", True),
        (b"<g a='b'/>", True),
        (b"<g a />", True),
        (b"<g a=b/>", False),
        (b"<g / >", False),
        (b"<g>", False),
    ],
)
def test_self_closing_is_not_the_end_of_an_unquoted_value(raw: bytes, expected: bool) -> None:
    assert is_self_closing(read_tag(raw)) is expected


@pytest.mark.parametrize(
    ("edit", "raw", "expected"),
    [
        (
            Edit(rename={"src": "data-src"}),
            b"<img SRC=a\n src='b' >",
            b"<img data-src=a\n data-src='b' >",
        ),
        (Edit(set={"src": "/x"}), b"<img alt src=a src=b>", b'<img alt src="/x" src=b>'),
        (Edit(set={"alt": "a\"<&>'é"}), b"<img>", b'<img alt="a&quot;&lt;&amp;&gt;&#39;&#233;">'),
        (Edit(set={"hidden": None}), b"<img a=b>", b"<img hidden a=b>"),
        (Edit(set={"hidden": None}), b"<img =b>", b'<img hidden="" =b>'),
        (Edit(set={"a": None}), b'<img a="1"b=2>', b'<img a=""b=2>'),
        (Edit(set={"a": "x"}), b"<img/b>", b'<img a="x"/b>'),
        (Edit(set={"a": "x"}), b"<img a=b/>", b'<img a="x">'),
        (
            Edit(rename={"type": "data-type"}, set={"type": "text/plain"}),
            b"<script type=module>",
            b'<script type="text/plain" data-type=module>',
        ),
        (Edit(before=b"[", after=b"]"), b"<img>", b"[<img>]"),
        (Edit(), b"<img\0 \xff=1 =>", b"<img\0 \xff=1 =>"),
    ],
)
def test_an_edit_changes_what_it_names_and_nothing_else(
    edit: Edit, raw: bytes, expected: bytes
) -> None:
    assert apply_edit(read_tag(raw), edit) == expected


WRITABLE = st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\t\n\r\f\x01\x7f")


@given(st.text(WRITABLE))
def test_a_value_that_was_set_is_read_back_the_same(value: str) -> None:
    raw = apply_edit(read_tag(b"<img src=a b>"), Edit(set={"src": value, "new": value}))
    assert raw.isascii()
    tag = read_tag(raw)
    assert (tag.get("src"), tag.get("new"), tag.get("b")) == (value, value, "")


def test_controls_that_no_reference_can_name_become_the_replacement_character() -> None:
    assert read_value(write_value("\0\x80")) == "\ufffd\ufffd"


@given(st.binary())
def test_bytes_of_any_charset_are_written_back_as_they_were(raw: bytes) -> None:
    # Without the bytes that continue a UTF-8 character: a Latin-1 page.
    raw = bytes(byte for byte in raw if byte not in b"\0&" and not 0x80 <= byte < 0xC0)
    value = read_value(raw)
    assert read_value(write_value(value)) == value


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"//a&#x2F;b&#47b", "//a/b/b"),
        (b"a&amp;b&ampc&amp=1&amp", "a&b&ampc&amp=1&"),
        (b"&copy=1&notit;&notin;", "&copy=1&notit;∉"),
        (b"&#x80;&#0;&#xD800;&#x110000;&#99999999999999999999;", "€\ufffd\ufffd\ufffd\ufffd"),
        (b"&Tab;/&NewLine;/e.com", "\t/\n/e.com"),
        (b"&;&#;&#x;&", "&;&#;&#x;&"),
        (b"a\0b", "a\ufffdb"),
    ],
)
def test_character_references_are_read_as_in_attributes(raw: bytes, expected: str) -> None:
    assert read_value(raw) == expected


def test_references_with_many_digits_are_out_of_range_and_not_an_error() -> None:
    assert read_value(b"&#" + b"9" * 10_000 + b";") == "\ufffd"
    assert read_value(b"&#x" + b"f" * 10_000 + b";") == "\ufffd"


@given(st.text(max_size=30))
def test_a_url_escaped_by_a_template_is_read_back(text: str) -> None:
    url = "//host/?q=" + urllib.parse.quote(text) + "&amp=1&copy;=2"
    assert read_value(html.escape(url).encode()) == url
