"""The table `spent`: what may be used only once: a solved challenge, a provider's event.

Invariant: of many that spend the same at once, one is told that it is the first.
"""

from __future__ import annotations

from consent.storage.database import Writer


async def spend(writer: Writer, id_: str, expires_at: int) -> bool:
    """Spends it; False when it was spent before. It need not be known any longer than until `expires_at`."""
    sql = "INSERT INTO spent (id, expires_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING"
    return await writer.execute(sql, id_, expires_at) == 1


async def purge(writer: Writer, now: int, limit: int) -> int:
    """Takes away what has expired."""
    sql = "DELETE FROM spent WHERE id IN (SELECT id FROM spent WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)"
    return await writer.execute(sql, now, limit)
