"""PostgreSQL, for when one machine is not enough, through asyncpg.

Every connection asks for `synchronous_commit=on`, and a server with `fsync=off` is refused: an answer
must survive a power cut. The engine's errors are told apart by SQLSTATE class.

Invariant: a lost connection while committing is `Unavailable`, never success; the caller asks again by
the record's id.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import LiteralString, TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from consent.canonical import sha256_hex
from consent.errors import Duplicate, Misconfigured, Rejected, Stale, Unavailable
from consent.storage.database import Engine, Insert, Migration, Query, QueryEach, Row, Script, Step, T, Value
from consent.storage.migrations import TABLE, WRONG_SCHEMA, pending

CONNECTIONS = 8
COMMAND_SECONDS = 15
MIGRATION_LOCK = 7_221_907_034  # any constant that other programs on the server are unlikely to use

# While the server is away its pool says so with a traceback at each attempt; here every caller hears it anyway.
logging.getLogger("asyncpg.pool").setLevel(logging.ERROR)

Connection: TypeAlias = asyncpg.Connection | PoolConnectionProxy


class PostgresReader:
    """Reads on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def row(self, sql: LiteralString, *args: Value) -> Row | None:
        with _translated():
            row: Row | None = await self._connection.fetchrow(sql, *args)
            return row

    async def rows(self, sql: LiteralString, *args: Value) -> list[Row]:
        with _translated():
            rows: list[Row] = await self._connection.fetch(sql, *args)
            return rows


class PostgresWriter(PostgresReader):
    """Reads and writes inside the open transaction."""

    async def execute(self, sql: LiteralString, *args: Value) -> int:
        with _translated():
            status: str = await self._connection.execute(sql, *args)
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    async def execute_many(self, sql: LiteralString, rows: Sequence[Sequence[Value]]) -> None:
        with _translated():
            await self._connection.executemany(sql, rows)


class PostgresDatabase:
    """The engine behind `postgresql://…`."""

    engine: Engine = "postgres"

    def __init__(self, url: str) -> None:
        self._url = url
        self._pool: asyncpg.Pool

    async def open(self) -> PostgresDatabase:
        """Connects once, so that a wrong URL is told at start.

        Raises:
            Misconfigured: the URL is wrong, or the server does not sync what it commits.
        """
        try:
            with _translated():
                self._pool = await self._new_pool()
        except ValueError:
            raise Misconfigured("CONSENT_DATABASE is not a PostgreSQL URL: give postgresql://user@host/name") from None
        try:
            await self._check_syncs()
        except BaseException:
            await self.close()
            raise
        return self

    async def _check_syncs(self) -> None:
        if (await self.facts())["fsync"] != "on":
            raise Misconfigured("the PostgreSQL server runs with fsync=off and can lose answered records: turn it on")

    async def _new_pool(self) -> asyncpg.Pool:
        return await asyncpg.create_pool(
            self._url,
            min_size=1,
            max_size=CONNECTIONS,
            command_timeout=COMMAND_SECONDS,
            timeout=10,
            reset=_nothing_to_reset,
            server_settings={"synchronous_commit": "on", "application_name": "consent"},
        )

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncIterator[PostgresReader]:
        async with self._connection() as connection, _transaction(connection, readonly=True):
            yield PostgresReader(connection)

    @contextlib.asynccontextmanager
    async def writing(self) -> AsyncIterator[PostgresWriter]:
        async with self._connection() as connection, _transaction(connection):
            yield PostgresWriter(connection)

    async def run(self, script: Script[T]) -> T:
        async with self._connection() as connection, _transaction(connection):
            return await _drive(connection, script)

    async def migrate(self, migrations: Sequence[Migration], at: int) -> list[str]:
        applied_now = []
        for _ in range(len(migrations) + 1):
            async with self._connection() as connection, _transaction(connection):
                name = await _apply_next(connection, migrations, at)
            if name is None:
                break
            applied_now.append(name)
        return applied_now

    async def facts(self) -> dict[str, str]:
        async with self.reading() as reader:
            row = await reader.row(
                "SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync,"
                " current_setting('synchronous_commit') AS synchronous, current_database() AS database"
            )
        assert row is not None
        names = ("version", "fsync", "synchronous", "database")
        return {"engine": "PostgreSQL"} | {name: str(row[name]) for name in names}

    async def close(self) -> None:
        try:
            async with asyncio.timeout(5):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    @contextlib.asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        with _translated():
            connection = await self._pool.acquire(timeout=COMMAND_SECONDS)
        try:
            yield connection
        finally:
            await asyncio.shield(self._pool.release(connection))


async def _nothing_to_reset(connection: asyncpg.Connection) -> None:
    """Nothing here outlives its transaction (no cursor, no LISTEN, no SET), so the usual trip to reset is spared."""


@contextlib.asynccontextmanager
async def _transaction(connection: Connection, *, readonly: bool = False) -> AsyncIterator[None]:
    with _translated():
        async with connection.transaction(readonly=readonly):
            yield


async def _drive(connection: Connection, script: Script[T]) -> T:
    try:
        step = next(script)
        while True:
            step = script.send(await _perform(connection, step))
    except StopIteration as end:
        result: T = end.value
        return result


async def _perform(connection: Connection, step: Step) -> list[Row]:
    rows: list[Row] = []
    match step:
        case Query(sql, args):
            rows = await connection.fetch(sql, *args)
        case QueryEach(sql, each):
            rows = await connection.fetchmany(sql, each)
        case Insert(table, columns, many):
            try:
                await connection.copy_records_to_table(table, records=many, columns=columns)
            except (OverflowError, ValueError) as error:  # a number or a text that the driver cannot write
                raise Rejected("the database cannot keep this value") from error
    return rows


async def _apply_next(connection: Connection, migrations: Sequence[Migration], at: int) -> str | None:
    await connection.execute("SELECT pg_advisory_xact_lock($1)", MIGRATION_LOCK)
    await connection.execute(TABLE)
    applied = {row["name"]: row["digest"] for row in await connection.fetch("SELECT name, digest FROM migrations")}
    missing = pending(migrations, applied)
    if not missing:
        return None
    migration = missing[0]
    await connection.execute(migration.sql)
    digest = sha256_hex(migration.sql.encode())
    await connection.execute("INSERT INTO migrations VALUES ($1, $2, $3)", migration.name, digest, at)
    return migration.name


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        raise Duplicate("a key that must be unique is there already") from error
    except (asyncpg.SerializationError, asyncpg.DeadlockDetectedError) as error:
        raise Stale("another transaction came first") from error
    except asyncpg.PostgresError as error:
        _raise_by_class(error)
    except asyncpg.exceptions.ClientConfigurationError:
        raise  # a ValueError: the URL
    except (OSError, asyncpg.InterfaceError, asyncpg.InternalClientError, TimeoutError) as error:
        raise _unavailable("the database cannot be reached now", error) from error


def _raise_by_class(error: asyncpg.PostgresError) -> None:
    """By SQLSTATE: 22 data, 23 constraints, P0 triggers; 08 25 40 53 55 57 58 XX the server's own troubles."""
    code = str(error.sqlstate or "")
    state = code[:2]
    if state in ("22", "23", "P0"):
        raise Rejected("the database refuses this value") from error
    if state in ("28", "3D"):
        raise Misconfigured("the PostgreSQL server refuses the user or the database of CONSENT_DATABASE") from error
    if code in ("42P01", "42703"):
        raise Misconfigured(WRONG_SCHEMA) from error
    if code == "42501":
        raise Misconfigured(
            "the user of CONSENT_DATABASE may not do this: grant it the rights on the schema"
        ) from error
    if state in ("08", "25", "40", "53", "55", "57", "58", "XX"):
        raise _unavailable("the database cannot commit now", error) from error
    raise error


def _unavailable(detail: str, error: Exception) -> Unavailable:
    """With what the driver said as a note for the operator: its first line, which holds no values."""
    fault = Unavailable(detail)
    said = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else "".join(map(str, error.args[:1]))
    fault.add_note(f"{type(error).__name__} {said}".rstrip())
    return fault
