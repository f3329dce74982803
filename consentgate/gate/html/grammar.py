"""The HTML tokenizer as regular expressions: its parts by name, and the patterns made of them.

Source: WHATWG HTML, section 13.2.5 "Tokenization". Every repetition is possessive: a part
that does not fit is given up at once, so that scanning stays linear whatever the input is.
Captures stand outside of repetitions only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from consentgate.gate.html import names

SPACE = rb"\t\n\f\r "
GAP = SPACE + rb"/"  # what separates attributes
NAME_ENDS = rb"(?=[" + GAP + rb">])"

NAME = rb"[a-zA-Z][^" + GAP + rb">]*+"

# --- attributes -----------------------------------------------------------------------------
_ATTRIBUTE_NAME = rb"[^" + GAP + rb">][^" + GAP + rb">=]*+"
_EQUALS = rb"[" + SPACE + rb"]*+=[" + SPACE + rb"]*+"
_UNQUOTED = rb"[^" + SPACE + rb">\"'][^" + SPACE + rb">]*+"
_VALUE = rb"(?:\"[^\"]*+\"|'[^']*+'|" + _UNQUOTED + rb"|(?=>))"
_ATTRIBUTE = (
    rb"[" + GAP + rb"]*+" + _ATTRIBUTE_NAME + rb"(?:" + _EQUALS + _VALUE
    # without a value only if no '=' follows: otherwise the value is still to come
    + rb"|(?![" + SPACE + rb"]*+=))"
)  # fmt: skip

# Groups: the name, then the value as one of double-quoted, single-quoted, unquoted.
ATTRIBUTE_PARTS = (
    rb"[" + GAP + rb"]*+(" + _ATTRIBUTE_NAME + rb")"
    rb"(?:" + _EQUALS + rb"(?:\"([^\"]*+)\"|'([^']*+)'|(" + _UNQUOTED + rb")|(?=>)))?"
)

# As many attributes as surely are complete, whatever bytes may follow.
COMPLETE_ATTRIBUTES = (
    rb"(?:[" + GAP + rb"]*+" + _ATTRIBUTE_NAME + rb"(?:" + _EQUALS
    + rb"(?:\"[^\"]*+\"|'[^']*+'|" + _UNQUOTED + rb"(?=[" + SPACE + rb"]))"
    + rb"|(?=/)|(?=[" + SPACE + rb"]++[^=" + SPACE + rb"])))*+[" + GAP + rb"]*+"
)  # fmt: skip

# --- the rest of a tag, after its name ------------------------------------------------------
_TIDY_REST = (
    # Runs of names and spaces, cut only at a '=' that directly follows a name.
    rb"(?:[^>\"'=]*+(?<=[^" + GAP + rb"\"'])=(?:\"[^\"]*+\"|'[^']*+'|" + _UNQUOTED + rb"))*+"
    rb"[^>\"'=]*+>"
)
_EXACT_REST = rb"(?:" + _ATTRIBUTE + rb")*+[" + GAP + rb"]*+>"
REST = rb"(?:>|" + _TIDY_REST + rb"|" + _EXACT_REST + rb")"


def any_case(names: Iterable[bytes]) -> bytes:
    """A pattern for a choice of names: by first letter, which the engine compares fast."""
    tails: dict[bytes, list[bytes]] = {}
    for name in names:
        tails.setdefault(name[:1], []).append(name[1:])
    choices = (
        b"[" + first + first.upper() + b"](?i:" + b"|".join(sorted(tails[first])) + b")"
        for first in sorted(tails)
    )
    return b"(?:" + b"|".join(choices) + b")"


def _exactly(words: Iterable[bytes]) -> bytes:
    """A pattern for the beginning of one of these words, by first letter as well."""
    tails: dict[bytes, list[bytes]] = {}
    for word in words:
        tails.setdefault(word[:1], []).append(re.escape(word[1:]))
    choices = (first + b"(?:" + b"|".join(tails[first]) + b")" for first in sorted(tails))
    return b"(?:" + b"|".join(choices) + b")"


# --- tags that cannot matter ----------------------------------------------------------------
# A class or id with a word that begins like a plugin's.
_PLUGIN_WORD = _exactly(names.PLUGIN_WORDS)
_PLUGIN = (
    any_case((b"class", b"id")) + _EQUALS
    # Words follow each other within quotes only: a tag could have many attributes without.
    + rb"(?:[\"'](?:(?!" + _PLUGIN_WORD + rb")[^" + SPACE + rb"\"'>]*+[" + SPACE + rb"])*+)?+"
    + _PLUGIN_WORD
)  # fmt: skip

# Attributes that matter on any element.
SUSPECT = rb"(?:" + any_case(names.SUSPECT_ATTRIBUTES) + rb"|" + _PLUGIN + rb")"


def _plain_rest(value: bytes) -> bytes:
    """The rest of a tag with tidily separated attributes, none suspect, of such values."""
    bare = rb"(?=[/>])|(?=[" + SPACE + rb"]++[^=" + SPACE + rb"])"
    name = rb"(?!" + SUSPECT + rb")[^" + GAP + rb">=\"']++"
    attribute = rb"[" + GAP + rb"]++" + name + rb"(?:=" + value + rb"|" + bare + rb")"
    return rb"(?:>|(?:" + attribute + rb")*+[" + GAP + rb"]*+>)"


_DULL_REST = _plain_rest(rb"(?:\"[^\"]*+\"|'[^']*+'|" + _UNQUOTED + rb")")

# A value that names no other host: no '//' (even with a tab or newline in it), no '\', no
# character reference, no scheme.
_LOCAL_REST = _plain_rest(rb"\"[^\"&:\\/\t\n\r]*+(?:/[^\"&:\\/\t\n\r]++)*+/?+\"")

# --- what is no tag -------------------------------------------------------------------------
COMMENT = rb"!--(?:-?>|[^-]*+(?:-(?!-!?>)[^-]*+)*+--!?>)"
_BOGUS_START = rb"(?:\?|/(?![a-zA-Z>])|!(?!--)"
BOGUS_COMMENT = _BOGUS_START + rb")[^>]*+>"
BOGUS_NOT_CDATA = _BOGUS_START + rb"(?!\[CDATA\[))[^>]*+>"
BOGUS_NOT_DOCTYPE = _BOGUS_START + rb"(?!(?i:doctype)))[^>]*+>"
_LESS_THAN = rb"(?=[^a-zA-Z/!?])"  # a '<' that is text

# --- the stop at the end of each pattern ----------------------------------------------------
_NEVER = rb"(?!)"


def _stop(doctype: bytes = _NEVER, text: bytes = _NEVER) -> bytes:
    """Groups: 1 a start tag's name, 2 an end tag's, 3 doctype, 4 text, 5 a '<' not complete."""
    tags = rb"<(" + NAME + rb")" + REST + rb"|</(" + NAME + rb")" + REST
    return rb"(?:" + tags + rb"|(" + doctype + rb")|(" + text + rb")|(<)|)"


def _initials_without(names: Iterable[bytes]) -> bytes:
    """A class of the letters with which none of the names begins."""
    taken = {name[0] for name in names}
    free = bytes(letter for letter in b"abcdefghijklmnopqrstuvwxyz" if letter not in taken)
    return b"[" + free + free.upper() + b"]"


def every_tag() -> bytes:
    """Stops at every tag."""
    return _skipping(COMMENT, BOGUS_COMMENT, rb"/>") + _stop()


def foreign_tag() -> bytes:
    """Stops at every tag and, as at a tag that is cut off, at a CDATA section."""
    return _skipping(COMMENT, BOGUS_NOT_CDATA, rb"/>") + _stop()


def preamble() -> bytes:
    """Stops at every tag, at a doctype and at text that is more than white space."""
    markup = rb"|".join((COMMENT, BOGUS_NOT_DOCTYPE, rb"/>"))
    nothing = rb"(?:[" + SPACE + rb"]++|\xef\xbb\xbf|<(?:" + markup + rb"))*+"
    cut_off_byte_order_mark = rb"\xef\xbb?+\Z"
    text = rb"(?!" + cut_off_byte_order_mark + rb")[^<]|<" + _LESS_THAN
    return nothing + _stop(rb"<!(?i:doctype)", text)


def page_tag(starts: Iterable[bytes], ends: Iterable[bytes], raw_texts: Iterable[bytes]) -> bytes:
    """Stops at the named tags and at tags with a suspect attribute.

    Skips complete raw text elements, complete plain drawings and media without a candidate
    for a URL to elsewhere; give no ``raw_texts`` where these are no safe reading.
    """
    starts, ends, raw_texts = (*starts, *raw_texts), tuple(ends), tuple(raw_texts)
    skipped = [_dull_end_tag(ends), _dull_start_tag(starts)]
    if raw_texts:
        skipped += [_LOCAL_MEDIA, *map(_whole_raw_text, raw_texts), _PLAIN_DRAWING]
    return _skipping(*skipped, COMMENT, BOGUS_COMMENT, rb"/>") + _stop()


def _skipping(*after_less_than: bytes) -> bytes:
    choices = rb"|".join((*after_less_than, _LESS_THAN))
    return rb"[^<]*+(?:<(?:" + choices + rb")[^<]*+)*+"


def _dull_end_tag(ends: tuple[bytes, ...]) -> bytes:
    named = any_case(ends) + NAME_ENDS
    return (
        rb"/(?:" + _initials_without(ends) + rb"|(?!" + named + rb")[a-zA-Z])"
        rb"(?:[a-zA-Z0-9]*+>|[^" + GAP + rb">]*+" + REST + rb")"
    )


def _dull_start_tag(starts: tuple[bytes, ...]) -> bytes:
    frequent = rb"(?:[pPaAbBiI]|[lL][iI]|[uU][lL]|[tT][dDrRhH]|[sS][pP][aA][nN]|[hH][1-6])"
    named = any_case(starts) + NAME_ENDS
    return (
        rb"(?:" + _initials_without(starts) + rb"|" + frequent + NAME_ENDS
        + rb"|(?!" + named + rb")[a-zA-Z])[^" + GAP + rb">]*+" + _DULL_REST
    )  # fmt: skip


# A rule such as "@import", or a comment in front of one, is looked at.
PLAIN_STYLE = rb"[" + SPACE + rb"]*+(?![@/])"
_BEGINS = {b"style": PLAIN_STYLE}


def _whole_raw_text(name: bytes) -> bytes:
    named = any_case([name]) + NAME_ENDS
    content = _BEGINS.get(name, b"") + rb"[^<]*+(?:<(?!/" + named + rb")[^<]*+)*+"
    return named + _DULL_REST + content + rb"</" + named + REST


_LOCAL_MEDIA = (
    any_case(names.MEDIA)
    + NAME_ENDS + _LOCAL_REST
)  # fmt: skip

_SHAPE = any_case(names.SHAPES) + NAME_ENDS
_OPEN = rb"(?<!/>)"
_PLAIN_DRAWING = (
    any_case([b"svg"]) + NAME_ENDS + _DULL_REST + _OPEN
    + rb"[^<]*+(?:<(?:/?" + _SHAPE + _DULL_REST
    + rb"|(?i:title)>[^<]*+</(?i:title)>)[^<]*+)*+</(?i:svg)>"
)  # fmt: skip
