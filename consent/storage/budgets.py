"""The table `budgets`: how often strangers can cause a mail to one address, whatever sites and lists they name.

Invariant: one statement looks and takes, so that of many at once no two are given the same mail: at least 15 minutes
between two, at most three in seven days, and at most one planned ahead.
"""

from __future__ import annotations

from consent.storage.database import Writer

APART = 15 * 60_000
WEEK = 7 * 86_400_000


async def take(writer: Writer, key: bytes, now: int, *, is_real: bool = True) -> int | None:
    """When the next mail may leave: now, or 15 minutes after the last one; None when none may be added.

    None too while one is planned ahead: that one will name all that is asked until then.
    """
    row = await writer.row(_TAKE, key, now, now - APART, now - WEEK, int(is_real))
    return int(row["last_at"]) if row else None


async def hand_over(writer: Writer, key: bytes, id_: bytes, now: int) -> int | None:
    """Whether this mail (a row of the outbox) may be handed over: None when it may, else the instant when it may be.

    What could not leave when it was planned, for any reason, must not leave together later. The same mail may be
    tried again at once.
    """
    if await writer.execute(_HAND_OVER, key, id_, now, now - APART):
        return None
    row = await writer.row("SELECT sent_at FROM budgets WHERE key = $1", key)
    return int(row["sent_at"]) + APART if row else None


async def purge(writer: Writer, before: int, limit: int) -> int:
    """Takes away budgets whose last mail left before this instant (longer ago than a budget looks back)."""
    sql = "DELETE FROM budgets WHERE key IN (SELECT key FROM budgets WHERE last_at < $1 ORDER BY last_at LIMIT $2)"
    return await writer.execute(sql, before, limit)


# The first branch is for a last mail long enough ago: the new one leaves now. Else it leaves APART after the last one,
# and the mail before the last two must lie a week before that instant.
_TAKE = (
    "INSERT INTO budgets (key, last_at, second_at, third_at, sent_at)"
    " SELECT $1, CAST($2 AS BIGINT), 0, 0, 0 WHERE CAST($5 AS BIGINT) = 1"
    " ON CONFLICT (key) DO UPDATE SET third_at = budgets.second_at, second_at = budgets.last_at,"
    " last_at = CASE WHEN budgets.last_at <= CAST($3 AS BIGINT) THEN excluded.last_at"
    f" ELSE budgets.last_at + {APART} END"
    " WHERE budgets.last_at <= CAST($2 AS BIGINT) AND (CASE WHEN budgets.last_at <= CAST($3 AS BIGINT)"
    " THEN budgets.third_at <= CAST($4 AS BIGINT)"
    f" ELSE budgets.third_at <= budgets.last_at - {WEEK - APART} END) RETURNING last_at"
)
_HAND_OVER = "UPDATE budgets SET sent_at = $3, sent_by = $2 WHERE key = $1 AND (sent_by = $2 OR sent_at <= $4)"
