"""Each value held to its kind, with all faults at once and the good rest kept for more checks."""

from __future__ import annotations

import json
from collections.abc import Collection

from pydantic import ValidationError

from consentgate.config.positions import Path
from consentgate.config.problems import Fault, faults_of
from consentgate.config.schema import ConfigFile


def validated(data: object) -> tuple[ConfigFile, tuple[Fault, ...]]:
    """The file without what is at fault, and every fault of a value by itself.

    The rest is handed back because one run has to tell the faults that parts have together
    as well. Without a rest it is an empty file.
    """
    faults: tuple[Fault, ...] = ()
    while True:
        try:
            # As JSON text, not as objects: so a list may fill a tuple in strict mode.
            return ConfigFile.model_validate_json(json.dumps(data)), faults
        except ValidationError as error:
            found = tuple(faults_of(error.errors(include_url=False)))
        faults = faults or found
        cuts = {_existing(data, fault.path) for fault in found}
        data = {} if () in cuts else _without(data, cuts)


def _existing(data: object, path: Path) -> Path:
    """The part of a path to cut: up to the innermost object, and never into a list.

    A list goes as a whole, so that what is told of its items keeps their numbers.
    """
    existing: tuple[str, ...] = ()
    for part in path:
        if not (isinstance(part, str) and isinstance(data, dict) and part in data):
            break
        existing, data = (*existing, part), data[part]
    return existing


def _without(data: object, cuts: Collection[Path], path: Path = ()) -> object:
    if not isinstance(data, dict):
        return data
    return {
        key: _without(value, cuts, (*path, key))
        for key, value in data.items()
        if (*path, key) not in cuts
    }
