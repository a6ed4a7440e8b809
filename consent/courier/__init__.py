"""The trip of what is owed: leased, made, handed over, marked. The only caller of `mail/`, and of `deliveries`.

A lease is one attempt. What was handed over and could not be marked is kept in mind and marked later, so that only a
process that dies in between lets another one repeat it, with the same Message-ID. Mails and events have lanes of their
own: an endpoint that hangs holds no mail back.

Invariant: nothing is handed over before it is committed that this process is on it, and an attempt ends long before
its lease does; what is logged and kept of a failure names ids and codes alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Collection, Sequence
from typing import Literal

from consent.courier import attempting
from consent.courier.attempting import Ended, named
from consent.errors import ConsentError, Stale
from consent.services import Services
from consent.storage import outbox
from consent.storage.outbox import Owed

AT_ONCE = 8
"""How many of a lane are under way in one process; more are taken when half of them have ended."""
TRIES = 3
LEASE_MS = 300_000
SAY_AGAIN_MS = 60_000
LOOK_SECONDS = 5
"""How often it is looked whether other processes have owed something."""
GRACE_SECONDS = 5
"""How long what is under way may take to end when the service does."""

log = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def running(
    services: Services, *, look_seconds: float = LOOK_SECONDS, grace_seconds: float = GRACE_SECONDS
) -> AsyncIterator[None]:
    """Delivers what is owed, for as long as the block lasts; what is under way at its end is ended first."""
    courier = Courier(services, look_seconds=look_seconds, grace_seconds=grace_seconds)
    walking = asyncio.create_task(courier.walk())
    try:
        yield
    finally:
        courier.stop()
        await finished({walking}, grace_seconds)
        await courier.close()


async def work_off(services: Services) -> None:
    """Delivers all that is due now, and returns."""
    courier = Courier(services)
    try:
        while await courier.round():
            pass
    finally:
        await courier.close()


class Courier:
    """One process's."""

    def __init__(
        self, services: Services, *, look_seconds: float = LOOK_SECONDS, grace_seconds: float = GRACE_SECONDS
    ) -> None:
        self._services = services
        self._look_seconds, self._grace_seconds = look_seconds, grace_seconds
        self._is_stopped = False
        self._lanes = (Lane(services, "mails"), Lane(services, "events"))

    async def walk(self) -> None:
        """Looks for what is due whenever something is owed here, something ends, or a few seconds have passed."""
        nudge = self._services.nudge
        while not self._is_stopped:
            nudge.clear()
            seconds = await self._look()
            self._services.pulse.beat("courier")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await nudge.wait()

    def stop(self) -> None:
        """Takes nothing more. It is not broken off, for what was leased just now would have to wait for its lease."""
        self._is_stopped = True
        self._services.nudge.set()

    async def round(self) -> int:
        """Takes what is due as far as there is room, and waits until that has ended; gives how many it was."""
        taken = 0
        for lane in self._lanes:
            taken += await lane.take()
        for lane in self._lanes:
            await lane.finish()
        return taken

    async def close(self) -> None:
        """Waits for what is under way, but not for ever."""
        await asyncio.gather(*(lane.finish(self._grace_seconds) for lane in self._lanes))

    async def _look(self) -> float:
        """Begins with what is due; gives after how many seconds to look again."""
        try:
            for lane in self._lanes:
                await lane.mark_left()
            async with self._services.database.reading() as reader:
                due = await outbox.next_due(reader)
            ahead = self._look_seconds if due is None else (due - self._services.clock()) / 1000
            if ahead > 0:
                return min(ahead, self._look_seconds)
            for lane in self._lanes:
                await lane.take()
        except ConsentError as error:
            log.warning("what is owed cannot be read now: %s", error.detail)
        except Exception:  # a courier that died would leave everything owed
            log.exception("what is owed cannot be read")
        return self._look_seconds


class Lane:
    """What is under way of one kind, and what is over and not marked yet."""

    def __init__(self, services: Services, kind: Literal["mails", "events"]) -> None:
        self._services = services
        self._kind = kind
        self._under_way: set[asyncio.Task[None]] = set()
        self._has_more = False
        self._said_at: int | None = None
        self._unmarked: dict[tuple[str, bytes], tuple[Owed, Ended]] = {}

    async def take(self) -> int:
        """Leases what is due as far as there is room, and begins with it; gives how many that is."""
        room = AT_ONCE - len(self._under_way)
        if room < AT_ONCE // 2:
            self._has_more = True  # there may be: whoever ends next lets it be looked for
            return 0
        leased = await self._lease(room)
        self._has_more = len(leased) == room
        for owed in leased:
            task = asyncio.create_task(self._deliver(owed))
            self._under_way.add(task)
            task.add_done_callback(self._ended)
        return len(leased)

    async def finish(self, seconds: float | None = None) -> None:
        """Waits for what is under way; after so many seconds it is broken off."""
        await finished(self._under_way, seconds)

    async def mark_left(self) -> None:
        """Marks what could not be marked before; what was not handed over is another attempt once its lease is over."""
        for place, (owed, ended) in list(self._unmarked.items()):
            if not ended.is_over and self._services.clock() >= owed.lease_until:
                del self._unmarked[place]
            else:
                await self._mark(owed, ended)

    async def _lease(self, room: int) -> Sequence[Owed]:
        """Nothing when other processes were quicker each time."""
        is_mail, now = self._kind == "mails", self._services.clock()
        for _ in range(TRIES):
            with contextlib.suppress(Stale):
                async with self._services.database.writing() as writer:
                    return await outbox.lease(writer, now, now + LEASE_MS, room, mails=is_mail, events=not is_mail)
        return []

    async def _deliver(self, owed: Owed) -> None:
        known = self._unmarked.get((owed.site, owed.id))
        ended = known[1] if known and known[1].is_over else await attempting.attempt(self._services, owed)
        await self._mark(owed, ended)

    async def _mark(self, owed: Owed, ended: Ended) -> None:
        place = (owed.site, owed.id)
        try:
            await attempting.mark(self._services, owed, ended)
            self._unmarked.pop(place, None)
            self._say(owed, ended)
        except ConsentError as error:
            self._unmarked[place] = (owed, ended)
            log.warning("%s of %s ended, which cannot be noted now: %s", *named(owed), error.detail)

    def _say(self, owed: Owed, ended: Ended) -> None:
        """Tells the operator, once a minute at most, that something does not get through."""
        now = self._services.clock()
        if ended.how == "again" and (self._said_at is None or not 0 <= now - self._said_at < SAY_AGAIN_MS):
            self._said_at = now
            log.warning("%s of %s did not get through, and will be tried again: %s", *named(owed), ended.fault)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """There is room again: looks for more, where there was more than room."""
        self._under_way.discard(task)
        if self._has_more and len(self._under_way) <= AT_ONCE // 2:
            self._services.nudge.set()
        if not task.cancelled() and (fault := task.exception()):
            log.error("a delivery broke off: %s", type(fault).__name__)


async def finished(tasks: Collection[asyncio.Task[None]], seconds: float | None = None) -> None:
    """Waits for the tasks; after so many seconds they are broken off."""
    if tasks:
        _, left = await asyncio.wait(tasks, timeout=seconds)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
