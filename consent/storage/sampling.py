"""A look at some of a log's consents: what each visitor decided last, at places spread evenly over the whole log,
but in no step with what may repeat itself there.

Invariant: it reads so many rows and so many index entries, however long the log is.
"""

from __future__ import annotations

from consent.storage.database import Reader


async def last_choices(reader: Reader, site: str, size: int, count: int) -> list[str]:
    """The payloads of those records at `count` of the places 1 to `size` that are their visitor's last choice.

    With `count` as large as the log these are all of them: one for each visitor who ever decided and is not erased.
    """
    count = min(size, count)
    rows = await reader.rows(_LAST, site, size, count, size // count)
    return [row["payload"] for row in rows]


# Of so many equal stretches one place each: how far into it goes by multiples of the golden ratio (2^32 / φ).
_LAST = """
WITH RECURSIVE picked(i) AS (
    SELECT CAST(0 AS BIGINT) UNION ALL SELECT i + 1 FROM picked WHERE i + 1 < CAST($3 AS BIGINT)
)
SELECT r.payload FROM picked
JOIN records r ON r.site = $1 AND r.seq = 1 + i * CAST($2 AS BIGINT) / CAST($3 AS BIGINT)
    + (i * 2654435769 % 4294967296) * CAST($4 AS BIGINT) / 4294967296
WHERE r.kind = 'cookies' AND r.payload IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM records later
    WHERE later.site = $1 AND later.subject = r.subject AND later.seq > r.seq AND later.kind = 'cookies'
)
"""
