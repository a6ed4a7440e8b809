"""What moves a subscription in: a proof that the address is the reader's, with its record in the log.

Two trips need it, the button in a mail and the preferences, so it is written once, a floor below them.

Invariant: state, record and what endpoints are owed move together, or not at all. What somebody left, or was erased
from, comes back by this proof alone; what must not be mailed at all comes back by none.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import groupby
from typing import NamedTuple

import msgspec

from consent import clock, ids
from consent.directory import Published
from consent.newsletter.mailing import spoken
from consent.owing import owe_event
from consent.records import Circumstances, NewsletterDraft
from consent.services import Services
from consent.storage import subscribers, suppressions
from consent.storage.database import Reader, Writer
from consent.storage.pendings import Pending, PendingList
from consent.storage.subscribers import Subscriber


class Joined(NamedTuple):
    """The lists that were joined just now, and what the log is to say of it."""

    lists: tuple[str, ...]
    drafts: tuple[NewsletterDraft, ...]


class Words(NamedTuple):
    """The words beside the button that was pressed: of which notice, in which language, with which lists."""

    notice: str
    language: str
    lists: tuple[str, ...] = ()


def words_of(site: Published, who: Pending | Subscriber, lists: tuple[str, ...] = ()) -> Words:
    """Those in force, in which the pages behind a mailed link speak to somebody."""
    return Words(site.digest, spoken(site, who), lists)


async def barred(reader: Reader, site: str, key: bytes, lists: Collection[str]) -> frozenset[str]:
    """Those of the lists that no mail may go to this address for, whoever asks."""
    strong = {one.list for one in await suppressions.of(reader, site, key) if one.strength > 1}
    return frozenset(name for name in lists if strong & {name, suppressions.ALL})


async def is_barred(reader: Reader, site: str, key: bytes) -> bool:
    """Whether no mail at all may go to this address."""
    return bool(await barred(reader, site, key, (suppressions.ALL,)))


async def lists_on(reader: Reader, site: str, subscriber: Subscriber) -> frozenset[str]:
    """The lists that the subscriber is on now."""
    known = await subscribers.subscriptions(reader, site, subscriber.id)
    return frozenset(one.list for one in known if one.state == "confirmed")


def by_preferences(site: Published, subscriber: Subscriber, lists: Sequence[str], at: int) -> list[PendingList]:
    """What a reader asks for in the preference centre, which is by the words in force."""
    language = spoken(site, subscriber)
    return [
        PendingList(list=name, asked_at=at, notice=site.digest, language=language, via="preferences") for name in lists
    ]


async def join(
    services: Services,
    writer: Writer,
    site: str,
    subscriber: Subscriber,
    asked: Sequence[PendingList],
    words: Words,
    circumstances: Circumstances,
) -> Joined:
    """Confirms what was asked for, by these words; lists that are confirmed already stay as they are.

    One record for what was asked for at once: by the same words, on the same page.
    """
    confirmed = await lists_on(writer, site, subscriber)
    wanted = [one for one in asked if one.list not in confirmed]
    at, drafts = services.clock(), []
    for _, group in groupby(sorted(wanted, key=_circumstances_of), key=_circumstances_of):
        together = list(group)
        record = ids.uuid7(at).bytes
        for one in together:
            await _confirm(writer, site, subscriber, one, at, record)
        drafts.append(draft(site, subscriber, together, words, ids.uuid_text(record), circumstances))
    joined = tuple(one.list for one in wanted)
    if joined:
        await suppressions.lift(writer, site, subscriber.key, suppressions.ALL, up_to_strength=1)
        about: dict[str, object] = {
            "subscriber": ids.uuid_text(subscriber.id),
            "lists": list(joined),
            "record": drafts[0].id,
        }
        await owe_event(writer, site=site, at=at, event="signup.confirmed", about=about, key=subscriber.key)
    return Joined(joined, tuple(drafts))


async def _confirm(
    writer: Writer, site: str, subscriber: Subscriber, asked: PendingList, at: int, record: bytes
) -> None:
    await subscribers.set_state(
        writer,
        site,
        subscriber.id,
        asked.list,
        "confirmed",
        at,
        record=record,
        via=asked.via,
        variant=asked.variant,
        page=asked.page,
    )
    await suppressions.lift(writer, site, subscriber.key, asked.list, up_to_strength=1)


def draft(
    site: str,
    subscriber: Subscriber,
    asked: Sequence[PendingList],
    words: Words,
    record: str,
    circumstances: Circumstances,
) -> NewsletterDraft:
    """The record of what was asked for at once and is proven by now; with the button's words, where it had others."""
    first = asked[0]
    return NewsletterDraft(
        site=site,
        id=record,
        subject=ids.uuid_text(subscriber.id),
        action="confirm",
        lists={one.list: True for one in asked},
        language=first.language,
        notice=first.notice,
        confirmed_language=words.language if words.language != first.language else None,
        confirmed_notice=words.notice if words.notice != first.notice else None,
        offered=words.lists if set(words.lists) - {one.list for one in asked} else (),
        page=first.page or None,
        source=first.source,
        via=first.via,
        variant=first.variant or None,
        asked_at=clock.text(first.asked_at),
        asked_ip=first.ip or None,
        address=subscriber.key.hex(),
        circumstances=circumstances,
    )


def _circumstances_of(asked: PendingList) -> bytes:
    """All but the list: what differs here was asked for on another occasion."""
    return msgspec.json.encode(msgspec.structs.replace(asked, list="", confirmed_at=None))
