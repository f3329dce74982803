"""Forks of this process, told of in time: what a child must not inherit is closed before.

A child that inherits an open SQLite file goes by locks that only its parent holds: it waits for
locks that nobody will give back, or writes into a log that others have put away (SQLite, "How To
Corrupt An SQLite Database File", section 2.6).
"""

from __future__ import annotations

import logging  # noqa: F401  its locks are taken after ours, for who holds ours may log
import os
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Forked(Protocol):
    """What is carried over a fork."""

    def before_fork(self) -> None:
        """Close what must not be inherited; nobody is within ``unforked`` at that moment."""

    def after_fork(self) -> None:
        """Begin anew, in the child: its parent's threads are not there, and locks may be taken."""


_unforked = threading.RLock()  # a signal handler may fork in the middle of its own thread's work
_told: weakref.WeakSet[Forked] = weakref.WeakSet()


@contextmanager
def unforked() -> Iterator[None]:
    """Let no thread fork this process meanwhile; one thread at a time. Waits.

    For every connection that is opened, as long as it is in use.
    """
    with _unforked:
        yield


def tell_of_forks(one: Forked) -> None:
    """Call ``one`` around each fork for as long as it is there."""
    with _unforked:
        _told.add(one)


def _before() -> None:
    _unforked.acquire()
    for one in tuple(_told):
        one.before_fork()


def _in_parent() -> None:
    _unforked.release()


def _in_child() -> None:
    global _unforked  # noqa: PLW0603  it is held by the thread that forked
    _unforked = threading.RLock()
    for one in tuple(_told):
        one.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)
