"""Consent as it travels: the signed cookie, the readable state, and sealed values in URLs.

The signed cookie is base64url of: version (1 byte), flags (1), revision (6), time of the
decision (5, big-endian Unix seconds), subject (16, where the flag says so), then one bit per
optional service in the order of their ids, the lowest bit of the first byte first. The flags,
from the lowest bit: for this visit only, has a subject, Global Privacy Control and Do Not Track
were sent when it was decided, shared by all hosts of a domain.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache

from itsdangerous import BadData, Signer
from itsdangerous.encoding import base64_decode, base64_encode

from consentgate.errors import BadCookieError, ConsentGateError
from consentgate.model import NECESSARY, Consent, Keep, Service, Signal

STATE_COOKIE = "cg_state"
NOTE_COOKIE = "cg_note"
"""Names the confirmation that the next page shows."""
NOTE_SECONDS = 30
ONCE_COOKIE = "cg_once"
"""A sealed grant of one service for one page."""
ONCE_SECONDS = 60
"""How long a grant for one page may wait for that page to be loaded."""
LONGEST_VALUE = 4096
"""In bytes: no browser keeps a longer cookie, and no token of ours is longer."""

_STATES_KEPT = 256
_COOKIES_KEPT = 1024
_TOKENS_KEPT = 512
_CLOCK_TOLERANCE_SECONDS = 5 * 60
_VERSION = 1
_FOR_THIS_VISIT = 0b01
_HAS_SUBJECT = 0b10
_SHARED = 0b10000
_SIGNAL_FLAGS = {Signal.GPC: 0b100, Signal.DNT: 0b1000}
_ALL_FLAGS = 0b11111
_REVISION_BYTES = 6
_TIME_BYTES = 5
_SUBJECT_BYTES = 16
_SUBJECT_AT = 2 + _REVISION_BYTES + _TIME_BYTES


class ConsentCookie:
    """Writes and reads the visitor's consent for one configuration.

    ``secrets`` run from oldest to newest: each is good for reading, the newest signs.
    ``optional`` are the services that need consent, in the order of their bits; ``revision``
    (12 hex digits) stands for their meaning, and a cookie of another revision counts as no
    decision. Raises ConsentGateError where there is no secret.
    """

    def __init__(
        self,
        secrets: Sequence[str],
        *,
        optional: Sequence[Service],
        necessary: frozenset[str],
        revision: str,
        max_age_seconds: int,
    ) -> None:
        self._signer = _signer(secrets, "consentgate.consent")
        self._ids = tuple(service.id for service in optional)
        self._categories = _members(optional)
        self._necessary = necessary
        self._revision = revision
        self._revision_bytes = bytes.fromhex(revision)
        if len(self._revision_bytes) != _REVISION_BYTES:
            raise ConsentGateError(f'"{revision}" is not a revision: 12 hex digits are.')
        self._max_age_seconds = max_age_seconds
        self.undecided = Consent(allowed=necessary)
        self._remembered = lru_cache(_COOKIES_KEPT)(self._opened)
        self._states = lru_cache(_STATES_KEPT)(self._state)

    def consent(
        self,
        granted: Iterable[str],
        *,
        subject: str | None,
        decided_at: int,
        keep: Keep,
        signals: Collection[Signal] = (),
    ) -> Consent:
        """The consent of somebody who decided: these services and no other optional ones.

        Ids that need no consent are ignored. A refusal keeps no subject: it needs none, and a
        visitor who refused must not be recognisable by it. ``signals``: sent while deciding.
        """
        chosen = frozenset(granted).intersection(self._ids)
        complete = (name for name, ids in self._categories.items() if ids <= chosen)
        return Consent(
            allowed=self._necessary | chosen,
            categories=frozenset({NECESSARY, *complete}),
            decided=True,
            subject=subject if chosen else None,
            decided_at=decided_at,
            keep=keep,
            signals=frozenset(signals),
        )

    def read(self, value: str | None, *, now: float, shared: bool = False) -> Consent:
        """The consent that a cookie holds at this Unix time; undecided where it is not good.

        Not good are a forged, damaged or foreign one, one of another revision, one older than
        the configuration allows, and one from more than 5 minutes ahead (clocks differ); and
        one that was given to a single host where it is ``shared`` now, or the reverse.
        """
        if value is None:
            return self.undecided
        try:
            consent = self._remembered(value, _SHARED if shared else 0)
        except BadCookieError:
            return self.undecided
        age_seconds = now - consent.decided_at
        if not -_CLOCK_TOLERANCE_SECONDS <= age_seconds <= self._max_age_seconds:
            return self.undecided
        return consent

    def write(self, consent: Consent, *, shared: bool = False) -> str:
        """The signed cookie value: below 300 bytes with 160 services.

        ``shared``: it holds for every host of a domain. A one-page grant does not belong in it,
        and raises ConsentGateError.
        """
        if consent.keep is Keep.ONCE or not consent.decided:
            raise ConsentGateError("Only a decision that lasts is written to the consent cookie.")
        subject = bytes.fromhex(consent.subject or "")
        flags = _FOR_THIS_VISIT if consent.keep is Keep.VISIT else 0
        flags |= (_HAS_SUBJECT if subject else 0) | (_SHARED if shared else 0)
        flags |= sum(_SIGNAL_FLAGS[signal] for signal in consent.signals)
        packed = (
            bytes((_VERSION, flags))
            + self._revision_bytes
            + consent.decided_at.to_bytes(_TIME_BYTES, "big")
            + subject
            + self._bits(consent.allowed)
        )
        return self._signer.sign(base64_encode(packed)).decode("ascii")

    def state(self, consent: Consent) -> str:
        """What a page says of the consent it was made for: revision and bits, no identifier."""
        return self._states(consent.allowed)

    def readable(self, consent: Consent) -> str:
        """The value of the cookie that scripts may read: the state, then who else decided.

        After a second dot stand the first letters of the signals that were sent then.
        """
        signals = "".join(sorted(signal[0] for signal in consent.signals))
        return self.state(consent) + (f".{signals}" if signals else "")

    def _state(self, allowed: frozenset[str]) -> str:
        return f"{self._revision}.{self._bits(allowed).hex()}"

    def _bits(self, allowed: frozenset[str]) -> bytes:
        number = sum(1 << i for i, name in enumerate(self._ids) if name in allowed)
        return number.to_bytes(self._bits_length, "little")

    @property
    def _bits_length(self) -> int:
        return (len(self._ids) + 7) // 8

    def _opened(self, value: str, shared: int) -> Consent:
        """What a cookie holds, whatever its age; only good ones are remembered."""
        return self._decode(_verified(self._signer, value), shared)

    def _decode(self, packed: bytes, shared: int) -> Consent:
        if len(packed) < _SUBJECT_AT or packed[0] != _VERSION or packed[1] > _ALL_FLAGS:
            raise BadCookieError("another version")
        if packed[1] & _SHARED != shared:
            raise BadCookieError("given to other hosts")
        if packed[2 : 2 + _REVISION_BYTES] != self._revision_bytes:
            raise BadCookieError("another revision")
        bits_at = _SUBJECT_AT + (_SUBJECT_BYTES if packed[1] & _HAS_SUBJECT else 0)
        if len(packed) != bits_at + self._bits_length:
            raise BadCookieError("another length")
        bits = int.from_bytes(packed[bits_at:], "little")
        return self.consent(
            (name for i, name in enumerate(self._ids) if bits >> i & 1),
            subject=packed[_SUBJECT_AT:bits_at].hex() or None,
            decided_at=int.from_bytes(packed[_SUBJECT_AT - _TIME_BYTES : _SUBJECT_AT], "big"),
            keep=Keep.VISIT if packed[1] & _FOR_THIS_VISIT else Keep.LASTING,
            signals={signal for signal, flag in _SIGNAL_FLAGS.items() if packed[1] & flag},
        )


class Seal:
    """Signs small values that travel through URLs and forms, so that only ours come back.

    A token of one ``purpose`` never opens under another. The same payload gives the same token:
    cached pages that hold it stay identical.
    """

    def __init__(self, secrets: Sequence[str], purpose: str) -> None:
        self._signer = _signer(secrets, f"consentgate.seal.{purpose}")
        self._sealed = lru_cache(_TOKENS_KEPT)(lambda items: self._sign([dict(items)]))

    def seal(self, payload: Mapping[str, str]) -> str:
        """A URL-safe token that holds the payload, readable by anybody, for as long as the secret.

        Raises ConsentGateError where it would be longer than 4096 bytes.
        """
        return self._sealed(tuple(sorted(payload.items())))

    def seal_until(self, payload: Mapping[str, str], expires_at: int) -> str:
        """The same, but it opens only before this Unix time."""
        return self._sign([dict(payload), expires_at])

    def open(self, token: str, *, now: float | None = None) -> Mapping[str, str] | None:
        """The payload of a token of ours; None for any other, and for one that has expired.

        A token with an end never opens without ``now`` (Unix seconds).
        """
        try:
            payload, *end = json.loads(_verified(self._signer, token))
        except BadCookieError:
            return None
        if end and (now is None or now >= end[0]):
            return None
        return {str(key): str(value) for key, value in payload.items()}

    def _sign(self, content: list[object]) -> str:
        text = json.dumps(content, sort_keys=True, separators=(",", ":")).encode("ascii")
        token = self._signer.sign(base64_encode(text)).decode("ascii")
        if len(token) > LONGEST_VALUE:
            raise ConsentGateError(f"{len(token)} bytes are too many for a sealed value.")
        return token


def cookie_names(*, secure: bool, shared: bool = False) -> tuple[str, str]:
    """The names of the signed and of the readable cookie.

    ``secure`` means https; ``shared`` that subdomains share the consent, which ``__Host-``
    does not allow (RFC 6265bis, section 4.1.3).
    """
    if not secure:
        return "cg", STATE_COOKIE
    return "__Secure-cg" if shared else "__Host-cg", STATE_COOKIE


def set_cookie(
    name: str,
    value: str,
    *,
    secure: bool,
    max_age: int | None,
    http_only: bool,
    domain: str | None = None,
) -> bytes:
    """One ``Set-Cookie`` value for the whole site, never sent with foreign sub-requests.

    ``max_age`` is in seconds, None until the browser closes, 0 to delete: what only a cookie that
    stays needs is left out then, for headers are dear where the policy is long.
    """
    attributes = [f"{name}={value}", "Path=/"]
    if domain is not None:
        attributes.append(f"Domain={domain}")
    if max_age is not None:
        attributes.append(f"Max-Age={max_age}")
    if http_only and max_age != 0:
        attributes.append("HttpOnly")
    if secure:
        attributes.append("Secure")
    if max_age != 0:
        attributes.append("SameSite=Lax")
    return "; ".join(attributes).encode("ascii")


def _members(services: Iterable[Service]) -> Mapping[str, frozenset[str]]:
    """The ids of each category's services."""
    members: dict[str, frozenset[str]] = {}
    for service in services:
        members[service.category] = members.get(service.category, frozenset()) | {service.id}
    return members


def _signer(secrets: Sequence[str], salt: str) -> Signer:
    """A signer with SHA-256 throughout: the library's own defaults are SHA-1."""
    if isinstance(secrets, str) or not secrets or not all(secrets):
        raise ConsentGateError("There must be at least one secret, and none may be empty.")
    sha256 = hashlib.sha256
    given = Signer(list(secrets), salt=salt, key_derivation="hmac", digest_method=sha256)
    keys = list(map(given.derive_key, given.secret_keys))  # here, and not again for each value
    return Signer(keys, key_derivation="none", digest_method=sha256)


def _verified(signer: Signer, token: str) -> bytes:
    """The bytes that we signed; BadCookieError where they are not ours to the last character."""
    if len(token) > LONGEST_VALUE or not token.isascii():
        raise BadCookieError("too long, or not in our alphabet")
    signature = token.rpartition(".")[2].encode("ascii")
    try:
        # Base64 leaves spare bits in its last character; only one spelling is ours.
        if base64_encode(base64_decode(signature)) != signature:
            raise BadCookieError("another spelling of the signature")
        return base64_decode(signer.unsign(token))
    except BadData as error:
        raise BadCookieError("not signed by us") from error
