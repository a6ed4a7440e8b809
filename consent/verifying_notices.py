"""The words shown: whether every notice of a site is what its digest names, and whatever names one finds it.

Invariant: a record proves what was answered only while the words it answers are proven too; so both are
checked in one go, and what is wrong is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from consent.errors import Altered
from consent.storage import sites
from consent.storage.database import Database, Row


async def verify(database: Database, site: str, answered: Mapping[str, int]) -> None:
    """Checks the site's notices and publications, and those that records answer (digest -> first record).

    Raises:
        Altered: names the notice or the publication that is wrong, or the first record without its notice.
    """
    async with database.reading() as reader:
        row = await sites.in_force(reader, site)
        publications = await sites.publication_rows(reader, site)
        # Last: what is published meanwhile has its notice then.
        stored = {notice.digest for notice in await sites.notices(reader, site)}
    for digest, seq in answered.items():
        if digest not in stored:
            raise Altered(f"the notice {digest}, which record {seq} answers, is missing", seq)
    _check_publications(publications, stored)
    if row:
        _check_site(row)


def _check_publications(publications: Sequence[Row], stored: set[str]) -> None:
    if not publications:
        raise Altered("the site's publications are missing")
    for revision, row in enumerate(publications, 1):
        if row["revision"] != revision:
            raise Altered(f"publication {revision} is missing")
        if row["notice"] not in stored:
            raise Altered(f"the notice {row['notice']}, which publication {revision} put in force, is missing")


def _check_site(row: Row) -> None:
    """The site stands as it was published last."""
    for column in ("revision", "notice", "settings", "published_at"):
        if row[column] != row[f"last_{column}"]:
            raise Altered(f"the site's {column} is not that of its last publication, {row['last_revision']}")
