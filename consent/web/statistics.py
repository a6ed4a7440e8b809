"""`…/stats` and `…/stats/newsletter` behind a key: what visitors and readers did, in counts of nobody in particular."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import msgspec
from starlette.responses import Response

from consent import cells, clock, statistics
from consent.clock import DAY
from consent.errors import Fault, Refused
from consent.figures import LEAST, Rate, Row
from consent.statistics import Bots, Span, Steps
from consent.storage import funnel
from consent.storage.figures import By
from consent.web import filters, replies
from consent.web.calls import Call, keyed

DAYS = 30
CSV = "text/csv"
Day = Annotated[str, msgspec.Meta(max_length=40, description="A day like 2026-11-22, or an instant in it (UTC).")]


class StatsQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which counts: of which days, both included, by what, and whether of robots."""

    from_: Day | None = msgspec.field(name="from", default=None)
    to: Day | None = None
    by: By = "day"
    bots: Annotated[Bots, msgspec.Meta(description="Robots are those that say so.")] = "without"


class FunnelQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which steps: of which days, both included, and by what."""

    from_: Day | None = msgspec.field(name="from", default=None)
    to: Day | None = None
    by: funnel.By = "day"


class Stats(msgspec.Struct, frozen=True, kw_only=True):
    """What visitors did with the notice on these days, both included, by the values of `by`.

    A number that is null is hidden: it is under `hidden_below`, or would lead to one that is. Values of which too
    little is known are together in `other`.
    """

    from_: str = msgspec.field(name="from")
    to: str
    by: By
    bots: Bots
    hidden_below: int
    total: Row
    rows: tuple[Row, ...]


class Funnel(msgspec.Struct, frozen=True, kw_only=True):
    """The steps from the first sight of a form to a confirmed subscription, on these days, both included.

    A number that is null is hidden: it is under `hidden_below`, or would lead to one that is.
    """

    from_: str = msgspec.field(name="from")
    to: str
    by: funnel.By
    hidden_below: int
    rows: tuple[Steps, ...]


@keyed("read")
async def get_stats(call: Call) -> Response:
    """What visitors did with the notice: as JSON, or as CSV by Accept."""
    asked = call.query(StatsQuery)
    span = statistics.check(_span(asked, call.services.clock()), by_hour=asked.by == "hour")
    table = (await statistics.tables(call.services, call.site, span, (asked.by,), asked.bots))[asked.by]
    if filters.accepted(call.request, (CSV, "application/json")) == CSV:
        return _file(f"{call.site}-{asked.by}.csv", asked.by, table.rows)
    first, last = statistics.day(span.first), statistics.day(span.last)
    told = Stats(
        from_=first, to=last, by=asked.by, bots=asked.bots, hidden_below=LEAST, total=table.total, rows=table.rows
    )
    return replies.json(told, headers={"Vary": "Accept"})


@keyed("read")
async def get_funnel(call: Call) -> Response:
    """How far readers went, from seeing a form to a confirmed subscription."""
    asked = call.query(FunnelQuery)
    span = statistics.check(_span(asked, call.services.clock()))
    rows = await statistics.steps(call.services, call.site, span, asked.by)
    first, last = statistics.day(span.first), statistics.day(span.last)
    return replies.json(Funnel(from_=first, to=last, by=asked.by, hidden_below=LEAST, rows=rows))


def _span(asked: StatsQuery | FunnelQuery, now: int) -> Span:
    last = _day("to", asked.to, now // DAY * DAY)
    return Span(first=_day("from", asked.from_, max(0, last - (DAYS - 1) * DAY)), last=last)


def _day(name: str, words: str | None, default: int) -> int:
    if words is None:
        return default
    try:
        return clock.parse(words if "T" in words.upper() else f"{words}T00:00:00Z") // DAY * DAY
    except (ValueError, OverflowError):
        raise Refused(Fault(name, "expected a day like 2026-11-22")) from None


def _file(name: str, by: str, rows: tuple[Row, ...]) -> Response:
    """A line each; what is hidden says so, a rate that there is not is empty."""
    lines = [[by, *_columns()], *([row.value, *_line(row)] for row in rows)]
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Vary": "Accept"}
    return Response(cells.rows(lines), headers=headers, media_type=filters.CSV)


NUMBERS = tuple(name for name in Row.__struct_fields__ if name != "value")
RATES = ("acceptance", "acceptance_of_shown", "answering")


def _columns() -> Iterator[str]:
    for name in NUMBERS:
        yield from (f"{name}{end}" for end in ("", "_low", "_high")) if name in RATES else (name,)


def _line(row: Row) -> Iterator[str]:
    for name in NUMBERS:
        told: int | Rate | None = getattr(row, name)
        if name in RATES:
            yield from (str(told.value), str(told.low), str(told.high)) if isinstance(told, Rate) else ("", "", "")
        else:
            yield "hidden" if told is None else str(told)
