"""Keeps each kind of a site's data no longer than the site says, once a day, and says what goes next.

Invariant: every kind that has a period has one place here that ends it; what was swept, and when, is on record.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import msgspec

from consent.clock import DAY, HOUR
from consent.notices import Retention
from consent.rights import keeping
from consent.rights.keeping import PERIODS
from consent.services import Services
from consent.storage import claims, figures, funnel, outbox, pendings, subscribers, sweeps
from consent.storage.database import Reader, Writer
from consent.storage.sweeps import Sweep
from consent.sweeping import retiring
from consent.sweeping.purging import purge
from consent.sweeping.retiring import Walk

RECORDS = "records"
NEARLY_A_DAY = DAY - HOUR
"""The hourly look that comes a little early is not put off to the next."""

PurgeOf = Callable[[Writer, str, int, int], Awaitable[int]]
Ages = Callable[[Reader, str, int], Awaitable[tuple[int | None, int]]]

ROWS: Mapping[str, tuple[tuple[PurgeOf, Ages], ...]] = {
    "pending": ((pendings.purge, pendings.ages),),
    "outbox": ((outbox.purge, outbox.ages),),
    "counters": ((figures.purge, figures.ages), (funnel.purge, funnel.ages)),
    "claims": ((claims.purge, claims.ages),),
}
"""Kinds that are plain rows: what takes them away, and what says how many are due and when the oldest is from."""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of data at a site: its period, how much would go now, when something goes next, and what went last."""

    kind: str
    what: str
    days: int
    due: int
    next_at: int | None
    last: Sweep | None


def retention_of(services: Services, site: str) -> Retention:
    """The site's periods; the usual ones of a site that cannot be served."""
    found = services.directory.find(site)
    return keeping.in_force(found.settings) if found else Retention()


async def is_due(services: Services, site: str, now: int) -> bool:
    """Whether the site has had no sweep for a day."""
    async with services.database.reading() as reader:
        last = (await sweeps.of(reader, site)).get(RECORDS)
    return last is None or last.swept_at + NEARLY_A_DAY <= now


async def retain(services: Services, site: str, now: int, *, is_dry: bool) -> Mapping[str, int]:
    """Takes away what the site keeps no longer; gives how much, by kind."""
    gone, walk = await _swept(services, site, now, is_dry=is_dry)
    if not is_dry:
        async with services.database.writing() as writer:
            for kind, number in gone.items():
                reached = walk.reached if kind == RECORDS else 0
                await sweeps.note(writer, site, kind, now, number, reached)
        services.nudge.set()
    return gone


async def _swept(services: Services, site: str, now: int, *, is_dry: bool) -> tuple[dict[str, int], Walk]:
    retention = retention_of(services, site)
    days = days_of(retention)
    gone = dict.fromkeys(PERIODS, 0)
    walk = await _walk(services, site)
    await retiring.records_over(services, site, retention, walk, now, is_dry=is_dry)
    gone |= walk.gone
    before = {True: now - days["unsubscribed"] * DAY, False: now - days["bounced"] * DAY}
    gone["unsubscribed"], gone["bounced"] = await retiring.readers_over(services, site, before, now, is_dry=is_dry)
    for kind in ROWS:
        gone[kind] = await _rows(services, site, kind, now - days[kind] * DAY, is_dry=is_dry)
    return gone, walk


async def _rows(services: Services, site: str, kind: str, before: int, *, is_dry: bool) -> int:
    """How many rows of a kind went, or would: those are only counted, for a rehearsal would hold up who writes."""
    if is_dry:
        async with services.database.reading() as reader:
            return sum([(await ages(reader, site, before))[1] for _, ages in ROWS[kind]])
    return sum([await purge(services, partial(_here, way, site), before, is_dry=False) for way, _ in ROWS[kind]])


async def _here(way: PurgeOf, site: str, writer: Writer, before: int, limit: int) -> int:
    return await way(writer, site, before, limit)


async def _walk(services: Services, site: str) -> Walk:
    async with services.database.reading() as reader:
        last = (await sweeps.of(reader, site)).get(RECORDS)
    return Walk({}, last.reached if last else 0)


def days_of(retention: Retention) -> dict[str, int]:
    """Each kind's period, in days."""
    return {one.kind: one.days for one in keeping.periods(retention)}


async def outlook(services: Services, site: str) -> list[Kept]:
    """What is kept for how long, what would go now, and when something goes next; nothing is changed."""
    now, days = services.clock(), days_of(retention_of(services, site))
    due, walk = await _swept(services, site, now, is_dry=True)
    async with services.database.reading() as reader:
        last = await sweeps.of(reader, site)
        oldest = {kind: [(await ages(reader, site, now))[0] for _, ages in ways] for kind, ways in ROWS.items()}
        left = {
            kind: await subscribers.left(reader, site, now, 1, by_choice=kind == "unsubscribed")
            for kind in ("unsubscribed", "bounced")
        }
    oldest |= {kind: [one.since for one in found] for kind, found in left.items()}
    next_at = {kind: min([at for at in ats if at is not None], default=None) for kind, ats in oldest.items()}
    ends = {kind: at + days[kind] * DAY for kind, at in next_at.items() if at is not None} | walk.next_at
    return [
        Kept(kind=kind, what=what, days=days[kind], due=due[kind], next_at=ends.get(kind), last=last.get(kind))
        for kind, what in PERIODS.items()
    ]
