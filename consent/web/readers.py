"""`/v1/sites/{site}/…` behind a key: what a publisher reads and does of its newsletters' readers.

Invariant: an address comes in and goes out in a body, never in an address of the web, which ends in logs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import cast, get_args

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from consent import clock, ids, mailboxes
from consent.errors import Fault, Refused, Unknown
from consent.newsletter import rosters
from consent.newsletter.rosters import Selection
from consent.rights import erasing
from consent.services import Services
from consent.storage import pendings, subscribers, suppressions
from consent.storage.database import Reader
from consent.storage.pendings import PendingList
from consent.storage.subscribers import Subscription
from consent.storage.suppressions import Suppression
from consent.subscriptions import State as SubscriptionState
from consent.web import access, bodies, filters, replies
from consent.web import reader_answers as answers
from consent.web.requests import services_of

CURSOR = re.compile(r"([0-9a-f]{64})\.(\*|[a-z][a-z0-9_-]{0,63})", re.ASCII)


class EmailBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The reader who is meant."""

    email: str


_email = msgspec.json.Decoder(EmailBody)


async def look_up(request: Request) -> Response:
    """All that is known of an address, what is not confirmed yet included."""
    await access.key_of(request, "read")
    services, site = services_of(request.scope), request.path_params["site"]
    key = await _key_in(request, services)
    async with services.database.reading() as reader:
        return replies.json(await _looked(reader, site, key))


async def list_subscribers(request: Request) -> Response:
    """The site's subscribers with the links that a mailing needs: a page of JSON, or all as JSON lines or CSV."""
    await access.key_of(request, "read")
    services, site = services_of(request.scope), request.path_params["site"]
    selection = _selection(request)
    media = filters.accepted(request, ("application/x-ndjson", "text/csv", "application/json"))
    if media in filters.STREAMS:
        filters.refuse(request, filters.PAGING, filters.ONLY_PAGES)
        await rosters.check(services, site, selection)
    if media == "application/x-ndjson":
        return filters.stream(rosters.jsonl(services, site, selection), media, f"{site}-subscribers.jsonl")
    if media == "text/csv":
        return filters.stream(
            rosters.csv_text(services, site, selection), "text/csv; charset=utf-8", f"{site}-subscribers.csv"
        )
    limit, after = filters.limit(request), filters.raw_uuid(request, "after")
    found = tuple(await rosters.page(services, site, selection, after, limit))
    return replies.json(answers.Roster(subscribers=found, next=found[-1].id if len(found) == limit else None))


async def erase(request: Request) -> Response:
    """Erases a reader; the log still verifies, and the address is not mailed again unless its owner signs up."""
    await access.key_of(request, "erase")
    services, site = services_of(request.scope), request.path_params["site"]
    done = await erasing.erase_subscriber(services, site, await _key_in(request, services))
    return replies.json(answers.ErasedReader(records=done.records, was_known=done.was_known))


async def list_suppressions(request: Request) -> Response:
    """The keys of addresses that must not be mailed."""
    await access.key_of(request, "read")
    filters.check(request, filters.PAGING)
    limit, after = filters.limit(request), _after_suppression(request)
    async with services_of(request.scope).database.reading() as reader:
        found = await suppressions.page(reader, request.path_params["site"], after, limit)
    rows = tuple(
        answers.Suppression(key=one.key.hex(), list=one.list, reason=one.reason, since=clock.text(one.at))
        for one in found
    )
    next_ = f"{rows[-1].key}.{rows[-1].list}" if len(rows) == limit else None
    return replies.json(answers.Suppressions(suppressions=rows, next=next_))


async def _key_in(request: Request, services: Services) -> bytes:
    bodies.check_media(request.scope)
    body = bodies.decode(await bodies.read(request.scope, request.receive), _email)
    return services.addresses.of(mailboxes.parse(body.email))


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


def _selection(request: Request) -> Selection:
    filters.check(request, {"list", "state", "since"} | filters.PAGING)
    if request.query_params.get("state") == "pending":
        raise Refused(
            Fault("state", "who has not confirmed is in no list: look an address up to see what waits for it")
        )
    state = cast(SubscriptionState | None, filters.one_of(request, "state", get_args(SubscriptionState)))
    return Selection(list=request.query_params.get("list"), state=state, since=filters.instant(request, "since"))


def _after_suppression(request: Request) -> tuple[bytes, str] | None:
    words = request.query_params.get("after")
    if words is None:
        return None
    found = CURSOR.fullmatch(words)
    if found is None:
        raise Refused(Fault("after", "expected what the page before gave as `next`"))
    return bytes.fromhex(found[1]), found[2]


def _time(at: int | None) -> str | None:
    return clock.text(at) if at is not None else None
