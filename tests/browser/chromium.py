"""Which Chromium the browser tests drive, how it is installed and how it is started.

Run as a script it makes sure that one is there and prints its path; the Makefile does that.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from playwright.sync_api import sync_playwright

SYSTEM_CHROMIUM = Path("/usr/bin/chromium")
PLAYWRIGHT_SECONDS = 120
PACKAGES_SECONDS = 900

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Chromium's own errands, sent to a port that nothing listens on. They must not be hidden
    # by name: a page may contact the same Google hosts, and that would be a leak.
    "--gaia-url=http://127.0.0.1:9",
    "--component-updater=url-source=http://127.0.0.1:9/",
    "--autofill-server-url=http://127.0.0.1:9/",
)


def find_chromium(playwrights_own: Path) -> Path | None:
    """The Chromium to drive: ``CONSENTGATE_CHROMIUM``, Playwright's own, the system's, or none."""
    return find_program("CONSENTGATE_CHROMIUM", (playwrights_own, SYSTEM_CHROMIUM))


def find_program(variable: str, places: Iterable[Path]) -> Path | None:
    """The program that an environment variable names, else the first that is there, or none.

    A name of no file is an error, not a reason to look further.
    """
    named = os.environ.get(variable)
    if named and not Path(named).is_file():
        raise FileNotFoundError(f"{variable} names no file: {named}")
    return Path(named) if named else next((path for path in places if path.is_file()), None)


def playwrights_chromium() -> Path:
    """Where Playwright would keep its own Chromium, whether it is there or not."""
    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path)


def succeeds(command: list[str], seconds: int) -> bool:
    """Run a command, showing what it says on our standard error, for so long at most."""
    sys.stderr.write(f"+ {' '.join(command)}\n")
    try:
        done = subprocess.run(
            command,
            check=False,
            timeout=seconds,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        )
    except (subprocess.TimeoutExpired, FileNotFoundError) as error:
        sys.stderr.write(f"{error}\n")
        return False
    return done.returncode == 0


def update_packages() -> list[str]:
    """Refresh the lists of the system's packages; what to put before a command to be root."""
    root = [] if os.geteuid() == 0 else ["sudo", "-n", "--preserve-env=DEBIAN_FRONTEND"]
    # The lists may be stale in part and the package still be had, so an update may fail.
    succeeds([*root, "apt-get", "update"], PACKAGES_SECONDS)
    return root


def _install_from_packages() -> bool:
    if shutil.which("apt-get") is None:
        return False
    root = update_packages()
    install = ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]
    return succeeds([*root, *install], PACKAGES_SECONDS)


def ensure_chromium() -> Path:
    """Find Chromium, or install it by Playwright, or from the system's packages."""
    playwrights_own = playwrights_chromium()
    if found := find_chromium(playwrights_own):
        return found
    by_playwright = [sys.executable, "-m", "playwright", "install", "chromium"]
    for installed in (
        lambda: succeeds(by_playwright, PLAYWRIGHT_SECONDS),
        _install_from_packages,
    ):
        if installed() and (found := find_chromium(playwrights_own)):
            return found
    raise SystemExit(
        "No Chromium for the browser tests. Install one (Debian: apt-get install chromium)"
        " or name it in CONSENTGATE_CHROMIUM."
    )


if __name__ == "__main__":
    sys.stdout.write(f"{ensure_chromium()}\n")
