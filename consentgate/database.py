"""Where the database of proofs lies, and what lies beside it."""

from __future__ import annotations

from pathlib import Path

DEFAULT_DATABASE = "sqlite:///consentgate.db"

_SQLITE = "sqlite:///"


def database_path(address: str) -> str:
    """The path in ``sqlite:///relative.db`` or ``sqlite:////absolute/path.db``.

    Empty for any other address, and for one with parameters or without a file.
    """
    path = address.removeprefix(_SQLITE)
    is_file = path != address and not path.startswith(":memory:") and "?" not in path
    return path if is_file else ""


def beside(address: str, name: str) -> Path:
    """A file of this name in the folder of the database; ``{database}`` is the database's name."""
    database = Path(database_path(address) or database_path(DEFAULT_DATABASE))
    return database.with_name(name.format(database=database.name))
