"""What is told of a site's counts: tables by day or by who visitors are, and how far readers went. Small cells hidden.

Invariant: what leaves here has gone through `figures`. The rule holds within one table; whoever asks for many spans can
take one from the other, so spans are whole days, and what counts most, language, country and device, is never told
together. What is told with robots hides what is hidden without them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from consent import clock, figures
from consent.clock import DAY, HOUR
from consent.errors import Fault, Refused
from consent.figures import Counts, Table
from consent.services import Services
from consent.storage import figures as stored
from consent.storage import funnel
from consent.storage.database import Reader
from consent.storage.figures import By

Bots = Literal["without", "with", "only"]
BOTS: Mapping[Bots, tuple[int, int]] = {"without": (0, 0), "with": (0, 1), "only": (1, 1)}
MOST_DAYS, MOST_DAYS_BY_HOUR = 400, 14
HIDES: frozenset[By] = frozenset({"hour", "language", "country", "device"})
"""What is told of visitors themselves."""
FUNNEL_HIDES = frozenset({"via", "page"})
"""What says something of where a reader was; a day and a variant do not."""


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Whole days, both included, each by its first millisecond."""

    first: int
    last: int

    @property
    def end(self) -> int:
        """The first millisecond after it."""
        return self.last + DAY

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first) // DAY + 1


class Steps(msgspec.Struct, frozen=True, kw_only=True):
    """How often each step of a sign-up was taken, by one value; None is hidden."""

    value: str
    steps: dict[str, int | None]


def lately(now: int, days: int) -> Span:
    """The last so many days, today the last of them."""
    last = now // DAY * DAY
    return Span(first=max(0, last - (days - 1) * DAY), last=last)


def check(span: Span, *, by_hour: bool = False) -> Span:
    """The span, when it may be asked for.

    Raises:
        Refused: it ends before it begins, or is too long.
    """
    most = MOST_DAYS_BY_HOUR if by_hour else MOST_DAYS
    if span.days < 1:
        raise Refused(Fault("to", "the last day is before the first"))
    if span.days > most:
        raise Refused(Fault("from", f"at most {most} days{' by the hour' if by_hour else ''}"))
    return span


async def tables(
    services: Services, site: str, span: Span, by: Sequence[By], bots: Bots = "without"
) -> dict[By, Table]:
    """One table for each that is asked by, all of the same span."""
    await services.counting.flush()
    async with services.database.reading() as reader:
        return {one: await _table(reader, site, span, one, BOTS[bots]) for one in by}


async def steps(services: Services, site: str, span: Span, by: funnel.By) -> tuple[Steps, ...]:
    """How far readers went, from seeing a form to a confirmed subscription; values without any step are not there."""
    await services.counting.flush()
    async with services.database.reading() as reader:
        totals = await funnel.totals(reader, site, span.first, span.end, by)
    rows: dict[str, dict[str, int]] = {}
    for total in totals:
        rows.setdefault(day(total.by) if isinstance(total.by, int) else total.by, {})[total.step] = total.number
    secret = figures.hidden_columns(rows) if by in FUNNEL_HIDES else frozenset()
    return tuple(
        Steps(
            value=value,
            steps={step: _told(value, step, row.get(step, 0), secret) for step in _named(value, row, secret)},
        )
        for value, row in rows.items()
    )


def _named(value: str, row: Mapping[str, int], secret: frozenset[tuple[str, str]]) -> list[str]:
    return sorted({*row, *(step for one, step in secret if one == value)})


def _told(value: str, step: str, number: int, secret: frozenset[tuple[str, str]]) -> int | None:
    return None if (value, step) in secret else number


def day(at: int) -> str:
    """The day that the instant is of, as an answer names it."""
    return clock.text(at)[:10]


async def _table(reader: Reader, site: str, span: Span, by: By, bots: tuple[int, int]) -> Table:
    rows = figures.of_totals(await stored.totals(reader, site, span.first, span.end, by, bots))
    people = rows
    if bots == BOTS["with"] and by in HIDES:
        people = figures.of_totals(await stored.totals(reader, site, span.first, span.end, by, BOTS["without"]))
    if by == "day":
        return figures.plain({day(at): rows.get(at, Counts()) for at in range(span.first, span.end, DAY)}, in_time=True)
    if by == "hour":
        return figures.hours((_hours(rows, one), _hours(people, one)) for one in range(span.first, span.end, DAY))
    named = {str(value): row for value, row in rows.items()}
    return (
        figures.attributes(named, {str(value): row for value, row in people.items()})
        if by in HIDES
        else figures.plain(named)
    )


def _hours(rows: Mapping[str | int, Counts], day: int) -> dict[str, Counts]:
    return {clock.text(at): rows.get(at, Counts()) for at in range(day, day + DAY, HOUR)}
