"""Builds the scanner in C with AddressSanitizer, where the compiler has it, and runs the fuzz."""

import argparse
import os
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from consentgate.gate.html import scanner

SOURCE = Path(scanner.__file__).with_name("_scanner.c")
STREAM_BYTES = 1 << 30
SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
FLAGS = ("-std=c99", "-g", "-O1", "-fPIC", "-shared", "-DPy_LIMITED_API=0x030B0000", *SANITIZERS)


def sanitized(folder: str) -> tuple[str, str] | None:
    """The scanner with AddressSanitizer and the library to preload; None where neither is."""
    compiler = (sysconfig.get_config_var("CC") or "cc").split()[0]
    built = str(Path(folder) / "_scanner.so")
    include = "-I" + sysconfig.get_path("include")
    try:
        subprocess.run([compiler, *FLAGS, include, str(SOURCE), "-o", built], check=True)
        asked = [compiler, "-print-file-name=libasan.so"]
        library = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
    return (built, library) if Path(library).is_file() else None


def main() -> int:
    """Streams a page of 1 GiB, then mutates pages; the exit status says whether all was well."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4)))
    parser.add_argument("--stream", type=int, default=STREAM_BYTES, help="bytes to stream first")
    asked = parser.parse_args()
    if asked.stream:
        command = [sys.executable, "-m", "tests.fuzz.stream", str(asked.stream)]
        if status := subprocess.run(command, check=False).returncode:
            return status
    with tempfile.TemporaryDirectory() as folder:
        environment, built = dict(os.environ), ""
        if found := sanitized(folder):
            built, environment["LD_PRELOAD"] = found
            # Its own allocator would hide what is read beyond the end; its leaks are Python's.
            environment |= {"PYTHONMALLOC": "malloc", "ASAN_OPTIONS": "detect_leaks=0"}
        else:
            print("no AddressSanitizer here: the scanner is taken as it was installed", flush=True)
        fuzz = [sys.executable, "-m", "tests.fuzz.pages", str(asked.seconds), str(asked.seed)]
        return subprocess.run([*fuzz, built], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
