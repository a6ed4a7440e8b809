"""The trip of a sweep: what is kept too long goes, pauses end in their time, and who has not confirmed is reminded,
once, where the site says so.

Invariant: a sweep may run in every process and at any time; what one has done the next finds done. No mail is sent from
here: a reminder is owed like any other, under the address's own budget.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

import msgspec

from consent import ids, mailboxes, owing
from consent.clock import DAY
from consent.directory import Published
from consent.newsletter import mailing
from consent.repeating import Pace, beside
from consent.services import Services
from consent.storage import budgets, ceilings, outbox, pendings, spent, subscribers, suppressions, tallies
from consent.storage import sites as stored_sites
from consent.storage.database import Writer
from consent.storage.pendings import Pending

FIRST_SECONDS = 60
"""After the start, which has enough to do."""
EVERY_SECONDS = 3600
AT_ONCE = 1000
"""Rows that one transaction deletes: nobody waits long for it."""
EVERYTHING = 1 << 62
PENDING_DAYS = 14
COUNTED_DAYS = 8
OUTBOX_DAYS = 30

Purge = Callable[[Writer, int, int], Awaitable[int]]
PURGES: dict[str, tuple[Purge, int]] = {
    "pendings": (pendings.purge, PENDING_DAYS),
    "spent": (spent.purge, 0),
    "budgets": (budgets.purge, COUNTED_DAYS),
    "ceilings": (ceilings.purge, COUNTED_DAYS),
    "tallies": (tallies.purge, COUNTED_DAYS),
    "outbox": (outbox.purge, OUTBOX_DAYS),
}
"""Table -> what takes its old rows away, and how many days they are kept."""


class Swept(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows went, by table, how many reminders are owed, and how many pauses have ended."""

    purged: dict[str, int]
    reminded: int
    resumed: int = 0


class _Rehearsed(Exception):
    """Ends a transaction that must leave nothing behind."""


async def sweep(services: Services, *, is_dry: bool = False) -> Swept:
    """Sweeps once; with `is_dry` only counts what a sweep would do."""
    now = services.clock()
    await services.directory.refresh()
    reminded = 0
    for site in await _mailing_sites(services):
        reminded += await _remind(services, site, now, is_dry=is_dry)
    resumed = await _resume(services, now, is_dry=is_dry)
    if (reminded or resumed) and not is_dry:
        services.nudge.set()
    purged = {
        table: await _purge(services, purge, now - days * DAY, is_dry=is_dry) for table, (purge, days) in PURGES.items()
    }
    return Swept(purged=purged, reminded=reminded, resumed=resumed)


def running(services: Services, first_seconds: float = FIRST_SECONDS) -> AbstractAsyncContextManager[None]:
    """Sweeps soon and every hour, beside the block."""
    return beside(lambda: sweep(services), Pace(first_seconds, EVERY_SECONDS), "nothing can be swept now")


async def _purge(services: Services, purge: Purge, before: int, *, is_dry: bool) -> int:
    """A few rows in each transaction; of a dry run all in one, which is rolled back."""
    at_once = EVERYTHING if is_dry else AT_ONCE
    gone, last = 0, at_once
    with contextlib.suppress(_Rehearsed):
        while last == at_once:
            async with services.database.writing() as writer:
                last = await purge(writer, before, at_once)
                gone += last
                if is_dry:
                    raise _Rehearsed
    return gone


async def _resume(services: Services, now: int, *, is_dry: bool) -> int:
    """Ends the pauses that are over, each in a transaction of its own, and gives how many."""
    at_once = EVERYTHING if is_dry else AT_ONCE
    resumed, last = 0, at_once
    while last == at_once:
        async with services.database.reading() as reader:
            over = await subscribers.pauses_over(reader, now, at_once)
        resumed += len(over) if is_dry else sum([await _resume_one(services, site, id_, now) for site, id_ in over])
        last = len(over)
    return resumed


async def _resume_one(services: Services, site: str, id_: bytes, now: int) -> bool:
    """Whether it is ended now; mailing providers took the reader off at the pause, and have to be told."""
    async with services.database.writing() as writer:
        subscriber = await subscribers.end_pause(writer, site, id_, now)
        if subscriber is None:
            return False
        about: dict[str, object] = {"subscriber": ids.uuid_text(id_)}
        await owing.owe_event(writer, site=site, at=now, event="subscriber.changed", about=about, key=subscriber.key)
    return True


async def _mailing_sites(services: Services) -> list[Published]:
    """The sites that remind."""
    async with services.database.reading() as reader:
        known = await stored_sites.revisions(reader)
    found = (services.directory.find(site) for site in known)
    return [site for site in found if site and site.settings.reminder_days and mailing.lists_of(site)]


async def _remind(services: Services, site: Published, now: int, *, is_dry: bool) -> int:
    """Owes the site's reminders; each in a transaction of its own."""
    before = now - site.settings.reminder_days * DAY
    # Not so late that what it leads to would be gone before the reader has a day for it.
    since = now - (PENDING_DAYS - 1) * DAY
    async with services.database.reading() as reader:
        due = await pendings.to_remind(reader, site.id, mailed_before=before, asked_since=since, limit=AT_ONCE)
    return sum([await _remind_one(services, site, pending, now, is_dry=is_dry) for pending in due])


async def _remind_one(services: Services, site: Published, due: Pending, now: int, *, is_dry: bool) -> bool:
    is_reminded = False
    with contextlib.suppress(_Rehearsed):
        async with services.database.writing() as writer:
            is_reminded = await _owe_reminder(services, writer, site, due.id, now)
            if is_dry:
                raise _Rehearsed
    return is_reminded


async def _owe_reminder(services: Services, writer: Writer, site: Published, id_: bytes, now: int) -> bool:
    """Whether it is owed now: not to who was reminded, must not be mailed, has all of it, or was mailed too often."""
    pending = await pendings.lock(writer, site.id, id_)
    if pending is None or pending.reminded_at is not None or not await _lacks(writer, site, pending):
        return False
    budget = services.addresses.budget_of(mailboxes.parse(pending.email))
    due_at = await budgets.take(writer, budget, now)
    if due_at is None:
        return False
    await pendings.reminded(writer, site.id, id_, now)
    await owing.owe_mail(
        writer,
        site=site.id,
        at=now,
        what="reminder",
        about={"pending": ids.uuid_text(id_)},
        key=pending.key,
        sender_domain=mailing.sender_domain(site),
        due_at=due_at,
    )
    return True


async def _lacks(writer: Writer, site: Published, pending: Pending) -> bool:
    """Whether there is a list that it waits for, may be mailed about, and is not confirmed by another way."""
    strong = {one.list for one in await suppressions.of(writer, site.id, pending.key) if one.strength > 1}
    subscriber = await subscribers.by_key(writer, site.id, pending.key)
    known = await subscribers.subscriptions(writer, site.id, subscriber.id) if subscriber else []
    barred = strong | {one.list for one in known if one.state == "confirmed"}
    asked = {one.list for one in await pendings.lists(writer, site.id, pending.id)}
    return suppressions.ALL not in strong and bool(asked & set(mailing.lists_of(site)) - barred)
