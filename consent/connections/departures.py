"""The trip of who left at a publisher's mailing provider: told by its webhook, or asked for where it has none.

Leaving there is leaving here, at once and for the lists that are kept there, with a suppression and a record, so that
no other way brings the person back.

Invariant: only a message with the endpoint's own secret is read; whoever confirmed here after leaving there stays; what
we took away there ourselves, for a pause or a leaving here, is no leaving.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
from collections.abc import Awaitable, Collection, Mapping
from contextlib import AbstractAsyncContextManager

from consent import ids, mailboxes
from consent.clock import DAY
from consent.courier import deliveries
from consent.courier.deliveries import is_secret
from consent.errors import BadToken, ConsentError, Denied, Refused, Unavailable, Unknown
from consent.insisting import insists
from consent.newsletter import leaving
from consent.newsletter.leaving import BOUNCED, COMPLAINED, UNSUBSCRIBED, Leave
from consent.repeating import Pace, beside
from consent.services import Services
from consent.storage import endpoints, spent, subscribers
from consent.storage.database import Reader
from consent.storage.endpoints import Endpoint
from consent.storage.subscribers import Subscriber
from consent.sync import brevo, buttondown, ghost, listmonk, mailchimp
from consent.sync.delivery import Account, How, Left, Told
from consent.sync.inbound.events import Heard

REMEMBERED = 30 * DAY
EVERY = 900_000
"""Milliseconds between two times that a provider is asked."""
SECONDS = 60
"""Between two looks at whose turn it is."""
OVERLAP = 3_600_000
"""By how much a look reaches back before the last one: clocks differ, and a repeat does no harm."""
WAYS: Mapping[How, Leave] = {
    "unsubscribed": leaving.by(UNSUBSCRIBED, "sync"),
    "bounced": leaving.by(BOUNCED, "sync"),
    "complained": leaving.by(COMPLAINED, "sync"),
}

log = logging.getLogger(__name__)


async def hear(services: Services, site: str, id_: str, heard: Heard) -> None:
    """Checks the secret in the address, reads who left, and lets them leave here.

    Raises:
        Unknown: no such endpoint, or another secret.
        Denied: it is not signed as it should be.
        Malformed: it is no message of its.
        Unavailable: what it is about cannot be asked now; it is to be told again.
    """
    endpoint, account = await _known(services, site, id_, heard.secret)
    try:
        left = await _left(services, endpoint, account, heard)
    except BadToken as fault:
        raise Denied(fault.detail) from None
    await take(services, site, endpoint, account, left)


async def require(services: Services, site: str, id_: str, secret: str) -> None:
    """Returns when there is an endpoint with this secret: what a provider asks before it tells anything.

    Raises:
        Unknown: there is none.
    """
    await _known(services, site, id_, secret)


async def take(services: Services, site: str, endpoint: Endpoint, account: Account, left: Collection[Left]) -> None:
    """Lets happen what was told."""
    for one in left:
        await _happen(services, site, endpoint, account, one)
    if left:
        services.nudge.set()


async def poll(services: Services) -> None:
    """Asks every provider whose turn it is; one that does not answer is asked again the next time."""
    now = services.clock()
    async with services.database.reading() as reader:
        due = [(site, one) for site, one in await endpoints.to_poll(reader, now - EVERY) if one.kind == "listmonk"]
    for site, endpoint in due:
        try:
            await _ask(services, site, endpoint, now)
        except (ConsentError, KeyError) as fault:
            log.warning("the endpoint %s of %s: %s", ids.uuid_text(endpoint.id), site, type(fault).__name__)


def polling(services: Services) -> AbstractAsyncContextManager[None]:
    """Asks again and again, beside the block."""
    return beside(
        lambda: poll(services),
        Pace(0, SECONDS),
        "mailing providers cannot be asked now",
        services.pulse.beating("departures"),
    )


async def _ask(services: Services, site: str, endpoint: Endpoint, now: int) -> None:
    account = deliveries.account_of(services, endpoint)
    since = (endpoint.polled_at or endpoint.created_at) - OVERLAP
    await take(services, site, endpoint, account, await listmonk.left(services.guard, account, since, now))
    async with services.database.writing() as writer:
        await endpoints.polled(writer, site, endpoint.id, now)


async def _known(services: Services, site: str, id_: str, secret: str) -> tuple[Endpoint, Account]:
    """The endpoint, disabled or not: who leaves is let go however its own deliveries fare."""
    with contextlib.suppress(ValueError):
        raw = ids.parse_uuid(id_)
        async with services.database.reading() as reader:
            endpoint = await endpoints.find(reader, site, raw)
        account = deliveries.account_of(services, endpoint) if endpoint else None
        if endpoint and account and is_secret(account.secrets.get("inbound", ""), secret):
            return endpoint, account
    raise Unknown("nobody is listened to at this address")


async def _left(services: Services, endpoint: Endpoint, account: Account, heard: Heard) -> list[Left]:
    match endpoint.kind:
        case "mailchimp":
            return await _asked(mailchimp.left(services.guard, account, heard.body, heard.now))
        case "brevo":
            return brevo.left(heard.body)
        case "ghost":
            return ghost.left(account, heard.headers, heard.body)
        case "buttondown":
            return await _asked(buttondown.left(services.guard, account, heard.headers, heard.body, heard.now))
    return []


async def _asked(asking: Awaitable[list[Left]]) -> list[Left]:
    try:
        return await asking
    except Told as fault:
        raise Unavailable(f"who it is about cannot be asked now: {fault.detail}") from None


@insists
async def _happen(services: Services, site: str, endpoint: Endpoint, account: Account, left: Left) -> None:
    """One transaction; a repeat finds its id spent."""
    how, now, moved = WAYS[left.how], services.clock(), leaving.NOTHING
    key = _key(services, left.email)
    if key is None:
        return
    async with services.appender.acting(site) as act:
        told = hashlib.sha256(left.id.encode()).hexdigest()
        if not await spent.spend(act.writer, f"{ids.uuid_text(endpoint.id)}:{told}", now + REMEMBERED):
            return
        found = await subscribers.by_key(act.writer, site, key)
        subscriber = await subscribers.lock(act.writer, site, found.id) if found else None
        if how.is_of_the_address:
            moved = await leaving.give_up(services, act, site, key, how)
        elif subscriber:
            lists = await _still(act.writer, site, subscriber, account.ours(left.theirs), left.at)
            moved = await leaving.leave(services, act, site, subscriber, lists, how)
    leaving.count(services, site, moved)


async def _still(
    reader: Reader, site: str, subscriber: Subscriber, lists: Collection[str] | None, at: int | None
) -> list[str]:
    """The lists that the person has not confirmed since."""
    known = await subscribers.subscriptions(reader, site, subscriber.id)
    return [one.list for one in known if (lists is None or one.list in lists) and (at is None or one.since <= at)]


def _key(services: Services, email: str) -> bytes | None:
    try:
        return services.addresses.of(mailboxes.parse(email))
    except Refused:
        return None
