"""The trip of a publisher who bars an address, or lifts that: whoever writes to them instead of using a link.

Invariant: a barred address is mailed by nothing, and its subscriptions end, with a record of that; lifting
brings none of them back. Each is in the audit trail, in the same transaction and without the address.
"""

from __future__ import annotations

from consent import auditing, mailboxes
from consent.newsletter import leaving
from consent.newsletter.leaving import Leave
from consent.records import Actor
from consent.services import Services
from consent.storage import pendings, subscribers, suppressions

BARRED = Leave(
    move="unsubscribe", reason="admin", action="unsubscribe", event="subscription.unsubscribed", via="publisher"
)


async def bar(services: Services, site: str, email: str, actor: Actor = auditing.COMMAND) -> tuple[str, ...]:
    """Nobody's sign-up of this address is mailed any more; gives the lists that it was taken off.

    Raises:
        Unknown: no such site.
        Refused: no address.
    """
    key = services.addresses.of(mailboxes.parse(email))
    await services.directory.refresh()
    services.directory.get(site)
    async with services.appender.acting(site) as act:
        await pendings.delete_of_key(act.writer, site, key)
        await suppressions.put(act.writer, site, key, suppressions.ALL, BARRED.reason, services.clock())
        found = await subscribers.by_key(act.writer, site, key)
        subscriber = await subscribers.lock(act.writer, site, found.id) if found else None
        moved = leaving.NOTHING
        if subscriber:
            moved = await leaving.move(services, act.writer, site, subscriber, None, BARRED)
        told = {"lists": len(moved.lists)}
        await act.append([*moved.drafts, auditing.draft(site, actor, "suppression.added", told, services.clock())])
    leaving.count(services, site, moved)
    services.nudge.set()
    return moved.lists


async def lift(services: Services, site: str, email: str, actor: Actor = auditing.COMMAND) -> int:
    """Ends all suppressions of the address at the site, whatever the reason; gives how many there were.

    Raises:
        Unknown: no such site.
        Refused: no address.
    """
    key = services.addresses.of(mailboxes.parse(email))
    await services.directory.refresh()
    services.directory.get(site)
    async with services.appender.acting(site) as act:
        found = await suppressions.of(act.writer, site, key)
        ends = [await suppressions.lift(act.writer, site, key, one.list, up_to_strength=one.strength) for one in found]
        told = {"suppressions": sum(ends)}
        await act.append([auditing.draft(site, actor, "suppression.lifted", told, services.clock())])
    return sum(ends)
