"""The table `instance_keys`: keys that are made once for the whole service, kept under each listed secret.

Invariant: a key that is there is never replaced by another; only its wrapping changes.
"""

from __future__ import annotations

from consent.storage.database import Reader, Writer


async def key(reader: Reader, name: str) -> str | None:
    """The sealed key of this name."""
    row = await reader.row("SELECT sealed FROM instance_keys WHERE name = $1", name)
    return str(row["sealed"]) if row else None


async def keep(writer: Writer, name: str, sealed: str, at: int) -> None:
    """Keeps a new key, unless one of this name is there: of two processes that make one, the first one's stands."""
    await writer.execute(
        "INSERT INTO instance_keys (name, sealed, created_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING",
        name,
        sealed,
        at,
    )


async def all_keys(reader: Reader) -> dict[str, str]:
    """Every key, sealed, by its name."""
    rows = await reader.rows("SELECT name, sealed FROM instance_keys ORDER BY name")
    return {row["name"]: row["sealed"] for row in rows}


async def rewrap(writer: Writer, name: str, old: str, new: str) -> bool:
    """Keeps the same key under other secrets; False when another process did so meanwhile."""
    sql = "UPDATE instance_keys SET sealed = $3 WHERE name = $1 AND sealed = $2"
    return await writer.execute(sql, name, old, new) == 1
