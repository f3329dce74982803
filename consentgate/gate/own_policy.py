"""The application's own Content-Security-Policy, extended by exactly our own path.

A nonce policy would stop our boot script, ``frame-src`` our placeholder, ``form-action`` the
visitor's choice. Nothing else in the policy changes, and every byte of a directive that already
admits us stays. Fallbacks and keywords are those of CSP Level 3, sections 2.3.1, 6.7.3.2, 6.8.3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from consentgate.gate.directives import (
    WHITESPACE,
    Directive,
    effective_words,
    split_directives,
)

_NONCE = re.compile(r"'nonce-([A-Za-z0-9+/_-]+={0,2})'", re.IGNORECASE)
_HASH = re.compile(r"'sha(?:256|384|512)-[A-Za-z0-9+/_-]+={0,2}'", re.IGNORECASE)
# The address is built from the request's Host: it must not be able to end a directive.
_CLEAN_URL = re.compile(r"https?://[A-Za-z0-9._:\[\]-]+/[A-Za-z0-9._~%/-]*")

_SCRIPT = ("script-src-elem", "script-src", "default-src")


@dataclass(frozen=True, slots=True)
class _Kind:
    """One thing that our pages do: the directives that rule it, else those it falls back to.

    The first of ``fallbacks`` found is copied into a new directive, named last in ``names``.
    """

    names: tuple[str, ...]
    fallbacks: tuple[str, ...] = ("default-src",)


_SCRIPTS = _Kind(("script-src-elem", "script-src"))
_KINDS = (
    _SCRIPTS,
    _Kind(("style-src-elem", "style-src")),
    _Kind(("img-src",)),
    _Kind(("connect-src",)),
    # A copy of child-src rather than an addition to it: that would admit our path to workers too.
    _Kind(("frame-src",), ("child-src", "default-src")),
    _Kind(("form-action",), ()),
)


@dataclass(frozen=True, slots=True)
class _Ours:
    """What the policy has to admit."""

    url: str
    nonce: str | None
    inline_hash: str | None
    script_hashes: tuple[str, ...]


def nonce_of(policy: str) -> str | None:
    """The nonce that the boot script must carry; None where the policy has none for scripts.

    For several policy headers give them joined by commas, and hand the answer to each
    ``extend_own_policy``.
    """
    matches = (_NONCE.fullmatch(word) for word in _script_words(policy))
    return next((match[1] for match in matches if match), None)


def extend_own_policy(
    policy: str,
    *,
    gate_url: str,
    inline_hash: str | None,
    nonce: str | None = None,
    script_hashes: Sequence[str] = (),
) -> str:
    """The value of a ``Content-Security-Policy`` header or meta tag with our own path admitted.

    ``gate_url`` is absolute and ends in ``/``. ``inline_hash`` is the boot script's, and
    ``script_hashes`` those of our script files, as sources with their quotes. ``nonce`` is what the
    boot script carries, by default the policy's own. A hash is added only where the nonce does not
    admit the script, and never where ``'unsafe-inline'`` is in force: a hash would switch that
    off. The files' hashes matter under ``'strict-dynamic'`` alone. A policy that restricts none
    of our kinds stays as it is, and so does any where ``gate_url`` cannot stand in a policy.
    """
    if not _CLEAN_URL.fullmatch(gate_url):
        return policy
    carried = nonce_of(policy) if nonce is None else nonce
    ours = _Ours(gate_url, carried, inline_hash, tuple(script_hashes))
    return ",".join(_extended(member, ours) for member in policy.split(","))


def _script_words(policy: str) -> Iterator[str]:
    """The words that rule script elements, of each member of a list of policies."""
    for member in policy.split(","):
        yield from effective_words(split_directives(member)[1], _SCRIPT) or ()


def _extended(policy: str, ours: _Ours) -> str:
    parts, found = split_directives(policy)
    copies: list[str] = []
    for kind in _KINDS:
        present = [found[name] for name in kind.names if name in found]
        for directive in present:
            wanted = _wanted(directive.words, kind, ours)
            parts[directive.position] = _appended(parts[directive.position], directive, wanted)
        inherited = effective_words(found, kind.fallbacks)
        if present or inherited is None:
            continue
        if wanted := _wanted(inherited, kind, ours):
            base = () if _is_none(inherited) else inherited
            copies.append(" ".join((kind.names[-1], *base, *wanted)))
    return _with_directives(";".join(parts), copies)


def _wanted(words: tuple[str, ...], kind: _Kind, ours: _Ours) -> list[str]:
    """The sources that a directive lacks."""
    wanted = [] if any(_admits(word, ours.url) for word in words) else [ours.url]
    if kind is _SCRIPTS:
        wanted += [source for source in _hashes(words, ours) if source not in words]
    return wanted


def _admits(word: str, url: str) -> bool:
    """Whether a source of the policy covers our path; our pages are of the page's own origin."""
    lowered = word.lower()
    return word == url or lowered in {"'self'", "*", "http:", url.partition("/")[0].lower()}


def _hashes(words: tuple[str, ...], ours: _Ours) -> Iterator[str]:
    """The hashes that must be listed for our scripts to run."""
    lowered = {word.lower() for word in words}
    if ours.nonce is not None and f"'nonce-{ours.nonce}'" in words:
        return
    strict = "'strict-dynamic'" in lowered
    hashed = any(_NONCE.fullmatch(word) or _HASH.fullmatch(word) for word in words)
    if ours.inline_hash is not None and ("'unsafe-inline'" not in lowered or hashed or strict):
        yield ours.inline_hash
    if strict:
        yield from ours.script_hashes


def _is_none(words: tuple[str, ...]) -> bool:
    return len(words) == 1 and words[0].lower() == "'none'"


def _appended(part: str, directive: Directive, wanted: list[str]) -> str:
    """The directive's text with the sources after its own, or in place of ``'none'``."""
    if not wanted:
        return part
    body = part.rstrip(WHITESPACE)
    kept = body.removesuffix(directive.words[0]) if _is_none(directive.words) else f"{body} "
    return kept + " ".join(wanted) + part[len(body) :]


def _with_directives(policy: str, added: list[str]) -> str:
    if not added:
        return policy
    body = policy.rstrip(WHITESPACE)
    gap = " " if body.endswith(";") else "; "
    return body + gap + "; ".join(added) + policy[len(body) :]
