"""How many grants an address prefix, and everybody together, may record in a while."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

# Behind an address of these stand all the visitors of a proxy that nobody told us to trust.
_INTERNAL = tuple(
    map(
        ip_network,
        ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7"),
    )
)


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


class Throttle:
    """A token bucket per address prefix under one ceiling for all.

    ``per_prefix`` and ``overall`` are bursts; each refills completely in ``refill_seconds``.
    At most ``kept`` prefixes are remembered, the longest unused is forgotten first. A prefix of
    an internal network is not one visitor's, and only the ceiling holds for it.
    """

    def __init__(
        self,
        *,
        per_prefix: int = 60,
        overall: int = 6000,
        refill_seconds: float = 60.0,
        kept: int = 10_000,
    ) -> None:
        self._per_prefix = per_prefix
        self._overall_size = overall
        self._refill_seconds = refill_seconds
        self._kept = kept
        self._overall = _Bucket(overall, 0.0)
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def admits(self, prefix: str, *, now: float) -> bool:
        """Take one token for this prefix; False where none is left. ``now`` is in seconds."""
        bucket = self._bucket(prefix, now)
        own = bucket is None or self._refill(bucket, self._per_prefix, now) >= 1
        all_together = self._refill(self._overall, self._overall_size, now)
        if not own or all_together < 1:
            return False
        if bucket is not None:
            bucket.tokens -= 1
        self._overall.tokens -= 1
        return True

    def _bucket(self, prefix: str, now: float) -> _Bucket | None:
        if _is_internal(prefix):
            return None
        bucket = self._buckets.pop(prefix, None) or _Bucket(self._per_prefix, now)
        self._buckets[prefix] = bucket
        while len(self._buckets) > self._kept:
            self._buckets.popitem(last=False)
        return bucket

    def _refill(self, bucket: _Bucket, size: int, now: float) -> float:
        elapsed = max(0.0, now - bucket.filled_at)
        bucket.tokens = min(size, bucket.tokens + size * elapsed / self._refill_seconds)
        bucket.filled_at = now
        return bucket.tokens


def _is_internal(prefix: str) -> bool:
    try:
        address = ip_address(prefix)
    except ValueError:
        return False
    return any(address in network for network in _INTERNAL)
