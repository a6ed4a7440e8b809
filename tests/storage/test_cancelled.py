"""A cancelled task leaves no half transaction, wherever it stood; and the next write works."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from consent.storage.database import Database, Insert, Query, Script
from tests.storage.cancelling import Moment, cancelled_at

MOMENTS: tuple[Moment, ...] = ("waiting", "woken")
PAIR = "INSERT INTO things (name, number) VALUES ($1, $2)"


async def halves(database: Database) -> int:
    """How many things lack their twin."""
    async with database.reading() as reader:
        rows = await reader.rows("SELECT number FROM things GROUP BY number HAVING count(*) <> 2")
    return len(rows)


async def write_pair(database: Database, number: int) -> None:
    async with database.writing() as writer:
        await writer.execute(PAIR, f"{number} left", number)
        await writer.rows("SELECT name FROM things")
        await writer.execute(PAIR, f"{number} right", number)


def pair_script(number: int) -> Script[None]:
    yield Query("SELECT name FROM things", ())
    yield Insert("things", ("name", "number"), [(f"{number} left", number)])
    yield Insert("things", ("name", "number"), [(f"{number} right", number)])


WAYS: dict[str, Callable[[Database, int], Awaitable[None]]] = {
    "writing": write_pair,
    "run": lambda database, number: database.run(pair_script(number)),
}


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("way", WAYS)
async def test_at_every_await_point(database: Database, way: str, moment: Moment) -> None:
    number, at, cancelled = 0, 1, 0
    while at == 1 or cancelled:
        number, cancelled = number + 1, await cancelled_at(lambda n=number: WAYS[way](database, n + 1), at, moment)  # type: ignore[misc]
        assert await halves(database) == 0, f"cancelled at await {at}"
        await write_pair(database, 1000 + number)  # another's write works, and publishes no half of the other's
        assert await halves(database) == 0, f"cancelled at await {at}"
        at += 1
    assert at > 2


async def test_at_any_time(database: Database) -> None:
    """By the clock rather than by the await: the thread, or the server, is then anywhere in its work."""
    for step in range(60):
        task = asyncio.ensure_future(WAYS["run" if step % 2 else "writing"](database, step + 1))
        await asyncio.sleep(step / 20_000)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert await halves(database) == 0
    await write_pair(database, 1000)
    assert await halves(database) == 0


async def test_twice_in_a_row(database: Database) -> None:
    """A task that is cancelled again while it cleans up after the first time."""
    for step in range(40):
        task = asyncio.ensure_future(WAYS["run" if step % 2 else "writing"](database, step + 1))
        for _ in range(1 + step // 2):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await write_pair(database, 1000 + step)
        assert await halves(database) == 0


async def test_many_at_once_while_others_write(database: Database) -> None:
    tasks = [asyncio.ensure_future(write_pair(database, number)) for number in range(1, 61)]
    for task in tasks[::2]:
        await asyncio.sleep(0.001)
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(result is None for result in results[1::2])
    assert await halves(database) == 0


@pytest.mark.parametrize("moment", MOMENTS)
async def test_readers_that_go_away_leave_room_for_others(database: Database, moment: Moment) -> None:
    async def read() -> None:
        async with database.reading() as reader:
            await reader.rows("SELECT name FROM things")

    at = 1
    while await cancelled_at(read, at, moment):
        at += 1
    for _ in range(20):
        await cancelled_at(read, 1, moment)
    await asyncio.wait_for(asyncio.gather(*(read() for _ in range(20))), 10)
    await write_pair(database, 1)
    assert await halves(database) == 0
