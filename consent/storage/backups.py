"""The table `backups`: what was backed up when, newest first; that a file is still there it cannot know.

Invariant: a row stands for an archive that was read back whole.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from consent.storage.database import Reader, Writer

KEPT = 100


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """One archive that was made."""

    id: bytes
    kind: Literal["whole", "erasures"]
    made_at: int
    bytes: int
    rows_kept: int
    is_encrypted: int
    checked_at: int


async def add(writer: Writer, backup: Backup) -> None:
    """Notes one; of those before, the newest hundred stay."""
    sql = (
        "INSERT INTO backups (id, kind, made_at, bytes, rows_kept, is_encrypted, checked_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)"
    )
    await writer.execute(sql, *msgspec.structs.astuple(backup))
    older = "DELETE FROM backups WHERE id NOT IN (SELECT id FROM backups ORDER BY made_at DESC, id DESC LIMIT $1)"
    await writer.execute(older, KEPT)


async def newest(reader: Reader) -> Backup | None:
    """The newest of the whole database."""
    sql = (
        "SELECT id, kind, made_at, bytes, rows_kept, is_encrypted, checked_at FROM backups"
        " WHERE kind = 'whole' ORDER BY made_at DESC LIMIT 1"
    )
    row = await reader.row(sql)
    return Backup(**dict(row)) if row else None
