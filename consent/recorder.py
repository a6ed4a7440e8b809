"""The one writer of consent records: groups of waiting drafts, one transaction a group.

Requests hand over a draft and await. The writer takes all that wait, appends them to their logs in one
transaction, and only when that is on disk tells each its record. A group in which one draft is bad is
tried again draft by draft, so that only the bad one fails.

Invariant: nobody is told yes before the commit returned; after a commit whose fate is unknown
everybody in the group is told to ask again, and asking again with the same id finds what was stored.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence

from consent.appending import Appender, Outcome
from consent.clock import Clock
from consent.errors import Busy, Duplicate, Stale, Unavailable
from consent.metrics import Metrics
from consent.records import Draft, Recorded
from consent.storage.database import Database
from consent.vault import Vault

CAPACITY = 4096
GROUP = 512
ATTEMPTS = 5

Waiting = tuple[Draft, "asyncio.Future[Recorded]"]


class Recorder:
    """Takes drafts from any number of requests and writes them in groups."""

    def __init__(
        self, database: Database, vault: Vault, clock: Clock, metrics: Metrics, capacity: int = CAPACITY
    ) -> None:
        self._appender = Appender(database, vault, clock)
        self._metrics = metrics
        self._capacity = capacity
        self._waiting: deque[Waiting] = deque()
        self._wake = asyncio.Event()
        self._closing = False
        self._writer: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Starts the writer; needs a running event loop."""
        self._writer = asyncio.create_task(self._write_groups())

    async def give(self, draft: Draft) -> Recorded:
        """The draft as it is recorded, durably, once this returns.

        Raises:
            Busy: too many wait already; nothing was recorded.
            Contradiction: its id was recorded before with other content.
            Unavailable: the store cannot commit; ask again with the same id.
        """
        if self._closing or len(self._waiting) >= self._capacity:
            raise Busy("too many are waiting to be recorded: send it again in a moment")
        if self._writer is None or self._writer.done():
            raise Unavailable("the writer is not running: restart the service")
        future: asyncio.Future[Recorded] = asyncio.get_running_loop().create_future()
        self._waiting.append((draft, future))
        self._wake.set()
        return await future

    async def close(self) -> None:
        """Takes no more, writes all that wait, and ends."""
        self._closing = True
        self._wake.set()
        if self._writer:
            await self._writer

    async def _write_groups(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while group := self._take():
                self._metrics.group(len(group), len(self._waiting))
                await self._settle(group)
            if self._closing:
                return

    def _take(self) -> list[Waiting]:
        """The next group; a draft whose request is gone is written all the same unless nobody began on it."""
        group: list[Waiting] = []
        while self._waiting and len(group) < GROUP:
            waiting = self._waiting.popleft()
            if not waiting[1].done():
                group.append(waiting)
        return group

    async def _settle(self, group: Sequence[Waiting]) -> None:
        outcomes = await self._outcomes([draft for draft, _ in group])
        for (_, future), outcome in zip(group, outcomes, strict=True):
            if future.done():
                continue  # its request was cancelled; the record stands, and the same id finds it
            if isinstance(outcome, BaseException):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

    async def _outcomes(self, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        try:
            return await self._append(drafts)
        except Unavailable as error:
            self._metrics.failed_commits.inc()
            return [error] * len(drafts)
        except Exception as error:  # noqa: BLE001 - whatever one bad draft raises must not reach the others
            if len(drafts) == 1:
                return [error]
        return [outcome for draft in drafts for outcome in await self._outcomes([draft])]

    async def _append(self, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        """Optimistic first; with a look-up of every id once an id was seen to be there already."""
        look_up = False
        for _ in range(ATTEMPTS):
            with contextlib.suppress(Stale):
                try:
                    with self._metrics.commit_seconds.time():
                        return await self._appender.append(drafts, look_up=look_up)
                except Duplicate:
                    look_up = True
        raise Unavailable("the log is too busy: send it again in a moment")
