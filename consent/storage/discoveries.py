"""The table `discoveries`: what was found on a site's pages and should not be there.

Invariant: of a page only what was found when it was looked at last; of a site never more than MOST and what the last
page had.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from consent.storage.database import Reader, Writer

MOST = 500


class StoredDiscovery(msgspec.Struct, frozen=True, kw_only=True):
    """One name on one page."""

    page: str
    kind: str
    name: str
    how: str
    """undeclared or early."""
    seen_at: int


async def replace(writer: Writer, site: str, page: str, found: Iterable[StoredDiscovery]) -> None:
    """What is known of the page, instead of what was; the oldest of the site gives way."""
    await writer.execute("DELETE FROM discoveries WHERE site = $1 AND page = $2", site, page)
    rows = [(site, one.page, one.kind, one.name, one.how, one.seen_at) for one in found]
    await writer.execute_many(
        "INSERT INTO discoveries (site, page, kind, name, how, seen_at) VALUES ($1, $2, $3, $4, $5, $6)", rows
    )
    sql = "SELECT seen_at FROM discoveries WHERE site = $1 ORDER BY seen_at DESC LIMIT 1 OFFSET $2"
    for row in await writer.rows(sql, site, MOST):
        await writer.execute(
            "DELETE FROM discoveries WHERE site = $1 AND seen_at <= $2 AND page <> $3", site, row["seen_at"], page
        )


async def of_site(reader: Reader, site: str) -> Sequence[StoredDiscovery]:
    """All of the site's, the newest first."""
    sql = (
        "SELECT page, kind, name, how, seen_at FROM discoveries WHERE site = $1 ORDER BY seen_at DESC, page, kind, name"
    )
    return [StoredDiscovery(**dict(row)) for row in await reader.rows(sql, site)]


async def forget(writer: Writer, site: str) -> int:
    """Takes all of them away; gives how many there were."""
    return await writer.execute("DELETE FROM discoveries WHERE site = $1", site)
