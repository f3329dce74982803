"""CPU time of a request: the bare application, wrapped in nothing, in the gate, in gzip.

The page has about 100 KB and 20 tags that lead to third parties. It is prebuilt, so that the
application costs next to nothing, or rendered by Jinja2: to the same bytes each time, which the
gate finds in its memory, with another token in each of its forms, or with another nonce in policy
and scripts. Data in JSON, which the gate leaves alone, come last. All is asked for by a visitor who
has not been there before; the prebuilt page also by one who has decided, with four more cookies.

What is added to the wrapper is the difference within a round, in the middle of all rounds: the best
turns of two contenders need not have had the same luck.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import Iterator

from given.clock import alternate, write_results
from given.gate import CONFIG
from given.site import PAGES, Wrapper, application, requests_of
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp

from consentgate import ConsentGateMiddleware
from consentgate.config import load_config
from consentgate.gate.html import scanner
from consentgate.model import Keep
from consentgate.response import Memo
from consentgate.wiring import Wiring

REQUESTS = {"/prebuilt": 200, "/json": 200}
"""In one turn; of slow ones fewer: the longer a turn, the likelier it is disturbed."""
SLOW, SLOW_ROUNDS = 2, 10
SECRET = "s" * 32
COOKIES = b"sessionid=4a7d1ed414474e4033ac29ccb8653d9b; csrftoken=7c4a8d09ca3762af; theme=dark; z=1"
NOTHING = "wrapper that does nothing"


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    logging.disable()  # what is blocked is named once, and not in the table
    loop = asyncio.new_event_loop()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        apps = contenders(f"sqlite:///{folder}/proofs.db")
        heading = f"{'answer':<27} {'application':<26} {'µs/request':>10} {'noise':>6}"
        print(f"{heading}  added to the wrapper")
        for path, answer, cookies in cases():
            count = REQUESTS.get(path, SLOW)
            calls = {
                name: requests_of(each, path, loop, count, cookies) for name, each in apps.items()
            }
            enough = rounds if path in REQUESTS else rounds * SLOW_ROUNDS
            times = alternate(calls, rounds=enough, times_per_call=count)
            base = times[NOTHING]
            for name, time in times.items():
                added = time.beyond(base)
                print(
                    f"{answer:<27} {name:<26} {time.best:>10,.0f} {time.noise:>6.0%}"
                    f"  {added:+,.1f} µs, {added / base.median:+.1%}"
                )
                rows.append(
                    {
                        "answer": answer,
                        "application": name,
                        "best_us": round(time.best, 1),
                        "median_us": round(time.median, 1),
                        "noise": round(time.noise, 3),
                        "added_us": round(added, 1),
                    }
                )
    loop.close()
    write_results("asgi", rows)


def cases() -> Iterator[tuple[str, str, bytes]]:
    """What is asked for, what it is called, and the cookies with it."""
    for path, answer in PAGES.items():
        yield path, answer, b""
        if answer == "prebuilt":
            yield path, "prebuilt, five cookies", COOKIES + b"; __Host-cg=" + refusal()


def refusal() -> bytes:
    """The consent cookie of somebody who refused, and so gets the same page."""
    cookie = Wiring(load_config(CONFIG), secrets=(SECRET,), mount="/_gate").cookie
    now = int(time.time())
    consent = cookie.consent((), subject=None, decided_at=now, keep=Keep.LASTING)
    return cookie.write(consent).encode()


def contenders(database: str) -> dict[str, ASGIApp]:
    """The application by itself, and in each of what may be put around it."""
    app = application()
    return {
        "bare": app,
        NOTHING: Wrapper(app),
        f"gate ({scanner.ENGINE})": gate_around(app, database),
        "gate, nothing remembered": gate_around(app, database, remembers=False),
        "GZipMiddleware": GZipMiddleware(app),
    }


def gate_around(app: ASGIApp, database: str, *, remembers: bool = True) -> ASGIApp:
    """The gate as a site mounts it, or with a memory that keeps no page."""
    gate = ConsentGateMiddleware(app, config=CONFIG, secret=SECRET, database=database)
    if not remembers:
        gate._pages.memo = Memo(max_bytes=0)
    return gate


if __name__ == "__main__":
    main()
