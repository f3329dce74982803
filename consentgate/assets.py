"""The files that a visitor's browser gets from us, read once and named by their content.

In a wheel they lie in ``consentgate/static/banner``, in a checkout in ``static/banner`` beside
the package. They are served as they are written: nothing is minified.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from consentgate.errors import ConsentGateError

_BOOT = "boot.js"
_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
_HASH_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served."""

    body: bytes
    content_type: str


def find_folder(package: Path = Path(__file__).parent) -> Path:
    """Where the files lie: inside the installed package, else beside it in a checkout."""
    for root in (package, package.parent):
        folder = root / "static" / "banner"
        if (folder / _BOOT).is_file():
            return folder
    raise ConsentGateError(
        f"The files of the banner are missing: no static/banner in {package} or {package.parent}."
        " Install the package again."
    )


class Assets:
    """Every file of the banner by its plain name, and by the name under which it is served.

    The served name holds a hash of the content (``banner.0f3a….css``), so an answer may be
    cached for ever.
    """

    def __init__(self, files: Mapping[str, bytes] | None = None) -> None:
        self._files = MappingProxyType(dict(read_folder(find_folder()) if files is None else files))
        self._names = {name: _hashed_name(name, body) for name, body in self._files.items()}
        self._served = {
            self._names[name]: Asset(body, _TYPES[Path(name).suffix])
            for name, body in self._files.items()
        }
        self.boot: str = self._files[_BOOT].decode("ascii")

    def url(self, name: str, mount: str = "") -> str:
        """The path under which a file such as ``banner.css`` is served below the mount path."""
        return f"{mount}/assets/{self._names[name]}"

    def get(self, served_name: str) -> Asset | None:
        """The file with this served name; None where there is none, or no longer."""
        return self._served.get(served_name)

    def integrity(self, name: str) -> str:
        """The hash of a file for its element's ``integrity`` and for a policy, without quotes."""
        digest = hashlib.sha256(self._files[name]).digest()
        return f"sha256-{base64.b64encode(digest).decode()}"

    def joined(self, names: Iterable[str]) -> str:
        """The text of one inline script that is made of these files, in this order."""
        return "".join(self._files[name].decode("ascii") for name in names)

    def extended(self, additions: Mapping[str, bytes]) -> Assets:
        """The same files, with bytes appended to some: how a site's colours reach the CSS."""
        return Assets({name: body + additions.get(name, b"") for name, body in self._files.items()})


def read_folder(folder: Path) -> dict[str, bytes]:
    """The content of each script and style sheet in a folder, by file name."""
    paths = sorted(path for path in folder.iterdir() if path.suffix in _TYPES)
    return {path.name: path.read_bytes() for path in paths}


def _hashed_name(name: str, body: bytes) -> str:
    stem, _, extension = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(body).hexdigest()[:_HASH_DIGITS]}.{extension}"
