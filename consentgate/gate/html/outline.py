"""Where head and body of a page begin and end, and what is inserted there.

Source: WHATWG HTML, 13.2.6.4.1 to 13.2.6.4.7 (the insertion modes up to "in body").
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Protocol

_IN_HEAD = frozenset(
    {
        "base",
        "basefont",
        "bgsound",
        "link",
        "meta",
        "noframes",
        "noscript",
        "script",
        "style",
        "template",
        "title",
    }
)


class DocumentKind(Enum):
    """What a response body turned out to be.

    A fragment has something before any doctype or ``<html>``: nothing is inserted in it. A
    frameset page has no body: only the head insertion is made.
    """

    UNDECIDED = auto()
    DOCUMENT = auto()
    FRAGMENT = auto()
    FRAMESET = auto()


class Inserts(Protocol):
    """The bytes to add to a page; ``lang`` is the language of its ``<html>`` or empty."""

    def head(self, lang: str) -> bytes:
        """What comes first in ``<head>``."""

    def body_start(self, lang: str) -> bytes:
        """What comes first in ``<body>``."""

    def body_end(self, lang: str) -> bytes:
        """What comes last in ``<body>``."""


class NoInserts:
    """Adds nothing."""

    def head(self, lang: str) -> bytes:  # noqa: ARG002  the shape of Inserts
        """Nothing."""
        return b""

    body_start = body_end = head


class Outline:
    """Follows the structure of one page and says what is due at each point.

    It is told of every tag, doctype and text while ``watching``, later of the end tags of
    body and html alone. Tags inside templates and drawings are no business of it.
    """

    def __init__(self, inserts: Inserts) -> None:
        self.kind = DocumentKind.UNDECIDED
        self.lang = ""
        self.watching = True
        self._inserts = inserts
        self._head_due = self._body_due = self._end_due = True

    def doctype(self) -> None:
        """A doctype came."""
        if self.kind is DocumentKind.UNDECIDED:
            self.kind = DocumentKind.DOCUMENT

    def text(self) -> bytes:
        """What goes before text that is more than white space."""
        return self._before_body() if self._is_document(False) else b""

    def start(self, name: str, lang: str | None) -> tuple[bytes, bytes]:
        """What goes before and behind a start tag; ``lang`` is its attribute."""
        if not self._is_document(name == "html"):
            return b"", b""
        if name == "html":
            self.lang = self.lang or lang or ""
            return b"", b""
        if name == "head":
            return b"", self._head()
        if name in _IN_HEAD:
            return self._head(), b""
        if name == "frameset":
            self.kind, self.watching = DocumentKind.FRAMESET, False
            return self._head(), b""
        if name == "body":
            return self._head(), self._body_start()
        return self._before_body(), b""

    def end(self, name: str) -> bytes:
        """What goes before an end tag."""
        if not self._is_document(False):
            return b""
        if name == "head":
            return self._head()
        if name in ("body", "html"):
            return self._before_body() + self._body_end()
        return self._before_body() if name == "br" else b""

    def close(self) -> bytes:
        """What is still due when the page ends."""
        if self.kind is DocumentKind.DOCUMENT:
            return self._before_body() + self._body_end()
        return self._head() if self.kind is DocumentKind.FRAMESET else b""

    def _is_document(self, is_html_tag: bool) -> bool:
        if self.kind is DocumentKind.UNDECIDED:
            self.kind = DocumentKind.DOCUMENT if is_html_tag else DocumentKind.FRAGMENT
            self.watching = is_html_tag
        return self.kind is DocumentKind.DOCUMENT

    def _before_body(self) -> bytes:
        return self._head() + self._body_start()

    def _head(self) -> bytes:
        due, self._head_due = self._head_due, False
        return self._inserts.head(self.lang) if due else b""

    def _body_start(self) -> bytes:
        due, self._body_due, self.watching = self._body_due, False, False
        return self._inserts.body_start(self.lang) if due else b""

    def _body_end(self) -> bytes:
        due, self._end_due = self._end_due, False
        return self._inserts.body_end(self.lang) if due else b""
