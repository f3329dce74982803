"""A configuration file that is edited while the site runs."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from consentgate.config.configuration import Config
from consentgate.config.load import load_config
from consentgate.errors import ConfigError

logger = logging.getLogger("consentgate")

_Stamp: TypeAlias = tuple[int, int, int] | None


def _log(error: ConfigError) -> None:
    logger.error("the configuration in force stays, because the new one is wrong:\n%s", error)


class ConfigWatcher:
    """Tells when a configuration file has changed for the better.

    It does nothing by itself: ask ``check`` on each request. A changed file that is wrong is
    handed to ``on_error`` once. ``current`` is the configuration in force, so that nothing is
    missed between its loading and the first check; without it the file as it is now counts as
    known. Not made for several threads at once.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        current: Config | None = None,
        on_error: Callable[[ConfigError], None] = _log,
        interval_seconds: float = 2.0,
    ) -> None:
        self._path = Path(path)
        self._digest = current.digest if current else None
        self._stamp = None if current else _stamp_of(self._path)
        self._on_error = on_error
        self._interval_seconds = interval_seconds
        self._checked: float | None = None

    def check(self, now: float) -> Config | None:
        """The new configuration if there is one; None in most cases.

        ``now`` is in seconds on any clock. Within the interval after a check it costs nothing,
        after it one look at the file's date, size and number.
        """
        if self._checked is not None and 0 <= now - self._checked < self._interval_seconds:
            return None
        self._checked = now
        # The stamp is taken before the file is read: what is written meanwhile is seen next time.
        stamp = _stamp_of(self._path)
        if stamp == self._stamp:
            return None
        self._stamp = stamp
        return self._load()

    def _load(self) -> Config | None:
        try:
            config = load_config(self._path)
        except ConfigError as error:
            self._on_error(error)
            return None
        if config.digest == self._digest:
            return None
        self._digest = config.digest
        return config


def _stamp_of(path: Path) -> _Stamp:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
