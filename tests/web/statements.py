"""A database that writes down what it is asked: around a real engine, which does it.

Two requests that run the same statements take the same time, as far as a program can see to it. What works in the
background meanwhile is not written down: only what the task that watches asks for, and the tasks that come of it.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator, Sequence
from contextvars import ContextVar
from typing import LiteralString

from consent.storage.database import Database, Engine, Migration, Reader, Row, Script, T, Value, Writer

_said: ContextVar[list[str] | None] = ContextVar("said", default=None)


@contextlib.contextmanager
def watching() -> Iterator[list[str]]:
    """Every statement of the block, a transaction between `begin` and `commit`; scripts go by unseen."""
    said: list[str] = []
    token = _said.set(said)
    try:
        yield said
    finally:
        _said.reset(token)


def _say(statement: str) -> None:
    said = _said.get()
    if said is not None:
        said.append(statement)


class WatchedDatabase:
    """The database, watched."""

    def __init__(self, real: Database) -> None:
        self.real = real

    @property
    def engine(self) -> Engine:
        return self.real.engine

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncIterator[Reader]:
        async with self.real.reading() as reader:
            _say("read")
            yield WatchedReader(reader)

    @contextlib.asynccontextmanager
    async def writing(self) -> AsyncIterator[Writer]:
        async with self.real.writing() as writer:
            _say("begin")
            yield WatchedWriter(writer)
        _say("commit")

    async def run(self, script: Script[T]) -> T:
        return await self.real.run(script)

    async def migrate(self, migrations: Sequence[Migration], at: int) -> list[str]:
        return await self.real.migrate(migrations, at)

    async def facts(self) -> dict[str, str]:
        return await self.real.facts()

    async def close(self) -> None:
        await self.real.close()


class WatchedReader:
    """A reader that writes down."""

    def __init__(self, real: Reader) -> None:
        self._read = real

    async def row(self, sql: LiteralString, *args: Value) -> Row | None:
        _say(sql)
        return await self._read.row(sql, *args)

    async def rows(self, sql: LiteralString, *args: Value) -> list[Row]:
        _say(sql)
        return await self._read.rows(sql, *args)


class WatchedWriter(WatchedReader):
    """A writer that writes down; of many rows how many."""

    def __init__(self, real: Writer) -> None:
        super().__init__(real)
        self._write = real

    async def execute(self, sql: LiteralString, *args: Value) -> int:
        _say(sql)
        return await self._write.execute(sql, *args)

    async def execute_many(self, sql: LiteralString, rows: Sequence[Sequence[Value]]) -> None:
        _say(f"{len(rows)} × {sql}")
        await self._write.execute_many(sql, rows)
