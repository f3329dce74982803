"""How many grants an address prefix, and everybody together, may record in a while."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


class Throttle:
    """A token bucket per address prefix under one ceiling for all.

    ``per_prefix`` and ``overall`` are bursts; each refills completely in ``refill_seconds``.
    At most ``kept`` prefixes are remembered, the longest unused is forgotten first.
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
        bucket = self._buckets.pop(prefix, None) or _Bucket(self._per_prefix, now)
        self._buckets[prefix] = bucket
        while len(self._buckets) > self._kept:
            self._buckets.popitem(last=False)
        own = self._refill(bucket, self._per_prefix, now)
        all_together = self._refill(self._overall, self._overall_size, now)
        if own < 1 or all_together < 1:
            return False
        bucket.tokens -= 1
        self._overall.tokens -= 1
        return True

    def _refill(self, bucket: _Bucket, size: int, now: float) -> float:
        elapsed = max(0.0, now - bucket.filled_at)
        bucket.tokens = min(size, bucket.tokens + size * elapsed / self._refill_seconds)
        bucket.filled_at = now
        return bucket.tokens
