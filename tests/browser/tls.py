"""https for a site of the tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import trustme

from tests.browser.recorder import key_hash_of


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate on the disk, and the hash of the key that the browser has to take for good."""

    ssl_certfile: str
    ssl_keyfile: str
    key_hash: str


def certificate_for(host: str, folder: Path) -> Certificate:
    """Make a certificate and keep it in this folder."""
    made = trustme.CA().issue_cert(host)
    chain, key = folder / "chain.pem", folder / "key.pem"
    made.private_key_pem.write_to_path(str(key))
    chain.write_bytes(b"".join(pem.bytes() for pem in made.cert_chain_pems))
    return Certificate(str(chain), str(key), key_hash_of(made))
