"""Bytes without a meaning of their own in a text, which leave it as they came.

Each is a lone surrogate, U+DC00 and the byte.
"""

from __future__ import annotations

import codecs
import re

ERRORS = "consentgate-opaque"
"""The error handler: reads as opaque what is no character, and writes it as the byte it was."""

_FIRST = 0xDC00
_SURROGATES = range(0xD800, 0xE000)
_REPLACEMENT = 0xFFFD
_LONE = re.compile(rb"(\xed[\xa0-\xbf][\x80-\xbf])")  # surrogates in UTF-8


def matched_in_utf8(match: re.Match[bytes]) -> bytes:
    """The bytes of a match, all of them opaque."""
    return text_for(match[0]).encode("utf-8", "surrogatepass")


def text_for(raw: bytes) -> str:
    """These bytes, opaque."""
    return "".join(chr(_FIRST + byte) for byte in raw)


def reference(code: int) -> str:
    """What stands in markup for a character that cannot be written."""
    return f"&#{code};"


def text_of(utf8: bytes) -> str:
    """What comes from a gate; bytes in it that are no UTF-8 are opaque."""
    try:
        return utf8.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return "".join(map(_text_or_opaque, _LONE.split(utf8)))


def _text_or_opaque(utf8: bytes) -> str:
    errors = "surrogatepass" if _LONE.fullmatch(utf8) else ERRORS
    return utf8.decode("utf-8", errors)


def _opaque_errors(error: UnicodeError) -> tuple[str | bytes, int]:
    """One byte that is no character as a lone surrogate, and back; the next is read anew.

    What the charset cannot write becomes a reference.
    """
    if isinstance(error, UnicodeDecodeError):
        return text_for(error.object[error.start : error.start + 1]), error.start + 1
    if not isinstance(error, UnicodeEncodeError):
        raise error
    code = ord(error.object[error.start])
    if _FIRST <= code <= _FIRST + 0xFF:
        return bytes([code - _FIRST]), error.start + 1
    return reference(_REPLACEMENT if code in _SURROGATES else code), error.start + 1


codecs.register_error(ERRORS, _opaque_errors)
