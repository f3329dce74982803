"""Where stretches end in which no tag is read: raw text, scripts, comments, CDATA.

All searches resume: one that found no end says from where to go on once more bytes are there,
so that nothing is searched twice however the input is cut.
"""

from __future__ import annotations

import re
from functools import lru_cache

from consentgate.gate.html.buffer import Buffer
from consentgate.gate.html.grammar import NAME_ENDS, any_case

RAW_TEXTS = frozenset({b"style", b"title", b"textarea", b"xmp", b"iframe", b"noembed", b"noframes"})

# Script data: plain, escaped ("<!--"), double escaped ("<!-- <script").
PLAIN, ESCAPED, DOUBLE_ESCAPED = range(3)

_COMMENT_AT_ONCE = re.compile(rb"-?>")
_COMMENT_END = re.compile(rb"--!?>")
_CDATA_OR_BOGUS_END = re.compile(rb"\]\]>|>")
_SCRIPT_STOPS = (
    re.compile(rb"<(?:!--|(?i:/script)" + NAME_ENDS + rb")"),
    re.compile(rb"-->|<(?i:/?script)" + NAME_ENDS),
    re.compile(rb"-->|<(?i:/script)" + NAME_ENDS),
)
_LONGEST_SCRIPT_STOP = len(b"</script>")


@lru_cache(maxsize=16)
def _end_tag(name: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"</" + any_case([name]) + NAME_ENDS)


@lru_cache(maxsize=16)
def _literal(text: bytes) -> re.Pattern[bytes]:
    return re.compile(re.escape(text))


def find_end_tag(data: Buffer, position: int, name: bytes) -> tuple[bool, int]:
    """Whether the end tag of a raw text element is there; where, or where to go on."""
    match = _end_tag(name).search(data, position)
    if match:
        return True, match.start()
    return False, _resume(data, position, len(name) + len("</>"), b"<")


def is_end_tag_next(data: Buffer, position: int, name: bytes) -> tuple[bool | None, int]:
    """Whether the next "<" begins this end tag; where, or where to go on. None: it is open yet."""
    found = _literal(b"<").search(data, position)
    if found is None:
        return None, len(data)
    start = found.start()
    if _end_tag(name).match(data, start):
        return True, start
    tag = b"</" + name
    head = bytes(data[start : start + len(tag) + 1])
    is_cut_off = len(head) <= len(tag) and tag.startswith(head.lower())
    return None if is_cut_off else False, start


def find_first_end_of_cdata(data: Buffer, position: int) -> tuple[bool | None, int]:
    """Whether the first ">" ends the section, None while none is there; behind it."""
    match = _CDATA_OR_BOGUS_END.search(data, position)
    if match is None:
        return None, _resume(data, position, len("]]>"), b"]")
    return match.group() != b">", match.end()


def find_comment_end(data: Buffer, position: int, *, begun: bool) -> tuple[bool, int]:
    """Whether a comment ends; behind it, or where to go on.

    ``begun``: ``position`` is right behind ``<!--``, where ``>`` and ``->`` end it at once.
    """
    at_once = _COMMENT_AT_ONCE.match(data, position) if begun else None
    match = at_once or _COMMENT_END.search(data, position)
    if match:
        return True, match.end()
    return False, _resume(data, position, len("--!>"), b"-")


def find_after(data: Buffer, position: int, end: bytes) -> tuple[bool, int]:
    """Whether these bytes come; behind them, or where to go on."""
    found = _literal(end).search(data, position)
    if found:
        return True, found.end()
    return False, _resume(data, position, len(end), end[:1])


def find_script_end(data: Buffer, position: int, state: int) -> tuple[bool, int, int]:
    """Whether ``</script`` ends a script; where, or where to go on; the state reached.

    Source: WHATWG HTML, the script data states.
    """
    while True:
        match = _SCRIPT_STOPS[state].search(data, position)
        if match is None:
            return False, _resume(data, position, _LONGEST_SCRIPT_STOP, b"<-"), state
        stop = match.group()
        if stop == b"-->":
            state, position = PLAIN, match.end()
        elif stop == b"<!--":
            # Its own dashes may be those of "-->".
            state, position = ESCAPED, match.end() - 2
        elif stop[1:2] == b"/" and state != DOUBLE_ESCAPED:
            return True, match.start(), state
        else:
            state = DOUBLE_ESCAPED if state == ESCAPED else ESCAPED
            position = match.end()


def _resume(data: Buffer, position: int, longest: int, initials: bytes) -> int:
    """From where to search again: the first place where what is sought may have begun."""
    tail = max(position, len(data) - longest + 1)
    begun = (at for at in range(tail, len(data)) if data[at] in initials)
    return next(begun, len(data))
