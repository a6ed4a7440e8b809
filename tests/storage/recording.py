"""A process that records acts, each id printed after its answer: `python -m tests.storage.recording URL COUNT WRITERS`.

What it prints it was told yes for; the tests hold the database against that. COUNT 0 goes on until it is killed.
`careless` as a fourth word turns SQLite's syncing off, for the test that must then see records lost.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from pathlib import Path

from consent.services import Services
from consent.storage.sqlite import SqliteDatabase
from tests import acts
from tests.running import notice_of, running


class CarelessDatabase(SqliteDatabase):
    """SQLite that answers before anything is on disk."""

    async def open(self) -> SqliteDatabase:
        await super().open()
        await self._writer.trip(lambda connection: connection.execute("PRAGMA synchronous=OFF"))
        return self


async def record(services: Services, numbers: range | itertools.count[int]) -> None:
    """One act after the other, each printed once it is answered; a line is one write to the system."""
    for _ in numbers:
        recorded = await services.recorder.give(acts.draft(notice_of(services)))
        os.write(1, f"{recorded.record.id}\n".encode())


async def main(url: str, count: int, writers: int, *words: str) -> None:
    database = await CarelessDatabase(Path(url.removeprefix("sqlite:///"))).open() if "careless" in words else None
    async with running(url, database=database) as services:
        os.write(1, b"ready\n")
        numbers = [range(count // writers) if count else itertools.count() for _ in range(writers)]
        await asyncio.gather(*(record(services, each) for each in numbers))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:]))
