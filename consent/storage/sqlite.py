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
import fcntl
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any, LiteralString

import aiosqlite

from consent.errors import ConsentError, Duplicate, Rejected, Unavailable
from consent.storage.database import Engine, Insert, Migration, Query, QueryEach, Row, Script, Step, T, Value
from consent.storage.sqlite_library import LOSES_ROWS, VERSION, dbapi

BUSY_MS = 5_000
CHECKPOINT_SECONDS = 0.25
WAL_CAP_BYTES = 64 * 1024 * 1024
READERS = 3
WRITING_KB = 16_000  # the indexes' inner pages, which every commit walks
READING_KB = 2_000  # for each reader; a log is read once through, and the system caches the file anyway


class Connection(aiosqlite.Connection):
    """An aiosqlite connection that can run a whole function in its thread, for one trip instead of many."""

    async def trip(self, act: Callable[..., T], *args: object) -> T:
        """What `act(connection, *args)` gives, run in the connection's thread; the engine's faults translated."""
        if not self._running or self._connection is None:
            raise Unavailable("the database is closed")
        with _translated():
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
        return await self._connection.trip(_fetch, sql, args)


class SqliteWriter(SqliteReader):
    """Reads and writes inside the open transaction."""

    async def execute(self, sql: LiteralString, *args: Value) -> int:
        return await self._connection.trip(lambda c: int(c.execute(sql, _named(args)).rowcount))

    async def execute_many(self, sql: LiteralString, rows: Sequence[Sequence[Value]]) -> None:
        await self._connection.trip(lambda c: c.executemany(sql, [_named(row) for row in rows]) and None)


class SqliteDatabase:
    """The engine behind `sqlite:///path`."""

    engine: Engine = "sqlite"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._write_lock = asyncio.Lock()
        self._file_lock: int | None = None
        self._readers: asyncio.Queue[Connection | None] = asyncio.Queue()
        self._open: list[Connection] = []
        self._checkpointing: asyncio.Task[None] | None = None
        self._is_closed = False

    async def open(self) -> SqliteDatabase:
        """Opens the writing connection; makes the file, readable by its owner alone, when there is none."""
        if not self._path.parent.is_dir():
            raise Unavailable(f"the folder of the database, {self._path.parent}, does not exist: create it")
        try:
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            if LOSES_ROWS:
                self._file_lock = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise Unavailable(f"the database {self._path} cannot be opened: {error.strerror}") from None
        self._writer = await self._connect()
        for _ in range(READERS):
            self._readers.put_nowait(None)
        if not LOSES_ROWS:
            self._checkpointing = asyncio.create_task(self._checkpoint_often(await self._connect()))
        return self

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
                await self._writer.trip(_begin, self._file_lock)
                yield SqliteWriter(self._writer)
            except BaseException:
                await _to_the_end(self._writer.trip(_roll_back, self._file_lock))
                raise
            await _to_the_end(self._writer.trip(_commit, self._file_lock))

    async def run(self, script: Script[T]) -> T:
        async with self._write_lock:
            return await _to_the_end(self._writer.trip(_run, script, self._file_lock))

    async def migrate(self, migrations: Sequence[Migration], at: int) -> list[str]:
        from consent.storage.sqlite_library import apply_migrations

        async with self._write_lock:
            with _locked_file(self._file_lock):
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
        with _translated():  # before aiosqlite starts its thread, which one that cannot connect leaves behind
            opened = await asyncio.to_thread(_opened, self._path, reads_only)
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


def _opened(path: Path, reads_only: bool) -> Any:
    connection = dbapi.connect(str(path), isolation_level=None, check_same_thread=False, cached_statements=256)
    connection.row_factory = dbapi.Row
    connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute(f"PRAGMA cache_size=-{READING_KB if reads_only else WRITING_KB}")
    if reads_only:
        connection.execute("PRAGMA query_only=ON")
    if reads_only or not LOSES_ROWS:
        connection.execute("PRAGMA wal_autocheckpoint=0")
    return connection


def _named(args: Sequence[Value]) -> dict[str, Value]:
    _check_text(args)
    return {str(place): value for place, value in enumerate(args, 1)}


def _check_text(values: Sequence[Value]) -> None:
    """Refuses a NUL, as PostgreSQL does: here it would be kept, and end the text for SQL's own functions."""
    if any(type(value) is str and "\0" in value for value in values):
        raise Rejected("the database cannot keep this value")


def _fetch(connection: Any, sql: str, args: Sequence[Value]) -> list[Row]:
    rows: list[Row] = connection.execute(sql, _named(args)).fetchall()
    return rows


def _begin(connection: Any, file_lock: int | None) -> None:
    if file_lock is not None:
        fcntl.flock(file_lock, fcntl.LOCK_EX)
    connection.execute("BEGIN IMMEDIATE")


def _commit(connection: Any, file_lock: int | None) -> None:
    try:
        connection.execute("COMMIT")
    finally:
        _roll_back(connection, file_lock)


def _roll_back(connection: Any, file_lock: int | None) -> None:
    try:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    finally:
        if file_lock is not None:
            fcntl.flock(file_lock, fcntl.LOCK_UN)


def _run(connection: Any, script: Script[T], file_lock: int | None) -> T:
    try:
        _begin(connection, file_lock)
        result = _drive(connection, script)
    except BaseException:
        _roll_back(connection, file_lock)
        raise
    _commit(connection, file_lock)
    return result


def _drive(connection: Any, script: Script[T]) -> T:
    try:
        step = next(script)
        while True:
            step = script.send(_perform(connection, step))
    except StopIteration as end:
        result: T = end.value
        return result


def _perform(connection: Any, step: Step) -> list[Row]:
    match step:
        case Query(sql, args):
            return _fetch(connection, sql, args)
        case QueryEach(sql, each):
            return [row for args in each for row in _fetch(connection, sql, args)]
        case Insert(table, columns, rows):
            for row in rows:
                _check_text(row)
            marks = ",".join("?" * len(columns))
            connection.executemany(f"INSERT INTO {table} ({','.join(columns)}) VALUES ({marks})", rows)
            return []


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


@contextlib.contextmanager
def _locked_file(file_lock: int | None) -> Iterator[None]:
    if file_lock is not None:
        fcntl.flock(file_lock, fcntl.LOCK_EX)
    try:
        yield
    finally:
        if file_lock is not None:
            fcntl.flock(file_lock, fcntl.LOCK_UN)


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except dbapi.IntegrityError as error:
        if "UNIQUE constraint" in str(error):
            raise Duplicate("a key that must be unique is there already") from error
        raise Rejected(f"the database refuses this: {error}") from error
    except (dbapi.DataError, dbapi.InterfaceError, OverflowError, UnicodeEncodeError) as error:
        raise Rejected("the database cannot keep this value") from error
    except (dbapi.OperationalError, dbapi.DatabaseError) as error:
        raise Unavailable(f"the database cannot do this now: {error}") from error
