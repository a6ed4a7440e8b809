"""Whole tables, whatever they are: what a backup reads and a restore writes.

Invariant: a table's rows are read in the order of its key, page by page; what is written is written inside the caller's
transaction, so that a restore is all there or not at all, schema included.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Sequence
from typing import Any, LiteralString, cast

import msgspec

from consent.canonical import sha256_hex
from consent.errors import Malformed
from consent.storage.database import Database, Engine, Migration, Reader, Writer
from consent.storage.migrations import TABLE, bundled

PAGE_BYTES = 1 << 20
MOST_ROWS = 2_000
FIRST_ROWS = 16
"""So few until it is known how long a table's rows are."""

_TABLES = re.compile(r"^CREATE TABLE (\w+)", re.MULTILINE)
_FUNCTIONS = re.compile(r"^CREATE FUNCTION (\w+)", re.MULTILINE)


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """A table's columns in their order, and those of its key in theirs."""

    table: str
    names: tuple[str, ...]
    key: tuple[str, ...]

    @property
    def key_places(self) -> list[int]:
        """Where in a row the key's columns are."""
        return [self.names.index(name) for name in self.key]


@contextlib.asynccontextmanager
async def snapshot(database: Database) -> AsyncIterator[Reader]:
    """One moment of the whole database, however long it is read and whatever is written meanwhile."""
    async with database.reading() as reader:
        if database.engine == "postgres":
            await reader.rows("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield reader
            return
        await reader.rows("BEGIN")
        try:
            yield reader
        finally:
            await reader.rows("ROLLBACK")


async def tables(reader: Reader, engine: Engine) -> list[Columns]:
    """Every table of the schema that is there, one that another refers to before that."""
    found = [await columns(reader, engine, name) for name in known_tables(engine)]
    return [one for one in found if one.names]


def known_tables(engine: Engine) -> list[str]:
    """The tables that the migrations make, in the order of their making, whether they are still there or not."""
    made = [name for migration in bundled(engine) for name in _TABLES.findall(migration.sql)]
    return list(dict.fromkeys(made))


async def columns(reader: Reader, engine: Engine, table: str) -> Columns:
    """The table's columns; none when it is not there."""
    rows = await reader.rows(_SQLITE_COLUMNS if engine == "sqlite" else _POSTGRES_COLUMNS, table)
    key = sorted((row["place"], row["name"]) for row in rows if row["place"])
    return Columns(table=table, names=tuple(row["name"] for row in rows), key=tuple(name for _, name in key))


async def known(reader: Reader, engine: Engine, table: str, names: Sequence[str]) -> Columns:
    """The table's columns, when it is one of ours that has these, each named once.

    Raises:
        Malformed: it is not; no statement was made of the names.
    """
    found = await columns(reader, engine, table) if table in known_tables(engine) else None
    if found is None or not names or len(set(names)) != len(names) or not set(names) <= set(found.names):
        raise Malformed("the archive has tables or columns that are not this program's: take another one")
    return found


async def count(reader: Reader, table: Columns) -> int:
    """How many rows it has."""
    row = await reader.row(_sql(f"SELECT count(*) AS rows FROM {table.table}"))
    return int(row["rows"]) if row else 0


async def pages(reader: Reader, table: Columns) -> AsyncIterator[list[list[Any]]]:
    """All rows in the order of the key, as many at once as make about a megabyte."""
    after: list[Any] = []
    limit = FIRST_ROWS
    while True:
        rows = [list(row) for row in await reader.rows(_page(table, bool(after), limit), *after)]
        if rows:
            yield rows
        if len(rows) < limit:
            return
        after = [rows[-1][place] for place in table.key_places]
        limit = _fitting(rows)


def _fitting(rows: Sequence[Sequence[Any]]) -> int:
    size = sum(len(value) if isinstance(value, str | bytes) else 8 for row in rows for value in row)
    return max(1, min(MOST_ROWS, PAGE_BYTES * len(rows) // max(size, 1)))


def _page(table: Columns, goes_on: bool, limit: int) -> LiteralString:
    key = ", ".join(table.key)
    marks = ", ".join(f"${place}" for place in range(1, len(table.key) + 1))
    after = f" WHERE ({key}) > ({marks})" if goes_on else ""
    return _sql(f"SELECT {', '.join(table.names)} FROM {table.table}{after} ORDER BY {key} LIMIT {limit}")


async def insert(writer: Writer, table: str, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """New rows; none of them may be there."""
    await writer.execute_many(_insert(table, names), rows)


async def insert_missing(writer: Writer, table: Columns, rows: Sequence[Sequence[Any]]) -> int:
    """Those of the rows whose key is not there yet; gives how many."""
    added = 0
    sql = _insert(table.table, table.names)
    for row in rows:
        if not await has(writer, table, [row[place] for place in table.key_places]):
            added += await writer.execute(sql, *row)
    return added


async def has(reader: Reader, table: Columns, key: Sequence[Any]) -> bool:
    """Whether there is a row of this key."""
    where = " AND ".join(f"{name} = ${place}" for place, name in enumerate(table.key, 1))
    return await reader.row(_sql(f"SELECT 1 AS one FROM {table.table} WHERE {where}"), *key) is not None


async def empty(writer: Writer, table: str) -> None:
    """Takes all rows of a table away that guards none."""
    await writer.execute(_sql(f"DELETE FROM {table}"))


async def tear_down(writer: Writer, engine: Engine) -> None:
    """Takes the whole schema away, tables that refer to others first."""
    cascade = " CASCADE" if engine == "postgres" else ""
    for table in reversed(["migrations", *known_tables(engine)]):
        await writer.execute(_sql(f"DROP TABLE IF EXISTS {table}{cascade}"))
    if engine == "postgres":
        for name in _FUNCTIONS.findall("\n".join(migration.sql for migration in bundled(engine))):
            await writer.execute(_sql(f"DROP FUNCTION IF EXISTS {name} CASCADE"))


async def build(writer: Writer, engine: Engine, migrations: Sequence[Migration], at: int) -> None:
    """Applies these migrations in the open transaction, and notes that they are applied."""
    await writer.execute(TABLE)
    for migration in migrations:
        for statement in _statements(engine, migration.sql):
            await writer.execute(_sql(statement))
        sql = "INSERT INTO migrations (name, digest, applied_at) VALUES ($1, $2, $3)"
        await writer.execute(sql, migration.name, sha256_hex(migration.sql.encode()), at)


def _statements(engine: Engine, script: str) -> list[str]:
    """PostgreSQL takes a script whole; SQLite one statement at a time."""
    if engine == "postgres":
        return [script]
    from consent.storage.sqlite_library import statements  # its driver is of no use to the other engine

    return statements(script)


def _insert(table: str, names: Sequence[str]) -> LiteralString:
    marks = ", ".join(f"${place}" for place in range(1, len(names) + 1))
    return _sql(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})")


def _sql(text: str) -> LiteralString:
    """A statement over names of our own tables and columns; values are always bound."""
    made: Any = text
    return cast("LiteralString", made)


_SQLITE_COLUMNS = "SELECT name, pk AS place FROM pragma_table_info($1) ORDER BY cid"
_POSTGRES_COLUMNS = """
SELECT a.attname::text AS name, coalesce(array_position(i.indkey::int[], a.attnum::int) + 1, 0) AS place
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND c.relname = $1
    AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
