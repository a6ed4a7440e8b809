"""The table `funnel`: how many were shown the prompt, asked, were mailed, confirmed and left, by day, without any id.

Invariant: counts only grow, no row can be traced to a person, and a stranger cannot grow the table without bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, LiteralString, NamedTuple

from consent.storage.database import Reader, Writer

PAGES, VARIANTS = 200, 50
"""How many different pages and variants of a site are told apart in a day."""
OTHER = "other"

By = Literal["day", "via", "variant", "page"]


class Step(NamedTuple):
    """What is counted together: the day's first millisecond, the step, and where it was taken (a path, no query)."""

    site: str
    day: int
    step: str
    via: str = ""
    variant: str = ""
    page: str = ""


class Total(NamedTuple):
    """How often a step was taken, for one value of what is asked by."""

    by: str | int
    step: str
    number: int


async def add(writer: Writer, counts: Sequence[tuple[Step, int]]) -> None:
    """Adds to each count; a page or a variant beyond the day's bound is counted as `other`."""
    known = {
        (site, day): await _known(writer, site, day)
        for site, day in sorted({(step.site, step.day) for step, _ in counts})
    }
    rows = []
    for step, count in counts:
        pages, variants = known[step.site, step.day]
        bounded = step._replace(
            page=_bounded(step.page, pages, PAGES), variant=_bounded(step.variant, variants, VARIANTS)
        )
        rows.append((*bounded, count))
    # In one order for all processes, so that none waits in a circle.
    await writer.execute_many(_ADD, sorted(rows))


async def totals(reader: Reader, site: str, start: int, end: int, by: By) -> Sequence[Total]:
    """The counts of the days from start on and before end, by this column and step, in their order."""
    rows = await reader.rows(_TOTALS[by], site, start, end)
    return [Total(row["value"], row["step"], int(row["number"])) for row in rows]


async def purge(writer: Writer, site: str, before: int, limit: int) -> int:
    """Takes away the site's counts of days before this instant."""
    sql = (
        "DELETE FROM funnel WHERE (site, day, step, via, variant, page) IN"
        " (SELECT site, day, step, via, variant, page FROM funnel WHERE site = $1 AND day < $2 ORDER BY day LIMIT $3)"
    )
    return await writer.execute(sql, site, before, limit)


async def ages(reader: Reader, site: str, before: int) -> tuple[int | None, int]:
    """The first day that is counted, and how many counts are of days before this instant."""
    sql = (
        "SELECT min(day) AS oldest,"
        " CAST(COALESCE(sum(CASE WHEN day < $2 THEN 1 ELSE 0 END), 0) AS BIGINT) AS due"
        " FROM funnel WHERE site = $1"
    )
    row = await reader.row(sql, site, before)
    return (row["oldest"], int(row["due"])) if row else (None, 0)


def _bounded(value: str, known: set[str], most: int) -> str:
    """The value, `other` when the day has as many as are told apart; else it is one of them now."""
    if value and value not in known:
        if len(known) >= most:
            return OTHER
        known.add(value)
    return value


async def _known(reader: Reader, site: str, day: int) -> tuple[set[str], set[str]]:
    """The pages and the variants that the day has."""
    pages = "SELECT DISTINCT page AS value FROM funnel WHERE site = $1 AND day = $2 AND page NOT IN ('', $3)"
    variants = "SELECT DISTINCT variant AS value FROM funnel WHERE site = $1 AND day = $2 AND variant NOT IN ('', $3)"
    return (
        {row["value"] for row in await reader.rows(pages, site, day, OTHER)},
        {row["value"] for row in await reader.rows(variants, site, day, OTHER)},
    )


_ADD = (
    "INSERT INTO funnel (site, day, step, via, variant, page, count) VALUES ($1, $2, $3, $4, $5, $6, $7)"
    " ON CONFLICT (site, day, step, via, variant, page) DO UPDATE SET count = funnel.count + excluded.count"
)


def _by(column: LiteralString) -> LiteralString:
    return (
        f"SELECT {column} AS value, step, CAST(sum(count) AS BIGINT) AS number FROM funnel"
        f" WHERE site = $1 AND day >= $2 AND day < $3 GROUP BY {column}, step ORDER BY {column}, step"
    )


_TOTALS: dict[By, LiteralString] = {
    "day": _by("day"),
    "via": _by("via"),
    "variant": _by("variant"),
    "page": _by("page"),
}
