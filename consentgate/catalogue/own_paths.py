"""Trackers that run under the site's own domain, known by what their addresses cannot hide.

A host says nothing here, and a path such as ``/collect`` may be the application's own. So only
file names and queries count that nobody else uses.
"""

from __future__ import annotations

import re

_FILES = {
    "matomo.js": "matomo",
    "matomo.php": "matomo",
    "piwik.js": "matomo",
    "piwik.php": "matomo",
    "ppms.js": "piwik-pro",
    "ppms.php": "piwik-pro",
}
_ANALYTICS = "google-analytics"
_VALUES = (
    (re.compile(r"tid=G-[A-Z0-9]{4,}"), "v=2", _ANALYTICS),
    (re.compile(r"tid=UA-\d+-\d+"), "v=1", _ANALYTICS),
    (re.compile(r"id=GTM-[A-Z0-9]{4,}"), "", "google-tag-manager"),
)
_GTAG_ID = re.compile(r"id=(?:G|UA)-[A-Z0-9-]{4,}")


def own_trackers(path: str, query: str) -> tuple[str, ...]:
    """The ids of the trackers that a first-party address belongs to; mostly none.

    ``query`` comes without its question mark. A hit of Google Analytics is known by its
    protocol version beside its property (``v=2&tid=G-…``), a container by ``id=GTM-…``, and
    ``id=G-…`` counts at ``…/gtag/js`` only, for a shop's article number may look like it.
    """
    file_owner = _FILES.get(path.rpartition("/")[2])
    if file_owner is not None:
        return (file_owner,)
    if not query:
        return ()
    pairs = query.split("&")
    if path.endswith("/gtag/js") and any(_GTAG_ID.fullmatch(pair) for pair in pairs):
        return (_ANALYTICS,)
    return tuple(
        service
        for value, version, service in _VALUES
        if (not version or version in pairs) and any(value.fullmatch(pair) for pair in pairs)
    )
