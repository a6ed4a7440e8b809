"""What a visitor notices of a Redis that is gone, frozen or not for us: nothing. This process counts alone."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from consent import clock as clocks
from consent.errors import Misconfigured
from consent.limits import Rate
from consent.limits.redis import MINUTE_MS, PAUSE_MS, RedisLimits
from consent.metrics import Metrics
from consent.services import limits_of
from consent.settings import Secret, Settings
from tests.clock import SetClock
from tests.provision.redis import Server
from tests.running import SECRET, settings

RATE = Rate(burst=2, per_minute=1)
LONG = 60.0


class Process:
    """One process's limits, and how often it had to count alone."""

    def __init__(self, url: str, clock: SetClock, patience_seconds: float) -> None:
        self.times_alone = 0
        self.limits = RedisLimits(url, SECRET, clock, alone=self._note, patience_seconds=patience_seconds)

    def _note(self) -> None:
        self.times_alone += 1

    async def is_alone(self, bucket: str = "probe") -> bool:
        """Whether the next request is counted by this process alone."""
        before = self.times_alone
        await self.limits.wait(bucket, RATE)
        return self.times_alone > before


@contextlib.asynccontextmanager
async def process(url: str, clock: SetClock, patience_seconds: float = LONG) -> AsyncIterator[Process]:
    made = Process(url, clock, patience_seconds)
    try:
        yield made
    finally:
        await made.limits.close()


async def test_with_no_server_the_limit_still_holds(redis_server: Server, clock: SetClock) -> None:
    redis_server.stop()
    async with process(redis_server.url, clock) as one:
        assert [await one.limits.wait("a", RATE) for _ in range(3)] == [0, 0, 60]
        assert one.times_alone == 3


async def test_it_goes_on_alone_and_comes_back(redis_server: Server, clock: SetClock) -> None:
    async with process(redis_server.url, clock) as one:
        assert not await one.is_alone()
        redis_server.stop()
        assert await one.is_alone()
        redis_server.start()
        assert await one.is_alone(), "Redis is left alone for the pause"
        clock.forward(PAUSE_MS)
        assert not await one.is_alone()
        assert not await one.is_alone()


async def test_while_one_asks_again_the_others_do_not_wait(redis_server: Server, clock: SetClock) -> None:
    async with process(redis_server.url, clock) as one:
        redis_server.stop()
        assert await one.is_alone()
        redis_server.start()
        redis_server.freeze()
        clock.forward(PAUSE_MS)
        asking = asyncio.create_task(one.limits.wait("asking", RATE))
        await asyncio.sleep(0)
        waits = await asyncio.gather(*(one.limits.wait(f"other {number}", RATE) for number in range(20)))
        assert (waits, one.times_alone, asking.done()) == ([0] * 20, 21, False)
        redis_server.thaw()
        assert (await asking, one.times_alone) == (0, 21)


async def test_a_server_that_does_not_answer_is_not_waited_for(redis_server: Server, clock: SetClock) -> None:
    async with process(redis_server.url, clock, patience_seconds=0.2) as one:
        redis_server.freeze()
        waits = await asyncio.gather(*(one.limits.wait(f"a {number}", RATE) for number in range(50)))
        assert (waits, one.times_alone) == ([0] * 50, 50)
        redis_server.thaw()
        while await one.is_alone():  # a busy machine may be slow to wake it
            clock.forward(PAUSE_MS)


async def test_a_clock_set_back_does_not_prolong_the_pause(redis_server: Server, clock: SetClock) -> None:
    async with process(redis_server.url, clock) as one:
        redis_server.stop()
        assert await one.is_alone()
        redis_server.start()
        clock.forward(-clocks.DAY)
        assert not await one.is_alone()


async def test_an_outage_is_said_once_a_minute(
    redis_server: Server, clock: SetClock, caplog: pytest.LogCaptureFixture
) -> None:
    redis_server.stop()
    caplog.set_level(logging.INFO, "consent.limits.redis")
    async with process(redis_server.url, clock) as one:
        for _ in range(2 * MINUTE_MS // PAUSE_MS):
            await one.limits.wait("consents miami-new-times 203.0.113.77", RATE)
            clock.forward(PAUSE_MS)
    assert len(caplog.messages) == 2
    assert all("this process counts alone" in message for message in caplog.messages)
    assert "203.0.113.77" not in caplog.text


async def test_a_server_that_refuses_us_is_an_outage_too(
    redis_server: Server, clock: SetClock, caplog: pytest.LogCaptureFixture
) -> None:
    url = redis_server.url.replace("redis://", "redis://consent:the-password@")
    async with process(url, clock) as one:
        assert [await one.limits.wait("a", RATE) for _ in range(3)] == [0, 0, 60]
        with pytest.raises(Misconfigured, match="each process counts alone") as refused:
            await one.limits.check()
    assert "the-password" not in caplog.text + refused.value.detail


@pytest.mark.parametrize(
    "url",
    [
        "redis://127.0.0.1:port/0",
        "redis://127.0.0.1:6379/0?socket_timeout=soon",
        "redis://127.0.0.1:6379/0?nonsense=1",
    ],
)
def test_a_url_that_is_none_is_refused_at_start(url: str, clock: SetClock) -> None:
    with pytest.raises(Misconfigured, match="CONSENT_LIMITS is no Redis URL"):
        limits_of(_settings(url), clock, Metrics())


@pytest.mark.parametrize("host", ["no-such-host.invalid", f"{'a' * 64}.test", "127.0.0.1:1"])
async def test_a_host_that_is_not_there_is_an_outage(host: str, clock: SetClock) -> None:
    async with process(f"redis://{host}", clock) as one:
        assert await one.is_alone()


async def test_requests_counted_alone_are_a_metric(redis_server: Server, clock: SetClock) -> None:
    redis_server.stop()
    metrics = Metrics()
    limits = limits_of(_settings(redis_server.url), clock, metrics)
    for _ in range(3):
        await limits.wait("a", RATE)
    await limits.close()
    assert b"consent_limits_alone_total 3.0" in metrics.page()


def test_without_the_client_one_sentence_says_what_to_install(tmp_path: Path) -> None:
    """`None` in `sys.modules` is how Python itself is told that a package is not there."""
    program = (
        "import sys; sys.modules['redis'] = None; from consent.__main__ import main; sys.argv[1:] = ['serve']; main()"
    )
    done = _python("-c", program, folder=tmp_path, limits="redis://127.0.0.1:6379/0")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "consent: CONSENT_LIMITS names a Redis, but the client for it is not installed: pip install 'consent[redis]'\n"
    )


def test_the_doctor_tells_whether_redis_counts(redis_server: Server, tmp_path: Path) -> None:
    well = _python("-m", "consent", "doctor", folder=tmp_path, limits=redis_server.url)
    assert "ok   limits     shared by all processes through Redis" in well.stdout
    redis_server.stop()
    ill = _python("-m", "consent", "doctor", folder=tmp_path, limits=redis_server.url)
    assert ill.returncode == 1
    assert "BAD  limits     the Redis of CONSENT_LIMITS does not count" in ill.stdout
    assert "mend: correct CONSENT_LIMITS, or start the server it names" in ill.stdout
    alone = _python("-m", "consent", "doctor", folder=tmp_path, limits="memory")
    assert "ok   limits     counted by each process alone" in alone.stdout


def _settings(limits: str) -> Settings:
    return msgspec.structs.replace(settings("sqlite:///unused.db"), limits=Secret(limits))


def _python(*arguments: str, folder: Path, limits: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CONSENT_")}
    database = f"sqlite:///{folder / 'consent.db'}"
    environment |= {"CONSENT_DATABASE": database, "CONSENT_SECRET": SECRET, "CONSENT_LIMITS": limits}
    return subprocess.run(
        [sys.executable, *arguments], env=environment, cwd=folder, capture_output=True, text=True, check=False
    )
