"""Attack mode: notices by itself that a site is asked for far more sign-ups than are usual or confirmed there.

Every quarter of a minute each process reads what all processes have counted, so that they agree. Under pressure every
sign-up has to prove some work, and under more pressure more of it (`risks`).

Invariant: a level rises at once, and falls only when nothing called for it for half an hour; figures that cannot be
read leave it as it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import NamedTuple

from consent.clock import DAY, Clock
from consent.errors import ConsentError
from consent.metrics import Metrics
from consent.storage import sites, tallies
from consent.storage.database import Database, Reader

LOOK_SECONDS = 15
WINDOW_MS = 600_000
"""Sign-ups are counted by ten minutes."""
HOUR_MS = 6 * WINDOW_MS
CALM_MS = 3 * WINDOW_MS
MANY = 50
"""Fewer in ten minutes are no attack, wherever they come from."""
TIMES = 4
"""How many times the usual is too much."""

log = logging.getLogger(__name__)


class _State(NamedTuple):
    level: int = 0
    until: int = 0
    """When the level may fall."""
    usual: float = 0.0
    """What ten minutes of the day before brought, as it was before the level rose."""


class Pressure:
    """The level of each site."""

    def __init__(self, database: Database, metrics: Metrics, clock: Clock) -> None:
        self._database = database
        self._metrics = metrics
        self._clock = clock
        self._states: dict[str, _State] = {}
        self._looking: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Looks now, and from then on often."""
        self._looking = asyncio.create_task(self._look_often())

    async def close(self) -> None:
        """Stops looking."""
        if self._looking:
            self._looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._looking

    def level(self, site: str) -> int:
        """0 as usual, 1 under attack, 2 under a heavy one."""
        return self._states.get(site, _State()).level

    async def look(self) -> None:
        """Reads the figures of every site, and sets its level."""
        async with self._database.reading() as reader:
            for site in await sites.revisions(reader):
                await self._look_at(reader, site)

    async def _look_at(self, reader: Reader, site: str) -> None:
        now, before = self._clock(), self._states.get(site, _State())
        asked = await _asked_in_a_window(reader, site, now)
        usual = before.usual
        if asked >= MANY and not before.level:
            usual = await tallies.recent(reader, site, "asked", "", now - DAY) * WINDOW_MS / DAY
        confirmed = await tallies.recent(reader, site, "confirmed", "", now - HOUR_MS) if asked >= MANY else 0
        self._set(site, before, _after(before, called_for(asked, usual, confirmed), usual, now))

    def _set(self, site: str, before: _State, after: _State) -> None:
        self._states[site] = after
        self._metrics.attack(site, after.level)
        if before.level != after.level:
            log.warning("attack mode of the site %s: from level %d to %d", site, before.level, after.level)

    async def _look_often(self) -> None:
        while True:
            try:
                await self.look()
            except ConsentError as error:
                log.warning("attack mode cannot be judged now: %s", error)
            except Exception:  # a watcher that died would leave every later attack unseen
                log.exception("attack mode cannot be judged")
            await asyncio.sleep(LOOK_SECONDS)


def called_for(asked: int, usual: float, confirmed: int) -> int:
    """The level for what ten minutes brought: beside what they usually do, and what the last hour confirmed."""
    limit = TIMES * max(usual, confirmed)
    if asked >= TIMES * MANY and asked > TIMES * limit:
        return 2
    return 1 if asked >= MANY and asked > limit else 0


def _after(before: _State, level: int, usual: float, now: int) -> _State:
    if level and level >= before.level:
        return _State(level, now + CALM_MS, usual)
    if now < before.until:
        return before
    return _State(level, now + CALM_MS, usual) if level else _State()


async def _asked_in_a_window(reader: Reader, site: str, now: int) -> int:
    """Sign-ups in the present ten minutes or the last whole ones, whichever had more."""
    window_at = now - now % WINDOW_MS
    both = await tallies.recent(reader, site, "asked", "", window_at - WINDOW_MS)
    if both < MANY:
        return both
    present = await tallies.recent(reader, site, "asked", "", window_at)
    return max(present, both - present)
