"""The HTML gate: rewrites a page as it streams by, byte for byte outside of changed tags."""

from consentgate.gate.html.attributes import Attribute
from consentgate.gate.html.charsets import Gate, first_as_utf8, read_in, transcoder_for
from consentgate.gate.html.decide import Decide, Remember
from consentgate.gate.html.outline import DocumentKind, Inserts
from consentgate.gate.html.recording import RecordingGate
from consentgate.gate.html.rewriter import HtmlGate
from consentgate.gate.html.stops import Settled
from consentgate.gate.html.tags import (
    Edit,
    Rewritten,
    Tag,
    apply_edit,
    is_inline_script,
    may_settle,
    read_tag,
    with_first,
)
from consentgate.gate.html.trail import Rules, Trail, replay

__all__ = [
    "Attribute",
    "Decide",
    "DocumentKind",
    "Edit",
    "Gate",
    "HtmlGate",
    "Inserts",
    "RecordingGate",
    "Remember",
    "Rewritten",
    "Rules",
    "Settled",
    "Tag",
    "Trail",
    "apply_edit",
    "first_as_utf8",
    "is_inline_script",
    "may_settle",
    "read_in",
    "read_tag",
    "replay",
    "transcoder_for",
    "with_first",
]
