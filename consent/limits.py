"""How often one address may do one thing: a bucket that fills at a steady rate (GCRA).

Invariant: what is kept of an address is its bucket's next free instant, and that only while it matters.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from consent.clock import Clock

MAX_BUCKETS = 100_000


class Rate(NamedTuple):
    """`burst` at once, then `per_minute`."""

    burst: int
    per_minute: int


class Limits(Protocol):
    """Counts; one implementation a place where the counts live."""

    async def wait(self, bucket: str, rate: Rate) -> int:
        """Takes one from the bucket and gives 0, or gives the seconds until there is one again."""

    async def close(self) -> None: ...


class NoLimits:
    """For benchmarks."""

    async def wait(self, bucket: str, rate: Rate) -> int:
        return 0

    async def close(self) -> None:
        return None


class MemoryLimits:
    """Counts of this process alone."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._free_at: dict[str, int] = {}

    async def wait(self, bucket: str, rate: Rate) -> int:
        now, interval = self._clock(), 60_000 // rate.per_minute
        free_at = max(self._free_at.get(bucket, 0), now)
        ahead = free_at - now - interval * (rate.burst - 1)
        if ahead > 0:
            return -(-ahead // 1000)
        self._free_at[bucket] = free_at + interval
        if len(self._free_at) > MAX_BUCKETS:
            self._forget(now)
        return 0

    async def close(self) -> None:
        self._free_at.clear()

    def _forget(self, now: int) -> None:
        """Drops the buckets that are full again; in a flood of addresses, all of them."""
        self._free_at = {bucket: at for bucket, at in self._free_at.items() if at > now}
        if len(self._free_at) > MAX_BUCKETS:
            self._free_at.clear()
