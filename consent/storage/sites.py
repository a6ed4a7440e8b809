"""The tables `sites`, `notices` and `publications`: what each site asks, now and ever before.

Invariant: a published notice is immutable and kept for ever, for records name it by its digest; one whose
words are not what its digest names is never given to anybody.
"""

from __future__ import annotations

from typing import LiteralString

import msgspec

from consent import notices as documents
from consent.canonical import sha256_hex
from consent.errors import Altered, Refused
from consent.storage.database import Reader, Row, Writer


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
        "INSERT INTO notices (site, digest, material, document, published_at)"
        " SELECT $1, $2, $3, $4, CAST($5 AS BIGINT)"
        # On SQLite a trigger refuses the key that is there already before ON CONFLICT is asked.
        " WHERE NOT EXISTS (SELECT 1 FROM notices WHERE site = $1 AND digest = $2)"
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
    """One published notice of the site.

    Raises:
        Altered: its words are not what the digest names.
    """
    row = await reader.row(f"{_NOTICES} WHERE site = $1 AND digest = $2", site, digest)
    return checked(row) if row else None


async def notices(reader: Reader, site: str, limit: int | None = None) -> list[StoredNotice]:
    """The site's notices, the newest first.

    Raises:
        Altered: the words of one are not what its digest names.
    """
    sql = f"{_NOTICES} WHERE site = $1 ORDER BY published_at DESC, digest"
    if limit is None:
        return [checked(row) for row in await reader.rows(sql, site)]
    return [checked(row) for row in await reader.rows(f"{sql} LIMIT $2", site, limit)]


def checked(row: Row) -> StoredNotice:
    """The notice in this row, once it is shown to be what its digest names."""
    digest, material, document, published_at = row["digest"], row["material"], row["document"], row["published_at"]
    if not isinstance(document, str) or sha256_hex(document.encode()) != digest:
        raise Altered(f"the notice {digest} was altered: its words are not what its digest names")
    try:
        fingerprint = documents.material(documents.parse_notice(document.encode()))
    except Refused:
        raise Altered(f"the notice {digest} is none that this program published") from None
    if material != fingerprint:
        raise Altered(f"the notice {digest} was altered: its material fingerprint is not that of its words")
    return StoredNotice(digest=digest, material=material, document=document, published_at=published_at)


async def publications(reader: Reader, site: str, limit: int, *, before: int | None = None) -> list[Publication]:
    """The site's publications, or those before this revision, the newest first."""
    sql = (
        "SELECT revision, notice, changes, published_at FROM publications WHERE site = $1 AND revision < $3"
        " ORDER BY revision DESC LIMIT $2"
    )
    rows = await reader.rows(sql, site, limit, before if before is not None else 1 << 62)
    return [Publication(**dict(row)) for row in rows]


async def publication_rows(reader: Reader, site: str) -> list[Row]:
    """Revision and notice of every publication, in order; as rows, for whoever checks them trusts none."""
    return await reader.rows("SELECT revision, notice FROM publications WHERE site = $1 ORDER BY revision", site)


async def in_force(reader: Reader, site: str) -> Row | None:
    """What the site's row says beside what its last publication says (`last_…`), both at one moment."""
    sql = (
        "SELECT s.revision, s.notice, s.settings, s.published_at, p.revision AS last_revision,"
        " p.notice AS last_notice, p.settings AS last_settings, p.published_at AS last_published_at"
        " FROM sites s LEFT JOIN publications p ON p.site = s.id"
        " AND p.revision = (SELECT max(revision) FROM publications WHERE site = $1) WHERE s.id = $1"
    )
    return await reader.row(sql, site)


async def names(reader: Reader) -> list[str]:
    """Every site of which anything is stored, whatever table it stands in."""
    found: set[str] = set()
    for table, column in _TABLES.items():
        # By steps from one name to the next: a million records of one site are not read for it.
        sql = f"SELECT min({column}) AS name FROM {table} WHERE {column} > $1"
        row = await reader.row(f"SELECT min({column}) AS name FROM {table}")
        while row and row["name"] is not None:
            found.add(row["name"])
            row = await reader.row(sql, row["name"])
    return sorted(found, key=str)


async def tables(reader: Reader, site: str) -> frozenset[str]:
    """The tables in which anything of the site stands."""
    sql = "SELECT " + ", ".join(
        f"EXISTS (SELECT 1 FROM {table} WHERE {column} = $1) AS {table}" for table, column in _TABLES.items()
    )
    row = await reader.row(sql, site)
    return frozenset(table for table in _TABLES if row and row[table])


_SITES = "SELECT id, settings, notice, revision, published_at FROM sites"
_NOTICES = "SELECT digest, material, document, published_at FROM notices"
_TABLES: dict[LiteralString, LiteralString] = {
    "sites": "id",
    "logs": "site",
    "heads": "site",
    "records": "site",
    "notices": "site",
    "publications": "site",
    "tiles": "site",
    "erasures": "site",
}
