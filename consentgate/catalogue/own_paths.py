"""Trackers that run under the site's own domain, known by what their addresses cannot hide.

A host says nothing here, and a path such as ``/collect`` may be the application's own. So only
file names and queries count that nobody else uses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from consentgate.catalogue.google_tags import (
    ANALYTICS,
    ids_in_query,
    is_gateway,
    is_tag_path,
    owners_of,
)

_FILES = {
    "matomo.js": "matomo",
    "matomo.php": "matomo",
    "piwik.js": "matomo",
    "piwik.php": "matomo",
    "ppms.js": "piwik-pro",
    "ppms.php": "piwik-pro",
}
_VALUES = (
    (re.compile(r"tid=G-[A-Z0-9]{4,}"), "v=2", ANALYTICS),
    (re.compile(r"tid=UA-\d+-\d+"), "v=1", ANALYTICS),
    (re.compile(r"id=GTM-[A-Z0-9]{4,}"), "", "google-tag-manager"),
)
_NOBODY: Mapping[str, str] = {}


def own_trackers(path: str, query: str, configured: Mapping[str, str] = _NOBODY) -> tuple[str, ...]:
    """The ids of the trackers that a first-party address belongs to; mostly none.

    ``query`` comes without its question mark. A hit of Google Analytics is known by its
    protocol version beside its property (``v=2&tid=G-…``), a container by ``id=GTM-…``. Other
    ids (``id=G-…``) count at ``…/gtag/js``, in a bare folder as a tag gateway serves them, or
    where ``configured`` (id → service) names them: a shop's article number may look like one.
    """
    file_owner = _FILES.get(path.rpartition("/")[2])
    if file_owner is not None:
        return (file_owner,)
    if not query:
        return ()
    if is_tag_path(path) or is_gateway(path, query, configured):
        return owners_of(ids_in_query(query), configured)
    pairs = query.split("&")
    return tuple(
        service
        for value, version, service in _VALUES
        if (not version or version in pairs) and any(value.fullmatch(pair) for pair in pairs)
    )
