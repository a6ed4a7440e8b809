"""The table `ceilings`: how much may be sent in a window of time, in all and to one domain.

Invariant: one statement looks and counts, so that however many processes send, a window is never over its limit.
"""

from __future__ import annotations

from consent.storage.database import Writer


async def take(writer: Writer, scope: str, window_at: int, limit: int) -> bool:
    """Counts one more in the scope's window that begins at this instant; False when it is full."""
    return await writer.row(_TAKE, scope, window_at, limit) is not None


async def purge(writer: Writer, before: int, limit: int) -> int:
    """Takes away scopes whose window began before this instant."""
    sql = "DELETE FROM ceilings WHERE scope IN (SELECT scope FROM ceilings WHERE window_at < $1 LIMIT $2)"
    return await writer.execute(sql, before, limit)


# A process whose clock is behind counts in the window that another has begun already.
_TAKE = (
    "INSERT INTO ceilings (scope, window_at, count) SELECT $1, CAST($2 AS BIGINT), 1 WHERE CAST($3 AS BIGINT) > 0"
    " ON CONFLICT (scope) DO UPDATE SET"
    " count = CASE WHEN ceilings.window_at >= excluded.window_at THEN ceilings.count + 1 ELSE 1 END,"
    " window_at = CASE WHEN ceilings.window_at >= excluded.window_at"
    " THEN ceilings.window_at ELSE excluded.window_at END"
    " WHERE ceilings.window_at < excluded.window_at OR ceilings.count < CAST($3 AS BIGINT) RETURNING count"
)
