"""Counts of this process alone: the default, and what remains when the shared counts cannot be reached."""

from __future__ import annotations

from consent.clock import Clock
from consent.limits.rates import Rate, seconds

MAX_BUCKETS = 100_000


class MemoryLimits:
    """Counts of this process alone."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._free_at: dict[str, int] = {}

    async def wait(self, bucket: str, rate: Rate) -> int:
        now, interval = self._clock(), rate.interval_ms
        # Never further ahead than the burst: a clock that was set back must not shut anybody out.
        free_at = min(max(self._free_at.get(bucket, 0), now), now + interval * rate.burst)
        ahead = free_at - now - interval * (rate.burst - 1)
        if ahead > 0:
            return seconds(ahead)
        self._free_at[bucket] = free_at + interval
        if len(self._free_at) > MAX_BUCKETS:
            self._forget(now)
        return 0

    async def check(self) -> str:
        return "counted by each process alone"

    async def close(self) -> None:
        self._free_at.clear()

    def _forget(self, now: int) -> None:
        """Drops the buckets that are full again; in a flood of addresses, all of them."""
        self._free_at = {bucket: at for bucket, at in self._free_at.items() if at > now}
        if len(self._free_at) > MAX_BUCKETS:
            self._free_at.clear()
