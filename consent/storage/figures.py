"""The table `figures`: what visitors did with the notice, by the hour, without anybody's id.

Invariant: counts only grow, no row can be traced to a person, and a stranger cannot grow the table without bound: a day
of a site tells so many groups apart, and counts what comes beyond them together as `other`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal, LiteralString, NamedTuple

from consent.clock import DAY
from consent.storage.database import Reader, Writer

GROUPS = 1_000
"""How many different groups (notice, language, country, device, variant, robot or not) a day of a site tells apart."""
OTHER = "other"

By = Literal["day", "hour", "language", "country", "device", "notice", "variant"]


class Group(NamedTuple):
    """Who is counted together: never less than all visitors of the same language, country and sort of device."""

    notice: str = ""
    language: str = ""
    country: str = ""
    device: str = ""
    variant: str = ""
    bot: int = 0


class Count(NamedTuple):
    """What is counted together: the hour's first millisecond, what was done in it, and by whom."""

    site: str
    hour: int
    kind: str
    group: Group


class Total(NamedTuple):
    """How often it was done, for one value of what is asked by."""

    by: str | int
    kind: str
    number: int


def beyond(group: Group) -> Group:
    """The group that stands for all those that are not told apart any more."""
    return Group(OTHER, OTHER, OTHER, OTHER, OTHER, group.bot)


async def groups(reader: Reader, site: str, day: int) -> set[Group]:
    """The groups that the day has, as far as they are told apart."""
    sql = (
        "SELECT DISTINCT notice, language, country, device, variant, bot FROM figures"
        " WHERE site = $1 AND hour >= $2 AND hour < $3 LIMIT $4"
    )
    rows = await reader.rows(sql, site, day, day + DAY, GROUPS + 2)
    return {Group(*(row[name] for name in Group._fields)) for row in rows}


async def add(writer: Writer, counts: Iterable[tuple[Count, int]]) -> None:
    """Adds to each count."""
    rows = [(site, hour, kind, *group, count) for (site, hour, kind, group), count in counts]
    # In one order for all processes, so that none waits in a circle.
    await writer.execute_many(_ADD, sorted(rows))


async def totals(
    reader: Reader, site: str, start: int, end: int, by: By, bots: tuple[int, int] = (0, 0)
) -> Sequence[Total]:
    """The counts of the hours from start on and before end, by this and by kind; `bots`: the least and most of `bot`.

    As they are, small ones too: what is published goes through `consent.figures`.
    """
    rows = await reader.rows(_TOTALS[by], site, start, end, *bots)
    return [Total(row["value"], row["kind"], int(row["number"])) for row in rows]


async def last_hour(reader: Reader, site: str, kind: str, since: int) -> int | None:
    """The last hour from since on in which somebody, no robot, did this."""
    sql = "SELECT max(hour) AS hour FROM figures WHERE site = $1 AND hour >= $2 AND kind = $3 AND bot = 0"
    row = await reader.row(sql, site, since, kind)
    return row["hour"] if row else None


async def purge(writer: Writer, site: str, before: int, limit: int) -> int:
    """Takes away the site's counts of hours that began before this instant."""
    key = "site, hour, kind, notice, language, country, device, variant, bot"
    sql = (
        f"DELETE FROM figures WHERE ({key}) IN"
        f" (SELECT {key} FROM figures WHERE site = $1 AND hour < $2 ORDER BY hour LIMIT $3)"
    )
    return await writer.execute(sql, site, before, limit)


async def oldest(reader: Reader, site: str) -> int | None:
    """The first hour that is counted."""
    row = await reader.row("SELECT min(hour) AS at FROM figures WHERE site = $1", site)
    return row["at"] if row else None


async def ages(reader: Reader, site: str, before: int) -> tuple[int | None, int]:
    """The first hour that is counted, and how many counts are of hours before this instant."""
    sql = (
        "SELECT min(hour) AS oldest,"
        " CAST(COALESCE(sum(CASE WHEN hour < $2 THEN 1 ELSE 0 END), 0) AS BIGINT) AS due"
        " FROM figures WHERE site = $1"
    )
    row = await reader.row(sql, site, before)
    return (row["oldest"], int(row["due"])) if row else (None, 0)


def bounded(counts: Counter[Count], known: dict[tuple[str, int], set[Group]]) -> Counter[Count]:
    """The same counts, those of groups beyond the day's bound as `other`; `known` learns what is new."""
    found: Counter[Count] = Counter()
    for count, number in sorted(counts.items()):
        there = known[count.site, count.hour // DAY * DAY]
        if count.group not in there and len(there) >= GROUPS:
            count = count._replace(group=beyond(count.group))  # noqa: PLW2901 - the same count, told apart less
        else:
            there.add(count.group)
        found[count] += number
    return found


_ADD = (
    "INSERT INTO figures (site, hour, kind, notice, language, country, device, variant, bot, count)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    " ON CONFLICT (site, hour, kind, notice, language, country, device, variant, bot)"
    " DO UPDATE SET count = figures.count + excluded.count"
)


def _by(value: LiteralString) -> LiteralString:
    return (
        f"SELECT {value} AS value, kind, CAST(sum(count) AS BIGINT) AS number FROM figures"
        f" WHERE site = $1 AND hour >= $2 AND hour < $3 AND bot >= $4 AND bot <= $5"
        f" GROUP BY {value}, kind ORDER BY {value}, kind"
    )


_TOTALS: dict[By, LiteralString] = {
    "day": _by("hour - hour % 86400000"),
    "hour": _by("hour"),
    "language": _by("language"),
    "country": _by("country"),
    "device": _by("device"),
    "notice": _by("notice"),
    "variant": _by("variant"),
}
