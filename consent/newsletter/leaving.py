"""What moves a subscription away: unsubscribed, bounced, complained, whoever said so, with its record in the log.

Several trips need it (the link in a mail, the preferences, a mail server, a mailing provider), so it is written once,
a floor below them.

Invariant: state, suppression, record and what endpoints are owed move together, or not at all; a list that is left
already is left once, and is counted once it is committed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from consent import ids, mailboxes
from consent.appending import Act
from consent.clock import DAY
from consent.errors import Refused
from consent.insisting import insists
from consent.owing import Event, owe_event
from consent.records import Circumstances, NewsletterAction, NewsletterDraft
from consent.services import Services
from consent.storage import pendings, subscribers, suppressions, tallies
from consent.storage.database import Writer
from consent.storage.funnel import Step
from consent.storage.pendings import PendingList
from consent.storage.subscribers import Subscriber, Subscription
from consent.subscriptions import Move, Reason, after

STEPS: Mapping[Move, str] = {"unsubscribe": "left", "bounce": "bounced", "complain": "complained"}
WINDOW = 600_000
"""Milliseconds that one tally is of."""


class Leave(msgspec.Struct, frozen=True, kw_only=True):
    """How somebody leaves: the table's move, the suppression's reason, and by which way it came."""

    move: Move
    reason: Reason
    action: NewsletterAction
    event: Event
    via: str = "link"
    circumstances: Circumstances = Circumstances()

    @property
    def is_of_the_address(self) -> bool:
        """Whether it says something of the mailbox, and so holds for all of the site's lists."""
        return self.move != "unsubscribe"


UNSUBSCRIBED = Leave(move="unsubscribe", reason="unsubscribed", action="unsubscribe", event="subscription.unsubscribed")
BOUNCED = Leave(move="bounce", reason="bounced", action="bounce", event="subscription.bounced", via="mail")
COMPLAINED = Leave(move="complain", reason="complained", action="complain", event="subscription.complained", via="mail")


def by(how: Leave, via: str, circumstances: Circumstances | None = None) -> Leave:
    """The same, come by another way."""
    seen = circumstances or how.circumstances
    return msgspec.structs.replace(how, via=via, circumstances=seen)


class Moved(NamedTuple):
    """The lists that were left just now, what the log is to say of it, and what is counted once that is committed."""

    lists: tuple[str, ...]
    drafts: tuple[NewsletterDraft, ...]
    steps: tuple[Step, ...] = ()
    reason: str = ""


NOTHING = Moved((), ())


async def move(
    services: Services, writer: Writer, site: str, subscriber: Subscriber, lists: Collection[str] | None, how: Leave
) -> Moved:
    """Leaves these lists, or all (None): everything but the log, which whoever has the transaction appends to last."""
    at = services.clock()
    record = ids.uuid7(at)
    left: dict[str, Step] = {}
    for one in await subscribers.subscriptions(writer, site, subscriber.id):
        state = after(one.state, how.move) if lists is None or one.list in lists else None
        if state is not None and state != one.state:
            await subscribers.set_state(writer, site, subscriber.id, one.list, state, at, record=record.bytes)
            left[one.list] = counted(site, STEPS[how.move], at, one)
    await _suppress(writer, site, subscriber.key, [*left], how, at)
    if not left:
        return NOTHING
    about: dict[str, object] = {
        "subscriber": ids.uuid_text(subscriber.id),
        "lists": list(left),
        "record": str(record),
    }
    await owe_event(writer, site=site, at=at, event=how.event, about=about, key=subscriber.key)
    draft = _draft(services, site, subscriber, [*left], str(record), how)
    return Moved(tuple(left), (draft,), tuple(left.values()), how.reason)


async def leave(
    services: Services, act: Act, site: str, subscriber: Subscriber, lists: Collection[str] | None, how: Leave
) -> Moved:
    """As `move`, with the record; the last thing in its transaction. What it gives is counted after that (`count`)."""
    moved = await move(services, act.writer, site, subscriber, lists, how)
    await act.append(moved.drafts)
    return moved


def count(services: Services, site: str, moved: Moved) -> None:
    """Counts what was left, once it is committed: a transaction that is tried again has left nothing before."""
    for _ in moved.lists:
        services.metrics.left(site, moved.reason)
    for one in moved.steps:
        services.counting.step(one)


async def give_up(
    services: Services, act: Act, site: str, key: bytes, how: Leave, sources: Sequence[str] = ()
) -> Moved:
    """An address that mail must not go to: suppressed whether or not it is a subscriber's; the last thing in its
    transaction, and to be counted after that. `sources` are the labels that answer for who asked for the mail.
    """
    at = services.clock()
    found = await subscribers.by_key(act.writer, site, key)
    subscriber = await subscribers.lock(act.writer, site, found.id) if found else None  # first, as all trips do
    await suppressions.put(act.writer, site, key, suppressions.ALL, how.reason, at)
    for about in ("", *sources):
        await tallies.add(act.writer, site, how.reason, about, at - at % WINDOW)
    if subscriber:
        return await leave(services, act, site, subscriber, None, how)
    waiting = await pendings.by_key(act.writer, site, key, "signup")
    asked = await pendings.lists(act.writer, site, waiting.id) if waiting else ()
    return Moved((), (), tuple(counted(site, STEPS[how.move], at, one) for one in asked))


def counted(site: str, step: str, at: int, asked: Subscription | PendingList) -> Step:
    """A step on the way to a subscription or away from it, counted where it was asked for."""
    return Step(site, at // DAY * DAY, step, asked.via, asked.variant, urlsplit(asked.page).path)


@insists
async def bounce(services: Services, site: str, key: bytes, sources: Sequence[str] = ()) -> None:
    """A mail server said for good that the address takes no mail."""
    async with services.appender.acting(site) as act:
        moved = await give_up(services, act, site, key, BOUNCED, sources)
    count(services, site, moved)
    services.nudge.set()


def sources(services: Services, about: Mapping[str, object], address: str | None) -> tuple[str, ...]:
    """Who answers for a sign-up whose mail came back, as keyed labels: the network it came from, and the domain."""
    found = [net] if isinstance(net := about.get("net"), str) and net else []
    try:
        domain = mailboxes.parse(address).domain if address else ""
    except Refused:
        domain = ""
    if domain:
        found.append(f"domain:{services.addresses.key(f'domain:{domain}').hex()[:16]}")
    return tuple(found)


async def _suppress(writer: Writer, site: str, key: bytes, left: Sequence[str], how: Leave, at: int) -> None:
    for name in (suppressions.ALL,) if how.is_of_the_address else left:
        await suppressions.put(writer, site, key, name, how.reason, at)


def _draft(
    services: Services, site: str, subscriber: Subscriber, left: Sequence[str], record: str, how: Leave
) -> NewsletterDraft:
    return NewsletterDraft(
        site=site,
        id=record,
        subject=ids.uuid_text(subscriber.id),
        action=how.action,
        lists=dict.fromkeys(left, False),
        language=subscriber.language,
        notice=services.directory.get(site).digest,
        via=how.via,
        address=subscriber.key.hex(),
        circumstances=how.circumstances,
    )
