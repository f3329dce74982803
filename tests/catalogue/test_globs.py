from fnmatch import fnmatchcase

from hypothesis import given
from hypothesis import strategies as st

from consentgate.catalogue.globs import GlobIndex

letters = st.text(alphabet="ab_/.", max_size=6)
globs = st.lists(st.sampled_from(["a", "b", "_", "/", "*", "?", "[ab]"]), max_size=5).map("".join)


@given(globs=st.lists(globs, max_size=12), text=letters)
def test_it_finds_what_trying_each_glob_alone_would_find(globs: list[str], text: str) -> None:
    index = GlobIndex((glob, number) for number, glob in enumerate(globs))
    assert index.find(text) == {n for n, glob in enumerate(globs) if fnmatchcase(text, glob)}


def test_a_star_crosses_slashes_and_case_counts() -> None:
    index = GlobIndex([("/p/*/embed*", 0), ("/IN.js", 1)])
    assert index.find("/p/a/b/embed/captioned") == {0}
    assert index.find("/in.js") == set()


def test_a_glob_fits_the_whole_text_only() -> None:
    index = GlobIndex([("_ga", 0), ("_ga_*", 1), ("*-hash", 2)])
    assert index.find("_gat") == set()
    assert index.find("x_ga_1") == set()
    assert index.find("_ga_1-hash") == {1, 2}
    assert index.find("_ga_1-hash\n") == {1}
