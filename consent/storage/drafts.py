"""The tables `drafts` and `draft_versions`: site files that are being written, with what they were before.

Invariant: a version is never changed, only followed by the next; who writes one names the version that was seen, and
of two that saw the same only the first gets a row. A draft that ended stays for a while, for whoever still writes it.
"""

from __future__ import annotations

import msgspec

from consent.storage.database import Reader, Row, Writer

KEPT_VERSIONS = 50


class StoredDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A draft with its newest version."""

    id: bytes
    version: int
    begun_from: int
    aside_of: bytes | None
    aside_version: int | None
    made_by: str
    made_at: int
    ended_at: int | None = None
    """When it was published or discarded."""
    file: str
    faults: int
    saved_by: str
    saved_at: int


class StoredVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a draft."""

    version: int
    file: str
    faults: int
    """How many things are to be mended in it."""
    saved_by: str
    saved_at: int


class ListedDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A draft as a list tells it: without its file."""

    id: bytes
    version: int
    begun_from: int
    aside_of: bytes | None
    faults: int
    saved_by: str
    saved_at: int


async def add(writer: Writer, site: str, draft: StoredDraft) -> None:
    """A new draft with its first version."""
    await writer.execute(
        "INSERT INTO drafts (site, id, version, begun_from, aside_of, aside_version, made_by, made_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        site,
        draft.id,
        draft.version,
        draft.begun_from,
        draft.aside_of,
        draft.aside_version,
        draft.made_by,
        draft.made_at,
    )
    await _add_version(writer, site, draft.id, _newest(draft))


async def find(reader: Reader, site: str, draft: bytes) -> StoredDraft | None:
    """The draft with this id."""
    row = await reader.row(f"{_DRAFTS} WHERE d.site = $1 AND d.id = $2", site, draft)
    return _draft(row) if row else None


async def of_site(reader: Reader, site: str) -> list[ListedDraft]:
    """The site's open drafts, the one saved last first."""
    sql = (
        f"SELECT d.id, d.version, d.begun_from, d.aside_of, v.faults, v.saved_by, v.saved_at {_NEWEST}"
        " WHERE d.site = $1 AND d.ended_at IS NULL ORDER BY v.saved_at DESC, d.id"
    )
    return [ListedDraft(**dict(row)) for row in await reader.rows(sql, site)]


async def count(reader: Reader, site: str) -> int:
    """How many open drafts the site has."""
    row = await reader.row("SELECT count(*) AS found FROM drafts WHERE site = $1 AND ended_at IS NULL", site)
    return int(row["found"]) if row else 0


async def version(reader: Reader, site: str, draft: bytes, number: int) -> StoredVersion | None:
    """One version of a draft; None when it is too old to be kept."""
    sql = f"{_VERSIONS} AND version = $3"
    row = await reader.row(sql, site, draft, number)
    return StoredVersion(**dict(row)) if row else None


async def versions(reader: Reader, site: str, draft: bytes, after: int) -> list[StoredVersion]:
    """The versions above a number, the oldest first."""
    sql = f"{_VERSIONS} AND version > $3 ORDER BY version"
    return [StoredVersion(**dict(row)) for row in await reader.rows(sql, site, draft, after)]


async def follow(writer: Writer, site: str, draft: bytes, seen: int, begun_from: int, next_: StoredVersion) -> bool:
    """Puts the next version after the one that was seen, and opens a draft that ended again.

    False, and nothing happened, when that version is not the newest.
    """
    touched = await writer.execute(
        "UPDATE drafts SET version = $4, begun_from = $5, ended_at = NULL WHERE site = $1 AND id = $2 AND version = $3",
        site,
        draft,
        seen,
        next_.version,
        begun_from,
    )
    if touched:
        await _add_version(writer, site, draft, next_)
        await writer.execute(
            "DELETE FROM draft_versions WHERE site = $1 AND draft = $2 AND version <= $3",
            site,
            draft,
            next_.version - KEPT_VERSIONS,
        )
    return touched > 0


async def end(writer: Writer, site: str, draft: bytes, version: int, begun_from: int, at: int) -> bool:
    """Ends a draft, when this is its newest version and it has not ended yet."""
    sql = (
        "UPDATE drafts SET ended_at = $5, begun_from = $4"
        " WHERE site = $1 AND id = $2 AND version = $3 AND ended_at IS NULL"
    )
    return await writer.execute(sql, site, draft, version, begun_from, at) > 0


async def purge(writer: Writer, site: str, before: int) -> None:
    """Takes away, with all their versions, the drafts that ended before an instant."""
    ended = "SELECT id FROM drafts WHERE site = $1 AND ended_at < $2"
    await writer.execute(f"DELETE FROM draft_versions WHERE site = $1 AND draft IN ({ended})", site, before)
    await writer.execute("DELETE FROM drafts WHERE site = $1 AND ended_at < $2", site, before)


async def _add_version(writer: Writer, site: str, draft: bytes, stored: StoredVersion) -> None:
    await writer.execute(
        "INSERT INTO draft_versions (site, draft, version, file, faults, saved_by, saved_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        site,
        draft,
        stored.version,
        stored.file,
        stored.faults,
        stored.saved_by,
        stored.saved_at,
    )


def _newest(draft: StoredDraft) -> StoredVersion:
    return StoredVersion(
        version=draft.version, file=draft.file, faults=draft.faults, saved_by=draft.saved_by, saved_at=draft.saved_at
    )


def _draft(row: Row) -> StoredDraft:
    return StoredDraft(**dict(row))


_NEWEST = "FROM drafts d JOIN draft_versions v ON v.site = d.site AND v.draft = d.id AND v.version = d.version"
_DRAFTS = (
    "SELECT d.id, d.version, d.begun_from, d.aside_of, d.aside_version, d.made_by, d.made_at, d.ended_at, v.file,"
    f" v.faults, v.saved_by, v.saved_at {_NEWEST}"
)
_VERSIONS = "SELECT version, file, faults, saved_by, saved_at FROM draft_versions WHERE site = $1 AND draft = $2"
