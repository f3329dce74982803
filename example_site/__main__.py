"""Serve the example site: ``python -m example_site``."""

from __future__ import annotations

import os
import sys

import uvicorn

from example_site.app import app

HOST = "127.0.0.1"


def main() -> None:
    """Serve on loopback, at the port in ``PORT``, 8000 if it is not set."""
    port = int(os.environ.get("PORT", "8000"))
    sys.stdout.write(f"Morgenkai is at http://{HOST}:{port} (stop with Ctrl+C)\n")
    sys.stdout.flush()
    uvicorn.run(app, host=HOST, port=port, log_level="warning")


if __name__ == "__main__":
    main()
