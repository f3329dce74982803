"""The candidates of a srcset attribute, as the HTML standard splits them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentgate.gate.srcset import srcset_urls


@pytest.mark.parametrize(
    ("value", "urls"),
    [
        ("", ()),
        (" , ,", ()),
        ("a.png", ("a.png",)),
        ("a.png 1x, b.png 2x", ("a.png", "b.png")),
        ("a.png 1x,b.png 2x", ("a.png", "b.png")),
        ("a.png, b.png", ("a.png", "b.png")),
        ("a.png,,, b.png", ("a.png", "b.png")),
        (",a.png 1x", ("a.png",)),
        ("a.png,b.png", ("a.png,b.png",)),
        ("https://i.test/w_1,h_2/a.png 1x, b.png 2x", ("https://i.test/w_1,h_2/a.png", "b.png")),
        ("data:image/png;base64,AAAA 1x, b.png 2x", ("data:image/png;base64,AAAA", "b.png")),
        ("a.png foo(1,2) 3x, b.png", ("a.png", "b.png")),
        ("a.png foo(1, //evil.test/x.png", ("a.png",)),
        ("a.png 1x 2x nonsense, b.png -3q", ("a.png", "b.png")),
        ("\n\ta.png\f100w\r,\n b.png\t200w\n", ("a.png", "b.png")),
        ("a.png\u00a01x, b.png", ("a.png\u00a01x", "b.png")),
        ("//cdn.test/a.png", ("//cdn.test/a.png",)),
    ],
)
def test_the_candidates_are_those_a_browser_sees(value, urls):
    assert srcset_urls(value) == urls


_URLS = st.from_regex(r"[a-z:/._\-]{1,12}", fullmatch=True)
_DESCRIPTORS = st.sampled_from(["", " 1x", " 2.5x", " 300w", " 10w 20h", " f(1,2)"])


@given(st.lists(st.tuples(_URLS, _DESCRIPTORS)), st.sampled_from([", ", " ,", ",\n", " , "]))
def test_every_url_written_down_is_found_in_order(candidates, separator):
    value = separator.join(url + descriptor for url, descriptor in candidates)
    assert srcset_urls(value) == tuple(url for url, _ in candidates)


@given(st.text(alphabet="ab,() \t\u00a0:/", max_size=60))
def test_no_text_is_too_odd_and_no_url_is_empty(value):
    urls = srcset_urls(value)
    assert all(url and url in value and not url.endswith(",") for url in urls)
    assert bool(urls) == bool(value.strip("\t\n\f\r ,"))
