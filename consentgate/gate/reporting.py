"""Headers that tell a browser where to send reports: a report carries the visitor's address.

Report-To and NEL (Network Error Logging), Reporting-Endpoints (Reporting API), and the
``report-uri`` of a Content-Security-Policy. No policy restrains where reports go, so collectors
without consent are taken out here. The rest stays byte for byte.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from consentgate.gate.access import Access
from consentgate.gate.directives import WHITESPACE, split_directives
from consentgate.gate.header_list import filtered, joined, strings

_JSON_GAP = " \t\n\r,"
_DECODER = json.JSONDecoder()


def gate_report_to(value: bytes, access: Access) -> bytes | None:
    """A ``Report-To`` header without the groups that have a blocked endpoint; None when empty.

    A value that is no JSON is dropped, as a browser does.
    """
    text = value.decode("latin-1")
    try:
        groups = list(_groups(text))
    except (ValueError, RecursionError):
        return None
    kept = [part for part, group in groups if not _reports_to_blocked(group, access)]
    return value if len(kept) == len(groups) else joined(kept)


def refused_groups(value: bytes, access: Access) -> frozenset[str]:
    """The names of the groups that ``gate_report_to`` takes out of this header."""
    try:
        groups = [group for _, group in _groups(value.decode("latin-1"))]
    except (ValueError, RecursionError):
        return frozenset()
    return frozenset(_name(group) for group in groups if _reports_to_blocked(group, access))


def gate_nel(value: bytes, refused: frozenset[str]) -> bytes | None:
    """A ``NEL`` header; None where the group that it reports to was refused."""
    try:
        policy = json.loads(value)
    except (ValueError, RecursionError):
        return value
    group = policy.get("report_to") if isinstance(policy, dict) else None
    return None if isinstance(group, str) and group in refused else value


def gate_reporting_endpoints(value: bytes, access: Access) -> bytes | None:
    """A ``Reporting-Endpoints`` header without blocked endpoints; None when none is left."""
    return filtered(value, lambda member: any(access.blocked(url) for url in strings(member)))


def gate_report_uri(value: bytes, access: Access) -> bytes | None:
    """A policy header whose ``report-uri`` names no blocked collector; None when it is empty.

    This takes nothing from what the policy forbids.
    """
    policies = value.decode("latin-1").split(",")
    gated = [_without_blocked_reports(policy, access) for policy in policies]
    return value if gated == policies else joined([policy for policy in gated if policy])


def _groups(text: str) -> Iterator[tuple[str, object]]:
    """Each JSON value of the list, with the text that it was read from."""
    position = 0
    while position < len(text):
        if text[position] in _JSON_GAP:
            position += 1
            continue
        group, end = _DECODER.raw_decode(text, position)
        yield text[position:end], group
        position = end


def _reports_to_blocked(group: object, access: Access) -> bool:
    endpoints = group.get("endpoints") if isinstance(group, dict) else None
    urls = [endpoint.get("url") for endpoint in endpoints or () if isinstance(endpoint, dict)]
    return any(isinstance(url, str) and access.blocked(url) for url in urls)


def _name(group: object) -> str:
    return str(group.get("group", "default")) if isinstance(group, dict) else "default"


def _without_blocked_reports(policy: str, access: Access) -> str:
    parts, found = split_directives(policy)
    directive = found.get("report-uri")
    kept = [url for url in directive.words if not access.blocked(url)] if directive else []
    if directive is None or len(kept) == len(directive.words):
        return policy
    part = parts[directive.position]
    body = part.rstrip(WHITESPACE)
    start = len(part) - len(part.lstrip(WHITESPACE))
    if kept:
        name = body[start : start + len("report-uri")]
        parts[directive.position] = part[:start] + " ".join((name, *kept)) + part[len(body) :]
    else:
        del parts[directive.position]
    return ";".join(parts).strip(WHITESPACE)
