"""Two services behind one Redis: an address has one bucket in both, and choices are recorded when Redis is gone."""

from __future__ import annotations

import asyncio
from typing import Any

from redis.asyncio import Redis

from consent.limits.redis import PAUSE_MS
from consent.settings import Secret
from tests.clock import SetClock
from tests.provision.redis import Server
from tests.web.stage import CONSENTS, staged

PEER = "203.0.113.77"
EVENTS = CONSENTS.replace("consents", "events")


async def _names(seen: Any) -> list[str]:
    """The buckets that were taken from, once for each time."""
    commands = [entry["command"].decode().split() for entry in await seen.slowlog_get(1000)]
    return [words[3] for words in commands if words[0] == "EVALSHA"]


async def test_both_count_an_address_in_one_bucket(database_url: str, clock: SetClock, redis_server: Server) -> None:
    chosen = {"limits": Secret(redis_server.url)}
    async with (
        Redis.from_url(redis_server.url) as seen,
        staged(database_url, clock, settings=chosen) as one,
        staged(database_url, clock, settings=chosen) as other,
    ):
        await seen.config_set("slowlog-log-slower-than", "0")
        for stage in (one, other):
            before = len(await _names(seen))
            while len(await _names(seen)) == before:  # a busy machine may be too slow for its patience: it asks again
                assert (await stage.client(PEER).post(EVENTS, json={"kind": "notice_shown"})).status_code == 204
                clock.forward(PAUSE_MS)
        assert len(set(await _names(seen))) == 1


async def test_choices_are_recorded_while_redis_is_gone(
    database_url: str, clock: SetClock, redis_server: Server
) -> None:
    async with staged(database_url, clock, settings={"limits": Secret(redis_server.url)}) as stage:
        redis_server.stop()
        assert [(await stage.give()).status_code for _ in range(3)] == [201, 201, 201]
        redis_server.start()
        redis_server.freeze()
        clock.forward(PAUSE_MS)
        answers = await asyncio.gather(*(stage.give() for _ in range(10)))
        assert {answer.status_code for answer in answers} == {201}
        assert await stage.count() == 13
        assert b"consent_limits_alone_total 13.0" in stage.services.metrics.page()
