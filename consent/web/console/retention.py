"""Settings, Retention: for how long each kind of data is kept, what goes next, and what went last.

Invariant: looking takes nothing away.
"""

from __future__ import annotations

import msgspec
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consent import clock
from consent.sweeping import retaining
from consent.sweeping.retaining import Kept
from consent.web.console import settings
from consent.web.console.guard import Visit, page


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of data, as the table shows it."""

    kind: str
    what: str
    days: int
    due: int
    next_on: str
    swept: str
    gone: int
    gone_on: str


@page("see")
async def retention(visit: Visit) -> Response:
    """The periods, and what they mean today."""
    kept = await retaining.outlook(visit.services, visit.site.id)
    return settings.answer(
        visit,
        "console/retention.html",
        place="retention",
        title="Retention",
        scripts=("console-copy.js",),
        kept=[_row(one) for one in kept],
        toml="[retention]\n" + "\n".join(f"{one.kind}_days = {one.days}" for one in kept),
    )


def _row(one: Kept) -> Row:
    last = one.last
    return Row(
        kind=one.kind,
        what=one.what,
        days=one.days,
        due=one.due,
        next_on=clock.text(one.next_at) if one.next_at is not None and one.next_at < MOST else "",
        swept=clock.text(last.swept_at) if last else "",
        gone=last.gone if last else 0,
        gone_on=clock.text(last.gone_at) if last and last.gone_at is not None else "",
    )


MOST = clock.parse("9999-12-31T00:00:00Z")

ROUTES: list[BaseRoute] = [Route(f"{settings.HOME}/retention", retention)]
