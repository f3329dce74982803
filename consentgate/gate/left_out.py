"""What becomes of a tag that its visitor opted out of: nothing of it is left to be activated."""

from __future__ import annotations

from consentgate.gate.html import Edit, Tag

_HARMLESS = frozenset({"type", "sandbox"})
"""What is set aside of a tag and says nothing of whom it would contact."""

_SOURCES = ("src", "href", "xlink:href")


def left_out(tag: Tag, edit: Edit, out: frozenset[str]) -> Edit:
    """The edit that stopped a tag, without its addresses and code if it belongs to these services.

    ``out`` are ids of services; a tag that another service has a part in stays as it was stopped.
    """
    owners = frozenset((edit.set.get("data-cg") or "").split())
    if not owners or not owners <= out:
        return edit
    addresses = [name for name in edit.rename if name not in _HARMLESS]
    if tag.name == "script":
        addresses += [name for name in _SOURCES if tag.get(name) is not None]
    return edit._replace(
        rename={name: parked for name, parked in edit.rename.items() if name in _HARMLESS},
        # Where a frame stood, its address is that of our placeholder already.
        set={**dict.fromkeys(addresses, ""), **edit.set},
        emptied=True,
    )
