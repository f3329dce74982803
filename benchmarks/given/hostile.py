"""Pages that would take a careless scanner forever, of any size."""

from __future__ import annotations

from collections.abc import Callable

HOSTILE: dict[str, Callable[[int], bytes]] = {
    "nested quotes": lambda size: b"<a b='\"" + b"\"'x='\"" * (size // 6),
    "open quotes": lambda size: b'<a x="' * (size // 6),
    "unfinished tags": lambda size: b"<a " * (size // 3),
    "one unfinished tag": lambda size: b"<img " + b"x='1' " * (size // 6),
    "a large attribute": lambda size: b"<p><img alt='" + b"> <" * (size // 3) + b"' src=/x>",
    "many attributes": lambda size: b"<p" + b" class=x" * (size // 8) + b">",
    "comment bomb": lambda size: b"<!--" * (size // 4),
    "dashes": lambda size: b"<!--" + b"-!" * (size // 2),
    "styles of comments": lambda size: (b"<style>" + b"/**/" * 30_000) * (size // 120_007 + 1),
    "imports": lambda size: b"<style>" + b"@import '/a';" * (size // 13),
    "raw text that never ends": lambda size: b"<title></titl " * (size // 14),
}
