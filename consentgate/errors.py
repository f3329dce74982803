"""The exceptions of consentgate: one root, so that a caller can catch them all."""

from __future__ import annotations

from dataclasses import dataclass


class ConsentGateError(Exception):
    """The root of every error that consentgate raises."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in a configuration file: where it stands, what it is, how to mend it.

    ``line`` and ``column`` count from 1, and are 0 where there is no position: the settings
    came as a dict, or the file cannot be read. ``key`` is the dotted path of the setting, empty
    where the file is not JSON at all.
    """

    line: int
    column: int
    key: str
    message: str

    def __str__(self) -> str:
        place = f"{self.line}:{self.column}: " if self.line else ""
        subject = f"{self.key}: " if self.key else ""
        return f"{place}{subject}{self.message}"

    def within(self, source: str) -> str:
        """The whole line that a reader sees: file, position, key and message."""
        return f"{source}:{self}" if self.line else f"{source}: {self}"


class ConfigError(ConsentGateError):
    """The configuration cannot be used; ``problems`` holds every fault, sorted by position."""

    def __init__(self, source: str, problems: tuple[Problem, ...]) -> None:
        self.source = source
        self.problems = problems
        super().__init__("\n".join(problem.within(source) for problem in problems))


class StorageError(ConsentGateError):
    """The log of proofs could not be read or written; nothing was acknowledged."""


class BadCookieError(ConsentGateError):
    """A consent cookie that we did not sign, or that does not decode."""


class OutOfTurnError(ConsentGateError, RuntimeError):
    """The application sent a message that ASGI has no place for there; servers raise the same.

    ``message_type`` is what it sent.
    """

    def __init__(self, message_type: str) -> None:
        self.message_type = message_type
        super().__init__(
            f"the application sent {message_type!r} when the answer had begun or ended"
        )
