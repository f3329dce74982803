from hypothesis import given
from hypothesis import strategies as st

from consentgate.forwarded import parse_forwarded, parse_node, write_forwarded

NAMES = st.sampled_from(["for", "by", "host", "proto", "x-more"])
VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E))
ELEMENTS = st.lists(st.dictionaries(NAMES, VALUES, min_size=1), max_size=4)


@given(ELEMENTS)
def test_what_is_written_is_read_again(elements):
    assert list(parse_forwarded(write_forwarded(elements))) == elements


@given(st.text())
def test_any_text_is_read_or_refused_without_raising(text):
    elements = parse_forwarded(text)
    assert parse_forwarded(write_forwarded(elements)) == elements


def test_empty_elements_and_pairs_are_skipped():
    assert parse_forwarded(", for=a;; proto=b ,") == ({"for": "a", "proto": "b"},)


def test_one_fault_refuses_the_whole_value():
    assert parse_forwarded("for=a, for=b c") == ()


def test_an_ipv6_address_outside_brackets_is_no_node():
    assert parse_node("2001:db8::1") is None
    assert parse_node("[2001:db8::1]:80").name == "2001:db8::1"
