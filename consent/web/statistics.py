"""`…/stats/newsletter` behind a key: how far readers went, in counts of nobody in particular."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast, get_args

from starlette.requests import Request
from starlette.responses import Response

from consent import clock
from consent.clock import DAY
from consent.storage import funnel
from consent.storage.funnel import By, Total
from consent.web import access, filters, replies
from consent.web import reader_answers as answers
from consent.web.requests import services_of

DAYS = 30


async def get_funnel(request: Request) -> Response:
    """How far readers went, from seeing a form to a confirmed subscription: counts, of nobody in particular."""
    await access.key_of(request, "read")
    services, site = services_of(request.scope), request.path_params["site"]
    filters.check(request, {"from", "to", "by"})
    by = cast(By, filters.one_of(request, "by", get_args(By), "day"))
    last = filters.day(request, "to", services.clock() // DAY * DAY)
    first = filters.day(request, "from", max(0, last - (DAYS - 1) * DAY))
    await services.counting.flush()
    async with services.database.reading() as reader:
        totals = await funnel.totals(reader, site, first, last + DAY, by)
    return replies.json(answers.Funnel(from_=_date(first), to=_date(last), by=by, rows=_rows(totals)))


def _rows(totals: Sequence[Total]) -> tuple[answers.FunnelRow, ...]:
    found: dict[str, dict[str, int]] = {}
    for total in totals:
        value = _date(total.by) if isinstance(total.by, int) else total.by
        found.setdefault(value, {})[total.step] = total.number
    return tuple(answers.FunnelRow(value=value, steps=steps) for value, steps in found.items())


def _date(at: int) -> str:
    return clock.text(at)[:10]
