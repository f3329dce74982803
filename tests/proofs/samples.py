"""Records and notices for the tests, and a look at the rows of a log."""

import sqlite3
from contextlib import closing

from consentgate.model import Keep
from consentgate.proofs import Answer, Method, Notice, random_id, record_of

DAY_START = 1_795_132_800  # 2026-11-20T00:00:00Z
NOON = DAY_START + 86_400 + 43_200  # 2026-11-21T12:00:00Z

NOTICE = Notice(
    controller="Example Ltd, 1 Example Street",
    contact="privacy@example.com",
    recipients=("YouTube (Google Ireland Limited, IE)",),
    retention="36 months",
    shown="<section>We use necessary cookies. Ünïcode.</section>",
    configuration="c" * 64,
    policy="2026-11-21",
)


def make_record(*, at=NOON, **changes):
    settings = {
        "previous": None,
        "choices": {"google-analytics": Answer.REFUSED, "youtube": Answer.GIVEN},
        "subject": random_id(),
        "scope": Keep.LASTING,
        "method": Method("custom", "preferences", script=True),
        "notice": NOTICE.digest,
        "lang": "en",
        "gpc": False,
        "ua": "Firefox/Linux",
        "site": "www.example.com",
        "valid_seconds": 15_552_000,
        "clock": lambda: at,
        **changes,
    }
    return record_of(**settings)


def rows(path, columns="leaf"):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(f"SELECT {columns} FROM proof ORDER BY leaf").fetchall()
