"""SQLite, the embedded engine, through aiosqlite.

One connection writes, in a thread of its own; a few more read and cannot write. WAL with
`synchronous=FULL`: a commit returns once its frames are synced, so an answer survives a power cut.

Libraries before 3.51.3 (and its back-ports) can lose committed rows when a checkpoint races a commit
that resets the WAL. On those, writing and checkpointing happen only under one file lock that all
processes share; on fixed ones a background checkpoint keeps the stall out of the commits.

Invariant: the writing connection is never left inside a transaction, whatever was cancelled or failed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, LiteralString

import aiosqlite

from consent.errors import ConsentError, Unavailable
from consent.storage import sqlite_thread
from consent.storage.database import Engine, Migration, Row, Script, T, Value
from consent.storage.sqlite_library import LOSES_ROWS, VERSION, apply_migrations

CHECKPOINT_SECONDS = 0.25
WAL_CAP_BYTES = 64 * 1024 * 1024
READERS = 3

logging.getLogger("aiosqlite").setLevel(logging.INFO)  # at DEBUG it writes statements with their values


class Connection(aiosqlite.Connection):
    """An aiosqlite connection that can run a whole function in its thread, for one trip instead of many."""

    async def trip(self, act: Callable[..., T], *args: object) -> T:
        """What `act(connection, *args)` gives, run in the connection's thread; the engine's faults translated."""
        if not self._running or self._connection is None:
            raise Unavailable("the database is closed")
        with sqlite_thread.translated():
            result: T = await self._execute(act, self._conn, *args)  # type: ignore[no-untyped-call]
            return result


class SqliteReader:
    """Reads on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def row(self, sql: LiteralString, *args: Value) -> Row | None:
        rows = await self.rows(sql, *args)
        return rows[0] if rows else None

    async def rows(self, sql: LiteralString, *args: Value) -> list[Row]:
        return await self._connection.trip(sqlite_thread.fetch, sql, args)


class SqliteWriter(SqliteReader):
    """Reads and writes inside the open transaction."""

    async def execute(self, sql: LiteralString, *args: Value) -> int:
        return await self._connection.trip(lambda c: int(c.execute(sql, sqlite_thread.named(args)).rowcount))

    async def execute_many(self, sql: LiteralString, rows: Sequence[Sequence[Value]]) -> None:
        await self._connection.trip(lambda c: c.executemany(sql, [sqlite_thread.named(row) for row in rows]) and None)


class SqliteDatabase:
    """The engine behind `sqlite:///path`."""

    engine: Engine = "sqlite"

    def __init__(self, path: Path, *, reads_only: bool = False) -> None:
        self._path = path
        self._reads_only = reads_only
        self._write_lock = asyncio.Lock()
        self._file_lock: int | None = None
        self._readers: asyncio.Queue[Connection | None] = asyncio.Queue()
        self._open: list[Connection] = []
        self._checkpointing: asyncio.Task[None] | None = None
        self._is_closed = False

    async def open(self) -> SqliteDatabase:
        """Opens the writing connection; makes the file, readable by its owner alone, when there is none.

        With `reads_only` that connection cannot write either, and neither file nor lock is touched.
        """
        if not self._reads_only:
            self._make_files()
        try:
            await self._start()
        except BaseException:
            await self.close()
            raise
        return self

    async def _start(self) -> None:
        self._writer = await self._connect()
        for _ in range(READERS):
            self._readers.put_nowait(None)
        if not LOSES_ROWS and not self._reads_only:
            self._checkpointing = asyncio.create_task(self._checkpoint_often(await self._connect()))

    def _make_files(self) -> None:
        if not self._path.parent.is_dir():
            raise Unavailable(f"the folder of the database, {self._path.parent}, does not exist: create it")
        try:
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            if LOSES_ROWS:
                self._file_lock = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise Unavailable(f"the database {self._path} cannot be opened: {error.strerror}") from None

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncIterator[SqliteReader]:
        connection = await self._readers.get()
        try:
            if connection is None:
                connection = await self._connect(reads_only=True)
            yield SqliteReader(connection)
        finally:
            self._readers.put_nowait(connection)

    @contextlib.asynccontextmanager
    async def writing(self) -> AsyncIterator[SqliteWriter]:
        async with self._write_lock:
            try:
                await self._writer.trip(sqlite_thread.begin, self._file_lock)
                yield SqliteWriter(self._writer)
            except BaseException:
                await _to_the_end(self._writer.trip(sqlite_thread.roll_back, self._file_lock))
                raise
            await _to_the_end(self._writer.trip(sqlite_thread.commit, self._file_lock))

    async def run(self, script: Script[T]) -> T:
        async with self._write_lock:
            return await _to_the_end(self._writer.trip(sqlite_thread.run, script, self._file_lock))

    async def migrate(self, migrations: Sequence[Migration], at: int) -> list[str]:
        async with self._write_lock:
            with sqlite_thread.locked_file(self._file_lock):
                return await _to_the_end(self._writer.trip(apply_migrations, migrations, at))

    async def facts(self) -> dict[str, str]:
        facts = {"engine": "SQLite", "version": VERSION, "file": str(self._path)}
        facts["safe"] = "no: checkpoints are serialised by a file lock" if LOSES_ROWS else "yes"
        async with self.reading() as reader:
            mode = await reader.row("PRAGMA journal_mode")
        return facts | {"journal": str(mode[0]) if mode else "", "synchronous": "FULL"}

    async def close(self) -> None:
        self._is_closed = True
        if self._checkpointing:
            self._checkpointing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._checkpointing
            with contextlib.suppress(ConsentError):
                await self._writer.trip(lambda c: c.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())
        while self._open:
            await self._open.pop().close()
        if self._file_lock is not None:
            os.close(self._file_lock)
            self._file_lock = None

    async def _connect(self, *, reads_only: bool = False) -> Connection:
        if self._is_closed:
            raise Unavailable("the database is closed")
        # Before aiosqlite starts its thread, which one that cannot connect leaves behind.
        with sqlite_thread.translated():
            opening = sqlite_thread.opened_to_read if self._reads_only else sqlite_thread.opened
            opened = await asyncio.to_thread(opening, self._path, reads_only)
        connection = Connection(lambda: opened, 64)
        connection = await connection  # type: ignore[assignment]
        self._open.append(connection)
        return connection

    async def _checkpoint_often(self, connection: Connection) -> None:
        wal = Path(f"{self._path}-wal")
        while True:
            await asyncio.sleep(CHECKPOINT_SECONDS)
            with contextlib.suppress(ConsentError, FileNotFoundError):
                size = wal.stat().st_size
                how = "TRUNCATE" if size > WAL_CAP_BYTES else "PASSIVE"
                if size:
                    await connection.trip(lambda c, how=how: c.execute(f"PRAGMA wal_checkpoint({how})").fetchall())


async def _to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """Awaits the work to its end even when cancelled meanwhile, so that no transaction is left half done."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()
        raise
