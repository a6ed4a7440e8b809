"""The table `heartbeats`: a row that is written only to learn whether the store can commit."""

from __future__ import annotations

from consent.storage.database import Writer


async def beat(writer: Writer, at: int) -> None:
    """Writes the row; that this commits is the answer."""
    sql = "INSERT INTO heartbeats (id, beaten_at) VALUES ('service', $1) ON CONFLICT (id) DO UPDATE SET beaten_at = $1"
    await writer.execute(sql, at)
