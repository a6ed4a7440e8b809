"""From a row of the outbox to the publisher's webhook or mailing provider that it is owed to.

What is said is looked up when it leaves, and is what holds then: a retry that comes late revives nobody, and an address
that was erased meanwhile is in no delivery.

Invariant: an address is told only once its owner confirmed it, and never as joined while it is suppressed or paused.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping

import msgspec

from consent import clock, errors, ids
from consent.clock import DAY
from consent.services import Services
from consent.storage import endpoints, subscribers, suppressions
from consent.storage.database import Reader
from consent.storage.endpoints import WEBHOOK, Endpoint
from consent.storage.outbox import Owed
from consent.storage.subscribers import Subscriber, Subscription
from consent.sync import brevo, buttondown, ghost, listmonk, mailchimp, webhook
from consent.sync.delivery import SCHEDULE, Account, Gone, Member, Refused, Retry
from consent.sync.guard import Guard
from consent.tokens import LetterLink

DEAD_IN_A_ROW = 5
"""So many deliveries that ended dead, one after the other, switch an endpoint off."""
UNPROVEN = frozenset({"signup.pending", "signup.cancelled"})
FORMER = "former"
"""In `about`: the sealed address that is no more, for those who have to forget it (GDPR, article 19)."""

Tell = Callable[[Guard, Account, Member, int], Awaitable[None]]
TELL: Mapping[str, Tell] = {
    "listmonk": listmonk.tell,
    "mailchimp": mailchimp.tell,
    "brevo": brevo.tell,
    "buttondown": buttondown.tell,
    "ghost": ghost.tell,
}


async def deliver(services: Services, owed: Owed) -> None:
    """One attempt; returns when it was taken, or when there is nothing left to say or nobody to say it to.

    Raises:
        Retry: not now; the next attempt is due after `SCHEDULE[owed.attempts]`, or when the other side says.
        Refused: never; it is to be dead. So too after the last attempt of the schedule.
        Gone: never, and the endpoint is switched off.
    """
    async with services.database.reading() as reader:
        endpoint = await endpoints.find(reader, owed.site, owed.endpoint) if owed.endpoint else None
    if endpoint is None:
        return
    if endpoint.disabled_at is not None:
        raise Refused("the endpoint is switched off")
    try:
        await _tell(services, endpoint, owed)
    except Gone as fault:
        async with services.database.writing() as writer:
            await endpoints.disable(writer, owed.site, endpoint.id, services.clock(), fault.detail)
        raise
    except Refused as fault:
        await _failed(services, owed.site, endpoint, fault.detail)
        raise
    except Retry as fault:
        if owed.attempts < len(SCHEDULE):
            raise
        await _failed(services, owed.site, endpoint, fault.detail)
        raise Refused(f"{fault.detail}; given up after {owed.attempts} attempts") from None
    if endpoint.failures:
        async with services.database.writing() as writer:
            await endpoints.succeeded(writer, owed.site, endpoint.id)


def account_of(services: Services, endpoint: Endpoint) -> Account:
    """The endpoint with its secrets open."""
    secrets = msgspec.json.decode(services.vault.take(endpoint.sealed), type=dict[str, str])
    return Account(url=endpoint.url, secrets=secrets, lists=endpoint.lists)


def is_secret(expected: str, given: str) -> bool:
    """Whether the secret in an address is the endpoint's, without telling by time how much of it is right."""
    return bool(expected) and hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))


async def _tell(services: Services, endpoint: Endpoint, owed: Owed) -> None:
    account = account_of(services, endpoint)
    try:
        if endpoint.kind == WEBHOOK:
            async with services.database.reading() as reader:
                data = await _data(services, reader, owed)
            event = webhook.Event(id=owed.message_id, type=owed.what, at=owed.created_at, data=data)
            await webhook.tell(services.guard, account, event, services.clock())
            return
        async with services.database.reading() as reader:
            members = await _members(services, reader, endpoint, owed)
        for member in members:
            if member.joins or member.leaves:
                await TELL[endpoint.kind](services.guard, account, member, services.clock())
    except errors.Refused:  # its address is no longer one that requests may go to
        raise Refused("the endpoint's address is none that requests may go to") from None


async def _failed(services: Services, site: str, endpoint: Endpoint, fault: str) -> None:
    async with services.database.writing() as writer:
        if await endpoints.failed(writer, site, endpoint.id, fault) >= DEAD_IN_A_ROW:
            await endpoints.disable(writer, site, endpoint.id, services.clock(), f"switched off: {fault}")


async def _data(services: Services, reader: Reader, owed: Owed) -> dict[str, object]:
    """What a webhook says: ids, and of a proven address also itself and where it stands now."""
    about = {"signup" if name == "pending" else name: owed.about[name] for name in _TOLD if name in owed.about}
    data: dict[str, object] = {"site": owed.site, **about}
    subscriber = await _subscriber(reader, owed) if owed.what not in UNPROVEN else None
    if subscriber is None:
        return data
    known = await subscribers.subscriptions(reader, owed.site, subscriber.id)
    data |= {
        "email": subscriber.email,
        "language": subscriber.language,
        "subscriptions": [{"list": one.list, "state": one.state, "since": clock.text(one.since)} for one in known],
        "unsubscribe": _unsubscribe_links(services, owed, subscriber, known),
    }
    if subscriber.paused_until is not None:
        data["paused_until"] = clock.text(subscriber.paused_until)
    return data


_TOLD = ("pending", "subscriber", "lists", "record")


def _unsubscribe_links(
    services: Services, owed: Owed, subscriber: Subscriber, known: list[Subscription]
) -> dict[str, str]:
    """For the publisher's own mails: List-Unsubscribe of each list that the person is on (RFC 8058)."""
    return {
        one.list: f"{services.settings.url}/unsubscribe/{_unsubscribe_token(services, owed, subscriber, one.list)}"
        for one in known
        if one.state == "confirmed"
    }


def _unsubscribe_token(services: Services, owed: Owed, subscriber: Subscriber, name: str) -> str:
    at = owed.created_at - owed.created_at % DAY
    link = LetterLink(id=ids.uuid_text(subscriber.id), site=owed.site, lists=(name,), version=subscriber.version, at=at)
    return services.tokens.sign("unsubscribe", owed.site, link, at)


async def _members(services: Services, reader: Reader, endpoint: Endpoint, owed: Owed) -> list[Member]:
    """What a mailing provider is told: of the person as things stand now, and of an address that is no more."""
    told = []
    former = owed.about.get(FORMER)
    if isinstance(former, str):
        everything = tuple(endpoint.lists) or ("",)
        told.append(Member(email=services.vault.take(former).decode(), leaves=everything))
    subscriber = await _subscriber(reader, owed)
    if subscriber is not None and owed.what not in UNPROVEN:
        told.append(await _member(reader, endpoint, owed, subscriber, services.clock()))
    return told


async def _member(reader: Reader, endpoint: Endpoint, owed: Owed, subscriber: Subscriber, now: int) -> Member:
    # A pause is told as leaving everything, and its end (`sweeping`) as joining it again: providers know no pause.
    is_paused = subscriber.paused_until is not None and subscriber.paused_until > now
    suppressed = {one.list for one in await suppressions.of(reader, owed.site, subscriber.key)}
    found = await subscribers.subscriptions(reader, owed.site, subscriber.id)
    known = [one for one in found if not endpoint.lists or one.list in endpoint.lists]
    on = {
        one.list: one.since
        for one in known
        if one.state == "confirmed" and not is_paused and not suppressed & {suppressions.ALL, one.list}
    }
    named = owed.about.get("lists")
    about = {one.list for one in known} if not isinstance(named, list) else set(named) & {one.list for one in known}
    return Member(
        email=subscriber.email,
        joins=tuple(sorted(about & on.keys())),
        leaves=tuple(sorted(about - on.keys())),
        stays=tuple(sorted(on)),
        confirmed_at=max((on[name] for name in about & on.keys()), default=0),
    )


async def _subscriber(reader: Reader, owed: Owed) -> Subscriber | None:
    id_ = owed.about.get("subscriber")
    return await subscribers.by_id(reader, owed.site, ids.parse_uuid(id_)) if isinstance(id_, str) else None
