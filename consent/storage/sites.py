"""The tables `sites`, `notices` and `publications`: what each site asks, now and ever before.

Invariant: a published notice is immutable and kept for ever, for records name it by its digest.
"""

from __future__ import annotations

import msgspec

from consent.storage.database import Reader, Writer


class StoredSite(msgspec.Struct, frozen=True, kw_only=True):
    """A site's row: its settings as JSON, the digest of its notice, and how often it was published."""

    id: str
    settings: str
    notice: str
    revision: int
    published_at: int


class StoredNotice(msgspec.Struct, frozen=True, kw_only=True):
    """A notice's row."""

    digest: str
    material: str
    document: str
    published_at: int


class Publication(msgspec.Struct, frozen=True, kw_only=True):
    """One act of publishing; `changes` is a JSON list of what differs from the one before."""

    revision: int
    notice: str
    changes: str
    published_at: int


async def find(reader: Reader, site: str) -> StoredSite | None:
    """The site with this id."""
    row = await reader.row(f"{_SITES} WHERE id = $1", site)
    return StoredSite(**dict(row)) if row else None


async def lock(writer: Writer, site: str) -> StoredSite | None:
    """The site, locked until the transaction ends, so that publications come one after the other."""
    await writer.execute("UPDATE sites SET revision = revision WHERE id = $1", site)
    return await find(writer, site)


async def revisions(reader: Reader) -> dict[str, int]:
    """Each site's revision: what a running service watches."""
    return {row["id"]: row["revision"] for row in await reader.rows("SELECT id, revision FROM sites")}


async def put(writer: Writer, site: StoredSite) -> None:
    """Inserts the site or moves it to a new revision."""
    await writer.execute(
        "INSERT INTO sites (id, settings, notice, revision, published_at) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (id) DO UPDATE SET settings = excluded.settings, notice = excluded.notice,"
        " revision = excluded.revision, published_at = excluded.published_at",
        site.id,
        site.settings,
        site.notice,
        site.revision,
        site.published_at,
    )


async def add_notice(writer: Writer, site: str, notice: StoredNotice) -> None:
    """Keeps a notice; one that is there already stays as it is."""
    await writer.execute(
        "INSERT INTO notices (site, digest, material, document, published_at) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (site, digest) DO NOTHING",
        site,
        notice.digest,
        notice.material,
        notice.document,
        notice.published_at,
    )


async def add_publication(writer: Writer, site: StoredSite, changes: str) -> None:
    """Puts the site's present state on the list of its publications."""
    await writer.execute(
        "INSERT INTO publications (site, revision, notice, settings, changes, published_at)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        site.id,
        site.revision,
        site.notice,
        site.settings,
        changes,
        site.published_at,
    )


async def notice(reader: Reader, site: str, digest: str) -> StoredNotice | None:
    """One published notice of the site."""
    row = await reader.row(f"{_NOTICES} WHERE site = $1 AND digest = $2", site, digest)
    return StoredNotice(**dict(row)) if row else None


async def notices(reader: Reader, site: str, limit: int) -> list[StoredNotice]:
    """The site's notices, the newest first."""
    sql = f"{_NOTICES} WHERE site = $1 ORDER BY published_at DESC, digest LIMIT $2"
    return [StoredNotice(**dict(row)) for row in await reader.rows(sql, site, limit)]


async def publications(reader: Reader, site: str, limit: int) -> list[Publication]:
    """The site's publications, the newest first."""
    sql = (
        "SELECT revision, notice, changes, published_at FROM publications WHERE site = $1"
        " ORDER BY revision DESC LIMIT $2"
    )
    return [Publication(**dict(row)) for row in await reader.rows(sql, site, limit)]


_SITES = "SELECT id, settings, notice, revision, published_at FROM sites"
_NOTICES = "SELECT digest, material, document, published_at FROM notices"
