"""The trips behind the links in a confirmation mail: the button that confirms, and the one that says „not me“.

Each link has a trip that only looks, for the page that asks, and one that acts, for the button on it. Acting may be
repeated, by two at once or days later: it has its effect the first time.

Invariant: nothing becomes a subscription but by its own button. What was left, refused or erased since it was asked for
stays so, and what a mail did not name is not confirmed by its link.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal, NamedTuple

import msgspec

from consent import ids, mailboxes, owing
from consent.appending import Act
from consent.directory import Published
from consent.errors import Fault, Refused, Stale
from consent.insisting import insists
from consent.newsletter import joining, leaving
from consent.newsletter.joining import Words
from consent.newsletter.leaving import Leave
from consent.newsletter.mailing import lists_of, owe_letter, spoken
from consent.newsletter.reader_links import Opened, opened
from consent.newsletter.signing_up import Seen, step
from consent.newsletter.weighing import WINDOW
from consent.records import ConsentRecord
from consent.services import Services
from consent.storage import pendings, subscribers, suppressions, tallies
from consent.storage.database import Reader, Writer
from consent.storage.pendings import Pending, PendingList
from consent.storage.subscribers import Subscriber, Subscription

NOT_ME = Leave(move="unsubscribe", reason="not_me", action="unsubscribe", event="subscription.unsubscribed")


class ConfirmPage(msgspec.Struct, frozen=True, kw_only=True):
    """What a link to confirm is about."""

    site: str
    language: str
    state: Literal["pending", "confirmed", "gone"]
    lists: tuple[str, ...] = ()
    """Those that wait; when none does, those that are confirmed."""
    email: str = ""
    """As pages show it: enough to know one's own."""


class Confirmed(ConfirmPage, frozen=True, kw_only=True):
    """What became of it; `lists` are those that are confirmed, now or before."""

    records: tuple[ConsentRecord, ...] = ()
    """Made by this act: none when it is repeated."""
    subscriber: str | None = None


class RefusePage(msgspec.Struct, frozen=True, kw_only=True):
    """What a link to say „not me“ is about, or what became of it: gone, whatever was there."""

    site: str
    language: str
    state: Literal["pending", "gone"]
    email: str = ""


class _Standing(NamedTuple):
    """How what was asked for stands: what can be confirmed, what is confirmed, and whose address it is by now."""

    waits: Sequence[PendingList]
    confirmed: tuple[str, ...]
    subscriber: Subscriber | None


async def confirming(services: Services, token: str) -> ConfirmPage:
    """What a link to confirm offers now; changes nothing.

    Raises:
        BadToken, TokenExpired: no such link, or too old.
    """
    found = opened(services, "confirm", token)
    async with services.database.reading() as reader:
        pending = await pendings.find(reader, found.site.id, found.id)
        subscriber = await subscribers.by_key(reader, found.site.id, pending.key) if pending else None
        standing = await _standing(reader, found, pending, subscriber)
    return _page(found.site, pending, standing)


@insists
async def confirm(
    services: Services, token: str, lists: Collection[str], seen: Seen, shown: Words | None = None
) -> Confirmed:
    """Confirms those of the lists that wait; repeating it changes nothing.

    `shown` is what the page says that it had beside its button: nothing else is confirmed by that. Without it the
    words in force count, and all that waits.

    Raises:
        BadToken, TokenExpired: no such link, or too old.
        Refused: the site never published these words.
    """
    found = opened(services, "confirm", token)
    if shown:
        await _check(services, found.site, shown)
    records: list[ConsentRecord] = []
    async with services.appender.acting(found.site.id) as act:
        pending, subscriber = await _locked(act.writer, found)
        standing = await _standing(act.writer, found, pending, subscriber)
        chosen = [one for one in standing.waits if one.list in lists and (not shown or one.list in shown.lists)]
        if pending and chosen:
            words = shown or joining.words_of(found.site, pending, tuple(one.list for one in standing.waits))
            subscriber, records = await _join(services, act, found.site, pending, chosen, words, seen)
    now = services.clock()
    for one in chosen:
        services.metrics.confirmed(found.site.id)
        services.counting.step(step(found.site.id, "confirmed", now, one))
    services.nudge.set()
    confirmed = (*standing.confirmed, *(one.list for one in chosen))
    waits = [] if confirmed else standing.waits
    page = _page(found.site, pending, _Standing(waits, confirmed, subscriber))
    return Confirmed(
        **msgspec.structs.asdict(page),
        records=tuple(records),
        subscriber=ids.uuid_text(subscriber.id) if subscriber and confirmed else None,
    )


async def refusing(services: Services, token: str) -> RefusePage:
    """What a link to say „not me“ is about; changes nothing.

    Raises:
        BadToken, TokenExpired: no such link, or too old.
    """
    found = opened(services, "not-me", token)
    async with services.database.reading() as reader:
        return _refuse_page(found.site, await pendings.find(reader, found.site.id, found.id))


@insists
async def not_me(services: Services, token: str) -> RefusePage:
    """Deletes what was asked for, ends what came of it, and lets nobody ask for it again.

    All of the site's mail is refused by it, unless the address has subscriptions of its own: then what was asked for.

    Raises:
        BadToken, TokenExpired: no such link, or too old.
    """
    found, moved = opened(services, "not-me", token), leaving.NOTHING
    async with services.appender.acting(found.site.id) as act:
        pending, subscriber = await _locked(act.writer, found)
        if pending:
            moved = await _refuse(services, act.writer, found.site, pending, subscriber)
            await act.append(moved.drafts)
    leaving.count(services, found.site.id, moved)
    services.nudge.set()
    return _refuse_page(found.site, None)


async def _check(services: Services, site: Published, shown: Words) -> None:
    asked = await services.directory.asked(site, shown.notice)
    if asked is None:
        raise Refused(Fault("notice", "this site never published a notice with this digest"))
    if shown.language not in asked.languages:
        raise Refused(Fault("shown_in", "this notice has no such language"))
    if not asked.lists.issuperset(shown.lists):
        raise Refused(Fault("offered", "this notice has no such list"))


async def _locked(writer: Writer, found: Opened) -> tuple[Pending | None, Subscriber | None]:
    """What waits, then whose address it is, in the one order in which all trips take them."""
    pending = await pendings.lock(writer, found.site.id, found.id)
    known = await subscribers.by_key(writer, found.site.id, pending.key) if pending else None
    return pending, await subscribers.lock(writer, found.site.id, known.id) if known else None


async def _standing(reader: Reader, found: Opened, pending: Pending | None, subscriber: Subscriber | None) -> _Standing:
    if pending is None or pending.kind != "signup":
        return _Standing((), (), subscriber)
    offered = set(found.link.lists or lists_of(found.site)) & set(lists_of(found.site))
    asked = [one for one in await pendings.lists(reader, found.site.id, found.id) if one.list in offered]
    barred = await joining.barred(reader, found.site.id, pending.key, [one.list for one in asked])
    known = await subscribers.subscriptions(reader, found.site.id, subscriber.id) if subscriber else ()
    held = {one.list: one for one in known}
    waits = [one for one in asked if one.list not in barred and _waits(one, held.get(one.list))]
    confirmed = [one.list for one in asked if one.list in held and held[one.list].state == "confirmed"]
    return _Standing(waits, tuple(confirmed), subscriber)


def _waits(asked: PendingList, held: Subscription | None) -> bool:
    """Whether a button is still good: pressed before, or its list left since it was asked for, it is not."""
    if asked.confirmed_at is not None or (held and held.state == "confirmed"):
        return False
    return held is None or held.since <= asked.asked_at


async def _join(
    services: Services,
    act: Act,
    site: Published,
    pending: Pending,
    chosen: Sequence[PendingList],
    words: Words,
    seen: Seen,
) -> tuple[Subscriber, list[ConsentRecord]]:
    writer, now = act.writer, services.clock()
    subscriber = await _proven(writer, site.id, pending, now)
    joined = await joining.join(services, writer, site.id, subscriber, chosen, words, seen.circumstances)
    for one in chosen:
        await pendings.mark_confirmed(writer, site.id, pending.id, one.list, now, subscriber.id)
    await tallies.add(writer, site.id, "confirmed", "", now // WINDOW * WINDOW)
    await owe_letter(writer, site, subscriber, "welcome", now, lists=joined.lists, record=joined.drafts[0].id)
    return subscriber, await act.append(joined.drafts)


async def _proven(writer: Writer, site: str, pending: Pending, now: int) -> Subscriber:
    """Whoever has the address, locked; made when nobody has it yet."""
    made = Subscriber(
        id=ids.uuid7(now).bytes, key=pending.key, email=pending.email, language=pending.language, created_at=now
    )
    found = await subscribers.ensure(writer, site, made)
    subscriber = await subscribers.lock(writer, site, found.id)
    if subscriber is None:
        raise Stale("the subscriber was erased at the same moment")
    return subscriber


async def _refuse(
    services: Services, writer: Writer, site: Published, pending: Pending, subscriber: Subscriber | None
) -> leaving.Moved:
    asked = await pendings.lists(writer, site.id, pending.id)
    came = [one.list for one in asked if one.confirmed_at is not None]
    moved = await leaving.move(services, writer, site.id, subscriber, came, NOT_ME) if subscriber else leaving.NOTHING
    known = await subscribers.subscriptions(writer, site.id, subscriber.id) if subscriber else ()
    has_own = any(one.state == "confirmed" for one in known)
    now, lists = services.clock(), [one.list for one in asked]
    for name in lists if has_own else [suppressions.ALL]:
        await suppressions.put(writer, site.id, pending.key, name, "not_me", now)
    await pendings.delete(writer, site.id, pending.id)
    if pending.kind == "signup":
        about: dict[str, object] = {"pending": ids.uuid_text(pending.id), "lists": lists}
        await owing.owe_event(writer, site=site.id, at=now, event="signup.cancelled", about=about, key=pending.key)
    return moved


def _page(site: Published, pending: Pending | None, standing: _Standing) -> ConfirmPage:
    lists = tuple(one.list for one in standing.waits) or standing.confirmed
    if pending is None or not lists:
        return ConfirmPage(site=site.id, language=spoken(site, pending), state="gone")
    return ConfirmPage(
        site=site.id,
        language=spoken(site, pending),
        state="pending" if standing.waits else "confirmed",
        lists=lists,
        email=mailboxes.shown(pending.email),
    )


def _refuse_page(site: Published, pending: Pending | None) -> RefusePage:
    return RefusePage(
        site=site.id,
        language=spoken(site, pending),
        state="pending" if pending else "gone",
        email=mailboxes.shown(pending.email) if pending else "",
    )
