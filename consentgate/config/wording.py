"""How faults name things: quoted values, dotted keys, and the nearest word that exists."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping

from consentgate.config.positions import Path

_LONGEST_QUOTE = 60
_LONGEST_GUESS = 80
_PLAIN_KEY = re.compile(r"[\w$*.\-]{1,80}")


def quoted(value: object) -> str:
    """A JSON value on one line, shortened, without characters that could disturb a terminal."""
    if isinstance(value, Mapping):
        return "{ … }" if value else "{}"
    if isinstance(value, list | tuple):
        return "[ … ]" if value else "[]"
    if isinstance(value, str) and len(value) > _LONGEST_QUOTE:
        value = value[:_LONGEST_QUOTE] + "…"
    text = json.dumps(value, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def listed(options: Iterable[str]) -> str:
    """The options in double quotes with commas between them."""
    return ", ".join(quoted(option) for option in options)


def dotted(path: Path) -> str:
    """A path as a reader says it: ``services.acme-chat.cookies[0].name``."""
    words = ""
    for part in path:
        if isinstance(part, int):
            words += f"[{part}]"
        elif part:
            words += ("." if words else "") + (part if _PLAIN_KEY.fullmatch(part) else quoted(part))
    return words


def nearest(word: str, options: Iterable[str]) -> str | None:
    """The option that a misspelt word probably meant."""
    written = word[:_LONGEST_GUESS].lower().replace("_", "-")
    spelt = {option.replace("_", "-"): option for option in options}
    found = difflib.get_close_matches(written, spelt, n=1)
    return spelt[found[0]] if found else None


def did_you_mean(option: str | None) -> str:
    """The question to put behind a fault, with a space before it; nothing for None."""
    return f" Did you mean {quoted(option)}?" if option else ""
