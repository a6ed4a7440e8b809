"""The trip of what mail providers tell: which mails arrived, came back, or were called spam.

A hard bounce or a complaint, once, ends all mail to an address at the site. Mail that comes back tells against whoever
asked for it: the network it was asked from, and the domain.

Invariant: what is told twice happens once, and nothing that is told makes anybody subscribed.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
from collections.abc import Sequence
from typing import NamedTuple

from consent import ids, mailboxes
from consent.appending import Act
from consent.clock import DAY
from consent.errors import BadToken, Denied, Refused, Unavailable, Unknown
from consent.insisting import insists
from consent.newsletter import leaving
from consent.newsletter.leaving import BOUNCED, COMPLAINED, UNSUBSCRIBED, Moved
from consent.services import Services
from consent.storage import members, outbox, pendings, sites, spent, subscribers, tallies
from consent.storage.database import Reader
from consent.storage.outbox import Owed
from consent.sync.delivery import Retry
from consent.sync.inbound import PROVIDERS, READERS, ses, sns
from consent.sync.inbound.events import NOT_GENUINE, Heard, MailEvent

REMEMBERED = 30 * DAY
"""How long a provider may repeat itself."""

log = logging.getLogger(__name__)


async def hear(services: Services, provider: str, heard: Heard) -> None:
    """Checks who says so, reads what is said, and lets it happen.

    Raises:
        Unknown: no such provider is listened to (`CONSENT_MAIL_EVENTS`).
        Denied: it is not the provider's.
        Malformed: it is no message of its.
        Unavailable: it cannot be checked or kept now, and is to be told again.
    """
    secrets = _secrets(services, provider)
    if not secrets:
        raise Unknown("no mail provider is listened to at this address: see CONSENT_MAIL_EVENTS")
    for secret in secrets:
        with contextlib.suppress(BadToken):
            await take(services, provider, await _read(services, provider, secret, heard))
            return
    raise Denied(NOT_GENUINE)


async def take(services: Services, provider: str, events: Sequence[MailEvent]) -> None:
    """Lets happen what was told, each event once at each site that it is about."""
    for event in events:
        for place in await _places(services, event):
            await _happen(services, provider, event, place)
    if events:
        services.nudge.set()


class _Place(NamedTuple):
    """One site where an event matters: the address's key there, and the mail it is about when that is known."""

    site: str
    key: bytes
    owed: Owed | None = None


def _secrets(services: Services, provider: str) -> list[str]:
    """Several may be listed while one is changed, or for several topics."""
    named = [one.partition(":") for one in services.settings.mail_events]
    return [secret for name, _, secret in named if name == provider and name in PROVIDERS]


async def _read(services: Services, provider: str, secret: str, heard: Heard) -> list[MailEvent]:
    if provider in READERS:
        return READERS[provider](secret, heard)
    message = sns.parse(heard.body, secret)
    try:
        sns.check(message, await services.guard.lasting(message.cert_url))
        if url := sns.confirmation_url(message):
            answer = await services.guard.ask("GET", url)
            log.info("a topic of SNS asked to be confirmed: answered %s", answer.status)
            if answer.status != 200:
                raise Retry("the topic cannot be confirmed")
    except Retry:
        raise Unavailable("Amazon cannot be asked now whether the message is its own") from None
    return ses.events(message)


async def _places(services: Services, event: MailEvent) -> list[_Place]:
    async with services.database.reading() as reader:
        owed = await _mail(reader, event)
        key = _key(services, event.address) or (owed.key if owed else None)
        if key is None or (owed and owed.site == members.EVERYWHERE):  # about the console: of no reader
            return []
        if owed is not None:
            return [_Place(owed.site, key, owed)]
        return [_Place(site, key) for site in await sites.revisions(reader) if await _is_known(reader, site, key)]


async def _mail(reader: Reader, event: MailEvent) -> Owed | None:
    """The row of the outbox: by the id that the provider was given, or by our Message-ID."""
    if event.site and event.mail:
        try:
            return await outbox.find(reader, event.site, ids.parse_uuid(event.mail))
        except ValueError:
            return None
    return await outbox.by_message(reader, event.message_id) if event.message_id else None


async def _is_known(reader: Reader, site: str, key: bytes) -> bool:
    return bool(
        await subscribers.by_key(reader, site, key)
        or await pendings.by_key(reader, site, key, "signup")
        or await pendings.by_key(reader, site, key, "change")
    )


def _key(services: Services, address: str | None) -> bytes | None:
    try:
        return services.addresses.of(mailboxes.parse(address)) if address else None
    except Refused:
        return None


@insists
async def _happen(services: Services, provider: str, event: MailEvent, place: _Place) -> None:
    """One transaction; a repeat finds its id spent."""
    now = services.clock()
    moved = leaving.NOTHING
    async with services.appender.acting(place.site) as act:
        told = hashlib.sha256(f"{event.id}\0{place.site}".encode()).hexdigest()
        if not await spent.spend(act.writer, f"{provider}:{told}", now + REMEMBERED):
            return
        match event.kind:
            case "bounced_hard" | "complained":
                how = BOUNCED if event.kind == "bounced_hard" else COMPLAINED
                about = place.owed.about if place.owed else {}
                moved = await leaving.give_up(
                    services, act, place.site, place.key, how, leaving.sources(services, about, event.address)
                )
            case "unsubscribed":
                moved = await _unsubscribe(services, act, place)
            case "bounced_soft":
                await tallies.add(act.writer, place.site, event.kind, "", now - now % leaving.WINDOW)
            case "delivered":
                moved = await _delivered(act, place, event.at or now)
    leaving.count(services, place.site, moved)


async def _unsubscribe(services: Services, act: Act, place: _Place) -> Moved:
    """By the provider's own button, which knows no lists: all of the site's."""
    found = await subscribers.by_key(act.writer, place.site, place.key)
    subscriber = await subscribers.lock(act.writer, place.site, found.id) if found else None
    if subscriber is None:
        return leaving.NOTHING
    return await leaving.leave(services, act, place.site, subscriber, None, leaving.by(UNSUBSCRIBED, "mail"))


async def _delivered(act: Act, place: _Place, at: int) -> Moved:
    """Notes it, and counts a confirmation's where it was asked for: so many arrived, so many were confirmed."""
    if place.owed is None or await outbox.delivered(act.writer, place.owed.message_id, at) is None:
        return leaving.NOTHING
    pending = place.owed.about.get("pending")
    if place.owed.what != "confirm" or not isinstance(pending, str):
        return leaving.NOTHING
    asked = await pendings.lists(act.writer, place.site, ids.parse_uuid(pending))
    return Moved((), (), tuple(leaving.counted(place.site, "delivered", at, one) for one in asked))
