"""Reminds, once, who signed up and has not confirmed, where the site wants that.

Invariant: a reminder is owed like any other mail, under the address's own budget, and to nobody who must not be mailed.
"""

from __future__ import annotations

import contextlib

from consent import ids, mailboxes, owing
from consent.clock import DAY
from consent.directory import Published
from consent.newsletter import mailing
from consent.services import Services
from consent.storage import budgets, pendings, subscribers, suppressions
from consent.storage.database import Writer
from consent.storage.pendings import Pending
from consent.sweeping.purging import AT_ONCE, Rehearsed


async def remind(services: Services, site: Published, now: int, *, is_dry: bool) -> int:
    """Owes the site's reminders, where it wants any, each in a transaction of its own; gives how many."""
    if not site.settings.reminder_days or not mailing.lists_of(site):
        return 0
    before = now - site.settings.reminder_days * DAY
    # Not so late that what it leads to would be gone before the reader has a day for it.
    since = now - (site.settings.retention.pending_days - 1) * DAY
    async with services.database.reading() as reader:
        due = await pendings.to_remind(reader, site.id, mailed_before=before, asked_since=since, limit=AT_ONCE)
    return sum([await _remind_one(services, site, pending, now, is_dry=is_dry) for pending in due])


async def _remind_one(services: Services, site: Published, due: Pending, now: int, *, is_dry: bool) -> bool:
    is_reminded = False
    with contextlib.suppress(Rehearsed):
        async with services.database.writing() as writer:
            is_reminded = await _owe_reminder(services, writer, site, due.id, now)
            if is_dry:
                raise Rehearsed
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
