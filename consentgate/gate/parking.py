"""A ruling on a tag, and how what it stops is parked: kept on the page, where it loads nothing.

An attribute waits under another name and a script under another type, each with a label that
says whom it would contact, so that the browser can bring back what was agreed to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from consentgate.catalogue.lookup import Lookup
from consentgate.gate.access import Blocked
from consentgate.gate.html import Edit, Tag, apply_edit
from consentgate.gate.html.names import GATED
from consentgate.gate.scripts import is_code
from consentgate.gate.widgets import Shape, Widget, find_player, find_widget

PARKED = "data-cg-"
"""The prefix under which a stopped attribute keeps its name and value."""

ASIDE = "data-cg-with-"
"""The same for what is not brought back: an attribute of a script that waits itself."""

INERT_TYPE = "text/plain"
"""A script of this type is neither fetched nor run."""


# They load something themselves, or are never shown.
_NO_PLACES = frozenset({"style", *(name.decode("ascii") for name in GATED)}) - {"script"}


class Frame(NamedTuple):
    """A frame of a third party: what is stopped, and what its placeholder has to know."""

    blocked: Blocked
    facts: Mapping[str, str]
    retired: Widget | None


class Asked(NamedTuple):
    """What a tag asks of the page that it stands in.

    ``frame`` is a frame that can be seen, without its address, ``widget`` the plugin whose place
    an element is, ``player`` the one that an inline script puts somewhere, ``role`` what the
    site reserved an element for; ``has_policy``: it holds a policy.
    """

    frame: Frame | None = None
    widget: Widget | None = None
    player: Widget | None = None
    role: str | None = None
    has_policy: bool = False


class Ruling(NamedTuple):
    """What is to happen to a tag, as far as its bytes and the visitor's access say it.

    ``edit`` is the change and ``written`` the bytes that it makes of the tag, both None where
    it leaves as it came; ``blocked`` is what the change stops. Where ``asked`` is not None the
    page has a say as well.
    """

    edit: Edit | None = None
    blocked: tuple[Blocked, ...] = ()
    asked: Asked | None = None
    written: bytes | None = None

    def on(self, tag: Tag) -> Ruling:
        """The same with the bytes that it makes of this tag."""
        return self._replace(written=apply_edit(tag, self.edit)) if self.edit else self

    def empties(self, written: bytes) -> bool:
        """Whether the code of an inline script goes, where its tag was written so."""
        return self.edit is not None and self.edit.emptied and written == self.written


def asked_by(tag: Tag, lookup: Lookup) -> Asked | None:
    """What an element may have stand beside it whose place a provider's script fills."""
    if tag.name in _NO_PLACES:
        return None
    is_script = tag.name == "script"
    role = None if is_script else tag.get("data-consentgate")  # nothing in a script is shown
    if role is None:
        find = find_player if is_script and is_code(tag) else find_widget
        widget = find(tag, lookup)
        return Asked(widget=widget) if widget else None
    service = lookup.services.get(role)
    return Asked(widget=Widget(service, Shape.BOX) if service else None, role=role)


def label_of(blocked: Blocked) -> str:
    """How the page names what was stopped: the service, else the host."""
    return blocked.service.id if blocked.service else blocked.url.host


def parked_attributes(names: Iterable[str], stopped: Sequence[Blocked]) -> Ruling:
    """Has attributes wait under other names; the label names every service."""
    labels = dict.fromkeys(map(label_of, stopped))
    labelled = {"data-cg": " ".join(labels)} if labels else {}
    edit = Edit(rename={name: PARKED + name for name in names}, set=labelled)
    return Ruling(edit, tuple(stopped))


def parked_script(tag: Tag, blocked: Blocked) -> Ruling:
    """Has a script wait as text."""
    return Ruling(inert_script(tag, label_of(blocked)), (blocked,))


def inert_script(tag: Tag, label: str | None) -> Edit:
    """Makes text of a script; one without a label is not brought back."""
    renamed = {"type": PARKED + "type"} if tag.get("type") is not None else {}
    labelled = {} if label is None else {"data-cg": label}
    return Edit(rename=renamed, set={"type": INERT_TYPE, **labelled})


def parked_with(script: Edit, tag: Edit | None) -> Edit:
    """The edit that parks a script, with what was to change in its tag for another reason.

    The page brings back either a script or an attribute of one, so that where both wait the
    script counts. Another reason for which the script itself waits has a label of its own.
    """
    if tag is None:
        return script
    aside = {name: ASIDE + name for name in tag.rename if name != "type"}
    labels = [edit.set.get("data-cg") for edit in (script, tag) if "type" in edit.set]
    words = dict.fromkeys(" ".join(filter(None, labels)).split())
    labelled = {"data-cg": " ".join(words)} if script.set.get("data-cg") else {}
    return script._replace(rename={**aside, **script.rename}, set={**script.set, **labelled})
