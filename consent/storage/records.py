"""The tables `records` and `erasures`: the consent records of every site's log.

Invariant: rows are only ever inserted; the one change the database allows is emptying a record that is
on the list of erasures.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from consent.storage.database import Insert, Query, QueryEach, Reader, Row, Value, Writer

COLUMNS = ("site", "seq", "id", "subject", "kind", "recorded_at", "payload", "salt", "leaf", "seal")


class StoredRecord(msgspec.Struct, frozen=True):
    """A record's row, in the order in which `_SELECT` gives its columns; those that may be None are so once erased."""

    seq: int
    id: bytes | None
    subject: bytes | None
    kind: str
    recorded_at: int | None
    payload: str | None
    salt: bytes | None
    leaf: bytes
    seal: bytes
    erased_at: int | None = None
    erasure_seal: bytes | None = None


def insert(rows: Sequence[Sequence[Value]]) -> Insert:
    """The step that appends rows, in the order of COLUMNS."""
    return Insert("records", COLUMNS, rows)


def find_each(keys: Sequence[tuple[str, bytes]]) -> QueryEach:
    """The step that looks up (site, id) pairs; rows of id, kind and payload."""
    return QueryEach("SELECT id, kind, payload FROM records WHERE site = $1 AND id = $2", keys)


LATEST = (
    "SELECT subject, payload FROM records WHERE site = $1 AND subject = $2 AND kind <> 'audit'"
    " ORDER BY seq DESC LIMIT 1"
)


def latest_each(keys: Sequence[tuple[str, bytes]]) -> QueryEach:
    """The step that gives the newest record of each (site, subject); rows of subject and payload."""
    return QueryEach(LATEST, keys)


def leaves_after(site: str, seq: int) -> Query:
    """The step that gives the leaves of all later records, in order."""
    return Query("SELECT leaf FROM records WHERE site = $1 AND seq > $2 ORDER BY seq", (site, seq))


async def leaves(reader: Reader, site: str, first: int, last: int) -> list[bytes]:
    """The leaves of records first to last."""
    sql = "SELECT leaf FROM records WHERE site = $1 AND seq >= $2 AND seq <= $3 ORDER BY seq"
    return [bytes(row[0]) for row in await reader.rows(sql, site, first, last)]


async def by_id(reader: Reader, site: str, id_: bytes) -> StoredRecord | None:
    """The record with this client's id."""
    row = await reader.row(f"{_SELECT} WHERE r.site = $1 AND r.id = $2", site, id_)
    return StoredRecord(*row) if row else None


async def verify_page(reader: Reader, site: str, after: int, limit: int) -> list[Row]:
    """The rows after a place, in the order of COLUMNS from `seq` on; as rows, for millions are checked in one go."""
    sql = (
        "SELECT seq, id, subject, kind, recorded_at, payload, salt, leaf, seal FROM records"
        " WHERE site = $1 AND seq > $2 ORDER BY seq LIMIT $3"
    )
    return await reader.rows(sql, site, after, limit)


async def erasure(reader: Reader, site: str, seq: int) -> Row | None:
    """When a record was erased, and the seal over that; as a row, for whoever checks it trusts no column's type."""
    return await reader.row("SELECT erased_at, seal FROM erasures WHERE site = $1 AND seq = $2", site, seq)


async def ends(reader: Reader, site: str) -> tuple[object, object]:
    """The lowest and the highest seq there is, whatever a head says; None without any."""
    sql = (
        "SELECT (SELECT min(seq) FROM records WHERE site = $1) AS first,"
        " (SELECT max(seq) FROM records WHERE site = $1) AS last"
    )
    row = await reader.row(sql, site)
    return (row["first"], row["last"]) if row else (None, None)


async def rows_and_size(reader: Reader, site: str) -> tuple[int, int]:
    """How many rows there are, and how many the head says, both at one moment."""
    sql = (
        "SELECT (SELECT count(*) FROM records WHERE site = $1) AS rows,"
        " (SELECT size FROM heads WHERE site = $1) AS size"
    )
    row = await reader.row(sql, site)
    return (row["rows"], row["size"]) if row else (0, 0)


async def needless_erasure(reader: Reader, site: str) -> object:
    """The lowest seq that is on the list of erasures and whose record is not there, or not empty; None without any."""
    sql = (
        "SELECT min(e.seq) AS seq FROM erasures e LEFT JOIN records r ON r.site = e.site AND r.seq = e.seq"
        " WHERE e.site = $1 AND (r.seq IS NULL OR r.payload IS NOT NULL)"
    )
    row = await reader.row(sql, site)
    return row["seq"] if row else None


async def first_after(reader: Reader, site: str, seq: int) -> object:
    """The lowest seq after this one."""
    row = await reader.row("SELECT min(seq) AS first FROM records WHERE site = $1 AND seq > $2", site, seq)
    return row["first"] if row else None


async def latest(reader: Reader, site: str, subject: bytes, kind: str) -> str | None:
    """The payload of the subject's newest record of the kind."""
    sql = "SELECT payload FROM records WHERE site = $1 AND subject = $2 AND kind = $3 ORDER BY seq DESC LIMIT 1"
    row = await reader.row(sql, site, subject, kind)
    return str(row["payload"]) if row else None


async def page(
    reader: Reader, site: str, after: int, up_to: int, limit: int, *, newest_first: bool = False
) -> list[StoredRecord]:
    """Records with after < seq <= up_to, in order or back from the last one, at most `limit`."""
    sql = f"{_SELECT} WHERE r.site = $1 AND r.seq > $2 AND r.seq <= $3 {_ORDER[newest_first]} LIMIT $4"
    return [StoredRecord(*row) for row in await reader.rows(sql, site, after, up_to, limit)]


async def page_of_subject(
    reader: Reader, site: str, subject: bytes, after: int, up_to: int, limit: int, *, newest_first: bool = False
) -> list[StoredRecord]:
    """The same, of one subject; what the publisher's people did is nobody's."""
    sql = (
        f"{_SELECT} WHERE r.site = $1 AND r.subject = $5 AND r.kind <> 'audit' AND r.seq > $2 AND r.seq <= $3"
        f" {_ORDER[newest_first]} LIMIT $4"
    )
    return [StoredRecord(*row) for row in await reader.rows(sql, site, after, up_to, limit, subject)]


async def audit_before(reader: Reader, site: str, before: int, limit: int) -> list[StoredRecord]:
    """What the publisher's people, keys and commands did: records with a lower seq, the newest first."""
    sql = f"{_SELECT} WHERE r.site = $1 AND r.kind = 'audit' AND r.seq < $2 ORDER BY r.seq DESC LIMIT $3"
    return [StoredRecord(*row) for row in await reader.rows(sql, site, before, limit)]


async def first_since(reader: Reader, site: str, instant: int, size: int) -> int:
    """The lowest seq recorded at or after the instant, among the first `size`; `size + 1` when there is none.

    A binary search: instants rise with seq, but for what clocks of several hosts differ.
    """
    low, high = 1, size + 1
    sql = (
        "SELECT seq, recorded_at FROM records WHERE site = $1 AND seq >= $2 AND recorded_at IS NOT NULL"
        " ORDER BY seq LIMIT 1"
    )
    while low < high:
        middle = (low + high) // 2
        row = await reader.row(sql, site, middle)
        if row is None or row["recorded_at"] >= instant:
            high = middle
        else:
            low = int(row["seq"]) + 1
    return low


async def erase(writer: Writer, site: str, seq: int, erased_at: int, seal: bytes) -> None:
    """Empties one record and puts the erasure on record."""
    sql = "INSERT INTO erasures (site, seq, erased_at, seal) VALUES ($1, $2, $3, $4)"
    await writer.execute(sql, site, seq, erased_at, seal)
    await writer.execute(
        "UPDATE records SET id = NULL, subject = NULL, recorded_at = NULL, payload = NULL, salt = NULL"
        " WHERE site = $1 AND seq = $2",
        site,
        seq,
    )


_SELECT = (
    "SELECT r.seq, r.id, r.subject, r.kind, r.recorded_at, r.payload, r.salt, r.leaf, r.seal,"
    " e.erased_at, e.seal AS erasure_seal"
    " FROM records r LEFT JOIN erasures e ON e.site = r.site AND e.seq = r.seq"
)
_ORDER = ("ORDER BY r.seq", "ORDER BY r.seq DESC")
