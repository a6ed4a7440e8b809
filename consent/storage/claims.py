"""The tables `claims` and `forgotten`: what people asked for by their rights, and which addresses must stay erased.

Invariant: a claim names nobody: neither who asked nor what it was found by; an address is here by its keyed hash alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from consent import canonical
from consent.storage.database import Reader, Row, Writer

Kind = Literal["access", "erasure"]


class StoredClaim(msgspec.Struct, frozen=True, kw_only=True):
    """A claim's row; `asked_by` are kinds of identifiers, `kept` names of what stays."""

    id: bytes
    kind: Kind
    at: int
    actor: str
    asked_by: tuple[str, ...]
    counts: Mapping[str, int]
    kept: tuple[str, ...] = ()


async def put(writer: Writer, site: str, claim: StoredClaim) -> None:
    """Keeps that it was asked and answered."""
    await writer.execute(
        "INSERT INTO claims (site, id, kind, at, actor, asked_by, counts, kept)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        site,
        claim.id,
        claim.kind,
        claim.at,
        claim.actor,
        canonical.encode(claim.asked_by).decode(),
        canonical.encode(claim.counts).decode(),
        canonical.encode(claim.kept).decode(),
    )


async def page(reader: Reader, site: str, before: bytes | None, limit: int) -> Sequence[StoredClaim]:
    """The site's claims, the newest first; those before this id where one is given."""
    sql = f"{_SELECT} WHERE site = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
    return [_claim(row) for row in await reader.rows(sql, site, before or b"\xff" * 17, limit)]


async def purge(writer: Writer, site: str, before: int, limit: int) -> int:
    """Takes away the site's claims from before this instant."""
    sql = (
        "DELETE FROM claims WHERE (site, id) IN"
        " (SELECT site, id FROM claims WHERE site = $1 AND at < $2 ORDER BY at LIMIT $3)"
    )
    return await writer.execute(sql, site, before, limit)


async def ages(reader: Reader, site: str, before: int) -> tuple[int | None, int]:
    """When the oldest claim was answered, and how many were before this instant."""
    sql = (
        "SELECT min(at) AS oldest,"
        " CAST(COALESCE(sum(CASE WHEN at < $2 THEN 1 ELSE 0 END), 0) AS BIGINT) AS due"
        " FROM claims WHERE site = $1"
    )
    row = await reader.row(sql, site, before)
    return (row["oldest"], int(row["due"])) if row else (None, 0)


class Forgotten(msgspec.Struct, frozen=True, kw_only=True):
    """An address that was erased at a site, by its keyed hash."""

    site: str
    key: bytes
    erased_at: int


async def forget(writer: Writer, forgotten: Forgotten) -> None:
    """Notes the erasure; the latest counts."""
    await writer.execute(
        "INSERT INTO forgotten (site, key, erased_at) VALUES ($1, $2, $3)"
        " ON CONFLICT (site, key) DO UPDATE SET erased_at = excluded.erased_at"
        " WHERE excluded.erased_at > forgotten.erased_at",
        forgotten.site,
        forgotten.key,
        forgotten.erased_at,
    )


def _claim(row: Row) -> StoredClaim:
    return StoredClaim(
        id=bytes(row["id"]),
        kind=row["kind"],
        at=row["at"],
        actor=row["actor"],
        asked_by=_read_words(row["asked_by"]),
        counts=_read_counts(row["counts"]),
        kept=_read_words(row["kept"]),
    )


_read_words = msgspec.json.Decoder(tuple[str, ...]).decode
_read_counts = msgspec.json.Decoder(dict[str, int]).decode
_SELECT = "SELECT id, kind, at, actor, asked_by, counts, kept FROM claims"
