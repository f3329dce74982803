"""The key file of a site that has set no secret: made once, shared by all workers."""

from __future__ import annotations

import logging
import os
import secrets
from pathlib import Path

from consentgate.disk import sync_folder
from consentgate.errors import StorageError

_log = logging.getLogger("consentgate")

_KEY_BYTES = 32
_SHORTEST_KEY = 32
_OTHERS_MAY_READ = 0o077


def load_or_create_key(path: str | os.PathLike[str]) -> str:
    """Read the key in this file, after making it where there is none.

    Workers may race: the first complete file wins and all return its key. A new file has mode
    0600 and is on the disk before its key is used. Raises StorageError where it can neither be
    read nor made, or holds no key.
    """
    file = Path(path)
    try:
        if not file.exists():
            _create(file)
        _warn_of_readers(file)
        key = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError(
            f"The key file {file} cannot be used: {error}. Set CONSENTGATE_SECRET instead."
        ) from error
    if len(key) < _SHORTEST_KEY:
        raise StorageError(f"The key file {file} holds no key. Delete it, and a new one is made.")
    return key


def _create(file: Path) -> None:
    """Write a key beside its place and link it there: a reader never sees half of it."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(secrets.token_urlsafe(_KEY_BYTES) + "\n")
            stream.flush()
            os.fsync(descriptor)
        os.link(draft, file)
        sync_folder(file.parent)
    except FileExistsError:
        return
    finally:
        draft.unlink()
    _log.warning("Made the key file %s. Keep it: consents end when it is lost.", file)


def _warn_of_readers(file: Path) -> None:
    if os.name == "posix" and file.stat().st_mode & _OTHERS_MAY_READ:
        _log.warning("Others may read the key file %s. Run: chmod 600 %s", file, file)
