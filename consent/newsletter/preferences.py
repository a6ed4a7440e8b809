"""The preference centre's trips: what a reader sees and changes behind a link that was mailed to the address.

The link proves the mailbox, so that a list is joined here without another mail. What cannot be undone, shows all that
is known or gives the subscription to another mailbox wants a link of the last day: older ones lie in mails passed on.

Invariant: a link mailed to an address that the subscriber has no more opens nothing. A new address counts once its own
mailbox has said so, and asking for one tells nobody whether it is known.
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from consent import clock, mailboxes
from consent.clock import DAY
from consent.errors import Fault, Refused
from consent.insisting import insists
from consent.newsletter import joining, leaving
from consent.newsletter.mailing import deliverable, lists_of, owe_letter, owe_news, spoken
from consent.newsletter.readdressing import ChangePage, change_address, changing, confirm_change
from consent.newsletter.reader_links import Opened, fresh, is_fresh, opened, same
from consent.newsletter.signing_up import Seen, step
from consent.rights import Who, accessing, forgetting
from consent.rights.bundle import Bundle
from consent.services import Services
from consent.storage import budgets, subscribers
from consent.storage.database import Reader
from consent.storage.subscribers import Subscriber

__all__ = [
    "ChangePage",
    "Preferences",
    "change_address",
    "changing",
    "confirm_change",
    "erase",
    "export",
    "mail_fresh",
    "mail_link",
    "open",
    "pause",
    "save",
    "set_language",
]

LONGEST_PAUSE = 366 * DAY
NOBODY = bytes(16)


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """What the preference centre shows."""

    site: str
    subscriber: str
    language: str
    email: str
    """As pages show it: enough to know one's own."""
    lists: dict[str, str]
    """Each list that the site offers, with the subscription's state, or `none`."""
    blocked: tuple[str, ...]
    """Those that cannot be joined, for a bounce, a complaint or a „not me“."""
    paused_until: int | None
    is_fresh: bool
    """Whether the link is new enough to export and to erase."""


async def open(services: Services, token: str) -> Preferences:
    """What there is to see and to change; changes nothing.

    Raises:
        BadToken, TokenExpired: no such link, or too old.
        Unknown: its subscriber was erased, or has another address now.
    """
    found = opened(services, "manage", token)
    async with services.database.reading() as reader:
        subscriber = same(await subscribers.by_id(reader, found.site.id, found.id), found)
        return await _shown(services, reader, found, subscriber)


@insists
async def save(services: Services, token: str, lists: Collection[str], seen: Seen) -> Preferences:
    """Subscribes to exactly these of the lists that the site offers, at once; repeating it changes nothing.

    Raises:
        As `open`.
    """
    found = opened(services, "manage", token)
    site, now = found.site, services.clock()
    async with services.appender.acting(site.id) as act:
        subscriber = same(await subscribers.lock(act.writer, site.id, found.id), found)
        on = await joining.lists_on(act.writer, site.id, subscriber)
        barred = await joining.barred(act.writer, site.id, subscriber.key, lists_of(site))
        how = leaving.by(leaving.UNSUBSCRIBED, "preferences", seen.circumstances)
        unticked = [name for name in lists_of(site) if name in on and name not in lists]
        moved = await leaving.move(services, act.writer, site.id, subscriber, unticked, how)
        ticked = [name for name in lists_of(site) if name in lists and name not in on | barred]
        asked = joining.by_preferences(site, subscriber, ticked, now)
        words = joining.words_of(site, subscriber)
        joined = await joining.join(services, act.writer, site.id, subscriber, asked, words, seen.circumstances)
        shown = await _shown(services, act.writer, found, subscriber)
        await act.append([*moved.drafts, *joined.drafts])
    leaving.count(services, site.id, moved)
    for one in asked:
        services.metrics.confirmed(site.id)
        services.counting.step(step(site.id, "confirmed", now, one))
    services.nudge.set()
    return shown


@insists
async def pause(services: Services, token: str, until: int | None) -> Preferences:
    """No newsletters until this instant; None ends a pause.

    Raises:
        Refused: an instant that has passed, or more than a year ahead.
        As `open`.
    """
    found, now = opened(services, "manage", token), services.clock()
    if until is not None and not now < until <= now + LONGEST_PAUSE:
        raise Refused(Fault("until", "expected a day within the next year"))
    async with services.database.writing() as writer:
        subscriber = same(await subscribers.lock(writer, found.site.id, found.id), found)
        if until != subscriber.paused_until:
            await subscribers.set_paused(writer, found.site.id, found.id, until)
            told = {"until": clock.text(until) if until is not None else None}
            await owe_news(writer, found.site, subscriber, "subscriber.paused", now, told)
        shown = await _shown(services, writer, found, msgspec.structs.replace(subscriber, paused_until=until))
    services.nudge.set()
    return shown


@insists
async def set_language(services: Services, token: str, language: str) -> Preferences:
    """The language of the reader's mails and pages from now on.

    Raises:
        Refused: the site does not speak it.
        As `open`.
    """
    found, now = opened(services, "manage", token), services.clock()
    if language not in found.site.notice.languages:
        raise Refused(Fault("language", f"the site has no '{language[:64]}'"))
    async with services.database.writing() as writer:
        subscriber = same(await subscribers.lock(writer, found.site.id, found.id), found)
        if language != subscriber.language:
            await subscribers.set_language(writer, found.site.id, found.id, language)
            await owe_news(writer, found.site, subscriber, "subscriber.changed", now, {"language": language})
        shown = await _shown(services, writer, found, msgspec.structs.replace(subscriber, language=language))
    services.nudge.set()
    return shown


async def export(services: Services, token: str) -> Bundle:
    """All that is known of the subscriber (GDPR, Art. 15 and 20), with the receipt of the request.

    Raises:
        TokenExpired: the link is older than a day.
        As `open`.
    """
    found = fresh(services, token)
    await _still_whose(services, found)
    return await accessing.access(services, found.site.id, Who(subjects=(found.link.id,)))


async def erase(services: Services, token: str) -> str:
    """Erases the reader; gives the link of the receipt for that.

    Raises:
        TokenExpired: the link is older than a day.
        As `open`.
    """
    found = fresh(services, token)
    await _still_whose(services, found)
    done = await forgetting.erase(services, found.site.id, Who(subjects=(found.link.id,)))
    return done.claim or ""


async def _still_whose(services: Services, found: Opened) -> None:
    """Refuses a link whose subscriber is gone, or has another address now."""
    async with services.database.reading() as reader:
        same(await subscribers.by_id(reader, found.site.id, found.id), found)


@insists
async def mail_link(services: Services, site: str, email: str) -> None:
    """Mails a link to the preferences to whoever has the address, if anybody is subscribed by it; says nothing of that.

    Raises:
        Unknown: no such site.
        Refused: it is no address.
    """
    published, now = services.directory.get(site), services.clock()
    mailbox = deliverable(services, email)
    key = services.addresses.of(mailbox)
    nobody = Subscriber(id=NOBODY, key=key, email="", language="", created_at=now)
    async with services.database.writing() as writer:
        is_barred = await joining.is_barred(writer, site, key)
        known = await subscribers.by_key(writer, site, key)
        is_known = known is not None and not is_barred
        due = await budgets.take(writer, services.addresses.budget_of(mailbox), now, is_real=is_known)
        is_real = due is not None and is_known
        await owe_letter(writer, published, known or nobody, "manage", now, due_at=due, is_real=is_real)
    services.nudge.set()


async def mail_fresh(services: Services, token: str) -> None:
    """Mails a new link to whom the link was mailed, within the address's budget; says nothing of that.

    Raises:
        As `open`.
    """
    found = opened(services, "manage", token)
    async with services.database.reading() as reader:
        subscriber = same(await subscribers.by_id(reader, found.site.id, found.id), found)
    await mail_link(services, found.site.id, subscriber.email)


async def _shown(services: Services, reader: Reader, found: Opened, subscriber: Subscriber) -> Preferences:
    site = found.site
    held = {one.list: one.state for one in await subscribers.subscriptions(reader, site.id, subscriber.id)}
    barred = await joining.barred(reader, site.id, subscriber.key, lists_of(site))
    return Preferences(
        site=site.id,
        subscriber=found.link.id,
        language=spoken(site, subscriber),
        email=mailboxes.shown(subscriber.email),
        lists={name: held.get(name, "none") for name in lists_of(site)},
        blocked=tuple(name for name in lists_of(site) if name in barred),
        paused_until=subscriber.paused_until,
        is_fresh=is_fresh(services, found),
    )
