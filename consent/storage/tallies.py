"""The table `tallies`: how much was asked, confirmed and bounced lately, at a site and by a source.

Invariant: a source is a keyed hash, and a row is gone when nobody looks back that far.
"""

from __future__ import annotations

from consent.storage.database import Reader, Writer


async def add(writer: Writer, site: str, kind: str, about: str, window_at: int) -> None:
    """Counts one more in the window that begins at this instant."""
    await writer.execute(
        "INSERT INTO tallies (site, kind, about, window_at, count) VALUES ($1, $2, $3, $4, 1)"
        " ON CONFLICT (site, kind, about, window_at) DO UPDATE SET count = tallies.count + 1",
        site,
        kind,
        about,
        window_at,
    )


async def recent(reader: Reader, site: str, kind: str, about: str, since: int) -> int:
    """How much was counted in the windows that began at or after this instant."""
    sql = (
        "SELECT CAST(COALESCE(sum(count), 0) AS BIGINT) AS number FROM tallies"
        " WHERE site = $1 AND kind = $2 AND about = $3 AND window_at >= $4"
    )
    row = await reader.row(sql, site, kind, about, since)
    return int(row["number"]) if row else 0


async def purge(writer: Writer, before: int, limit: int) -> int:
    """Takes away tallies whose window began before this instant."""
    sql = (
        "DELETE FROM tallies WHERE (site, kind, about, window_at) IN"
        " (SELECT site, kind, about, window_at FROM tallies WHERE window_at < $1 ORDER BY window_at LIMIT $2)"
    )
    return await writer.execute(sql, before, limit)
