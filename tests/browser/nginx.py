"""An nginx that caches what the site lets it cache, between the visitors and the site.

Run as a script it makes sure that one is there and prints its path; the Makefile does that.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.browser.chromium import PACKAGES_SECONDS, find_program, succeeds, update_packages

SYSTEM_NGINX = Path("/usr/sbin/nginx")
UNPACKED = Path(sys.prefix) / "nginx"
STARTUP_SECONDS = 20

CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  fastcgi_temp_path {folder}/fastcgi;
  proxy_temp_path {folder}/proxy;
  scgi_temp_path {folder}/scgi;
  uwsgi_temp_path {folder}/uwsgi;
  proxy_cache_path {folder}/cache keys_zone=site:1m inactive=1h use_temp_path=off;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://127.0.0.1:{upstream};
      proxy_set_header Host $http_host;
      proxy_cache site;
      proxy_cache_key $scheme$http_host$request_uri;
      proxy_cache_revalidate on;
      add_header X-Cache-Status $upstream_cache_status always;
    }}
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Nginx:
    """A running one: where it is, and what it has stored."""

    url: str
    port: int
    folder: Path

    def stored(self, path: str) -> list[bytes]:
        """The bodies that the cache holds for a path, as they will go out to anybody."""
        key = f"\nKEY: http127.0.0.1:{self.port}{path}\n".encode()
        files = (file for file in (self.folder / "cache").rglob("*") if file.is_file())
        kept = (file.read_bytes() for file in files)
        return [content.partition(b"\r\n\r\n")[2] for content in kept if key in content]


def find_nginx() -> Path | None:
    """The nginx to start: ``CONSENTGATE_NGINX``, the system's, one unpacked by us, or none."""
    places = (Path(shutil.which("nginx") or SYSTEM_NGINX), UNPACKED / "usr/sbin/nginx")
    return find_program("CONSENTGATE_NGINX", places)


def _unpack_from_packages() -> bool:
    """Unpack Debian's nginx without installing it: installed, it would start to serve port 80."""
    if shutil.which("apt-get") is None:
        return False
    with TemporaryDirectory() as folder:
        download = ["sh", "-c", 'cd "$0" && apt-get download nginx', folder]
        if not succeeds(download, PACKAGES_SECONDS):
            update_packages()
            succeeds(download, PACKAGES_SECONDS)
        packages = map(str, Path(folder).glob("nginx_*.deb"))
        return any(succeeds(["dpkg", "-x", each, str(UNPACKED)], 60) for each in packages)


def ensure_nginx() -> Path:
    """Find nginx, or get it from the system's packages."""
    if found := find_nginx():
        return found
    if _unpack_from_packages() and (found := find_nginx()):
        return found
    raise SystemExit(
        "No nginx for the browser tests. Install one (Debian: apt-get install nginx-light)"
        " or name it in CONSENTGATE_NGINX."
    )


@contextmanager
def caching(
    upstream: int, folder: Path, executable: Path, *, configuration: str = CONFIGURATION
) -> Iterator[Nginx]:
    """Run a cache in front of a port on loopback; on leaving it has ended."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    text = configuration.format(folder=folder, port=port, upstream=upstream)
    (folder / "nginx.conf").write_text(text, "utf-8")
    log = folder / "error.log"
    command = [executable, "-p", folder, "-c", folder / "nginx.conf", "-e", log]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        _await_start(process, port, log)
        yield Nginx(f"http://127.0.0.1:{port}", port, folder)
    finally:
        process.terminate()
        process.wait(STARTUP_SECONDS)


def _await_start(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + STARTUP_SECONDS
    while True:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"nginx did not start:\n{log.read_text('utf-8')}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return


if __name__ == "__main__":
    sys.stdout.write(f"{ensure_nginx()}\n")
