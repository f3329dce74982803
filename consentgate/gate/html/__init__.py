"""The HTML gate: rewrites a page as it streams by, byte for byte outside of changed tags."""

from consentgate.gate.html.attributes import Attribute
from consentgate.gate.html.charsets import Gate, first_as_utf8, read_in, transcoder_for
from consentgate.gate.html.outline import DocumentKind, Inserts
from consentgate.gate.html.rewriter import Decide, HtmlGate, Remember
from consentgate.gate.html.stops import Settled
from consentgate.gate.html.tags import (
    Edit,
    Rewritten,
    Tag,
    apply_edit,
    may_settle,
    read_tag,
    with_first,
)

__all__ = [
    "Attribute",
    "Decide",
    "DocumentKind",
    "Edit",
    "Gate",
    "HtmlGate",
    "Inserts",
    "Remember",
    "Rewritten",
    "Settled",
    "Tag",
    "apply_edit",
    "first_as_utf8",
    "may_settle",
    "read_in",
    "read_tag",
    "transcoder_for",
    "with_first",
]
