"""The HTML gate: rewrites a page as it streams by, byte for byte outside of changed tags."""

from consentgate.gate.html.attributes import Attribute
from consentgate.gate.html.outline import DocumentKind, Inserts
from consentgate.gate.html.rewriter import Decide, HtmlGate
from consentgate.gate.html.tags import Edit, Tag, apply_edit

__all__ = [
    "Attribute",
    "Decide",
    "DocumentKind",
    "Edit",
    "HtmlGate",
    "Inserts",
    "Tag",
    "apply_edit",
]
