"""`/v1/sites/{site}/…` behind a key: what a publisher reads and does of its newsletters' readers.

Invariant: an address comes in and goes out in a body, never in an address of the web, which ends in logs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import msgspec
from starlette.responses import Response

from consent import clock, ids, mailboxes
from consent.errors import Unknown
from consent.newsletter import rosters
from consent.newsletter.rosters import Selection
from consent.records import Name
from consent.rights import Who, forgetting
from consent.storage import pendings, subscribers, suppressions
from consent.storage.database import Reader
from consent.storage.pendings import PendingList
from consent.storage.subscribers import Subscription
from consent.storage.suppressions import Suppression
from consent.subscriptions import State
from consent.web import cursors, filters, queries, replies
from consent.web import reader_answers as answers
from consent.web.calls import Call, keyed


class SubscribersQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which subscribers: with one subscription at least that is all of this."""

    list: Name | None = None
    state: State | None = None
    since: queries.Since | None = None
    after: queries.Cursor | None = None
    limit: queries.Limit = queries.PAGE


class SuppressionsQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which suppressions."""

    after: queries.Cursor | None = None
    limit: queries.Limit = queries.PAGE


class EmailBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The reader who is meant."""

    email: str


_email = msgspec.json.Decoder(EmailBody)


@keyed("read")
async def look_up(call: Call) -> Response:
    """All that is known of an address, what is not confirmed yet included."""
    key = _key_in(call, await call.json(_email))
    async with call.services.database.reading() as reader:
        found = await _looked(reader, call.site, key)
    await call.note("subscriber.accessed", {"subscriber": found.subscriber or "pending"})
    return replies.json(found)


@keyed("read")
async def list_subscribers(call: Call) -> Response:
    """The site's subscribers with the links that a mailing needs: a page of JSON, or all as JSON lines or CSV."""
    asked = call.query(SubscribersQuery)
    selection = Selection(list=asked.list, state=asked.state, since=queries.instant(asked.since, "since"))
    media = filters.accepted(call.request, filters.FORMS)
    if media not in filters.STREAMS:
        return await _page(call, asked, selection)
    filters.refuse(call.request, filters.PAGING, filters.ONLY_PAGES)
    await rosters.check(call.services, call.site, selection)
    await call.note("subscribers.exported", {"form": media} | ({"list": asked.list} if asked.list else {}))
    made, ending = (rosters.csv_text, "csv") if media == "text/csv" else (rosters.jsonl, "jsonl")
    chunks = made(call.services, call.site, selection)
    return filters.stream(call.request, chunks, media, f"{call.site}-subscribers.{ending}")


@keyed("erase")
async def erase(call: Call) -> Response:
    """Erases a reader; the log still verifies, and the address is not mailed again unless its owner signs up."""
    body = await call.json(_email)
    mailboxes.parse(body.email)  # what is wrong with it is told by the name that it has here
    done = await forgetting.erase(call.services, call.site, Who(emails=(body.email,)), call.actor)
    counts = done.counts
    was_known = bool(counts["readers"] or counts["waiting"])
    return replies.json(answers.ErasedReader(records=counts["records"], was_known=was_known, claim=done.claim))


@keyed("read")
async def list_suppressions(call: Call) -> Response:
    """The keys of addresses that must not be mailed."""
    asked = call.query(SuppressionsQuery)
    after = cursors.open_(call.request, asked.after, tuple[bytes, str]) if asked.after else None
    async with call.services.database.reading() as reader:
        found = await suppressions.page(reader, call.site, after, asked.limit)
    rows = tuple(
        answers.Suppression(key=one.key.hex(), list=one.list, reason=one.reason, since=clock.text(one.at))
        for one in found
    )
    is_full = len(found) == asked.limit
    next_ = cursors.make(call.request, (found[-1].key, found[-1].list)) if is_full else None
    return cursors.page(call.request, answers.Suppressions(suppressions=rows, next=next_), next_)


async def _page(call: Call, asked: SubscribersQuery, selection: Selection) -> Response:
    after = cursors.open_(call.request, asked.after, bytes) if asked.after else b""
    found = tuple(await rosters.page(call.services, call.site, selection, after, asked.limit))
    is_full = len(found) == asked.limit
    next_ = cursors.make(call.request, ids.parse_uuid(found[-1].id)) if is_full else None
    return cursors.page(call.request, answers.Roster(subscribers=found, next=next_), next_)


def _key_in(call: Call, body: EmailBody) -> bytes:
    return call.services.addresses.of(mailboxes.parse(body.email))


async def _looked(reader: Reader, site: str, key: bytes) -> answers.Looked:
    found = await subscribers.by_key(reader, site, key)
    waiting = await pendings.by_key(reader, site, key, "signup")
    known = found or waiting
    if known is None:
        raise Unknown("nothing is known of this address")
    kept = await subscribers.subscriptions(reader, site, found.id) if found else ()
    asked = await pendings.lists(reader, site, waiting.id) if waiting else ()
    return answers.Looked(
        email=known.email,
        subscriber=ids.uuid_text(found.id) if found else None,
        language=known.language,
        created_at=clock.text(found.created_at) if found else None,
        paused_until=_time(found.paused_until) if found else None,
        subscriptions=_subscriptions(kept, asked),
        suppressions=tuple(map(_suppressed, await suppressions.of(reader, site, key))),
    )


def _subscriptions(kept: Iterable[Subscription], asked: Iterable[PendingList]) -> tuple[answers.Subscription, ...]:
    """What holds, and what waits for the button in the mail, unless that very list is confirmed already."""
    rows = {one.list: _held(one) for one in kept}
    for one in asked:
        if one.confirmed_at is None and (one.list not in rows or rows[one.list].state != "confirmed"):
            rows[one.list] = _waiting(one)
    return tuple(rows[name] for name in sorted(rows))


def _held(one: Subscription) -> answers.Subscription:
    return answers.Subscription(
        list=one.list,
        state=cast(answers.ListState, one.state),
        since=clock.text(one.since),
        record=ids.uuid_text(one.record) if one.record else None,
        via=one.via,
        variant=one.variant,
        page=one.page,
        provenance=one.provenance,
    )


def _waiting(one: PendingList) -> answers.Subscription:
    return answers.Subscription(
        list=one.list, state="pending", since=clock.text(one.asked_at), via=one.via, variant=one.variant, page=one.page
    )


def _suppressed(one: Suppression) -> answers.Suppressed:
    return answers.Suppressed(list=one.list, reason=one.reason, since=clock.text(one.at))


def _time(at: int | None) -> str | None:
    return clock.text(at) if at is not None else None
