"""Limits that processes share through a real Redis: one count, no address in it, nothing left behind."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis

from consent import clock as clocks
from consent.addresses import bucket
from consent.limits import Rate
from consent.limits.redis import OPENING, RedisLimits
from tests.clock import SetClock
from tests.provision.redis import Server
from tests.running import SECRET

SLOW = Rate(burst=5, per_minute=1)
PATIENCE_SECONDS = 60
"""Longer than any machine is busy: these tests are about counting, not about outages."""
ADDRESSES = ("203.0.113.77", "2001:db8:aa:bb::1", "::ffff:198.51.100.9")


@contextlib.asynccontextmanager
async def counting(
    server: Server, *, secret: str = SECRET, clock: clocks.Clock = clocks.now
) -> AsyncIterator[RedisLimits]:
    """One process's limits, which must never have to count alone."""
    alone: list[None] = []
    limits = RedisLimits(server.url, secret, clock, alone=lambda: alone.append(None), patience_seconds=PATIENCE_SECONDS)
    try:
        yield limits
        assert not alone
    finally:
        await limits.close()


@pytest.fixture
async def seen(redis_server: Server) -> AsyncIterator[Any]:
    """A client of the test's own, to look at what Redis holds."""
    client: Any = Redis.from_url(redis_server.url, decode_responses=True)
    yield client
    await client.aclose()


async def _milliseconds(seen: Any) -> float:
    seconds, micros = await seen.time()
    return float(seconds * 1000 + micros / 1000)


async def test_a_burst_is_taken_at_once_and_then_one_waits(redis_server: Server) -> None:
    async with counting(redis_server) as limits:
        assert [await limits.wait("a", SLOW) for _ in range(5)] == [0] * 5
        assert 1 <= await limits.wait("a", SLOW) <= 60
        assert await limits.wait("b", SLOW) == 0


async def test_after_the_burst_the_rate_holds(redis_server: Server, seen: Any) -> None:
    rate, granted = Rate(burst=2, per_minute=1200), 0
    async with counting(redis_server) as limits:
        began = await _milliseconds(seen)
        while granted < 12:
            granted += await limits.wait("a", rate) == 0
        assert granted <= rate.burst + (await _milliseconds(seen) - began) / rate.interval_ms + 1


async def test_two_processes_share_one_count(redis_server: Server) -> None:
    async with counting(redis_server) as one, counting(redis_server) as other:
        granted = [await limits.wait("a", SLOW) == 0 for limits in (one, other) * 5]
    assert granted == [True] * 5 + [False] * 5


async def test_machines_whose_clocks_disagree_share_it_too(redis_server: Server, clock: SetClock) -> None:
    behind = SetClock(clock() - 30 * clocks.DAY)
    async with counting(redis_server, clock=clock) as one, counting(redis_server, clock=behind) as other:
        waits = [await limits.wait("a", SLOW) for limits in (one, other) * 5]
    assert waits[:5] == [0] * 5
    assert all(1 <= wait <= 60 for wait in waits[5:])


async def test_of_many_at_once_exactly_the_burst_gets_through(redis_server: Server) -> None:
    async with contextlib.AsyncExitStack() as stack:
        four = [await stack.enter_async_context(counting(redis_server)) for _ in range(4)]
        waits = await asyncio.gather(*(limits.wait("a", SLOW) for limits in four * 50))
    assert waits.count(0) == SLOW.burst


async def test_requests_that_are_given_up_confuse_no_answer(redis_server: Server) -> None:
    async with counting(redis_server) as limits:
        given_up = [asyncio.create_task(limits.wait(f"gone {number}", SLOW)) for number in range(100)]
        for number, task in enumerate(given_up):
            if number % 5 == 0:
                await asyncio.sleep(0)
            task.cancel()
        await asyncio.gather(*given_up, return_exceptions=True)
        waits = await asyncio.gather(*(limits.wait(f"here {number}", SLOW) for number in range(100)))
        assert waits == [0] * 100
        assert 1 <= max([await limits.wait("here 0", SLOW) for _ in range(5)]) <= 60


async def test_a_bucket_goes_when_it_is_full_again(redis_server: Server, seen: Any) -> None:
    async with counting(redis_server) as limits:
        await limits.wait("slow", SLOW)
        await limits.wait("slow", SLOW)
        (name,) = await seen.keys()
        assert 60_000 < await seen.pttl(name) <= 120_000
        await seen.flushall()
        await limits.wait("quick", Rate(burst=5, per_minute=600))
        while await seen.dbsize():
            pass


async def test_redis_never_learns_an_address(redis_server: Server, seen: Any) -> None:
    """Not in a key, not in a value, not in any command it was given."""
    await seen.config_set("slowlog-log-slower-than", "0")
    await seen.config_set("slowlog-max-len", "1000")
    async with counting(redis_server) as limits:
        for address in ADDRESSES:
            await limits.wait(f"consents miami-new-times {bucket(address)}", SLOW)
        await limits.check()
    names = [name async for name in seen.scan_iter()]
    assert len(names) == len(ADDRESSES) + 1
    for name in names:
        assert len(name.removeprefix(OPENING)) == 32
        assert int(name.removeprefix(OPENING), 16)
        assert (await seen.get(name)).isdecimal()
    told = str([entry["command"] for entry in await seen.slowlog_get(1000)]) + str(names)
    assert "EVALSHA" in told
    for word in ("203.0.113", "2001:db8", "198.51.100", "miami", SECRET):
        assert word not in told


async def test_a_hash_cannot_be_made_without_the_secret(redis_server: Server, seen: Any) -> None:
    async with counting(redis_server) as one, counting(redis_server, secret=SECRET[::-1]) as other:
        await one.wait("a", SLOW)
        await other.wait("a", SLOW)
    assert await seen.dbsize() == 2


async def test_a_server_whose_clock_was_set_back_shuts_nobody_out(redis_server: Server, seen: Any) -> None:
    async with counting(redis_server) as limits:
        await limits.wait("a", SLOW)
        (name,) = await seen.keys()
        await seen.set(name, round(await _milliseconds(seen)) + clocks.DAY)
        assert 1 <= await limits.wait("a", SLOW) <= 60


async def test_a_server_that_forgot_the_script_is_told_it_again(redis_server: Server, seen: Any) -> None:
    async with counting(redis_server) as limits:
        await limits.wait("a", SLOW)
        await seen.script_flush()
        assert [await limits.wait("a", SLOW) for _ in range(4)] == [0] * 4
        assert await limits.wait("a", SLOW) > 0


async def test_connections_that_the_server_closed_are_made_anew(redis_server: Server, seen: Any) -> None:
    async with counting(redis_server) as limits:
        await asyncio.gather(*(limits.wait("a", SLOW) for _ in range(8)))
        await seen.client_kill_filter(_type="normal", skipme=True)
        assert 1 <= max(await asyncio.gather(*(limits.wait("a", SLOW) for _ in range(8)))) <= 60
