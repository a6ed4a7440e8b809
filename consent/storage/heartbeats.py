"""The table `heartbeats`: rows that say when something was last alive; one is written only to learn whether the store
can commit.

Invariant: nothing depends on a row but what is said of being alive.
"""

from __future__ import annotations

from collections.abc import Mapping

from consent.storage.database import Reader, Writer

SERVING = "serving:"
"""The beginning of a running process's name."""
END = "serving;"
"""What comes after every such name."""


async def beat(writer: Writer, at: int, name: str = "service") -> None:
    """Writes the row; that this commits is the answer."""
    sql = "INSERT INTO heartbeats (id, beaten_at) VALUES ($2, $1) ON CONFLICT (id) DO UPDATE SET beaten_at = $1"
    await writer.execute(sql, at, name)


async def last(reader: Reader) -> Mapping[str, int]:
    """When each was last alive."""
    rows = await reader.rows("SELECT id, beaten_at FROM heartbeats ORDER BY id")
    return {row["id"]: row["beaten_at"] for row in rows}


async def forget(writer: Writer, name: str) -> None:
    """It ended in order."""
    await writer.execute("DELETE FROM heartbeats WHERE id = $1", name)


async def forget_before(writer: Writer, before: int) -> None:
    """Those that ended without saying so."""
    await writer.execute("DELETE FROM heartbeats WHERE id > $1 AND id < $2 AND beaten_at < $3", SERVING, END, before)
