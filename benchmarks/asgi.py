"""CPU time of a request: the bare application, wrapped in nothing, in the gate, in gzip.

The page has about 100 KB and 20 tags that lead to third parties. It is prebuilt, so that the
application costs next to nothing, or rendered by Jinja2, as pages are.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile

from given.clock import alternate, write_results
from given.gate import CONFIG
from given.site import Wrapper, application, requests_of
from starlette.middleware.gzip import GZipMiddleware

from consentgate import ConsentGateMiddleware
from consentgate.gate.html import scanner

REQUESTS = 10


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    loop = asyncio.new_event_loop()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        app = application()
        database = f"sqlite:///{folder}/proofs.db"
        gate = ConsentGateMiddleware(app, config=CONFIG, secret="s" * 32, database=database)
        apps = {
            "bare": app,
            "wrapper that does nothing": Wrapper(app),
            f"gate ({scanner.ENGINE})": gate,
            "GZipMiddleware": GZipMiddleware(app),
        }
        print(f"{'page':<10} {'application':<26} {'µs/request':>10} {'noise':>6}  added to bare")
        for path in ("/prebuilt", "/rendered"):
            calls = {name: requests_of(each, path, loop, REQUESTS) for name, each in apps.items()}
            times = alternate(calls, rounds=rounds, times_per_call=REQUESTS)
            bare = times["bare"].best
            for name, time in times.items():
                added = time.best - bare
                print(
                    f"{path[1:]:<10} {name:<26} {time.best:>10,.0f} {time.noise:>6.0%}"
                    f"  {added:+,.0f} µs, {added / bare:+.1%}"
                )
                rows.append(
                    {
                        "page": path[1:],
                        "application": name,
                        "best_us": round(time.best, 1),
                        "median_us": round(time.median, 1),
                        "noise": round(time.noise, 3),
                        "added_us": round(added, 1),
                    }
                )
    loop.close()
    write_results("asgi", rows)


if __name__ == "__main__":
    main()
