"""The same work done by others: each stops the same tags by the same question.

They are given the easier task: no noscript, no inserts, no inline code, no other reading of the
page. Only the address attributes of the elements that our pages use are looked at.
"""

from __future__ import annotations

import html.parser
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

from given.gate import ACCESS

ADDRESSES = {"script": "src", "iframe": "src", "img": "src", "link": "href"}
Contender = Callable[[bytes], bytes]


class _Park:
    """A handler of python-lolhtml for the elements with one address attribute."""

    def __init__(self, attribute: str) -> None:
        self.attribute = attribute

    def element(self, element) -> None:
        value = element.get_attribute(self.attribute)
        if value and ACCESS.blocked(value):
            element.remove_attribute(self.attribute)
            element.set_attribute(f"data-cg-{self.attribute}", value)


def _lolhtml() -> Contender:
    lolhtml = import_module("lolhtml")
    handlers = {f"{name}[{attribute}]": _Park(attribute) for name, attribute in ADDRESSES.items()}

    def contender(page: bytes) -> bytes:
        out = bytearray()
        rewriter = lolhtml.HTMLRewriter(out.extend)
        for selector, handler in handlers.items():
            rewriter.on(selector, handler)
        rewriter.write(page)
        rewriter.end()
        return bytes(out)

    return contender


def _turbohtml() -> Contender:
    rewrite = import_module("turbohtml.rewrite").rewrite

    def park(attribute: str) -> Callable[[object], None]:
        def handler(element) -> None:
            value = dict(element.attrs).get(attribute)
            if value and ACCESS.blocked(value):
                element.remove_attribute(attribute)
                element.set_attribute(f"data-cg-{attribute}", value)

        return handler

    elements = [(f"{name}[{attr}]", park(attr)) for name, attr in ADDRESSES.items()]
    return lambda page: rewrite(page.decode(), elements=elements).encode()


class _Reader(html.parser.HTMLParser):
    """Only looks: what it would take to write the page again is left out."""

    found = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ADDRESSES:
            value = dict(attrs).get(ADDRESSES[tag])
            self.found += bool(value and ACCESS.blocked(value))


def _html_parser(page: bytes) -> bytes:
    reader = _Reader()
    reader.feed(page.decode())
    reader.close()
    return page


def peers() -> dict[str, Contender]:
    """Those that are installed, by name."""
    found: dict[str, Contender] = {}
    if find_spec("lolhtml"):
        found["python-lolhtml"] = _lolhtml()
    if find_spec("turbohtml"):
        found["turbohtml"] = _turbohtml()
    found["html.parser"] = _html_parser
    return found
