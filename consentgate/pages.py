"""What all pages behind one configuration share, for as long as it is in force."""

from __future__ import annotations

from consentgate.audiences import Audiences
from consentgate.incoming import Reader
from consentgate.response import Memo
from consentgate.wiring import Wiring


class Pages:
    """The parts behind one wiring, and what is remembered from one request to the next."""

    def __init__(self, wiring: Wiring) -> None:
        self.wiring = wiring
        self.audiences = Audiences(wiring)
        self.reader = Reader(wiring, self.audiences)
        self.memo = Memo()
