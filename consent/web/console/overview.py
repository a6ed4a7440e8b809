"""A site's first page: how many consent, by day and by who they are; how far readers go; what needs attention.

Invariant: every number comes by way of `statistics`, which hides what would tell of few; every rate says what it is of.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consent import attention, clock, embedding, statistics
from consent.accounts.roles import Capability
from consent.attention import Place
from consent.clock import DAY
from consent.errors import Refused
from consent.services import Services
from consent.statistics import Span
from consent.storage import figures, logs, sites
from consent.storage.figures import By
from consent.web.console import overview_rows as rows
from consent.web.console.guard import Visit, page

CHOICES = (7, 28, 90)
USUAL = 28
BY: tuple[By, ...] = ("day", "language", "country", "device", "notice")
NOTICES = 50
DIGEST = 64
"""Hex digits; other values stand for many notices, or none."""

MENDED: Mapping[Place, tuple[str, str, Capability]] = {
    "notice": ("/notice", "Look at the notice", "see"),
    "outbox": ("/readers/outbox", "See what is owed", "answer"),
    "webhooks": ("/settings/webhooks", "See the endpoints", "connect"),
    "keys": ("/settings/keys", "See the keys", "connect"),
    "cookies": ("/settings/cookies", "See what was found", "see"),
    "install": ("/settings", "Check a page", "see"),
}
"""Where a worry is mended: address below the site's, words, and who may go there."""


class Care(msgspec.Struct, frozen=True, kw_only=True):
    """A worry as it is shown; without a link where the role may not go, or it is mended elsewhere."""

    words: str
    is_bad: bool
    link: str
    where: str


class Range(msgspec.Struct, frozen=True, kw_only=True):
    """The days that are shown, and how they were asked for; `fault` says why they are not those that were."""

    span: Span
    days: int = 0
    """One of the choices, 0 for days of one's own."""
    fault: str = ""


@page("see")
async def overview(visit: Visit) -> Response:
    """The site at a glance."""
    services, site = visit.services, visit.site
    asked = range_of(visit.request, services.clock())
    async with services.database.reading() as reader:
        head = await logs.head(reader, site.id)
        oldest = await figures.oldest(reader, site.id)
    cares = [_care(visit, worry) for worry in await attention.look(services, site)]
    size = head.size if head else 0
    shown = await _figures(visit, asked.span) if size or oldest is not None else await _nothing(visit)
    return visit.answer(
        "console/overview.html",
        tab="overview",
        title="Overview",
        status=422 if asked.fault else 200,
        scripts=("console-copy.js", "console-names.js"),
        cares=cares,
        asked=asked,
        choices=CHOICES,
        size=size,
        first=statistics.day(asked.span.first),
        last=statistics.day(asked.span.last),
        today=statistics.day(services.clock()),
        **shown,  # type: ignore[arg-type]
    )


def range_of(request: Request, now: int) -> Range:
    """The days that the address asks for; the usual ones where it asks for none that there can be."""
    asked = request.query_params
    usual = Range(span=statistics.lately(now, USUAL), days=USUAL)
    if asked.get("days") in {str(days) for days in CHOICES}:
        days = int(asked["days"])
        return Range(span=statistics.lately(now, days), days=days)
    if "from" not in asked and "to" not in asked:
        return usual
    try:
        span = Span(first=_day(asked.get("from", "")), last=_day(asked.get("to", "")))
        return Range(span=statistics.check(span))
    except ValueError:
        return msgspec.structs.replace(usual, fault="Give both days, like 2026-11-22.")
    except Refused as error:
        return msgspec.structs.replace(usual, fault=f"{error.faults[0].message.capitalize()}.")


def _day(words: str) -> int:
    return clock.parse(f"{words}T00:00:00Z") // DAY * DAY


async def _figures(visit: Visit, span: Span) -> dict[str, object]:
    services, site = visit.services, visit.site
    tables = await statistics.tables(services, site.id, span, BY)
    robots = (await statistics.tables(services, site.id, span, ("device",), "only"))["device"].total
    steps = await statistics.steps(services, site.id, span, "day")
    chart, series = rows.by_day(tables["day"])
    since = await _since(services, site.id)
    return {
        "tables": tables,
        "total": tables["day"].total,
        "robots": robots.shown,
        "chart": chart,
        "series": {name: rows.SERIES[name] for name in series},
        "languages": rows.shares(tables["language"], rows.plain),
        "countries": rows.shares(tables["country"], rows.plain),
        "devices": rows.shares(tables["device"], rows.device),
        "notices": rows.shares(
            tables["notice"], lambda value: _notice(value, since), lambda value: _link(visit, value)
        ),
        "names": {value: _notice(value, since) for value in (row.value for row in tables["notice"].rows)},
        "funnel": rows.funnel(steps),
        "left": rows.left(steps),
        "unsaid": {by: rows.unsaid(table) for by, table in tables.items()},
        "percent": rows.percent,
        "bounds": rows.bounds,
        "device": rows.device,
        "plain": rows.plain,
        "short_day": rows.day,
    }


async def _nothing(visit: Visit) -> dict[str, object]:
    """Before anything happened: what to paste."""
    site = visit.site
    return {"total": None, "snippet": embedding.snippet(site.notice, visit.services.settings.url, site.settings.mute)}


async def _since(services: Services, site: str) -> Mapping[str, str]:
    """Each notice's digest, with the day of its last publication."""
    async with services.database.reading() as reader:
        found = await sites.publications(reader, site, NOTICES)
    return {one.notice: statistics.day(one.published_at) for one in reversed(found)}


def _notice(value: str, since: Mapping[str, str]) -> str:
    """A digest by its beginning; without a day it was in force long ago, or is an experiment's."""
    if value in since:
        return f"{value[:8]}, of {rows.day(since[value])}"
    return value[:8] if len(value) == DIGEST else rows.plain(value)


def _link(visit: Visit, value: str) -> str:
    return f"{visit.home}/notices/{value}" if len(value) == DIGEST else ""


def _care(visit: Visit, worry: attention.Worry) -> Care:
    end, where, needed = MENDED.get(worry.place, ("", "", "see"))
    link = f"{visit.home}{end}" if end and visit.may(needed) else ""
    return Care(words=worry.words, is_bad=worry.is_bad, link=link, where=where)


ROUTES: list[BaseRoute] = [Route("/console/sites/{site}", overview, methods=["GET"])]
