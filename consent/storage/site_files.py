"""The table `site_files`: the whole site file of each publication, so that it can be written out again.

Invariant: a row is written in the transaction of its publication and never changed; publications made by an older
version of the program have none.
"""

from __future__ import annotations

import msgspec

from consent.storage.database import Reader, Writer


class StoredFile(msgspec.Struct, frozen=True, kw_only=True):
    """The site file of one publication: canonical JSON of its tables, and whose act it was."""

    revision: int
    file: str
    published_by: str


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A publication as a list shows it; `published_by` is empty where nobody wrote it down."""

    revision: int
    notice: str
    changes: str
    published_at: int
    published_by: str


async def add(writer: Writer, site: str, stored: StoredFile) -> None:
    """Keeps the file of a publication that this transaction makes."""
    await writer.execute(
        "INSERT INTO site_files (site, revision, file, published_by) VALUES ($1, $2, $3, $4)",
        site,
        stored.revision,
        stored.file,
        stored.published_by,
    )


async def find(reader: Reader, site: str, revision: int) -> StoredFile | None:
    """The file of the publication; None where an older version of the program made it."""
    sql = "SELECT revision, file, published_by FROM site_files WHERE site = $1 AND revision = $2"
    row = await reader.row(sql, site, revision)
    return StoredFile(**dict(row)) if row else None


async def settings(reader: Reader, site: str, revision: int) -> tuple[str, str] | None:
    """The settings that a publication was made with, and its notice's digest."""
    sql = "SELECT settings, notice FROM publications WHERE site = $1 AND revision = $2"
    row = await reader.row(sql, site, revision)
    return (row["settings"], row["notice"]) if row else None


async def listed(reader: Reader, site: str, before: int, limit: int) -> list[Listed]:
    """The site's publications below a revision, the newest first, each with whose act it was."""
    sql = (
        "SELECT p.revision, p.notice, p.changes, p.published_at, coalesce(f.published_by, '') AS published_by"
        " FROM publications p LEFT JOIN site_files f ON f.site = p.site AND f.revision = p.revision"
        " WHERE p.site = $1 AND p.revision < $2 ORDER BY p.revision DESC LIMIT $3"
    )
    return [Listed(**dict(row)) for row in await reader.rows(sql, site, before, limit)]
