"""What was shown when a decision was asked for: the same for everybody, so stored once."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from hashlib import sha256

from consentgate.proofs.record import canonical_json


@dataclass(frozen=True, slots=True)
class Notice:
    """The words and facts behind a decision, named by their own hash.

    ``shown`` is the exact text or markup in one language; ``recipients`` the companies that get
    data, as shown; ``configuration`` the digest of the loaded configuration, ``policy`` the
    version that the site gives its notice.
    """

    controller: str
    contact: str
    recipients: tuple[str, ...]
    retention: str
    shown: str
    configuration: str
    policy: str = ""

    def to_dict(self) -> dict[str, object]:
        """The notice as plain JSON values."""
        return asdict(self)

    def to_bytes(self) -> bytes:
        """The one spelling that the digest is made of."""
        return canonical_json(self.to_dict())

    @property
    def digest(self) -> str:
        """The notice's name in every record: SHA-256 of its canonical JSON, in hex."""
        return sha256(self.to_bytes()).hexdigest()
