"""Reads what is kept of whom: records with their proofs, readers with their timeline, what waits, what was sent.

Invariant: nothing here writes; a proof leads to the head that was read with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec

from consent import clock, ids, receipting, records
from consent.nodes import Nodes
from consent.records import ConsentRecord
from consent.rights.bundle import (
    KeptDelivery,
    KeptProof,
    KeptReader,
    KeptRecord,
    KeptSubject,
    KeptSubscription,
    KeptSuppression,
    KeptWaiting,
    Moment,
)
from consent.rights.trails import Trail, pages
from consent.services import Services
from consent.storage import endpoints, outbox, pendings, subscribers, suppressions
from consent.storage.database import Reader
from consent.storage.outbox import Owed
from consent.storage.records import StoredRecord
from consent.storage.subscribers import Subscriber, Subscription


async def subject(services: Services, reader: Reader, site: str, trail: Trail, size: int) -> KeptSubject | None:
    """What is meant of a subject's records, under the head of that size; None without any."""
    nodes, kept = Nodes(site, size), list[KeptRecord]()
    async for page in pages(reader, site, trail, size):
        for row in page:
            path = await nodes.inclusion(reader, row.seq - 1)
            kept += _kept(services, row, path)
    if not kept:
        return None
    read = [msgspec.convert(one.record, ConsentRecord) for one in kept]
    return KeptSubject(
        subject=ids.uuid_text(trail.subject),
        is_current=records.until(read[-1]) > services.clock(),
        status=_status(read),
        records=tuple(kept),
    )


def _status(history: Sequence[ConsentRecord]) -> Any:
    """A choice decides all anew, a subscription its own lists."""
    last = history[-1]
    if last.kind == "cookies":
        return last.status
    return {name: state for record in history if record.kind == last.kind for name, state in record.status.items()}


def _kept(services: Services, row: StoredRecord, path: Iterable[bytes]) -> list[KeptRecord]:
    if row.payload is None or row.salt is None:
        return []
    receipt = receipting.receipt(services.tokens, records.read_payload(row.payload))
    proof = KeptProof(leaf=row.leaf.hex(), salt=row.salt.hex(), path=tuple(hash_.hex() for hash_ in path))
    link = f"{services.settings.url}/receipts/{receipt}"
    return [KeptRecord(record=msgspec.json.decode(row.payload), proof=proof, receipt=link)]


async def reader_of(
    reader: Reader, site: str, found: Subscriber, kept: KeptSubject | None, sent: Sequence[KeptDelivery]
) -> KeptReader:
    """A subscriber with the subscriptions and all that happened."""
    held = await subscribers.subscriptions(reader, site, found.id)
    created_at = clock.text(found.created_at)
    return KeptReader(
        subscriber=ids.uuid_text(found.id),
        email=found.email,
        language=found.language,
        created_at=created_at,
        paused_until=_text(found.paused_until),
        subscriptions=tuple(map(_subscription, held)),
        timeline=_timeline(created_at, kept.records if kept else (), sent),
    )


def _subscription(one: Subscription) -> KeptSubscription:
    return KeptSubscription(
        list=one.list,
        state=one.state,
        since=clock.text(one.since),
        via=one.via,
        variant=one.variant,
        page=one.page,
        provenance=one.provenance,
        record=ids.uuid_text(one.record) if one.record else None,
    )


def _timeline(created_at: str, kept: Sequence[KeptRecord], sent: Sequence[KeptDelivery]) -> tuple[Moment, ...]:
    moments = [Moment(at=created_at, what="known")]
    for one in kept:
        record = msgspec.convert(one.record, ConsentRecord)
        lists, via = tuple(record.lists), record.via or ""
        if record.asked_at:
            moments.append(Moment(at=record.asked_at, what="asked", lists=lists, via=via))
        moments.append(Moment(at=record.recorded_at, what=record.action, lists=lists, via=via))
    moments += [
        Moment(at=one.ended_at, what=f"mailed: {one.what}")
        for one in sent
        if one.kind == "mail" and one.state == "done" and one.ended_at
    ]
    return tuple(sorted(moments, key=lambda moment: moment.at))


async def waiting(reader: Reader, site: str, key: bytes, subscriber: bytes | None) -> list[KeptWaiting]:
    """What was asked for at the address, list by list."""
    kept = []
    for one in await pendings.known_of(reader, site, key, subscriber):
        kept += [
            KeptWaiting(
                kind=one.kind,
                email=one.email,
                list=asked.list,
                asked_at=clock.text(asked.asked_at),
                confirmed_at=_text(asked.confirmed_at),
                mailed_at=_text(one.mailed_at),
                reminded_at=_text(one.reminded_at),
                language=asked.language,
                notice=asked.notice,
                page=asked.page,
                source=asked.source,
                via=asked.via,
                ip=asked.ip,
            )
            for asked in await pendings.lists(reader, site, one.id) or [_no_list(one)]
        ]
    return kept


def _no_list(one: pendings.Pending) -> pendings.PendingList:
    """A change of address is about no list."""
    return pendings.PendingList(list="", asked_at=one.asked_at, notice="", language=one.language, via="")


async def suppressed(reader: Reader, site: str, key: bytes) -> list[KeptSuppression]:
    """Why the address is not mailed."""
    found = await suppressions.of(reader, site, key)
    return [KeptSuppression(list=one.list, reason=one.reason, at=clock.text(one.at)) for one in found]


async def deliveries(reader: Reader, site: str, key: bytes) -> list[KeptDelivery]:
    """Mails to the person, and events that told others of the person; the first owed first."""
    known = {one.id: f"{one.kind} {urlsplit(one.url).hostname or ''}" for one in await endpoints.all_of(reader, site)}
    return [_delivery(one, known.get(one.endpoint or b"", "")) for one in await outbox.of_key(reader, site, key)]


def _delivery(one: Owed, to: str) -> KeptDelivery:
    return KeptDelivery(
        kind=one.kind,
        what=one.what,
        to=to,
        state=one.state,
        owed_at=clock.text(one.created_at),
        ended_at=_text(one.done_at),
        delivered_at=_text(one.delivered_at),
    )


def _text(instant: int | None) -> str | None:
    return clock.text(instant) if instant is not None else None
