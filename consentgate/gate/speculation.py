"""Which speculation rules cannot lead a browser off the site.

Source: WHATWG HTML, section 7.6 "Speculative loading" (document rules: without ``where`` they
choose among all links of a page).
"""

from __future__ import annotations

import json
from collections.abc import Iterable

_Json = object


def may_leave(code: bytes) -> bool:
    """Whether a rule set chooses links that may lead to another site, or cannot be read.

    Addresses that it names itself are another question; an empty set has no rules.
    """
    text = code.decode("utf-8", "replace").strip()
    if not text:
        return False
    try:
        rules = json.loads(text, object_pairs_hook=_without_repetition)
    except (ValueError, RecursionError):
        return True
    listed = rules.values() if isinstance(rules, dict) else ()
    return any(_rule_may_leave(rule) for rule in _objects(listed))


def _objects(listed: Iterable[_Json]) -> Iterable[dict[str, _Json]]:
    for each in listed:
        for rule in each if isinstance(each, list) else (each,):
            if isinstance(rule, dict):
                yield rule


def _rule_may_leave(rule: dict[str, _Json]) -> bool:
    if "where" in rule:
        return not _stays(rule["where"])
    return "urls" not in rule or rule.get("source", "list") != "list"


def _stays(condition: _Json) -> bool:
    """Whether a condition surely admits links of the own origin alone."""
    if not isinstance(condition, dict):
        return False
    if isinstance(every := condition.get("and"), list):
        return any(map(_stays, every))
    if isinstance(some := condition.get("or"), list):
        return all(map(_stays, some))
    matches = condition.get("href_matches")
    patterns = matches if isinstance(matches, list) else [matches]
    return bool(patterns) and all(map(_is_own_path, patterns))


def _is_own_path(pattern: _Json) -> bool:
    """Whether a URL pattern is a path: scheme and host are then the page's own.

    A backslash stands for what follows it in a pattern, and for a slash in an address.
    """
    return isinstance(pattern, str) and pattern[:1] == "/" and pattern[1:2] not in {"/", "\\"}


def _without_repetition(pairs: list[tuple[str, _Json]]) -> dict[str, _Json]:
    """An object whose reading is not open: of a key that is there twice one might count."""
    read = dict(pairs)
    if len(read) != len(pairs):
        message = "a key is there twice"
        raise ValueError(message)
    return read
