"""Processes that are killed, and processes that write at once: every answered act is there, in one unbroken log."""

from __future__ import annotations

import asyncio
import random
import sys
from asyncio.subprocess import PIPE, Process

from tests.reading import ids_in_order, verified
from tests.running import notice_of, running

KILLS = 4
PROCESSES = 3
ACTS = 150


AS_USUAL = ("-m", "tests.storage.recording")
WITHOUT_PYSQLITE = (
    "-c",
    "import runpy, sys; sys.modules['pysqlite3'] = None;"
    " runpy.run_module('tests.storage.recording', run_name='__main__')",
)


async def recorder(url: str, count: int, writers: int, how: tuple[str, str] = AS_USUAL) -> Process:
    """A recording process, once it is ready."""
    process = await asyncio.create_subprocess_exec(sys.executable, *how, url, str(count), str(writers), stdout=PIPE)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    return process


async def printed(process: Process) -> list[str]:
    """The ids that it printed until its end; a last line that was cut off was not printed."""
    assert process.stdout is not None
    words = await process.stdout.read()
    await process.wait()
    return [line.decode().strip() for line in words.splitlines(keepends=True) if line.endswith(b"\n")]


async def stored(url: str) -> list[str]:
    """The ids in the log, which is shown to be whole."""
    async with running(url) as services:
        found = await ids_in_order(services)
        assert await verified(services) == len(found)
        assert notice_of(services)
        return found


async def test_killed_at_random_moments(database_url: str) -> None:
    chance, answered = random.Random(database_url), set[str]()
    for _ in range(KILLS):
        process = await recorder(database_url, 0, writers=20)
        await asyncio.sleep(chance.uniform(0.02, 0.4))
        process.kill()
        answered |= set(await printed(process))
        found = await stored(database_url)
        assert answered <= set(found)
        assert len(found) == len(set(found))
    assert answered


async def test_several_processes_write_one_log(database_url: str) -> None:
    """Each with writers of its own; between them every number is given once."""
    await stored(database_url)  # the site is there before they start
    processes = await asyncio.gather(*(recorder(database_url, ACTS, writers=5) for _ in range(PROCESSES)))
    answered = [each for ids in await asyncio.gather(*map(printed, processes)) for each in ids]
    assert [process.returncode for process in processes] == [0] * PROCESSES
    assert len(answered) == PROCESSES * ACTS
    assert sorted(await stored(database_url)) == sorted(answered)


async def test_one_is_killed_while_another_writes(database_url: str) -> None:
    """The lock that the killed one held is free again, and the other goes on."""
    first, second = await recorder(database_url, 0, writers=5), await recorder(database_url, ACTS, writers=5)
    await asyncio.sleep(0.05)
    first.kill()
    answered = [*await printed(first), *await printed(second)]
    assert second.returncode == 0
    assert set(answered) <= set(await stored(database_url))


async def test_the_standard_librarys_sqlite_serves_too(sqlite_url: str) -> None:
    """It is what is used where `pysqlite3` has no wheel; where it is an old one, writers take turns by a file lock."""
    first = await recorder(sqlite_url, ACTS, 5, WITHOUT_PYSQLITE)
    processes = [first, *await asyncio.gather(*(recorder(sqlite_url, ACTS, 5, WITHOUT_PYSQLITE) for _ in range(2)))]
    killed = await recorder(sqlite_url, 0, 5, WITHOUT_PYSQLITE)
    killed.kill()
    answered = [each for ids in await asyncio.gather(*map(printed, [*processes, killed])) for each in ids]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert len(answered) >= 3 * ACTS
    assert set(answered) <= set(await stored(sqlite_url))
