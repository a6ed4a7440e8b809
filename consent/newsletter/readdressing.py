"""The trips of a change of address: asked for at the old mailbox, confirmed at the new one.

Invariant: nothing changes before the new mailbox has said so. Asking for an address tells nobody whether it is known,
and nobody gets another subscriber's address by it.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from consent import ids, mailboxes, owing
from consent.directory import Published
from consent.insisting import insists
from consent.newsletter import joining
from consent.newsletter.mailing import deliverable, owe_news, sender_domain, spoken
from consent.newsletter.reader_links import fresh, opened, same
from consent.newsletter.signing_up import Seen
from consent.records import NewsletterDraft
from consent.services import Services
from consent.storage import budgets, pendings, subscribers, suppressions
from consent.storage.database import Reader, Writer
from consent.storage.pendings import Pending
from consent.storage.subscribers import Subscriber

NOBODY = bytes(16)


class ChangePage(msgspec.Struct, frozen=True, kw_only=True):
    """What a link to confirm a new address is about, or what became of it."""

    site: str
    language: str
    state: Literal["pending", "changed", "gone"]
    email: str = ""


@insists
async def change_address(services: Services, token: str, email: str) -> None:
    """Asks at the new address whether it is the reader's; nothing changes before that, and what is known is not told.

    Raises:
        Refused: it is no address.
        BadToken, TokenExpired: no link to the preferences, or mailed longer ago than a day.
        Unknown: its subscriber was erased, or has another address now.
    """
    found, now = fresh(services, token), services.clock()
    site, mailbox = found.site, deliverable(services, email)
    key = services.addresses.of(mailbox)
    async with services.database.writing() as writer:
        subscriber = same(await subscribers.by_id(writer, site.id, found.id), found)
        is_barred = await joining.is_barred(writer, site.id, key)
        other = await subscribers.by_key(writer, site.id, key)
        is_real = not is_barred and (other is None or other.id == subscriber.id)
        pending = Pending(
            id=ids.uuid7(now).bytes,
            key=key,
            kind="change",
            subscriber=subscriber.id,
            email=mailbox.address,
            language=spoken(site, subscriber),
            asked_at=now,
        )
        waits = await pendings.upsert(writer, site.id, pending, is_real=is_real)
        due = await budgets.take(writer, services.addresses.budget_of(mailbox), now, is_real=is_real)
        await owing.owe_mail(
            writer,
            site=site.id,
            at=now,
            what="change",
            about={"pending": ids.uuid_text(waits), "subscriber": found.link.id, "address_of": "pending"},
            key=key,
            sender_domain=sender_domain(site),
            due_at=due,
            is_real=is_real and due is not None,
        )
    services.nudge.set()


async def changing(services: Services, token: str) -> ChangePage:
    """What a link to confirm a new address is about; changes nothing.

    Raises:
        BadToken, TokenExpired: no such link, or too old.
    """
    found = opened(services, "change", token)
    async with services.database.reading() as reader:
        pending = await pendings.find(reader, found.site.id, found.id)
        whose = await subscribers.by_id(reader, found.site.id, _whose(pending)) if pending else None
        return await _change_page(reader, found.site, pending, whose)


@insists
async def confirm_change(services: Services, token: str, seen: Seen) -> ChangePage:
    """The subscriber has the new address from now on, with all subscriptions; repeating it changes nothing.

    Raises:
        BadToken, TokenExpired: no such link, or too old.
    """
    found = opened(services, "change", token)
    site = found.site.id
    async with services.appender.acting(site) as act:
        pending = await pendings.lock(act.writer, site, found.id)
        subscriber = await subscribers.lock(act.writer, site, _whose(pending)) if pending else None
        page = await _change_page(act.writer, found.site, pending, subscriber)
        if pending and subscriber and page.state == "pending":
            drafts = await _change(services, act.writer, found.site, pending, subscriber, seen)
            await act.append(drafts)
            page = msgspec.structs.replace(page, state="changed")
    services.nudge.set()
    return page


async def _change(
    services: Services, writer: Writer, site: Published, pending: Pending, subscriber: Subscriber, seen: Seen
) -> list[NewsletterDraft]:
    """The record says that the new mailbox confirmed what the reader is subscribed to."""
    now, on = services.clock(), await joining.lists_on(writer, site.id, subscriber)
    before = await pendings.by_key(writer, site.id, subscriber.key, "change")
    if before and before.id != pending.id and before.subscriber == subscriber.id:
        await pendings.delete(writer, site.id, before.id)  # or its link would bring the address before this back
    await subscribers.change_address(writer, site.id, subscriber.id, pending.key, pending.email)
    for name in (*sorted(on), suppressions.ALL):
        await suppressions.lift(writer, site.id, pending.key, name, up_to_strength=1)
    told: dict[str, object] = {"former": services.vault.put(subscriber.email.encode())}
    renewed = msgspec.structs.replace(subscriber, key=pending.key)
    await owe_news(writer, site, renewed, "subscriber.changed", now, told)
    asked = joining.by_preferences(site, subscriber, sorted(on), pending.asked_at)
    words, record = joining.words_of(site, subscriber), str(ids.uuid7(now))
    return [joining.draft(site.id, renewed, asked, words, record, seen.circumstances)] if asked else []


async def _change_page(
    reader: Reader, site: Published, pending: Pending | None, subscriber: Subscriber | None
) -> ChangePage:
    language = spoken(site, pending)
    if pending is None or subscriber is None or pending.kind != "change":
        return ChangePage(site=site.id, language=language, state="gone")
    email = mailboxes.shown(pending.email)
    if (subscriber.key, subscriber.email) == (pending.key, pending.email):
        return ChangePage(site=site.id, language=language, state="changed", email=email)
    other = await subscribers.by_key(reader, site.id, pending.key)
    if (other and other.id != subscriber.id) or await joining.is_barred(reader, site.id, pending.key):
        return ChangePage(site=site.id, language=language, state="gone")
    return ChangePage(site=site.id, language=language, state="pending", email=email)


def _whose(pending: Pending | None) -> bytes:
    return (pending and pending.subscriber) or NOBODY
