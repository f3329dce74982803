"""Make sure that Firefox and WebKitGTK are there, as far as the system's packages have them.

Chromium has a module of its own. What cannot be had is said in one line; its tests are skipped.
"""

from __future__ import annotations

import shutil
import sys

from tests.browser.chromium import PACKAGES_SECONDS, succeeds, update_packages
from tests.browser.engines import find_engine

PACKAGES = {
    "firefox": ("firefox-esr",),
    "webkit": ("webkit2gtk-driver", "xvfb", "gcc", "libc6-dev"),
}


def main() -> None:
    missing = [engine for engine in PACKAGES if find_engine(engine) is None]
    if missing and shutil.which("apt-get"):
        install = [*update_packages(), "apt-get", "install", "-y", "--no-install-recommends"]
        for engine in missing:
            succeeds([*install, *PACKAGES[engine]], PACKAGES_SECONDS)
    for engine in PACKAGES:
        state = "found" if find_engine(engine) else "cannot be had here, its tests are skipped"
        sys.stdout.write(f"{engine}: {state}\n")


main()
