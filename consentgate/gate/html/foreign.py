"""SVG and MathML: which rules hold for the next tag, because the tokenizer depends on it.

Inside a drawing ``<style>`` and ``<script>`` are read as markup and CDATA sections exist; at
the places where HTML may stand in it, and behind an HTML tag that breaks out of it, not.
Source: WHATWG HTML, 13.2.6.5 "The rules for parsing tokens in foreign content".

The open elements are kept from the outermost drawing inwards. What lies outside of it is not
known, nor is HTML inside of it read with all its rules for implied ends; where that makes two
outcomes possible, both are given, and the caller follows both.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

from consentgate.gate.html.tags import Tag, is_self_closing


class Space(Enum):
    """The namespace of an element."""

    HTML = auto()
    SVG = auto()
    MATH = auto()


class Element(NamedTuple):
    """An open element; ``point``: HTML may stand directly in this foreign one."""

    name: str
    space: Space
    point: bool = False


Stack = tuple[Element, ...]
OUTSIDE: Stack = ()
MAX_DEPTH = 500  # browsers stop nesting at 512

ROOTS = {"svg": Space.SVG, "math": Space.MATH}
"""Elements that are foreign wherever they stand."""

_SVG_POINTS = frozenset({"foreignobject", "desc", "title"})
_TEXT_POINTS = frozenset({"mi", "mo", "mn", "ms", "mtext"})
_FOREIGN_IN_TEXT = frozenset({"mglyph", "malignmark"})
_HTML_ENCODINGS = frozenset({"text/html", "application/xhtml+xml"})
_BREAKS_OUT = frozenset(
    {
        "b",
        "big",
        "blockquote",
        "body",
        "br",
        "center",
        "code",
        "dd",
        "div",
        "dl",
        "dt",
        "em",
        "embed",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "head",
        "hr",
        "i",
        "img",
        "li",
        "listing",
        "menu",
        "meta",
        "nobr",
        "ol",
        "p",
        "pre",
        "ruby",
        "s",
        "small",
        "span",
        "strong",
        "strike",
        "sub",
        "sup",
        "table",
        "tt",
        "u",
        "ul",
        "var",
    }
)
_FONT_BREAKS_OUT = frozenset({"color", "face", "size"})
_NEVER_OPEN = frozenset(
    {
        "area",
        "base",
        "basefont",
        "bgsound",
        "body",
        "br",
        "col",
        "embed",
        "frame",
        "frameset",
        "head",
        "hr",
        "html",
        "image",
        "img",
        "input",
        "keygen",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    }
)
_ENDS_ITS_LIKE = frozenset(
    {
        "a",
        "button",
        "dd",
        "dt",
        "li",
        "nobr",
        "optgroup",
        "option",
        "p",
        "rb",
        "rp",
        "rt",
        "rtc",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
    }
)
_STARTS_IN_TABLE = frozenset(
    {"caption", "col", "colgroup", "table", "tbody", "td", "tfoot", "th", "thead", "tr"}
)
_ENDS_IN_TABLE = (_STARTS_IN_TABLE - {"col", "colgroup"}) | {"template"}


def holds_cdata(stack: Stack) -> bool:
    """Whether ``<![CDATA[`` begins a section here."""
    return bool(stack) and stack[-1].space is not Space.HTML


def is_foreign(stack: Stack, name: bytes) -> bool:
    """Whether the innermost open element of this name is foreign, as far as is known."""
    text = name.decode("utf-8", "surrogateescape")
    found = next((element for element in reversed(stack) if element.name == text), None)
    return found is not None and found.space is not Space.HTML


def without_html(stack: Stack) -> Stack:
    """The open elements if none of the HTML in the innermost place for it is open any more.

    What a parser ignores, or ends by implication, is kept here: there may be less.
    """
    depth = len(stack)
    while depth and stack[depth - 1].space is Space.HTML:
        depth -= 1
    return stack[:depth]


def before_start(stack: Stack, tag: Tag) -> tuple[Stack, bool]:
    """The elements open once a start tag has ended what it ends; whether it is foreign itself.

    Outside of drawings nothing is ended, and the roots of one alone are foreign.
    """
    if not stack:
        return stack, tag.name in ROOTS
    top = stack[-1]
    if top.space is Space.HTML or (top.point and not _stays_foreign(top, tag)):
        return stack, tag.name in ROOTS
    if _breaks_out(tag):
        return _broken_out(stack), False
    return stack, True


def after_start(stack: Stack, tag: Tag, *, foreign: bool) -> Stack:
    """The elements open behind a start tag, from what ``before_start`` gave.

    Beyond ``MAX_DEPTH`` none is added; the caller sees that the depth exceeds it.
    """
    if len(stack) > MAX_DEPTH:
        return stack
    if not foreign:
        if not stack or tag.name in _NEVER_OPEN:
            return stack
        if tag.name in _ENDS_ITS_LIKE and stack[-1].name == tag.name:
            return stack
        return (*stack, Element(tag.name, Space.HTML))
    if is_self_closing(tag):
        return stack
    within = stack[-1].space if stack else Space.HTML
    space = ROOTS[tag.name] if within is Space.HTML or _is_root_in_point(stack, tag) else within
    return (*stack, Element(tag.name, space, _is_point(tag, space)))


def beside_start(stack: Stack, tag: Tag) -> tuple[Stack, ...]:
    """The open elements that are possible besides, at a start tag taken for an HTML one.

    Where HTML may stand in a drawing, a part of a table is one of the table around the drawing,
    if there is any, and ends the drawing: no scope of a table ends at one (13.2.4.2).
    """
    if tag.name in _FOREIGN_IN_TEXT:
        around = without_html(stack)
        stays = bool(around) and _stays_foreign(around[-1], tag)
        return (after_start(around, tag, foreign=True),) if stays else ()
    around = _around_drawing(stack) if tag.name in _STARTS_IN_TABLE else stack
    return () if around == stack else (around,)


def after_end(stack: Stack, name: str) -> tuple[Stack, ...]:
    """The possible open elements behind an end tag, the likeliest first."""
    if not stack or (name in ("body", "html") and all(name != each.name for each in stack)):
        return (stack,)  # nothing in it, but what follows it goes into the same places
    if stack[-1].space is Space.HTML:
        return _after_end_in_html(stack, name)
    if name in ("br", "p"):
        # The rule is younger than some parsers in use.
        return tuple(dict.fromkeys((_broken_out(stack), stack)))
    depth = len(stack)
    special = False
    while depth and stack[depth - 1].space is not Space.HTML:
        depth -= 1
        if stack[depth].name == name:
            return (stack[:depth],)
        special = special or stack[depth].point
    if special and name not in _ENDS_IN_TABLE:
        return (stack,)
    around = stack[:depth]
    if any(element.name == name for element in around):
        # It may end an HTML element around the drawing, and the drawing with it.
        return (_after_end_in_html(around, name)[0], stack)
    return (OUTSIDE, stack) if not around else _after_end_of_none(stack, name)


def _after_end_in_html(stack: Stack, name: str) -> tuple[Stack, ...]:
    if stack[-1].name == name:
        around = without_html(stack)  # whose last element it may end as well
        ends_both = bool(around) and around[-1].name == name
        return (stack[:-1], around[:-1]) if ends_both else (stack[:-1],)
    for depth in range(len(stack) - 1, -1, -1):
        if stack[depth].name == name:
            return (stack[:depth], stack)
    return _after_end_of_none(stack, name)


def _after_end_of_none(stack: Stack, name: str) -> tuple[Stack, ...]:
    """Behind an end tag of none of the elements: one of a table is perhaps that of one around."""
    if name not in _ENDS_IN_TABLE:
        return (stack,)
    return tuple(dict.fromkeys((_around_drawing(stack), stack)))


def _around_drawing(stack: Stack) -> Stack:
    """The elements around the outermost drawing in the innermost table; all if there is none."""
    bounds = (at for at, element in enumerate(stack, 1) if _bounds_tables(element))
    depth = max(bounds, default=0)
    while depth < len(stack) and stack[depth].space is Space.HTML:
        depth += 1
    return stack[:depth]


def _bounds_tables(element: Element) -> bool:
    return element.space is Space.HTML and element.name in ("table", "template")


def _is_root_in_point(stack: Stack, tag: Tag) -> bool:
    """A drawing of its own kind, begun where HTML may stand."""
    top = stack[-1]
    is_annotation = tag.name == "svg" and top.name == "annotation-xml"
    return tag.name in ROOTS and (top.point or is_annotation)


def _stays_foreign(top: Element, tag: Tag) -> bool:
    return top.space is Space.MATH and top.name in _TEXT_POINTS and tag.name in _FOREIGN_IN_TEXT


def _breaks_out(tag: Tag) -> bool:
    if tag.name == "font":
        return any(attribute.name in _FONT_BREAKS_OUT for attribute in tag.attributes)
    return tag.name in _BREAKS_OUT


def _broken_out(stack: Stack) -> Stack:
    depth = len(stack)
    while depth and stack[depth - 1].space is not Space.HTML and not stack[depth - 1].point:
        depth -= 1
    return stack[:depth]


def _is_point(tag: Tag, space: Space) -> bool:
    if space is Space.SVG:
        return tag.name in _SVG_POINTS
    if tag.name == "annotation-xml":
        return (tag.get("encoding") or "").lower() in _HTML_ENCODINGS
    return tag.name in _TEXT_POINTS
