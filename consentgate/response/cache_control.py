"""Cache-Control: what its directives let caches do (RFC 9111, section 5.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from starlette.datastructures import Headers

# One member of the list: a comma within a quoted string ends none.
_MEMBER = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*+")++', re.DOTALL)
_CLOSED = re.compile(r'(?:[^"]|"(?:[^"\\]|\\.)*+")*+', re.DOTALL)
_LASTS = re.compile(r'"?0*[1-9]')
_LASTING = frozenset({"max-age", "stale-while-revalidate"})
_KEPT_WHEN_UNSHARED = frozenset({"no-store", "no-transform"})


class Directive(NamedTuple):
    """One directive: its name in lower case, its argument as it stands; ``text`` is both."""

    name: str
    argument: str
    text: str

    @property
    def lasts(self) -> bool:
        """Whether it gives the response some time."""
        return self.name == "max-age" and self.counts

    @property
    def counts(self) -> bool:
        """Whether its argument is a number of seconds other than 0."""
        return _LASTS.match(self.argument) is not None


def cache_control(headers: Headers) -> str:
    """The Cache-Control of a response: several headers of that name are one list."""
    return ", ".join(headers.getlist("cache-control"))


def directives_of(cache_control: str) -> Iterator[Directive]:
    """The directives in their order. A quote that is never closed is passed over."""
    for member in _MEMBER.findall(cache_control):
        text = member.strip()
        name, _, argument = text.partition("=")
        if text:
            yield Directive(name.strip().lower(), argument.strip(), text)


def is_shared(cache_control: str) -> bool:
    """Whether a cache between server and visitor is told that it may store the response."""
    if is_unshared(cache_control):
        return False
    told = directives_of(cache_control)
    return any(each.name in {"public", "s-maxage"} or each.lasts for each in told)


def is_unshared(cache_control: str) -> bool:
    """Whether no cache between may store any of the response.

    ``private`` with a list of headers keeps only these out (section 5.2.2.7), and caches that
    know ``must-understand`` pass over ``no-store`` beside it (5.2.2.3).
    """
    told = list(directives_of(cache_control))
    if any(name == "private" and not argument for name, argument, _ in told):
        return True
    names = {directive.name for directive in told}
    return "no-store" in names and "must-understand" not in names


def lasts(headers: Headers) -> bool:
    """Whether a browser may use the response again for a while without asking.

    ``max-age`` overrules ``Expires`` (section 5.3). While a stale one is revalidated it is used too
    (RFC 5861), by a script that fetches it as well.
    """
    told = list(directives_of(cache_control(headers)))
    if any(name == "no-cache" and not argument for name, argument, _ in told):
        return False
    if "expires" in headers and not any(name == "max-age" for name, _, _ in told):
        return True
    return any(each.name in _LASTING and each.counts for each in told)


def forbids_storing(cache_control: str) -> bool:
    """Whether the application wants the response kept nowhere (section 5.2.2.5)."""
    return any(directive.name == "no-store" for directive in directives_of(cache_control))


def unshared(cache_control: str) -> str:
    """The same Cache-Control for a response that no cache between may store."""
    if not _CLOSED.fullmatch(cache_control):
        return f"private, {cache_control}"  # behind, it might be read as part of a string
    if is_unshared(cache_control):
        return cache_control
    return f"{cache_control}, private" if cache_control else "private"


def revalidated(cache_control: str) -> str:
    """For one that only its visitor's browser may keep, which asks each time if it still holds."""
    kept = [each.text for each in directives_of(cache_control) if each.name in _KEPT_WHEN_UNSHARED]
    return ", ".join(["private", "no-cache", *kept])
