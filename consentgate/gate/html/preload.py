"""What a browser reads ahead of its parser, and how the gate follows that too.

While the parser waits for a script, a browser looks through the markup that follows and begins
to load what it names. What looks is the tokenizer alone, without a tree: it knows of no drawings.
Inside of one it takes for raw text what the parser reads as markup (``<style>``, ``<title>``), and
for a comment up to the first ">" what is a CDATA section. Where the two part, a reading of its own
is followed, until the tokenizer of another is in the same state again.
Source: Chromium, ``html_preload_scanner.cc`` and ``HTMLTokenizer::UpdateStateFor``, which asks
for the name of a tag alone, and so has raw text begin behind ``<title/>`` too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from consentgate.gate.html.awaited import Script
from consentgate.gate.html.reading import Reading
from consentgate.gate.html.tags import Tag
from consentgate.gate.html.tokenizer import Mode


@dataclass(slots=True)
class Preload(Reading):
    """Reads on as a tokenizer does that knows of no drawings, and ignores no tag."""

    def enter(self, name: bytes, tag: Tag | None) -> list[Reading]:  # noqa: ARG002  as there
        """Takes the start tag that was just read; gives the other way to read ``<noscript>``."""
        others = self._enter_html(name)
        for reading in (self, *others):
            reading.leave_context()
        return others

    def leave(self, name: bytes) -> list[Reading]:
        """Takes the end tag that was just read, which changes nothing."""
        if name == b"noscript":
            self.noscript = False
        return []


def part(reading: Reading, script: Script | None = None) -> Preload:
    """How the preload scanner reads on from here; the reading itself is the parser's from now on.

    ``script``: the style whose code begins here.
    """
    preload = Preload(position=reading.position, noscript=reading.noscript)
    name = reading.raw_name
    # Without scripting it reads on like the parser here, and may part from it later.
    reading.preload = name == b"noscript"
    if reading.mode is Mode.SAME_TEXT:
        reading.read_markup()
        if name == b"script":
            preload.mode = Mode.SCRIPT
        else:
            preload.mode, preload.raw_name = Mode.RAW_TEXT, name
        script = script or reading.script
        if name == b"style" and script and script.tag.name == "style":
            tag = script.tag._replace(foreign=False)
            preload.scripts = (replace(script, tag=tag, depth=0),)
    return preload


def taken_up(readings: Sequence[Reading]) -> list[Reading]:
    """These without what the preload scanner reads like another of them."""
    kept = [each for each in readings if not isinstance(each, Preload)]
    for preload in readings:
        if isinstance(preload, Preload):
            alike = (each for each in kept if _is_like(preload, each))
            like = next(alike, None)
            if like is None:
                kept.append(preload)
            else:
                like.preload = True
    return kept


def _is_like(preload: Preload, reading: Reading) -> bool:
    """Whether the tokenizers are in one state, and no code is awaited that the other is not."""
    if preload.scripts and preload.scripts != reading.scripts:
        return False
    return preload.state == reading.state
