"""The trip of a sweep: what is kept too long goes, pauses end in their time, and who has not confirmed is reminded,
once, where the site says so.

What belongs to a site goes by the site's own periods (`retaining`), once a day; what belongs to none by those below.

Invariant: a sweep may run in every process and at any time; what one has done the next finds done. No mail is sent from
here: a reminder is owed like any other, under the address's own budget.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager

import msgspec

from consent.clock import DAY
from consent.repeating import Pace, beside
from consent.services import Services
from consent.storage import budgets, ceilings, idempotency, passkeys, sessions, sign_in_links, sites, spent, tallies
from consent.sweeping import pausing, reminding, retaining
from consent.sweeping.purging import AT_ONCE, Purge, purge

__all__ = ["AT_ONCE", "PURGES", "Swept", "running", "sweep"]

FIRST_SECONDS = 60
"""After the start, which has enough to do."""
EVERY_SECONDS = 3600
COUNTED_DAYS = 8

PURGES: dict[str, tuple[Purge, int]] = {
    "spent": (spent.purge, 0),
    "budgets": (budgets.purge, COUNTED_DAYS),
    "ceilings": (ceilings.purge, COUNTED_DAYS),
    "tallies": (tallies.purge, COUNTED_DAYS),
    "idempotency": (idempotency.purge, 1),
    "sessions": (sessions.purge, 1),
    "sign_in_links": (sign_in_links.purge, 0),
    "ceremonies": (passkeys.purge, 0),
}
"""Table -> what takes its old rows away at every site, and how many days they are kept."""


class Swept(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows went, by table; by site and kind of data; how many reminders are owed; how many pauses are over."""

    purged: dict[str, int]
    retained: Mapping[str, Mapping[str, int]]
    reminded: int
    resumed: int = 0


async def sweep(services: Services, *, is_dry: bool = False, daily: bool = False) -> Swept:
    """Sweeps once; with `is_dry` only counts what a sweep would do, with `daily` sites are left out that had theirs."""
    now = services.clock()
    await services.directory.refresh()
    async with services.database.reading() as reader:
        known = sorted(await sites.revisions(reader))
    found = [site for site in map(services.directory.find, known) if site]
    reminded = sum([await reminding.remind(services, site, now, is_dry=is_dry) for site in found])
    resumed = await pausing.resume(services, now, is_dry=is_dry)
    if (reminded or resumed) and not is_dry:
        services.nudge.set()
    purged = {
        table: await purge(services, way, now - days * DAY, is_dry=is_dry) for table, (way, days) in PURGES.items()
    }
    due = [site for site in known if not daily or await retaining.is_due(services, site, now)]
    retained = {site: await retaining.retain(services, site, now, is_dry=is_dry) for site in due}
    return Swept(purged=purged, retained=retained, reminded=reminded, resumed=resumed)


def running(services: Services, first_seconds: float = FIRST_SECONDS) -> AbstractAsyncContextManager[None]:
    """Sweeps soon and every hour, beside the block; each site's data once a day."""
    pace, beat = Pace(first_seconds, EVERY_SECONDS), services.pulse.beating("sweeper")
    return beside(lambda: sweep(services, daily=True), pace, "nothing can be swept now", beat)
