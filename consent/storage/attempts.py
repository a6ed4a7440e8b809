"""The table `attempts`: how each attempt to deliver a row of the outbox ended.

Invariant: an attempt goes with its row, and no fault names an address.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from consent.storage.database import Reader, Writer


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """How one attempt ended."""

    number: int
    ended_at: int
    how: str
    """done, again, dead or dropped."""
    fault: str


async def add(writer: Writer, site: str, delivery: bytes, attempt: Attempt) -> None:
    """Notes it. What is replayed begins to count anew, and takes the place of what was before."""
    await writer.execute(
        "INSERT INTO attempts (site, delivery, number, ended_at, how, fault) VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (site, delivery, number) DO UPDATE SET"
        " ended_at = excluded.ended_at, how = excluded.how, fault = excluded.fault",
        site,
        delivery,
        attempt.number,
        attempt.ended_at,
        attempt.how,
        attempt.fault,
    )


async def of(reader: Reader, site: str, delivery: bytes) -> Sequence[Attempt]:
    """The delivery's attempts, in the order they were made."""
    sql = (
        "SELECT number, ended_at, how, fault FROM attempts WHERE site = $1 AND delivery = $2 ORDER BY ended_at, number"
    )
    return [Attempt(**dict(row)) for row in await reader.rows(sql, site, delivery)]
