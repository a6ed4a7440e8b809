"""How things stand, in numbers that every process sees alike: for `/metrics` and whoever asks how the service is.

Invariant: counts and instants only; nothing here can be traced to a person.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from consent.storage import backups, outbox
from consent.storage.backups import Backup
from consent.storage.database import Reader


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """One moment's numbers."""

    outbox: Mapping[str, int]
    due_at: int | None
    """When the longest waiting of the outbox was due."""
    records: Mapping[str, int]
    """By site."""
    erased: Mapping[str, int]
    sessions: int
    swept_at: int | None
    backup: Backup | None


async def look(reader: Reader) -> Standing:
    """How things stand now."""
    sizes = await reader.rows("SELECT site, size FROM heads ORDER BY site")
    erased = await reader.rows("SELECT site, count(*) AS number FROM erasures GROUP BY site ORDER BY site")
    sessions = await reader.row("SELECT count(*) AS number FROM sessions")
    swept = await reader.row("SELECT max(swept_at) AS at FROM sweeps")
    return Standing(
        outbox=await outbox.counts(reader),
        due_at=await outbox.oldest_due(reader),
        records={row["site"]: row["size"] for row in sizes},
        erased={row["site"]: row["number"] for row in erased},
        sessions=sessions["number"] if sessions else 0,
        swept_at=swept["at"] if swept else None,
        backup=await backups.newest(reader),
    )
