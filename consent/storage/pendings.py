"""The tables `pendings` and `pending_lists`: what was asked for at an address that nobody has proven yet.

Invariant: nothing here changes a subscriber. With `is_real=False` a function runs the same statements and writes
nothing, so that an answer takes the same time whatever the address is.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from consent import canonical
from consent.storage.database import Reader, Row, Writer


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for a confirmation: a sign-up, or a subscriber's change to this address (`kind`)."""

    id: bytes
    key: bytes
    kind: str
    subscriber: bytes | None = None
    email: str
    language: str
    asked_at: int
    mailed_at: int | None = None
    reminded_at: int | None = None


class PendingList(msgspec.Struct, frozen=True, kw_only=True):
    """One list that was asked for, and by which words, where and how."""

    list: str
    asked_at: int
    notice: str
    language: str
    page: str = ""
    source: dict[str, str] = {}
    via: str = "form"
    variant: str = ""
    ip: str = ""
    confirmed_at: int | None = None


async def upsert(writer: Writer, site: str, pending: Pending, *, is_real: bool = True) -> bytes:
    """Keeps it, or renews what the same address has asked before in this kind; gives the id that stands.

    What another subscriber asked for is replaced, id and all: the link that was mailed for that one moves nobody else.
    """
    row = await writer.row(
        _UPSERT,
        site,
        pending.id,
        pending.key,
        pending.kind,
        pending.subscriber,
        pending.email,
        pending.language,
        pending.asked_at,
        int(is_real),
    )
    return bytes(row["id"]) if row else pending.id


async def add_lists(
    writer: Writer, site: str, id_: bytes, lists: Sequence[PendingList], *, is_real: bool = True
) -> None:
    """Adds lists to what waits; of one that was asked for before the newest words stand, to be confirmed anew."""
    rows = [
        (
            site,
            id_,
            asked.list,
            asked.asked_at,
            asked.notice,
            asked.language,
            asked.page,
            canonical.encode(asked.source).decode(),
            asked.via,
            asked.variant,
            asked.ip,
            int(is_real),
        )
        for asked in lists
    ]
    await writer.execute_many(_ADD_LIST, rows)


async def find(reader: Reader, site: str, id_: bytes) -> Pending | None:
    """What waits under this id."""
    return _pending(await reader.row(f"{_SELECT} WHERE site = $1 AND id = $2", site, id_))


async def by_key(reader: Reader, site: str, key: bytes, kind: str) -> Pending | None:
    """What waits for this address, of this kind."""
    return _pending(await reader.row(f"{_SELECT} WHERE site = $1 AND key = $2 AND kind = $3", site, key, kind))


async def known_of(reader: Reader, site: str, key: bytes, subscriber: bytes | None) -> Sequence[Pending]:
    """All that waits for this address, and all that came of this subscriber or waits for it."""
    sql = f"{_SELECT} WHERE site = $1 AND (key = $2 OR subscriber = $3) ORDER BY asked_at, id"
    return [Pending(**dict(row)) for row in await reader.rows(sql, site, key, subscriber or b"")]


async def lists(reader: Reader, site: str, id_: bytes) -> Sequence[PendingList]:
    """The lists that were asked for, by name; confirmed ones too."""
    sql = (
        "SELECT list, asked_at, notice, language, page, source, via, variant, ip, confirmed_at"
        " FROM pending_lists WHERE site = $1 AND pending = $2 ORDER BY list"
    )
    rows = [dict(row) for row in await reader.rows(sql, site, id_)]
    return [PendingList(**row | {"source": _read_source(row["source"])}) for row in rows]


async def lock(writer: Writer, site: str, id_: bytes) -> Pending | None:
    """What waits under this id, and every other transaction that locks it waits too."""
    sql = f"UPDATE pendings SET asked_at = asked_at WHERE site = $1 AND id = $2 RETURNING {_COLUMNS}"
    return _pending(await writer.row(sql, site, id_))


async def mark_confirmed(writer: Writer, site: str, id_: bytes, list_: str, at: int, subscriber: bytes) -> None:
    """Notes that the list was confirmed, and who came of it."""
    sql = "UPDATE pending_lists SET confirmed_at = $4 WHERE site = $1 AND pending = $2 AND list = $3"
    await writer.execute(sql, site, id_, list_, at)
    await writer.execute("UPDATE pendings SET subscriber = $3 WHERE site = $1 AND id = $2", site, id_, subscriber)


async def mailed(writer: Writer, site: str, id_: bytes, at: int) -> None:
    """Notes that the confirmation went out."""
    await writer.execute("UPDATE pendings SET mailed_at = $3 WHERE site = $1 AND id = $2", site, id_, at)


async def delete(writer: Writer, site: str, id_: bytes) -> bool:
    """Takes it away with its lists; False when there is none."""
    return await writer.execute("DELETE FROM pendings WHERE site = $1 AND id = $2", site, id_) == 1


async def delete_of_key(writer: Writer, site: str, key: bytes) -> int:
    """Takes away all that waits for this address at the site."""
    return await writer.execute("DELETE FROM pendings WHERE site = $1 AND key = $2", site, key)


async def delete_of_subscriber(writer: Writer, site: str, subscriber: bytes) -> int:
    """Takes away all that came of this subscriber or waits for it: other addresses of the person too."""
    return await writer.execute("DELETE FROM pendings WHERE site = $1 AND subscriber = $2", site, subscriber)


async def purge(writer: Writer, site: str, before: int, limit: int) -> int:
    """Takes away what was asked for last before this instant; at most `limit` at once."""
    sql = (
        "DELETE FROM pendings WHERE (site, id) IN"
        " (SELECT site, id FROM pendings WHERE site = $1 AND asked_at < $2 ORDER BY asked_at LIMIT $3)"
    )
    return await writer.execute(sql, site, before, limit)


async def ages(reader: Reader, site: str, before: int) -> tuple[int | None, int]:
    """What waits: when the longest of it was asked for, and how much was asked for last before this instant."""
    sql = (
        "SELECT min(asked_at) AS oldest,"
        " CAST(COALESCE(sum(CASE WHEN asked_at < $2 THEN 1 ELSE 0 END), 0) AS BIGINT) AS due"
        " FROM pendings WHERE site = $1"
    )
    row = await reader.row(sql, site, before)
    return (row["oldest"], int(row["due"])) if row else (None, 0)


async def to_remind(
    reader: Reader, site: str, *, mailed_before: int, asked_since: int, limit: int
) -> Sequence[Pending]:
    """Sign-ups that got their mail before the one instant, were asked for since the other, and had no answer at all."""
    sql = (
        f"{_SELECT} p WHERE site = $1 AND kind = 'signup' AND reminded_at IS NULL AND mailed_at <= $2"
        " AND asked_at <= $2 AND asked_at >= $3 AND EXISTS (SELECT 1 FROM pending_lists l"
        " WHERE l.site = p.site AND l.pending = p.id) AND NOT EXISTS (SELECT 1 FROM pending_lists l"
        " WHERE l.site = p.site AND l.pending = p.id AND l.confirmed_at IS NOT NULL) ORDER BY asked_at LIMIT $4"
    )
    return [Pending(**dict(row)) for row in await reader.rows(sql, site, mailed_before, asked_since, limit)]


async def reminded(writer: Writer, site: str, id_: bytes, at: int) -> bool:
    """Notes the one reminder; False when it was noted before, or nothing waits any more."""
    sql = "UPDATE pendings SET reminded_at = $3 WHERE site = $1 AND id = $2 AND reminded_at IS NULL"
    return await writer.execute(sql, site, id_, at) == 1


def _pending(row: Row | None) -> Pending | None:
    return Pending(**dict(row)) if row else None


_read_source = msgspec.json.Decoder(dict[str, str]).decode
_COLUMNS = "id, key, kind, subscriber, email, language, asked_at, mailed_at, reminded_at"
_SELECT = f"SELECT {_COLUMNS} FROM pendings"
_UPSERT = (
    "INSERT INTO pendings (site, id, key, kind, subscriber, email, language, asked_at)"
    " SELECT $1, $2, $3, $4, $5, $6, $7, $8 WHERE CAST($9 AS BIGINT) = 1"
    " ON CONFLICT (site, key, kind) DO UPDATE SET email = excluded.email, language = excluded.language,"
    " asked_at = excluded.asked_at, subscriber = COALESCE(excluded.subscriber, pendings.subscriber),"
    " id = CASE WHEN excluded.subscriber <> pendings.subscriber THEN excluded.id ELSE pendings.id END,"
    " mailed_at = CASE WHEN excluded.subscriber <> pendings.subscriber THEN NULL ELSE pendings.mailed_at END"
    " RETURNING id"
)
_ADD_LIST = (
    "INSERT INTO pending_lists (site, pending, list, asked_at, notice, language, page, source, via, variant, ip)"
    " SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 WHERE CAST($12 AS BIGINT) = 1"
    " ON CONFLICT (site, pending, list) DO UPDATE SET asked_at = excluded.asked_at, notice = excluded.notice,"
    " language = excluded.language, page = excluded.page, source = excluded.source, via = excluded.via,"
    " variant = excluded.variant, ip = excluded.ip, confirmed_at = NULL"
)
