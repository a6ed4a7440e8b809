"""The table `counters`: how often something was shown, by the hour, without anybody's id.

Invariant: counts only grow, and no row can be traced to a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from consent.storage.database import Writer


class Counter(NamedTuple):
    """What is counted together: the hour's first millisecond, and what was shown in it."""

    site: str
    hour: int
    kind: str
    notice: str
    language: str
    variant: str


async def add(writer: Writer, counts: Sequence[tuple[Counter, int]]) -> None:
    """Adds to each counter."""
    await writer.execute_many(
        "INSERT INTO counters (site, hour, kind, notice, language, variant, count)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)"
        " ON CONFLICT (site, hour, kind, notice, language, variant)"
        " DO UPDATE SET count = counters.count + excluded.count",
        [(*counter, count) for counter, count in counts],
    )
