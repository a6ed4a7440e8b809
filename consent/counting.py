"""Counts what was shown, in memory first, and adds it to the database every few seconds.

Invariant: a count carries nobody's id. Counts are not evidence: a crash may lose the last few seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter as Tally

from consent.errors import ConsentError
from consent.storage import counters, funnel
from consent.storage.counters import Counter
from consent.storage.database import Database
from consent.storage.funnel import Step

FLUSH_SECONDS = 2
MAX_COUNTERS = 10_000


class Counting:
    """The counts that are not in the database yet."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tally: Tally[Counter] = Tally()
        self._steps: Tally[Step] = Tally()
        self._flushing: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Starts to add them up."""
        self._flushing = asyncio.create_task(self._flush_often())

    def count(self, counter: Counter) -> None:
        """One more; beyond a bound of different counters the rest is dropped."""
        if counter in self._tally or len(self._tally) < MAX_COUNTERS:
            self._tally[counter] += 1

    def step(self, step: Step) -> None:
        """One more went this far on the way to a subscription; bounded as `count` is."""
        if step in self._steps or len(self._steps) < MAX_COUNTERS:
            self._steps[step] += 1

    async def flush(self) -> None:
        """Adds all to the database; on failure they are kept for the next time."""
        tally, self._tally = self._tally, Tally()
        steps, self._steps = self._steps, Tally()
        if not tally and not steps:
            return
        try:
            async with self._database.writing() as writer:
                await counters.add(writer, sorted(tally.items()))
                await funnel.add(writer, sorted(steps.items()))
        except ConsentError:
            self._tally.update(tally)
            self._steps.update(steps)

    async def close(self) -> None:
        """Stops, and adds what is left."""
        if self._flushing:
            self._flushing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._flushing
        await self.flush()

    async def _flush_often(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await self.flush()
