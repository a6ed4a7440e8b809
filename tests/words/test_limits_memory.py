"""The limits that one process keeps: a burst at once, then the rate, and nobody shut out by a clock."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from consent.limits import MemoryLimits, NoLimits, Rate
from consent.limits import memory as memory_limits
from tests.clock import SetClock

HOUR_MS = 3_600_000


async def _granted(limits: MemoryLimits, rate: Rate, tries: int, bucket: str = "a") -> int:
    return sum([await limits.wait(bucket, rate) == 0 for _ in range(tries)])


async def test_a_burst_is_taken_at_once_and_then_the_rate(clock: SetClock) -> None:
    limits, rate = MemoryLimits(clock), Rate(burst=5, per_minute=6)
    assert await _granted(limits, rate, 9) == 5
    assert await limits.wait("a", rate) == 10
    clock.forward(9_999)
    assert await limits.wait("a", rate) == 1
    clock.forward(1)
    assert [await limits.wait("a", rate) for _ in range(2)] == [0, 10]


async def test_buckets_do_not_share(clock: SetClock) -> None:
    limits, rate = MemoryLimits(clock), Rate(burst=1, per_minute=1)
    assert [await limits.wait(bucket, rate) for bucket in ("a", "b", "a")] == [0, 0, 60]


@given(
    rate=st.builds(Rate, burst=st.integers(1, 20), per_minute=st.integers(1, 100_000)),
    gaps=st.lists(st.integers(0, 20_000), max_size=60),
)
async def test_never_more_than_the_burst_and_the_rate(rate: Rate, gaps: list[int]) -> None:
    clock = SetClock()
    limits, began, granted = MemoryLimits(clock), clock(), 0
    for gap in gaps:
        clock.forward(gap)
        granted += await limits.wait("a", rate) == 0
    assert granted <= rate.burst + (clock() - began) / rate.interval_ms


@given(rate=st.builds(Rate, burst=st.integers(1, 20), per_minute=st.integers(1, 600)), tries=st.integers(1, 50))
async def test_who_waits_as_long_as_told_is_let_in(rate: Rate, tries: int) -> None:
    clock = SetClock()
    limits = MemoryLimits(clock)
    for _ in range(tries):
        clock.forward(1000 * await limits.wait("a", rate))
    clock.forward(1000 * await limits.wait("a", rate))
    assert await limits.wait("a", Rate(burst=rate.burst + 1, per_minute=rate.per_minute)) == 0


async def test_a_clock_set_back_shuts_nobody_out(clock: SetClock) -> None:
    limits, rate = MemoryLimits(clock), Rate(burst=3, per_minute=60)
    await _granted(limits, rate, 3)
    clock.forward(-HOUR_MS)
    assert await limits.wait("a", rate) == 1


async def test_a_flood_of_addresses_does_not_fill_the_memory(clock: SetClock) -> None:
    limits, rate = MemoryLimits(clock), Rate(burst=1, per_minute=1)
    for number in range(memory_limits.MAX_BUCKETS + 1):
        await limits.wait(str(number), rate)
    assert await limits.wait("0", rate) == 0


async def test_off_limits_nothing_and_each_says_what_it_is(clock: SetClock) -> None:
    off, alone = NoLimits(), MemoryLimits(clock)
    assert [await off.wait("a", Rate(burst=1, per_minute=1)) for _ in range(3)] == [0, 0, 0]
    assert await off.check() == "off: nothing is limited"
    assert await alone.check() == "counted by each process alone"
    await off.close()
    await alone.close()
