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
import logging
from collections import deque
from collections.abc import Sequence

from consent.appending import Appender, Outcome
from consent.clock import Clock
from consent.errors import Busy, Duplicate, Misconfigured, Stale, Unavailable
from consent.metrics import Metrics
from consent.records import Draft, Recorded
from consent.storage import heartbeats
from consent.storage.database import Database
from consent.vault import Vault

CAPACITY = 4096
GROUP = 512
ATTEMPTS = 5
BEAT_MS = 1_000
SAY_AGAIN_MS = 60_000
TRY_AGAIN_MS = 30_000
"""How long after its last failure a store is believed to fail still, when nobody has asked for a record since: whoever
sends no more requests to a process that is not ready would otherwise never learn that it is again."""

log = logging.getLogger(__name__)

Waiting = tuple[Draft, "asyncio.Future[Recorded]"]


class Store:
    """Whether records can be committed: what the last group met, and a row that is written to learn it.

    The operator is told when it begins to fail, once a minute at most, and when it works again.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._failed_at: int | None = None
        self._said_at: int | None = None
        self._told = False
        self._beaten_at: int | None = None

    async def check(self) -> None:
        """Returns when a record could be committed now.

        Raises:
            Unavailable: it could not.
        """
        now = self._clock()
        if _is_within(TRY_AGAIN_MS, self._failed_at, now):
            raise Unavailable("the store cannot commit records now")
        if not _is_within(BEAT_MS, self._beaten_at, now):
            async with self._database.writing() as writer:
                await heartbeats.beat(writer, now)
            self._beaten_at = now

    def failed(self, error: Unavailable) -> None:
        """A group could not be committed."""
        now = self._failed_at = self._clock()
        if not self._told and not _is_within(SAY_AGAIN_MS, self._said_at, now):
            self._told, self._said_at = True, now
            log.error("consents cannot be recorded now: %s", "; ".join([error.detail, *_causes(error)]))

    def worked(self) -> None:
        """A group was committed."""
        self._failed_at = None
        if self._told:
            self._told = False
            log.info("consents are recorded again")


def _is_within(span: int, then: int | None, now: int) -> bool:
    return then is not None and 0 <= now - then < span


def _causes(error: BaseException) -> list[str]:
    """What the engine said, from the notes that its translation leaves: no values, and never told to visitors."""
    return [" ".join(note.split()) for note in getattr(error, "__notes__", ())]


class Recorder:
    """Takes drafts from any number of requests and writes them in groups."""

    def __init__(
        self, database: Database, vault: Vault, clock: Clock, metrics: Metrics, capacity: int = CAPACITY
    ) -> None:
        self.store = Store(database, clock)
        self._appender = Appender(database, vault, clock)
        self._metrics = metrics
        self._closed_logs: set[str] = set()
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

    async def check(self) -> None:
        """Returns when a record could be committed now.

        Raises:
            Unavailable: it could not, or nobody would write it.
        """
        if self._writer is None or self._writer.done():
            raise Unavailable("the writer is not running: restart the service")
        await self.store.check()

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
            match outcome:
                case Recorded():
                    future.set_result(outcome)
                case BaseException():
                    future.set_exception(outcome)

    async def _outcomes(self, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        try:
            outcomes = await self._append(drafts)
            self._note(drafts, outcomes)
            return outcomes
        except Unavailable as error:
            self._metrics.failed_commits.inc()
            self.store.failed(error)
            return [error] * len(drafts)
        except Exception as error:  # noqa: BLE001 - whatever one bad draft raises must not reach the others
            if len(drafts) == 1:
                return [self._closed(drafts[0].site, error) if isinstance(error, Misconfigured) else error]
        return [outcome for draft in drafts for outcome in await self._outcomes([draft])]

    def _note(self, drafts: Sequence[Draft], outcomes: Sequence[Outcome]) -> None:
        if any(isinstance(outcome, Recorded) and outcome.is_new for outcome in outcomes):
            self.store.worked()  # a draft that was there already takes no room, so it says nothing
        if self._closed_logs:
            self._closed_logs.difference_update(draft.site for draft in drafts)

    def _closed(self, site: str, error: Misconfigured) -> Unavailable:
        """A log whose key does not open while running: its site's visitors ask again, the operator is told once."""
        if site not in self._closed_logs:
            self._closed_logs.add(site)
            log.critical("nothing can be recorded for the site %s: %s", site, error.detail)
        return Unavailable("this site's log cannot be signed now: send it again later")

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
