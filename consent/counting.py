"""Counts what visitors and readers do, in memory first, and adds it to the database every few seconds.

Invariant: a count carries nobody's id. Counts are not evidence: a crash may lose the last two seconds of them
(`FLUSH_SECONDS`), an outage of the store loses none that fits within `MAX_COUNTERS`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter as Tally

from consent.clock import DAY, HOUR
from consent.errors import ConsentError
from consent.records import Circumstances
from consent.storage import figures, funnel
from consent.storage.database import Database, Writer
from consent.storage.figures import Count, Group
from consent.storage.funnel import Step

FLUSH_SECONDS = 2
MAX_COUNTERS = 10_000


class Counting:
    """The counts that are not in the database yet."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tally: Tally[Count] = Tally()
        self._steps: Tally[Step] = Tally()
        self._known: dict[tuple[str, int], set[Group]] = {}
        self._flushing: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Starts to add them up."""
        self._flushing = asyncio.create_task(self._flush_often())

    def count(self, count: Count) -> None:
        """One more; beyond a bound of different counts the rest is counted together, as `other`."""
        if count not in self._tally and len(self._tally) >= MAX_COUNTERS:
            count = count._replace(group=figures.beyond(count.group))
        self._tally[count] += 1

    def note(
        self, site: str, at: int, kind: str, *, notice: str, language: str, seen: Circumstances, variant: str = ""
    ) -> None:
        """Somebody did this at that instant: of what is seen of them, the country and the sort of device are kept.

        `notice`, `language` and `variant` are the site's own: whoever calls has held them against what it published.
        """
        is_bot = seen.device == "bot"
        device = "" if is_bot else seen.device or ""
        group = Group(notice, language, seen.country or "", device, variant, int(is_bot))
        self.count(Count(site, at // HOUR * HOUR, kind, group))

    def step(self, step: Step) -> None:
        """One more went this far on the way to a subscription; beyond the bound of different steps it is dropped."""
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
                await self._learn(writer, tally)
                await figures.add(writer, figures.bounded(tally, self._known).items())
                await funnel.add(writer, sorted(steps.items()))
        except ConsentError:
            self._tally.update(tally)
            self._steps.update(steps)

    async def _learn(self, writer: Writer, tally: Tally[Count]) -> None:
        """Reads anew which groups a day has, when one comes that is not known; those of past days are forgotten."""
        days: dict[tuple[str, int], set[Group]] = {}
        for count in tally:
            days.setdefault((count.site, count.hour // DAY * DAY), set()).add(count.group)
        known = {place: self._known.get(place, set()) for place in days}
        for place, there in known.items():
            if not days[place] <= there and len(there) < figures.GROUPS:
                there.update(await figures.groups(writer, *place))
        latest = max((day for _, day in known), default=0)
        kept = {place: there for place, there in self._known.items() if place[1] >= latest}
        self._known = kept | known

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
