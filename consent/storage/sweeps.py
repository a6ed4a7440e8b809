"""The tables `sweeps` and `retired`: what was taken away because its time was over, and when.

Invariant: a record is retired only in the transaction that erases it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import msgspec

from consent.storage.database import Reader, Writer


class Sweep(msgspec.Struct, frozen=True, kw_only=True):
    """The last sweep of one kind of data: when, and how many rows went when any went last."""

    kind: str
    swept_at: int
    gone: int = 0
    gone_at: int | None = None
    reached: int = 0
    """Of records: none of a visitor is left up to this number."""


async def of(reader: Reader, site: str) -> Mapping[str, Sweep]:
    """The site's last sweeps, by kind; an empty site for what belongs to none."""
    rows = await reader.rows(
        "SELECT kind, swept_at, gone, gone_at, reached FROM sweeps WHERE site = $1 ORDER BY kind", site
    )
    return {row["kind"]: Sweep(**dict(row)) for row in rows}


async def note(writer: Writer, site: str, kind: str, at: int, gone: int, reached: int = 0) -> None:
    """A sweep is over; one that took nothing leaves standing what went last."""
    await writer.execute(
        "INSERT INTO sweeps (site, kind, swept_at, gone, gone_at, reached)"
        " VALUES ($1, $2, $3, $4, CASE WHEN CAST($4 AS BIGINT) > 0 THEN CAST($3 AS BIGINT) END, $5)"
        " ON CONFLICT (site, kind) DO UPDATE SET swept_at = excluded.swept_at,"
        " gone = CASE WHEN excluded.gone > 0 THEN excluded.gone ELSE sweeps.gone END,"
        " gone_at = COALESCE(excluded.gone_at, sweeps.gone_at),"
        " reached = CASE WHEN excluded.reached > sweeps.reached THEN excluded.reached ELSE sweeps.reached END",
        site,
        kind,
        at,
        gone,
        reached,
    )


async def retire(writer: Writer, site: str, seqs: Sequence[int]) -> None:
    """Notes that these records are erased because their time was over."""
    await writer.execute_many("INSERT INTO retired (site, seq) VALUES ($1, $2)", [(site, seq) for seq in seqs])


async def retired_among(reader: Reader, site: str, first: int, last: int) -> Collection[int]:
    """Which of the records first to last went because their time was over."""
    sql = "SELECT seq FROM retired WHERE site = $1 AND seq >= $2 AND seq <= $3"
    return {row["seq"] for row in await reader.rows(sql, site, first, last)}
