"""Readers of the Miami site, subscribed, waiting and suppressed, by the shortest way."""

from __future__ import annotations

from typing import Any

import msgspec

from consent import ids, mailboxes
from consent.services import Services
from consent.storage import pendings, subscribers, suppressions
from consent.storage.pendings import Pending, PendingList
from consent.storage.subscribers import Subscriber, Subscription
from consent.subscriptions import Reason, State
from tests.acts import SITE


def key(services: Services, email: str) -> bytes:
    """What stands for the address."""
    return services.addresses.of(mailboxes.parse(email))


async def subscribe(
    services: Services, email: str, *lists: str, state: State = "confirmed", **fields: Any
) -> Subscriber:
    """A subscriber of these lists."""
    at = services.clock()
    usual = Subscriber(id=ids.uuid7(at).bytes, key=key(services, email), email=email, language="en", created_at=at)
    async with services.database.writing() as writer:
        found = await subscribers.ensure(writer, SITE, msgspec.structs.replace(usual, **fields))
        for name in lists:
            await subscribers.set_state(writer, SITE, found.id, name, state, at, via="form")
    return found


async def ask(services: Services, email: str, *lists: str, is_mailed: bool = True) -> bytes:
    """A sign-up that waits for its confirmation; gives its id."""
    at = services.clock()
    usual = Pending(
        id=ids.uuid7(at).bytes, key=key(services, email), kind="signup", email=email, language="en", asked_at=at
    )
    async with services.database.writing() as writer:
        id_ = await pendings.upsert(writer, SITE, usual)
        notice = services.directory.get(SITE).digest
        asked = [PendingList(list=name, asked_at=at, notice=notice, language="en") for name in lists]
        await pendings.add_lists(writer, SITE, id_, asked)
        if is_mailed:
            await pendings.mailed(writer, SITE, id_, at)
    return id_


async def suppress(services: Services, email: str, reason: Reason, list_: str = suppressions.ALL) -> None:
    """Bars the address."""
    async with services.database.writing() as writer:
        await suppressions.put(writer, SITE, key(services, email), list_, reason, services.clock())


async def subscriptions_of(services: Services, email: str) -> dict[str, Subscription]:
    """What the address is subscribed to, by list."""
    async with services.database.reading() as reader:
        found = await subscribers.by_key(reader, SITE, key(services, email))
        known = await subscribers.subscriptions(reader, SITE, found.id) if found else ()
    return {one.list: one for one in known}
