"""The table `experiments`: which two notices of a site are shown by a draw, since when, and what came of it.

Invariant: a site has one that runs at most, and one that ended does not run again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from consent.storage.database import Reader, Row, Writer

Outcome = Literal["kept", "adopted"]


class Experiment(msgspec.Struct, frozen=True, kw_only=True):
    """An experiment's row; `first` and `second` are digests of notices, `file` is the second's site file."""

    id: bytes
    first: str
    second: str
    file: str
    started_at: int
    started_by: str
    ended_at: int | None = None
    ended_by: str | None = None
    outcome: str | None = None


class Hour(msgspec.Struct, frozen=True, kw_only=True):
    """How often something was done in an hour, where one of the two notices was shown."""

    hour: int
    notice: str
    kind: str
    number: int


async def add(writer: Writer, site: str, experiment: Experiment) -> None:
    """One that begins.

    Raises:
        Duplicate: another one runs.
    """
    await writer.execute(
        "INSERT INTO experiments (site, id, first, second, file, started_at, started_by)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        site,
        experiment.id,
        experiment.first,
        experiment.second,
        experiment.file,
        experiment.started_at,
        experiment.started_by,
    )


async def running(reader: Reader, site: str) -> Experiment | None:
    """The one that has not ended."""
    row = await reader.row(f"{_SELECT} WHERE site = $1 AND ended_at IS NULL", site)
    return _experiment(row) if row else None


async def pairs(reader: Reader) -> dict[str, tuple[str, str]]:
    """The two digests of each site's running experiment: what a running service watches."""
    rows = await reader.rows("SELECT site, first, second FROM experiments WHERE ended_at IS NULL")
    return {row["site"]: (row["first"], row["second"]) for row in rows}


async def of_site(reader: Reader, site: str, limit: int) -> Sequence[Experiment]:
    """All of the site, the newest first."""
    rows = await reader.rows(f"{_SELECT} WHERE site = $1 ORDER BY id DESC LIMIT $2", site, limit)
    return [_experiment(row) for row in rows]


async def find(reader: Reader, site: str, id_: bytes) -> Experiment | None:
    """The one with this id."""
    row = await reader.row(f"{_SELECT} WHERE site = $1 AND id = $2", site, id_)
    return _experiment(row) if row else None


async def end(writer: Writer, site: str, id_: bytes, at: int, by: str) -> bool:
    """Ends it; False when it has ended already."""
    sql = "UPDATE experiments SET ended_at = $3, ended_by = $4 WHERE site = $1 AND id = $2 AND ended_at IS NULL"
    return await writer.execute(sql, site, id_, at, by) == 1


async def conclude(writer: Writer, site: str, id_: bytes, outcome: Outcome) -> None:
    """Notes what came of one that has ended."""
    sql = "UPDATE experiments SET outcome = $3 WHERE site = $1 AND id = $2 AND ended_at IS NOT NULL"
    await writer.execute(sql, site, id_, outcome)


async def hours(reader: Reader, site: str, one: Experiment, since: int, until: int) -> Sequence[Hour]:
    """What was done with the two notices in each hour that began from since on and before until, by no robot."""
    rows = await reader.rows(_HOURS, site, since, until, one.first, one.second)
    return [Hour(**dict(row)) for row in rows]


def _experiment(row: Row) -> Experiment:
    return Experiment(**dict(row))


_SELECT = "SELECT id, first, second, file, started_at, started_by, ended_at, ended_by, outcome FROM experiments"
_HOURS = (
    "SELECT hour, notice, kind, CAST(sum(count) AS BIGINT) AS number FROM figures"
    " WHERE site = $1 AND hour >= $2 AND hour < $3 AND notice IN ($4, $5) AND bot = 0"
    " GROUP BY hour, notice, kind ORDER BY hour, notice, kind"
)
