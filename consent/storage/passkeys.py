"""The tables `passkeys` and `ceremonies`: members' public keys, and the challenges that are out.

Invariant: a challenge is taken once, and nothing here signs anybody in: whoever has the tables has public keys alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from consent.storage.database import Reader, Row, Writer


class StoredPasskey(msgspec.Struct, frozen=True, kw_only=True):
    """A credential that a member registered."""

    id: bytes
    member: bytes
    name: str
    public_key: bytes
    sign_count: int
    made_at: int
    used_at: int | None = None


async def add(writer: Writer, passkey: StoredPasskey) -> None:
    """A new passkey.

    Raises:
        Duplicate: the credential is registered already.
    """
    await writer.execute(
        "INSERT INTO passkeys (id, member, name, public_key, sign_count, made_at) VALUES ($1, $2, $3, $4, $5, $6)",
        passkey.id,
        passkey.member,
        passkey.name,
        passkey.public_key,
        passkey.sign_count,
        passkey.made_at,
    )


async def by_id(reader: Reader, id_: bytes) -> StoredPasskey | None:
    """The passkey with this credential id."""
    row = await reader.row(f"{_SELECT} WHERE id = $1", id_)
    return _passkey(row) if row else None


async def of_member(reader: Reader, member: bytes) -> Sequence[StoredPasskey]:
    """The member's passkeys, in the order they were made."""
    return [_passkey(row) for row in await reader.rows(f"{_SELECT} WHERE member = $1 ORDER BY made_at, id", member)]


async def used(writer: Writer, id_: bytes, before: int, sign_count: int, at: int) -> bool:
    """Notes a use; False when its counter is no longer `before`: another use came in between, or it is gone."""
    sql = "UPDATE passkeys SET sign_count = $3, used_at = $4 WHERE id = $1 AND sign_count = $2"
    return await writer.execute(sql, id_, before, sign_count, at) == 1


async def remove(writer: Writer, member: bytes, id_: bytes) -> bool:
    """Takes the member's passkey away; False when there is no such."""
    return await writer.execute("DELETE FROM passkeys WHERE member = $1 AND id = $2", member, id_) == 1


async def pose(writer: Writer, hash_: bytes, member: bytes | None, expires_at: int) -> None:
    """Notes that a challenge, by its hash, was given out: to a member who registers, or for a sign-in (None)."""
    sql = "INSERT INTO ceremonies (hash, member, expires_at) VALUES ($1, $2, $3)"
    await writer.execute(sql, hash_, member, expires_at)


async def take(writer: Writer, hash_: bytes, member: bytes | None, now: int) -> bool:
    """Takes the challenge; False when it was taken, is too old, or was posed for something else."""
    sql = (
        "DELETE FROM ceremonies WHERE hash = $1 AND expires_at > $3"
        " AND (member = $2 OR member IS NULL AND CAST($4 AS BIGINT) = 1)"
    )
    return await writer.execute(sql, hash_, member, now, int(member is None)) == 1


async def purge(writer: Writer, before: int, limit: int) -> int:
    """Takes away challenges that were too old at this instant."""
    sql = (
        "DELETE FROM ceremonies WHERE hash IN"
        " (SELECT hash FROM ceremonies WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)"
    )
    return await writer.execute(sql, before, limit)


_SELECT = "SELECT id, member, name, public_key, sign_count, made_at, used_at FROM passkeys"


def _passkey(row: Row) -> StoredPasskey:
    return StoredPasskey(**dict(row))
