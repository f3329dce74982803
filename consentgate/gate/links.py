"""The header gate for everything but cookies: what a response's own headers make a browser load.

Link (RFC 8288), Refresh (HTML, section 4.2.5.3), Speculation-Rules, and by way of ``reporting``
the headers that name a collector of reports.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from consentgate.gate.access import Access
from consentgate.gate.blanks import BLANK
from consentgate.gate.header_list import QUOTED, filtered, unquoted
from consentgate.gate.inner import document_in
from consentgate.gate.reporting import (
    gate_nel,
    gate_report_to,
    gate_report_uri,
    gate_reporting_endpoints,
    refused_groups,
)
from consentgate.gate.srcset import srcset_urls

_TARGET = re.compile(r"\s*<[^>]*>", re.ASCII)
_ADDRESS = re.compile(r"<([^>]*)")
_PARAMETER = re.compile(rf';\s*([^\s=;,"]+)(?:\s*=\s*({QUOTED}|[^;,"]*+))?', re.ASCII | re.DOTALL)

# Firefox also prefetches "next"; Chrome fetches the description of a search engine, outside of any
# policy of the page. Other relations name a page that only a click opens.
LOADING_RELS = frozenset(
    {
        "apple-touch-icon",
        "apple-touch-icon-precomposed",
        "compression-dictionary",
        "dns-prefetch",
        "icon",
        "import",
        "manifest",
        "mask-icon",
        "modulepreload",
        "next",
        "preconnect",
        "prefetch",
        "preload",
        "prerender",
        "search",
        "serviceworker",
        "stylesheet",
    }
)
"""The relations that make a browser load or connect without a click."""

# Whatever stands for the seconds: with none, a browser goes nowhere. And no address that leads
# away begins with what is skipped behind them.
_REFRESH = re.compile(
    rf"""[{BLANK}]*+ [^{BLANK};,]*+ [{BLANK};,]++
        (?: url [{BLANK}]*+ = [{BLANK}]*+ )?+
        (?P<quote> ['"] )?+ (?P<text> .* )""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_BLANKS = re.compile(rf"\A[{BLANK}]++")

Headers = list[tuple[bytes, bytes]]
"""Raw ASGI headers."""


HINT_RELS = frozenset({"dns-prefetch", "preconnect"})
"""Link relations that open a connection and ask for nothing: their path says nothing."""


def gate_link(value: bytes, access: Access) -> bytes | None:
    """A ``Link`` header without the links that would load from where consent is missing.

    The rest stays byte for byte; None when nothing is left. A link that does not parse is
    dropped: browsers differ in what they make of it.
    """
    return filtered(value, lambda member: _refused_link(member, access))


def gate_refresh(value: bytes, access: Access) -> bytes | None:
    """A ``Refresh`` header, or None where it would take the visitor to a blocked address.

    Nor may it take a frame to a document in an address, which nobody here reads.
    """
    readings = {value.decode("latin-1"), value.decode("utf-8", "replace")}
    targets = [target for text in readings for target in refresh_targets(text)]
    if access.has_limits and any(document_in(target) is not None for target in targets):
        return None
    return None if any(map(access.blocked, targets)) else value


def refresh_targets(value: str) -> tuple[str, ...]:
    """Where a ``Refresh`` header or a ``<meta http-equiv=refresh>`` may take the visitor.

    HTML, section 4.2.5.3, and more generously, as browsers differ in what they skip. For the
    standard an address in quotes ends at the next one, for Chromium at the last.
    """
    match = _REFRESH.match(value)
    if match is None:
        return ()
    quote, text = match["quote"], match["text"]
    ends = (text.partition(quote)[0], text.rpartition(quote)[0] or text) if quote else (text,)
    return tuple(filter(None, dict.fromkeys(_BLANKS.sub("", end) for end in ends)))


def gate_speculation_rules(value: bytes, access: Access) -> bytes | None:
    """A ``Speculation-Rules`` header, or None while anybody at all is stopped.

    It names files of rules, and what is in those cannot be known here: a file of the site's own
    may lead anywhere, be served beside this gate, or stand in a cache since before it. Rules in
    the markup are read, and stay where they cannot leave the site.
    Source: WHATWG HTML, section 7.6 "Speculative loading".
    """
    return None if access.has_limits else value


_FILTERS: dict[bytes, Callable[[bytes, Access], bytes | None]] = {
    b"content-security-policy": gate_report_uri,
    b"content-security-policy-report-only": gate_report_uri,
    b"link": gate_link,
    b"refresh": gate_refresh,
    b"report-to": gate_report_to,
    b"reporting-endpoints": gate_reporting_endpoints,
    b"speculation-rules": gate_speculation_rules,
}

GATED_HEADERS = frozenset({*_FILTERS, b"nel"})
"""The names of the headers that may be changed or left out."""


def gate_headers(headers: Iterable[tuple[bytes, bytes]], access: Access) -> Headers:
    """A response's raw headers without what would contact an address that lacks consent.

    Order, the spelling of names and all other headers stay as they are. Cookies have their own
    gate; a redirect (``Location``) is the application's answer to the visitor's click and passes.
    """
    original = list(headers)
    refused = frozenset(
        group
        for name, value in original
        if name.lower() == b"report-to"
        for group in refused_groups(value, access)
    )
    gated: Headers = []
    for name, value in original:
        key = name.lower()
        if key == b"nel":
            new = gate_nel(value, refused)
        else:
            new = _FILTERS[key](value, access) if key in _FILTERS else value
        if new is not None:
            gated.append((name, new))
    return gated


def _refused_link(member: str, access: Access) -> bool:
    """Whether one link value would load from a blocked address, or cannot be read.

    WebKit reads single quotes as quotes, others do not: in doubt every address and word counts.
    """
    target = _TARGET.match(member)
    if target is None:
        return bool(member.strip())
    relations: set[str] = set()
    urls = _ADDRESS.findall(member)
    for parameter in _PARAMETER.finditer(member, target.end()):
        name, text = parameter[1].lower(), unquoted(parameter[2] or "").replace("'", " ")
        if name == "rel":
            relations.update(text.lower().split())
        elif name == "imagesrcset":
            urls += srcset_urls(text)
    loading = relations & LOADING_RELS
    stops = access.blocked_hint if loading <= HINT_RELS else access.blocked
    return bool(loading) and any(stops(url) for url in urls)
