"""The table `idempotency`: answers to writes, kept under the key that the caller gave the request.

Invariant: of equal requests at one time one has the claim; an answer, once kept, never changes until it is purged.
"""

from __future__ import annotations

import msgspec

from consent.storage.database import Reader, Writer


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept under a key: the digest of the request, until when it is being answered, and the sealed answer."""

    request: bytes
    created_at: int
    lease_until: int
    answer: str | None


async def claim(
    writer: Writer, site: str, key: bytes, request: bytes, now: int, *, until: int, older_than: int
) -> bool:
    """Whether the caller is the one to do it: nobody asked by this key, or long ago, or did not come to an end."""
    sql = (
        "INSERT INTO idempotency (site, key, request, created_at, lease_until, answer)"
        " VALUES ($1, $2, $3, $4, $5, NULL)"
        " ON CONFLICT (site, key) DO UPDATE SET request = excluded.request, created_at = excluded.created_at,"
        " lease_until = excluded.lease_until, answer = NULL"
        " WHERE idempotency.created_at < $6 OR (idempotency.answer IS NULL AND idempotency.lease_until <= $4"
        " AND idempotency.request = excluded.request)"
    )
    return await writer.execute(sql, site, key, request, now, until, older_than) == 1


async def find(reader: Reader, site: str, key: bytes) -> Kept | None:
    """What is kept under the key."""
    sql = "SELECT request, created_at, lease_until, answer FROM idempotency WHERE site = $1 AND key = $2"
    row = await reader.row(sql, site, key)
    return Kept(**dict(row)) if row else None


async def keep(writer: Writer, site: str, key: bytes, claimed_at: int, answer: str) -> None:
    """Keeps the answer of who has the claim since then."""
    sql = "UPDATE idempotency SET answer = $4 WHERE site = $1 AND key = $2 AND created_at = $3 AND answer IS NULL"
    await writer.execute(sql, site, key, claimed_at, answer)


async def release(writer: Writer, site: str, key: bytes, claimed_at: int) -> None:
    """Gives the claim back: nothing came of the request."""
    sql = "DELETE FROM idempotency WHERE site = $1 AND key = $2 AND created_at = $3 AND answer IS NULL"
    await writer.execute(sql, site, key, claimed_at)


async def purge(writer: Writer, before: int, limit: int) -> int:
    """Takes away what was asked before this instant."""
    sql = (
        "DELETE FROM idempotency WHERE (site, key) IN"
        " (SELECT site, key FROM idempotency WHERE created_at < $1 ORDER BY created_at LIMIT $2)"
    )
    return await writer.execute(sql, before, limit)
