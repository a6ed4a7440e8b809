"""The tables `logs`, `heads` and `tiles`: each site's Merkle tree and the key that signs it.

Invariant: a head is locked before it is read for appending, and moves only in the transaction that
inserts the records it counts.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from consent.storage.database import Insert, Query, Reader, Writer
from consent.tree import Tile


class StoredLog(msgspec.Struct, frozen=True, kw_only=True):
    """A log's identity: its name, its public key, and its private key encrypted."""

    site: str
    origin: str
    public_key: bytes
    private_key: str


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """How far a log has come."""

    size: int
    checkpoint: str


def lock_head(site: str) -> Query:
    """The step that takes the site's write lock and gives its head; portable, where FOR UPDATE is not."""
    return Query("UPDATE heads SET size = size WHERE site = $1 RETURNING size, checkpoint", (site,))


def move_head(site: str, size: int, checkpoint: str) -> Query:
    """The step that moves the locked head."""
    return Query("UPDATE heads SET size = $2, checkpoint = $3 WHERE site = $1", (site, size, checkpoint))


def insert_tiles(site: str, tiles: Sequence[Tile]) -> Insert:
    """The step that stores filled tiles."""
    rows = [(site, tile.level, tile.number, tile.hashes, tile.root) for tile in tiles]
    return Insert("tiles", ("site", "level", "number", "hashes", "root"), rows)


def tile_roots_from(site: str, level: int, number: int) -> Query:
    """The step that gives the roots of the tiles of a level from a number on, in order."""
    sql = "SELECT root FROM tiles WHERE site = $1 AND level = $2 AND number >= $3 ORDER BY number"
    return Query(sql, (site, level, number))


async def create(writer: Writer, log: StoredLog, checkpoint: str, at: int) -> None:
    """A new, empty log, under the signed note of its empty head."""
    await writer.execute(
        "INSERT INTO logs (site, origin, public_key, private_key, created_at) VALUES ($1, $2, $3, $4, $5)",
        log.site,
        log.origin,
        log.public_key,
        log.private_key,
        at,
    )
    await writer.execute("INSERT INTO heads (site, size, checkpoint) VALUES ($1, 0, $2)", log.site, checkpoint)


async def rewrap(writer: Writer, site: str, before: str, after: str) -> bool:
    """Keeps the same key under other secrets; False when another process changed the tokens meanwhile."""
    sql = "UPDATE logs SET private_key = $3 WHERE site = $1 AND private_key = $2"
    return await writer.execute(sql, site, before, after) == 1


async def find(reader: Reader, site: str) -> StoredLog | None:
    """The site's log."""
    row = await reader.row("SELECT site, origin, public_key, private_key FROM logs WHERE site = $1", site)
    return StoredLog(**dict(row)) if row else None


async def all_logs(reader: Reader) -> list[StoredLog]:
    """Every site's log, by site."""
    rows = await reader.rows("SELECT site, origin, public_key, private_key FROM logs ORDER BY site")
    return [StoredLog(**dict(row)) for row in rows]


async def head(reader: Reader, site: str) -> Head | None:
    """The committed head."""
    row = await reader.row("SELECT size, checkpoint FROM heads WHERE site = $1", site)
    return Head(**dict(row)) if row else None


async def tile(reader: Reader, site: str, level: int, number: int) -> tuple[bytes, bytes] | None:
    """A filled tile's hashes, end to end, and its root."""
    sql = "SELECT hashes, root FROM tiles WHERE site = $1 AND level = $2 AND number = $3"
    row = await reader.row(sql, site, level, number)
    return (row["hashes"], row["root"]) if row else None


async def tiles(reader: Reader, site: str, level: int, first: int, last: int) -> dict[int, tuple[bytes, bytes]]:
    """The filled tiles first to last of a level, by number: hashes, end to end, and root."""
    sql = "SELECT number, hashes, root FROM tiles WHERE site = $1 AND level = $2 AND number >= $3 AND number <= $4"
    rows = await reader.rows(sql, site, level, first, last)
    return {row["number"]: (bytes(row["hashes"]), bytes(row["root"])) for row in rows}


async def tile_numbers(reader: Reader, site: str) -> list[tuple[int, int]]:
    """(level, number) of every stored tile."""
    rows = await reader.rows("SELECT level, number FROM tiles WHERE site = $1 ORDER BY level, number", site)
    return [(row["level"], row["number"]) for row in rows]


async def tile_roots(reader: Reader, site: str, level: int, first: int, last: int) -> list[bytes]:
    """The roots of the tiles first to last of a level, in order."""
    sql = "SELECT root FROM tiles WHERE site = $1 AND level = $2 AND number >= $3 AND number <= $4 ORDER BY number"
    return [bytes(row[0]) for row in await reader.rows(sql, site, level, first, last)]
