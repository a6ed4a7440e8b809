"""The table `keys`: API keys, of which only a hash is kept.

Invariant: a revoked key is never found again.
"""

from __future__ import annotations

import msgspec

from consent.storage.database import Reader, Row, Writer


class StoredKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key's row: whose it is and what it may do."""

    site: str
    id: str
    name: str = ""
    scopes: frozenset[str]
    created_at: int
    used_at: int | None = None
    expires_at: int | None = None
    revoked_at: int | None = None


async def add(writer: Writer, key: StoredKey, hash_: bytes) -> None:
    """A new key, by its hash."""
    await writer.execute(
        "INSERT INTO keys (site, id, hash, scopes, created_at, name, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        key.site,
        key.id,
        hash_,
        " ".join(sorted(key.scopes)),
        key.created_at,
        key.name,
        key.expires_at,
    )


async def by_hash(reader: Reader, hash_: bytes) -> StoredKey | None:
    """The key with this hash, unless it is revoked."""
    row = await reader.row(f"{_SELECT} WHERE hash = $1 AND revoked_at IS NULL", hash_)
    return _key(row) if row else None


async def of_site(reader: Reader, site: str) -> list[StoredKey]:
    """All keys of the site, revoked ones too, in the order they were made."""
    return [_key(row) for row in await reader.rows(f"{_SELECT} WHERE site = $1 ORDER BY created_at, id", site)]


async def touch(writer: Writer, site: str, id_: str, at: int) -> None:
    """Notes that the key was used."""
    await writer.execute(
        "UPDATE keys SET used_at = $3 WHERE site = $1 AND id = $2 AND (used_at IS NULL OR used_at < $3)", site, id_, at
    )


async def revoke(writer: Writer, site: str, id_: str, at: int) -> bool:
    """Ends the key; False when the site has no such key in force."""
    sql = "UPDATE keys SET revoked_at = $3 WHERE site = $1 AND id = $2 AND revoked_at IS NULL"
    return await writer.execute(sql, site, id_, at) == 1


_SELECT = "SELECT site, id, name, scopes, created_at, used_at, expires_at, revoked_at FROM keys"


def _key(row: Row) -> StoredKey:
    return StoredKey(
        site=row["site"],
        id=row["id"],
        name=row["name"] or "",
        scopes=frozenset(row["scopes"].split()),
        created_at=row["created_at"],
        used_at=row["used_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
    )
