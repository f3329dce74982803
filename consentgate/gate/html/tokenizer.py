"""A state of the tokenizer at a position of the page, and where what holds no tags ends."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from consentgate.gate.html import rawtext
from consentgate.gate.html.buffer import Buffer
from consentgate.gate.html.tagend import TagEnd

_COMMENT = b"<!--"
CDATA = b"<![CDATA["
_UNDECIDED = (_COMMENT, CDATA, b"<!DOCTYPE", b"</>")  # while only a part of these is there
_SHORTEST_COMMENT = len(b"<!--->")


class Mode(Enum):
    """How the next byte is read."""

    MARKUP = auto()
    RAW_TEXT = auto()
    SCRIPT = auto()
    COMMENT = auto()
    BOGUS_COMMENT = auto()
    CDATA = auto()
    PLAINTEXT = auto()
    SAME_TEXT = auto()  # up to the first "<" of what is raw text outside of drawings


@dataclass(slots=True)
class Tokenizer:
    """Where it has got to, and how it reads on.

    ``raw_name`` is the element whose raw text is read, ``script_state`` how much of a comment a
    script is in; ``tag_end`` looks for the end of an unfinished tag.
    """

    position: int = 0
    mode: Mode = Mode.MARKUP
    raw_name: bytes = b""
    script_state: int = rawtext.PLAIN
    tag_end: TagEnd | None = None

    @property
    def state(self) -> tuple[object, ...]:
        """Two with the same state find the same tags in all that follows."""
        return self.position, self.mode, self.raw_name, self.script_state

    def moved(self, count: int) -> None:
        """Tells that so many bytes were cut off the front of the data."""
        self.position -= count
        if self.tag_end:
            self.tag_end.moved(count)

    def read_markup(self) -> None:
        """Goes on where tags are read."""
        self.mode, self.raw_name, self.script_state = Mode.MARKUP, b"", rawtext.PLAIN

    def find_end(self, data: Buffer) -> bool:
        """Whether the script or raw text ends; goes there, else as far as it surely does not."""
        if self.mode is Mode.RAW_TEXT:
            found, self.position = rawtext.find_end_tag(data, self.position, self.raw_name)
        else:
            found, self.position, self.script_state = rawtext.find_script_end(
                data, self.position, self.script_state
            )
        return found

    def leave_stretch(self, data: Buffer) -> bool:
        """Whether what holds no tags has ended, so that markup is read again."""
        if self.mode is Mode.SCRIPT or self.mode is Mode.RAW_TEXT:
            found = self.find_end(data)
        elif self.mode is Mode.COMMENT:
            found, self.position = rawtext.find_comment_end(data, self.position, begun=False)
        elif self.mode is Mode.PLAINTEXT:
            found, self.position = False, len(data)
        else:
            end = b">" if self.mode is Mode.BOGUS_COMMENT else b"]]>"
            found, self.position = rawtext.find_after(data, self.position, end)
        if found:
            self.read_markup()
        return found

    def begin(self, data: Buffer, start: int, *, holds_cdata: bool) -> None:
        """Goes into what begins at a "<" and is not complete; where that is a tag, to it."""
        self.position = start
        head = bytes(data[start : start + len(CDATA)])
        if head[1:2].isalpha() or (head[1:2] == b"/" and head[2:3].isalpha()):
            self.tag_end = TagEnd(start)
        elif head.startswith(_COMMENT):
            if len(data) - start >= _SHORTEST_COMMENT:
                begun = start + len(_COMMENT)
                ended, self.position = rawtext.find_comment_end(data, begun, begun=True)
                self.mode = Mode.MARKUP if ended else Mode.COMMENT
        elif head == CDATA and holds_cdata:
            self.mode, self.position = Mode.CDATA, start + len(CDATA)
        elif not any(known.startswith(head.upper()) and known != head for known in _UNDECIDED):
            self.mode, self.position = Mode.BOGUS_COMMENT, start + len(b"<!")
