"""A database that fails when it is told to: the other of the two stand-ins there are.

It stands around a real engine, so that what it lets through is really committed, and what it stops is really rolled
back by that engine.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Literal

from consent.errors import Rejected, Unavailable
from consent.storage.database import Database, Engine, Insert, Migration, Reader, Row, Script, Step, T, Writer

When = Literal["before", "after"]


class FaultyDatabase:
    """Fails at the commits of the given numbers (from 1), before they persist or after.

    `stops` is asked about every group of rows that a script inserts: where it says so, the script is rejected.
    """

    def __init__(
        self,
        real: Database,
        at: Sequence[int] = (),
        when: When = "before",
        stops: Callable[[Insert], bool] = lambda insert: False,
    ) -> None:
        self.real, self.at, self.when, self.stops = real, at, when, stops
        self.commits = 0

    @property
    def engine(self) -> Engine:
        return self.real.engine

    def reading(self) -> AbstractAsyncContextManager[Reader]:
        return self.real.reading()

    @contextlib.asynccontextmanager
    async def writing(self) -> AsyncIterator[Writer]:
        async with self.real.writing() as writer:
            yield writer
            self._count()
            self._fail("before")
        self._fail("after")

    async def run(self, script: Script[T]) -> T:
        result = await self.real.run(self._watched(script))
        self._fail("after")
        return result

    async def migrate(self, migrations: Sequence[Migration], at: int) -> list[str]:
        return await self.real.migrate(migrations, at)

    async def facts(self) -> dict[str, str]:
        return await self.real.facts()

    async def close(self) -> None:
        await self.real.close()

    def _watched(self, script: Script[T]) -> Script[T]:
        rows: list[Row] | None = None
        while True:
            try:
                step: Step = next(script) if rows is None else script.send(rows)
            except StopIteration as end:
                self._count()
                self._fail("before")
                result: T = end.value
                return result
            if isinstance(step, Insert) and self.stops(step):
                raise Rejected("this draft is not taken")
            rows = yield step

    def _count(self) -> None:
        self.commits += 1

    def _fail(self, when: When) -> None:
        if self.when == when and self.commits in self.at:
            raise Unavailable(f"commit {self.commits} fails {when} it persists")
