"""What a limit is, and what every place that counts must do.

Invariant: a bucket is behind by no more than its burst, whatever the clock or the rate did since it was last counted.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Rate(NamedTuple):
    """`burst` at once, then `per_minute`."""

    burst: int
    per_minute: int

    @property
    def interval_ms(self) -> int:
        """Milliseconds between two, once the burst is used up."""
        return max(1, 60_000 // self.per_minute)


class Limits(Protocol):
    """Counts; one implementation a place where the counts live."""

    async def wait(self, bucket: str, rate: Rate) -> int:
        """Takes one from the bucket and gives 0, or gives the seconds until there is one again. Never fails."""

    async def check(self) -> str:
        """Where the counts live, in words, having tried it.

        Raises:
            Misconfigured: it cannot count.
        """

    async def close(self) -> None: ...


class NoLimits:
    """For benchmarks."""

    async def wait(self, bucket: str, rate: Rate) -> int:
        return 0

    async def check(self) -> str:
        return "off: nothing is limited"

    async def close(self) -> None:
        return None


def seconds(milliseconds: int) -> int:
    """Whole seconds, rounded up: who waits that long does not come too early."""
    return -(-milliseconds // 1000)
