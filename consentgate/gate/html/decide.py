"""What the gate asks of whoever uses it: what becomes of a tag, and what is known of it already."""

from __future__ import annotations

from typing import Protocol

from consentgate.gate.html.stops import Settled
from consentgate.gate.html.tags import Rewritten, Tag


class Decide(Protocol):
    """What is to take the place of a start tag; None leaves it as it came."""

    def tag(self, tag: Tag) -> bytes | None:
        """Decides upon a start tag that may name a URL or steer one."""

    def inline(self, tag: Tag, code: bytes) -> Rewritten | None:
        """Decides upon a script without ``src``, any data block included, or a style, by its code.

        It comes after ``tag`` and takes the place of what that gave; None leaves that. ``code``
        is what the page has, at most 128 KiB of it.
        """


class Remember(Protocol):
    """Decisions of other pages that hold on this one, whatever surrounds their tags.

    ``settled`` may grow while the page streams by. In it are tags of ``may_settle`` alone.
    """

    @property
    def settled(self) -> Settled:
        """The tags, and what takes the place of each."""

    def again(self, note: object) -> None:
        """Such a tag changes on this page, too; ``note`` is what is settled with it."""
