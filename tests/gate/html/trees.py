"""Pages as html5lib's parser sees them."""

import warnings
from typing import Any

import html5lib


def elements_of(page: str, *, scripting: bool = True) -> list[Any]:
    """The elements of the tree, in the order of the page."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"))
        tree = parser.parse(page, scripting=scripting)
    return [element for element in tree.iter() if isinstance(element.tag, str)]
