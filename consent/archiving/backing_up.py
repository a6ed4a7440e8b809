"""The trip of a backup: one moment of the whole database, table by table, into one file.

Invariant: the service goes on meanwhile, and what it commits after that moment is not in the file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import BinaryIO

import msgspec

from consent import __version__
from consent.archiving.form import FORMAT, ArchiveWriter, Header, Kind
from consent.archiving.policy import ERASURES, PARTS, policy
from consent.canonical import sha256_hex
from consent.storage import copying
from consent.storage.copying import Columns
from consent.storage.database import Database, Reader
from consent.storage.migrations import bundled, require_current

Progress = Callable[[int, int], object]
"""Told how many rows of how many are done."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be backed up."""

    kind: Kind = "whole"
    url: str
    at: int


async def back_up(
    database: Database, file: BinaryIO, key: str | None, order: Order, tell: Progress = lambda done, of: None
) -> int:
    """Writes the archive; gives how many rows are in it. It is not checked by this.

    Raises:
        Misconfigured: the schema is not this program's.
        Unavailable: the database cannot be read to the end.
    """
    await require_current(database)
    async with copying.snapshot(database) as reader:
        writer = ArchiveWriter(file, key, _header(database, order))
        chosen = _chosen(await copying.tables(reader, database.engine), order.kind)
        of = sum([await copying.count(reader, table) for table in chosen])
        for table in chosen:
            await _copy(reader, table, writer, lambda done: tell(done, of))
        writer.end()
    return writer.sums.rows


def _header(database: Database, order: Order) -> Header:
    return Header(
        format=FORMAT,
        kind=order.kind,
        program=__version__,
        engine=database.engine,
        made_at=order.at,
        url=order.url,
        schema=[(one.name, sha256_hex(one.sql.encode())) for one in bundled(database.engine)],
    )


def _chosen(tables: Sequence[Columns], kind: Kind) -> list[Columns]:
    if kind == "whole":
        return [table for table in tables if policy(table.table) != "never"]
    return [
        msgspec.structs.replace(table, names=PARTS.get(table.table, table.names))
        for table in tables
        if table.table in ERASURES
    ]


async def _copy(reader: Reader, table: Columns, writer: ArchiveWriter, tell: Callable[[int], object]) -> None:
    writer.begin(table.table, table.names)
    async for rows in copying.pages(reader, table):
        writer.rows(rows)
        tell(writer.sums.rows)
    writer.end_table(table.table)
