"""What the overview's tables and charts show, in words and numbers ready to be set.

Invariant: what a table hides stays hidden: no words are made of a number that is not told.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from consent import clock
from consent.figures import Rate, Row, Table, rate
from consent.statistics import Steps
from consent.web.console.charts import Columns, Point, columns

SERIES: Mapping[str, str] = {
    "accepted": "accepted everything",
    "chosen": "chose one by one",
    "refused": "refused everything",
    "closed": "closed it, or was informed",
    "ignored": "shown, not answered",
}
"""What stands on one another in a column, the lowest first."""
DEVICES = {"phone": "Phones", "tablet": "Tablets", "desktop": "Computers"}
BY_WEEK = 100
"""From so many days on a column is a week."""
MOST = 8
"""Rows of a chart of shares; the table below has all."""


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a chart of shares: how much of what, in percent, and between what bounds it surely lies."""

    value: str
    words: str
    """The value as it is shown."""
    rate: Rate
    link: str = ""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A step of the funnel: how many got there, of the first step in percent, of the one before as a rate."""

    words: str
    number: int
    percent: float
    before: Rate | None


def by_day(table: Table) -> tuple[Columns, tuple[str, ...]]:
    """The chart over time, and the series that are in it; weeks where there are too many days."""
    groups = _weeks(table.rows) if len(table.rows) > BY_WEEK else [(row,) for row in table.rows]
    points = [_point(group) for group in groups]
    named = tuple(name for name in SERIES if any(point.parts[name] for point in points))
    return columns(points), named


def _weeks(rows: Sequence[Row]) -> list[tuple[Row, ...]]:
    """Seven days each, counted back from the last; the first may be shorter."""
    starts = [0, *range(len(rows) % 7 or 7, len(rows), 7)]
    return [tuple(rows[start:end]) for start, end in itertools.pairwise([*starts, len(rows)])]


def _point(days: Sequence[Row]) -> Point:
    parts = {
        "accepted": _sum(days, "accepted"),
        "chosen": _sum(days, "chosen"),
        "refused": _sum(days, "refused"),
        "closed": _sum(days, "dismissed") + _sum(days, "acknowledged"),
        "ignored": _sum(days, "ignored"),
    }
    label = day(days[0].value) if len(days) == 1 else f"{day(days[0].value)} – {day(days[-1].value)}"
    told = ", ".join(f"{number:,} {SERIES[name]}" for name, number in parts.items() if number)
    return Point(label=day(days[-1].value), words=f"{label}: {told or 'nothing'}", parts=parts)


def _sum(days: Sequence[Row], name: str) -> int:
    return sum(getattr(row, name) or 0 for row in days)


def day(value: str) -> str:
    """`2026-11-03` as `3 Nov`."""
    at = datetime.fromtimestamp(clock.parse(f"{value[:10]}T00:00:00Z") // 1000, UTC)
    return f"{at.day} {at:%b}"


def shares(table: Table, words: Callable[[str], str], link: Callable[[str], str] = lambda value: "") -> list[Share]:
    """How many of those who decided accepted everything, for each value of which it is told; the most shown first."""
    told = [(row, row.acceptance) for row in table.rows if row.acceptance]
    return [
        Share(value=row.value, words=words(row.value), rate=rate, link=link(row.value)) for row, rate in told[:MOST]
    ]


def unsaid(table: Table) -> int:
    """Of how many values it is not told, though somebody decided: they are hidden."""
    return sum(row.decided != 0 and row.acceptance is None for row in table.rows)


def device(value: str) -> str:
    """What sort of device, as people say it."""
    return DEVICES.get(value, plain(value))


def plain(value: str) -> str:
    """A value as it is; what stands for none or many in words."""
    return {"unknown": "Not known", "other": "All others"}.get(value, value)


def percent(share: float) -> str:
    """`62%`; near the ends with a digit more, for 0 and 100 are said of none and all alone."""
    number = share * 100
    if 0 < number < 1 or 99 < number < 100:
        return f"{min(99.9, max(0.1, number)):.1f}%"
    return f"{number:.0f}%"


def bounds(share: Rate) -> str:
    """`45% and 47%`; with a digit more where both would read the same."""
    low, high = percent(share.low), percent(share.high)
    return f"{low} and {high}" if low != high else f"{share.low * 100:.1f}% and {share.high * 100:.1f}%"


def funnel(rows: Sequence[Steps]) -> list[Step]:
    """The steps from the first sight of a form to a confirmed subscription; empty when nobody took one."""
    totals = {name: sum(row.steps.get(name) or 0 for row in rows) for name in ("shown", "asked", "sent", "confirmed")}
    if not any(totals.values()):
        return []
    return list(_steps(totals))


def left(rows: Sequence[Steps]) -> dict[str, int]:
    """How many left, bounced and complained."""
    return {name: sum(row.steps.get(name) or 0 for row in rows) for name in ("left", "bounced", "complained")}


WORDS = {
    "shown": "Saw a form or prompt",
    "asked": "Gave an address",
    "sent": "Were mailed a link",
    "confirmed": "Confirmed",
}
WHOLES = {"asked": "of those who saw it", "sent": "of those who asked", "confirmed": "of those who were mailed"}


def _steps(totals: Mapping[str, int]) -> Iterator[Step]:
    most, before = max(totals.values()), 0
    for name, number in totals.items():
        of = rate(number, before, WHOLES.get(name, ""))
        yield Step(words=WORDS[name], number=number, percent=round(100 * number / most, 2), before=of)
        before = number
