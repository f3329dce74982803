"""Reading what a browser, or whoever pretends to be one, says that a policy of ours has stopped.

Two formats: ``application/csp-report`` (CSP Level 3, section 5.3) and ``application/reports+json``
(Reporting API, section 3.4). Nothing in them is to be believed: of each report only a host name,
a directive from a closed list, and for a moment a path is taken; all the rest is never looked at.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from consentgate.sites import (
    FirstParty,
    Url,
    is_host_name,
    is_ip_literal,
    is_public_suffix,
    outgoing_url,
)

REPORT_TYPES = frozenset({"application/csp-report", "application/reports+json"})
MARKUP = "markup"
"""The way of what the HTML gate stops itself, beside the directives that browsers name."""

DIRECTIVES = frozenset(
    {
        "child-src",
        "connect-src",
        "default-src",
        "fenced-frame-src",
        "font-src",
        "frame-src",
        "img-src",
        "manifest-src",
        "media-src",
        "object-src",
        "prefetch-src",
        "script-src",
        "script-src-attr",
        "script-src-elem",
        "style-src",
        "style-src-attr",
        "style-src-elem",
        "worker-src",
    }
)

_MOST_REPORTS = 50
_LONGEST_URL = 4096
_REACHING = ("http", "https", "ws", "wss")
# Names of a visitor's own network, which say more of the visitor than of the site, and of nobody.
_PRIVATE = (
    ".home",
    ".home.arpa",
    ".internal",
    ".intranet",
    ".invalid",
    ".lan",
    ".local",
    ".localhost",
)


class BadReportError(ValueError):
    """What was sent is no report."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A load that a policy has stopped. ``path`` tells services of one host apart, and goes."""

    url: Url
    directive: str


def read_violations(
    body: bytes, site: FirstParty, *, observed: bool = False
) -> tuple[Violation, ...]:
    """The stopped third parties that a report tells of, at most 50; raises BadReportError.

    Left out are reports of pages of another site, of the site's own hosts, what is no public host
    name, and, unless ``observed``, reports of policies that stop nothing.
    """
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise BadReportError("no JSON") from None
    told = list(_reports(content))
    if not told:
        raise BadReportError("no report")
    found = (
        _violation(report, site)
        for report in told[:_MOST_REPORTS]
        if observed or report["disposition"] != "report"
    )
    return tuple(violation for violation in found if violation)


def is_public_name(host: str) -> bool:
    """Whether a host is a name that anybody could look up: no address, nobody's own network."""
    return (
        is_host_name(host)
        and "." in host
        and not host.endswith(_PRIVATE)
        and not is_ip_literal(host)
        and not host.rpartition(".")[2].isdecimal()
        and not is_public_suffix(host)
    )


def _reports(content: object) -> Iterator[dict[str, object]]:
    """Each report in one of the two formats, with the names of its members in one spelling."""
    for entry in content if isinstance(content, list) else [content]:
        if not isinstance(entry, dict):
            continue
        old, new = entry.get("csp-report"), entry.get("body")
        if isinstance(old, dict):
            yield {
                "blocked": old.get("blocked-uri"),
                "directive": old.get("effective-directive") or old.get("violated-directive"),
                "page": old.get("document-uri"),
                "disposition": old.get("disposition"),
            }
        elif isinstance(new, dict) and entry.get("type") == "csp-violation":
            yield {
                "blocked": new.get("blockedURL"),
                "directive": new.get("effectiveDirective"),
                "page": new.get("documentURL"),
                "disposition": new.get("disposition"),
            }


def _violation(report: dict[str, object], site: FirstParty) -> Violation | None:
    directive, page = report["directive"], report["page"]
    if not isinstance(directive, str):
        return None
    directive = directive.partition(" ")[0].lower()
    url, document = _url(report["blocked"]), _url(page)
    if directive not in DIRECTIVES or url is None or url.host in site:
        return None
    if page and (document is None or document.host not in site):
        return None
    return Violation(url, directive) if is_public_name(url.host) else None


def _url(text: object) -> Url | None:
    """An absolute address of the web; browsers also write ``inline``, ``eval`` or ``data``."""
    if not isinstance(text, str) or len(text) > _LONGEST_URL:
        return None
    scheme, colon, _ = text.partition("://")
    return outgoing_url(text) if colon and scheme in _REACHING else None
