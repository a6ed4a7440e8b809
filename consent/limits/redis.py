"""Counts that several machines share, in a Redis (5 or newer) or a Valkey.

One script looks and takes in one step, by the server's own clock, so neither two processes nor the clocks of two
machines can disagree. When Redis does not answer in time this process counts alone, and asks again a second later:
limits that are too wide for a while are better than a visitor whose choice is not recorded.

Invariants: no request fails, or waits longer than `PATIENCE_SECONDS`, because of Redis; Redis never holds an address,
only a keyed hash of the bucket and an instant, and forgets both as soon as they no longer matter.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Callable

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import RedisError

from consent.clock import Clock
from consent.errors import Misconfigured
from consent.limits.memory import MemoryLimits
from consent.limits.rates import Rate, seconds

PATIENCE_SECONDS = 0.5
PAUSE_MS = 1_000
"""How long Redis is left alone after it failed, so that an outage slows down one request a second and not all."""
MINUTE_MS = 60_000
CONNECTIONS = 16
OPENING = "consent:limit:"
FAULTS = (RedisError, OSError)  # asyncio's own TimeoutError is an OSError

TAKE = """
-- KEYS[1]: the bucket. ARGV: milliseconds between two, burst. Gives 0, or the milliseconds until there is one again.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local free_at = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
free_at = math.min(free_at, now + interval * burst)
local ahead = free_at - now - interval * (burst - 1)
if ahead > 0 then
  return ahead
end
free_at = free_at + interval
redis.call('SET', KEYS[1], string.format('%.0f', free_at), 'PX', string.format('%.0f', free_at - now))
return 0
"""

log = logging.getLogger(__name__)


class RedisLimits:
    """Counts in Redis, and in this process while Redis cannot."""

    def __init__(
        self,
        url: str,
        secret: str,
        clock: Clock,
        *,
        alone: Callable[[], object],
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """`secret` keys the hashes and must be the same on all machines; `alone` is called for each request that this
        process had to count alone.

        Raises:
            Misconfigured: the URL is none that a client can be made of.
        """
        self._redis = Redis.from_pool(_pool(url, patience_seconds))
        self._take = self._redis.register_script(TAKE)
        self._key = hmac.digest(secret.encode(), b"consent limits", "sha256")
        self._patience_seconds = patience_seconds
        self._clock = clock
        self._memory = MemoryLimits(clock)
        self._alone = alone
        self._lost_at: int | None = None
        self._said_at: int | None = None

    async def wait(self, bucket: str, rate: Rate) -> int:
        if not self._may_ask():
            return await self._wait_alone(bucket, rate)
        try:
            milliseconds = await self._ask(bucket, rate)
        except FAULTS as fault:
            self._lose(fault)
            return await self._wait_alone(bucket, rate)
        self._lost_at = None
        return seconds(milliseconds)

    async def check(self) -> str:
        try:
            await self._ask("check", Rate(burst=1, per_minute=60))
        except FAULTS as fault:
            raise Misconfigured(
                f"the Redis of CONSENT_LIMITS does not count ({fault!r}): until it does, each process counts alone"
            ) from None
        return "shared by all processes through Redis"

    async def close(self) -> None:
        await self._redis.aclose()

    async def _ask(self, bucket: str, rate: Rate) -> int:
        name = OPENING + hmac.digest(self._key, bucket.encode(), "sha256").hex()[:32]
        async with asyncio.timeout(self._patience_seconds):
            return int(await self._take(keys=[name], args=[rate.interval_ms, rate.burst]))

    async def _wait_alone(self, bucket: str, rate: Rate) -> int:
        self._alone()
        return await self._memory.wait(bucket, rate)

    def _may_ask(self) -> bool:
        """Whether to ask Redis now. After a pause one request tries; the others go on without until it is answered."""
        if self._lost_at is not None and _is_within(PAUSE_MS, self._lost_at, self._clock()):
            return False
        if self._lost_at is not None:
            self._lost_at = self._clock()
        return True

    def _lose(self, fault: Exception) -> None:
        self._lost_at = now = self._clock()
        if self._said_at is None or not _is_within(MINUTE_MS, self._said_at, now):
            self._said_at = now
            log.warning("Redis does not count rate limits (%r): this process counts alone until it does", fault)


def _is_within(span_ms: int, since: int, now: int) -> bool:
    """Whether the span is not over yet; one that begins in the future is the work of a clock that was set back."""
    return 0 <= now - since < span_ms


def _pool(url: str, patience_seconds: float) -> BlockingConnectionPool:
    """Connections are made when they are needed; one that was closed meanwhile is made anew, once."""
    try:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=None,
            socket_connect_timeout=patience_seconds,
            retry=Retry(NoBackoff(), 1, supported_errors=(ConnectionLost,)),
        )
        # A word in the URL that means nothing is found out here, not by the first visitor. It connects to nothing yet.
        pool.make_connection()  # type: ignore[no-untyped-call]
    except (TypeError, ValueError):
        raise Misconfigured("CONSENT_LIMITS is no Redis URL: give one like redis://redis.internal:6379/0") from None
    return pool
