"""What runs in a SQLite connection's own thread: opening, single statements, and whole transactions.

Invariant: a function here that begins a transaction, or is given one, leaves none behind when it raises;
the file lock, where the library needs it, is held exactly as long as the transaction.
"""

from __future__ import annotations

import contextlib
import fcntl
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from consent.errors import Duplicate, Misconfigured, Rejected, Unavailable
from consent.storage.database import Insert, Query, QueryEach, Row, Script, Step, T, Value
from consent.storage.migrations import WRONG_SCHEMA
from consent.storage.sqlite_library import LOSES_ROWS, dbapi

BUSY_MS = 5_000
WAL_ATTEMPTS = 40
WAL_PAUSE_SECONDS = 0.05
WRITING_KB = 16_000  # the indexes' inner pages, which every commit walks
READING_KB = 2_000  # for each reader; a log is read once through, and the system caches the file anyway


def opened(path: Path, reads_only: bool) -> Any:
    connection = dbapi.connect(str(path), isolation_level=None, check_same_thread=False, cached_statements=256)
    try:
        _prepare(connection, reads_only)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: Any, reads_only: bool) -> None:
    connection.row_factory = dbapi.Row
    connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    _into_wal(connection)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA secure_delete=ON")  # what was erased must not be left in the file's free room
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute(f"PRAGMA cache_size=-{READING_KB if reads_only else WRITING_KB}")
    if reads_only:
        connection.execute("PRAGMA query_only=ON")
    if reads_only or not LOSES_ROWS:
        connection.execute("PRAGMA wal_autocheckpoint=0")


def opened_to_read(path: Path, reads_only: bool = True) -> Any:
    """A connection that takes no lock that a writer could wait for, and leaves the file as it found it."""
    quoted = quote(str(path.absolute()))
    connection = dbapi.connect(f"file:{quoted}?mode=ro", uri=True, isolation_level=None, check_same_thread=False)
    connection.row_factory = dbapi.Row
    connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    connection.execute(f"PRAGMA cache_size=-{READING_KB}")
    connection.execute("PRAGMA query_only=ON")
    return connection


def _into_wal(connection: Any) -> None:
    """Turns the file to WAL. Of several that do so at once all but one are told it is locked, whatever the timeout."""
    for _ in range(WAL_ATTEMPTS):
        with contextlib.suppress(dbapi.OperationalError):
            connection.execute("PRAGMA journal_mode=WAL")
            return
        time.sleep(WAL_PAUSE_SECONDS)
    connection.execute("PRAGMA journal_mode=WAL")


def named(args: Sequence[Value]) -> dict[str, Value]:
    _check_text(args)
    return {str(place): value for place, value in enumerate(args, 1)}


def _check_text(values: Sequence[Value]) -> None:
    """Refuses a NUL, as PostgreSQL does: here it would be kept, and end the text for SQL's own functions."""
    if any(type(value) is str and "\0" in value for value in values):
        raise Rejected("the database cannot keep this value")


def fetch(connection: Any, sql: str, args: Sequence[Value]) -> list[Row]:
    rows: list[Row] = connection.execute(sql, named(args)).fetchall()
    return rows


def begin(connection: Any, file_lock: int | None) -> None:
    if file_lock is not None:
        fcntl.flock(file_lock, fcntl.LOCK_EX)
    connection.execute("BEGIN IMMEDIATE")


def commit(connection: Any, file_lock: int | None) -> None:
    try:
        connection.execute("COMMIT")
    finally:
        roll_back(connection, file_lock)


def roll_back(connection: Any, file_lock: int | None) -> None:
    try:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    finally:
        if file_lock is not None:
            fcntl.flock(file_lock, fcntl.LOCK_UN)


def run(connection: Any, script: Script[T], file_lock: int | None) -> T:
    try:
        begin(connection, file_lock)
        result = _drive(connection, script)
    except BaseException:
        roll_back(connection, file_lock)
        raise
    commit(connection, file_lock)
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
            return fetch(connection, sql, args)
        case QueryEach(sql, each):
            return [row for args in each for row in fetch(connection, sql, args)]
        case Insert(table, columns, rows):
            for row in rows:
                _check_text(row)
            marks = ",".join("?" * len(columns))
            connection.executemany(f"INSERT INTO {table} ({','.join(columns)}) VALUES ({marks})", rows)
            return []


@contextlib.contextmanager
def locked_file(file_lock: int | None) -> Iterator[None]:
    if file_lock is not None:
        fcntl.flock(file_lock, fcntl.LOCK_EX)
    try:
        yield
    finally:
        if file_lock is not None:
            fcntl.flock(file_lock, fcntl.LOCK_UN)


@contextlib.contextmanager
def translated() -> Iterator[None]:
    try:
        yield
    except dbapi.IntegrityError as error:
        if "UNIQUE constraint" in str(error):
            raise Duplicate("a key that must be unique is there already") from error
        raise Rejected(f"the database refuses this: {error}") from error
    except (dbapi.DataError, dbapi.InterfaceError, OverflowError, UnicodeEncodeError) as error:
        raise Rejected("the database cannot keep this value") from error
    except (dbapi.OperationalError, dbapi.DatabaseError) as error:
        if str(error).startswith(("no such table", "no such column")):
            raise Misconfigured(WRONG_SCHEMA) from error
        raise Unavailable(f"the database cannot do this now: {error}") from error
