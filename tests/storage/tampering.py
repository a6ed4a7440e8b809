"""Somebody with the database's own tools: plain SQL under the service, its triggers taken away first."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any, Protocol

import asyncpg

from consent.storage.engines import sqlite_path
from consent.storage.sqlite_library import dbapi


class Intruder(Protocol):
    """Runs statements, with `$1` marks, each committed at once."""

    async def execute(self, sql: str, *args: Any) -> None: ...
    async def rows(self, sql: str, *args: Any) -> list[Any]: ...


class _ThroughSqlite:
    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def execute(self, sql: str, *args: Any) -> None:
        self._connection.execute(sql, {str(place): value for place, value in enumerate(args, 1)})

    async def rows(self, sql: str, *args: Any) -> list[Any]:
        found: list[Any] = self._connection.execute(sql, {str(n): value for n, value in enumerate(args, 1)}).fetchall()
        return found


class _ThroughPostgres:
    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def execute(self, sql: str, *args: Any) -> None:
        await self._connection.execute(sql, *args)

    async def rows(self, sql: str, *args: Any) -> list[Any]:
        return list(await self._connection.fetch(sql, *args))


@contextlib.asynccontextmanager
async def guarded(url: str) -> AsyncIterator[Intruder]:
    """A connection of the intruder's, the database's triggers still in force."""
    if url.startswith("sqlite"):
        connection = dbapi.connect(sqlite_path(url), isolation_level=None)
        connection.row_factory = dbapi.Row
        try:
            yield _ThroughSqlite(connection)
        finally:
            connection.close()
    else:
        session = await asyncpg.connect(url)
        try:
            yield _ThroughPostgres(session)
        finally:
            await session.close()


@contextlib.asynccontextmanager
async def intruding(url: str) -> AsyncIterator[Intruder]:
    """The same with every trigger and check out of the way."""
    async with guarded(url) as intruder:
        if url.startswith("sqlite"):
            await intruder.execute("PRAGMA ignore_check_constraints = ON")
            for row in await intruder.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
                await intruder.execute(f"DROP TRIGGER {row['name']}")
        else:
            await intruder.execute("SET session_replication_role = replica")
        yield intruder


async def put_row(intruder: Intruder, table: str, row: dict[str, Any], insert: str = "INSERT") -> None:
    """Inserts one row given by column."""
    marks = ", ".join(f"${place}" for place in range(1, len(row) + 1))
    await intruder.execute(f"{insert} INTO {table} ({', '.join(row)}) VALUES ({marks})", *row.values())


@contextlib.asynccontextmanager
async def altering(url: str, *tables: str) -> AsyncIterator[Intruder]:
    """The same, and at the end these tables are put back as they were."""
    async with intruding(url) as intruder:
        kept = {table: [dict(row) for row in await intruder.rows(f"SELECT * FROM {table}")] for table in tables}
        try:
            yield intruder
        finally:
            for table, rows in kept.items():
                await intruder.execute(f"DELETE FROM {table}")
                for row in rows:
                    await put_row(intruder, table, row)
